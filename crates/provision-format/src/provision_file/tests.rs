use super::*;
use crate::{Code, Severity};

fn read(xml: &str) -> Reading<ProvisionFile> {
    ProvisionFile::read(xml.as_bytes()).unwrap_or_else(|report| panic!("{xml}: {report}"))
}

fn options(xml: &str) -> ProvisionOptions {
    read(&format!("<provision><options>{xml}</options></provision>")).value.options
}

fn codes(xml: &str) -> Vec<Code> {
    let report = match ProvisionFile::read(xml.as_bytes()) {
        Ok(reading) => reading.report,
        Err(report) => report,
    };
    report.diagnostics().iter().map(|finding| finding.code).collect()
}

#[test]
fn what_is_absent_has_its_default() {
    let reading = read("<provision/>");
    assert_eq!(reading.value, ProvisionFile::default());
    assert_eq!(reading.value.dialect(), Dialect::Zoiper5);
    assert_eq!(codes("<provision/>"), [Code::NoServer]);
}

#[test]
fn booleans_are_four_words_and_an_empty_one_is_absent() {
    for (text, expected) in [("1", true), (" TRUE\r\n", true), ("0", false), ("False", false)] {
        let read = options(&format!("<use_authentication>{text}</use_authentication>"));
        assert_eq!(read.use_authentication, expected, "{text}");
    }
    let empty = "<provision><options><delete_accounts_beforehand/></options></provision>";
    assert!(read(empty).value.options.delete_accounts_beforehand);
    assert!(codes(empty).contains(&Code::EmptyValue));
    for bad in ["yes", "2", "on", "-1", "tru"] {
        let xml = format!(
            "<provision><options><use_authentication>{bad}</use_authentication></options></provision>"
        );
        let report = ProvisionFile::read(xml.as_bytes()).expect_err(bad);
        let error = report.errors().next().expect("a bad boolean is an error");
        assert_eq!(error.code, Code::BadValue);
        assert!(error.message.contains(bad), "{}", error.message);
        assert_eq!(&xml[error.span.range()], bad);
    }
}

#[test]
fn numbers_are_whole_seconds() {
    assert_eq!(options("<refresh_rate> 3600 </refresh_rate>").refresh_rate, 3600);
    for bad in ["-1", "1.5", "+1", "4294967296", "1h"] {
        let xml =
            format!("<provision><options><refresh_rate>{bad}</refresh_rate></options></provision>");
        assert!(codes(&xml).contains(&Code::BadValue), "{bad}");
    }
}

#[test]
fn user_and_password_stand_as_written_but_for_layout() {
    for (written, value) in [
        (" alice ", " alice "),
        ("\n    alice\n  ", "alice"),
        ("\r\n\talice\r\n", "alice"),
        ("a\rb\r&amp;c&d", "a\nb\n&c&d"),
        ("\n\nalice\n\n", "\nalice\n"),
        ("&#10;alice&#10;", "\nalice\n"),
        ("\n&#32;alice &#13;\n", " alice \r"),
        ("a<!-- b -->c", "ac"),
        ("<![CDATA[\nx]]>", "\nx"),
        ("\n  ", ""),
        ("\n", ""),
        ("a&b", "a&b"),
        ("\n a&b \n ", "a&b "),
        ("", ""),
    ] {
        let read = options(&format!("<user>{written}</user><password x='>'>{written}</password>"));
        assert_eq!(read.user, value, "{written:?}");
        assert_eq!(read.password.reveal(), value, "{written:?}");
    }
}

#[test]
fn enumerated_values_have_no_case_and_names_have_one() {
    let basic = options("<authentication_type>Basic</authentication_type>");
    assert_eq!(basic.authentication_type, AuthenticationType::Basic);
    let misspelt = "<provision><Options/><base_urls><base_url>x</base_url></base_urls></provision>";
    let report = read(misspelt).report;
    assert_eq!(report.diagnostics()[0].code, Code::UnknownElement);
    assert_eq!(report.diagnostics()[0].help.as_deref(), Some("did you mean `options`?"));
    let value = "<provision><options><authentication_type>bsaic</authentication_type></options></provision>";
    let report = ProvisionFile::read(value.as_bytes()).expect_err("no such type");
    let help = report.errors().next().and_then(|error| error.help.clone());
    assert_eq!(help.as_deref(), Some("did you mean `basic`?"));
}

#[test]
fn the_first_of_repeated_elements_counts() {
    let xml = "<provision><options><user>a</user><user>b</user></options><options/></provision>";
    assert_eq!(read(xml).value.options.user, "a");
    let repeated = codes(xml).into_iter().filter(|code| *code == Code::RepeatedElement);
    assert_eq!(repeated.count(), 2);
}

#[test]
fn sections_are_trimmed_and_checked_by_name() {
    let xml = "<provision><base_urls><base_url> http://h/ </base_url><base_url/></base_urls>\
        <significant_sections> accounts ,skin,\n codecs,accounts,acounts,</significant_sections></provision>";
    let reading = read(xml);
    let sections = reading.value.significant_sections.clone().expect("the list is there");
    assert_eq!(sections.to_string(), "accounts,skin,codecs,acounts");
    assert_eq!(reading.value.base_urls, [UrlTemplate::new("http://h/").expect("not empty")]);
    assert_eq!(
        codes(xml),
        [Code::EmptyValue, Code::UnknownSection, Code::RepeatedSection, Code::UnknownSection]
    );
    assert_eq!(reading.value.dialect(), Dialect::Zoiper3);

    let empty = "<provision><significant_sections> , </significant_sections></provision>";
    assert_eq!(read(empty).value.significant_sections, Some(SignificantSections::default()));
    assert!(codes(empty).contains(&Code::NothingProvisioned));
}

#[test]
fn the_address_book_can_be_asked() {
    let xml = "<provision><addressbook><use_addressbook>1</use_addressbook></addressbook>\
        <restrictions> Add, delete </restrictions></provision>";
    let book = read(xml).value.address_book;
    assert!(book.use_addressbook);
    assert!(!book.allows(Operation::Add));
    assert!(book.allows(Operation::Update));
    assert!(!book.allows(Operation::Delete));
    let bad = "<provision><restrictions>ad</restrictions></provision>";
    assert!(codes(bad).contains(&Code::BadValue));
}

#[test]
fn what_has_no_meaning_is_reported_and_harmless() {
    let xml =
        "<provision version='2'>text<extra/><options>x<user>a<b>c</b></user></options></provision>";
    let reading = read(xml);
    assert_eq!(reading.value.options.user, "a");
    let found = codes(xml);
    for code in [Code::UnknownAttribute, Code::StrayText, Code::UnknownElement] {
        assert!(found.contains(&code), "{code}");
    }
    assert!(reading.report.diagnostics().iter().all(|f| f.severity == Severity::Warning));
}

#[test]
fn a_configuration_is_told_apart() {
    let report = ProvisionFile::read(b"<options><accounts/></options>").expect_err("no such file");
    assert_eq!(report.diagnostics()[0].code, Code::ConfigurationFound);
    assert!(report.to_string().contains("configuration"), "{report}");
}

#[test]
fn several_mistakes_are_reported_together_with_their_places() {
    let xml = "<provision>\n  <base_url>x</base_url>\n  <options>\n    <use_authentication>maybe</use_authentication>\n    <refresh_rate>soon</refresh_rate>\n  </options>\n  <significant_sections>acounts</significant_sections>\n</provision>";
    let report = ProvisionFile::read(xml.as_bytes()).expect_err("two values are bad");
    let lines: Vec<_> = report
        .diagnostics()
        .iter()
        .map(|finding| (finding.code.as_str(), report.position(finding.span).line))
        .collect();
    assert_eq!(
        lines,
        [
            ("no-server", 1),
            ("unknown-element", 2),
            ("bad-value", 4),
            ("bad-value", 5),
            ("unknown-section", 7)
        ]
    );
}

#[test]
fn no_finding_quotes_what_may_be_a_secret() {
    for xml in [
        "<provision><options><password_format>hunter2</password_format></options></provision>",
        "<provision><options><password hunter2='1'>x</password></options></provision>",
        "<provision><options><password>x<hunter2/></password></options></provision>",
        "<provision><base_urls><base_url>http://h/?p=<hunter2/></base_url></base_urls></provision>",
    ] {
        let report = match ProvisionFile::read(xml.as_bytes()) {
            Ok(reading) => reading.report,
            Err(report) => report,
        };
        assert!(!report.diagnostics().is_empty());
        assert!(!format!("{:?}", report.diagnostics()).contains("hunter2"), "{xml}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let xml = "<provision><base_urls><base_url>http://h/p?pass=hunter2</base_url>\
        <base_url>http://a:hunter2@h/</base_url></base_urls>\
        <options><password>hunter2</password></options></provision>";
    let shown = format!("{:?}", read(xml));
    assert!(shown.contains("http://h/p") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_value_that_xml_cannot_carry_is_an_error() {
    let mut file = ProvisionFile::default();
    file.options.password = Secret::new("hunter2\0");
    let error = file.to_xml().expect_err("NUL cannot be written");
    assert_eq!((error.element, error.character), ("password", '\0'));
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn what_is_written_is_laid_out_for_people() {
    let mut file = ProvisionFile::default();
    file.base_urls.extend(UrlTemplate::new("https://example.com/?u=[user]&p=[pass]"));
    file.options.use_authentication = true;
    file.options.user = "a<b>\r\n".to_owned();
    file.significant_sections = Some(SignificantSections::from_list("accounts,codecs"));
    let xml = file.to_xml().expect("every value can be written");
    assert!(xml.starts_with("<provision>\n  <base_urls>\n    <base_url>https://example.com/?u=[user]&amp;p=[pass]</base_url>\n"), "{xml}");
    assert!(xml.contains("\n    <user>a&lt;b&gt;&#13;&#10;</user>\n"), "{xml}");
    assert!(xml.ends_with("</restrictions>\n</provision>\n"), "{xml}");
    assert_eq!(read(&xml).value, file);
    assert_eq!(read(&xml).report.diagnostics(), []);
}

/// A file with these addresses, options and sections.
fn file(urls: &[&str], options: &str, sections: &str) -> String {
    let urls: String = urls.iter().map(|url| format!("<base_url>{url}</base_url>")).collect();
    format!(
        "<provision><base_urls>{urls}</base_urls><options>{options}</options>{sections}</provision>"
    )
}

const SECTIONS: &str = "<significant_sections>accounts</significant_sections>";
const ASK: &str = "<use_authentication>1</use_authentication>\
    <user_input_authentication>1</user_input_authentication>";
const ASK_BASIC: &str = "<use_authentication>1</use_authentication>\
    <user_input_authentication>1</user_input_authentication>\
    <authentication_type>basic</authentication_type>";

#[test]
fn an_address_is_remarked_if_no_request_can_be_sent_to_it() {
    for good in [
        "https://example.com",
        "HTTPS://example.com:443/a?b=c",
        "https://[2001:db8::1]:8443/",
        "https://[2001:db8::1]/",
        "https://10.0.0.1/[version]/",
        "http://example.com/",
    ] {
        assert_eq!(codes(&file(&[good], "", SECTIONS)), [], "{good}");
    }
    for bad in [
        "example.com",
        "ftp://example.com/",
        "https:///path",
        "https://:80/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:/",
        "https://example.com:8o/",
        "https://a@example.com/",
        "https://example.com/#a",
        "https://example.com/a b",
        "https://ex\u{e4}mple.com/",
    ] {
        assert_eq!(codes(&file(&[bad], "", SECTIONS)), [Code::BadServer], "{bad}");
    }
    let misplaced = file(&["https://example.com:[version]/"], "", SECTIONS);
    assert_eq!(codes(&misplaced), [Code::MisplacedPlaceholder]);
}

#[test]
fn credentials_over_plain_http_are_remarked_unless_they_stay_on_the_machine() {
    let over = |url: &str, options: &str| codes(&file(&[url], options, SECTIONS));
    assert_eq!(over("http://example.com/", ASK_BASIC), [Code::CredentialsOverHttp]);
    assert_eq!(over("http://example.com/?[pass]", ASK), [Code::CredentialsOverHttp]);
    assert_eq!(over("http://example.com/", ASK), [Code::PlaceholdersMissing]);
    assert_eq!(over("http://example.com/", ""), []);
    for here in
        ["http://localhost:8080/?[user]", "http://127.0.0.1/?[user]", "http://[::1]/?[user]"]
    {
        assert_eq!(over(here, ASK), [], "{here}");
    }
    assert_eq!(over("https://example.com/?[user]", ASK_BASIC), [Code::PlaceholdersUnused]);
}

#[test]
fn http_behind_https_and_repetitions_point_at_the_first() {
    let xml = file(
        &["https://one.example.com/", "http://two.example.com/", "https://one.example.com/"],
        "",
        SECTIONS,
    );
    let reading = read(&xml);
    let found: Vec<_> = reading
        .report
        .diagnostics()
        .iter()
        .map(|finding| (finding.code, &xml[finding.labels[0].span.range()]))
        .collect();
    assert_eq!(
        found,
        [
            (Code::HttpAfterHttps, "https://one.example.com/"),
            (Code::RepeatedServer, "https://one.example.com/")
        ]
    );
}

#[test]
fn what_a_password_is_follows_from_the_file_and_its_dialect() {
    let digest = "0123456789ABCDEF0123456789abcdef";
    let preset = |password: &str, format: &str| {
        format!(
            "<use_authentication>1</use_authentication><user>a</user><password>{password}</password>{format}"
        )
    };
    let of = |options: &str, sections: &str| {
        let xml = file(&["https://example.com/?[pass]"], options, sections);
        (read(&xml).value.password_format(), codes(&xml))
    };
    let plain = "<password_format>1</password_format>";
    let hashed = "<password_format>0</password_format>";
    use PasswordFormat::{Md5Digest, Plain};
    assert_eq!(of(&preset("x", ""), SECTIONS), (Plain, vec![]));
    assert_eq!(of(&preset(digest, ""), SECTIONS), (Plain, vec![Code::PasswordLooksHashed]));
    assert_eq!(of(&preset(digest, plain), SECTIONS), (Plain, vec![]));
    assert_eq!(of(&preset(digest, hashed), SECTIONS), (Md5Digest, vec![]));
    assert_eq!(of(&preset("x", hashed), SECTIONS), (Md5Digest, vec![Code::NotADigest]));
    assert_eq!(of(&preset(digest, ""), ""), (Md5Digest, vec![Code::PasswordFormatGuessed]));
    assert_eq!(of(&preset("x", ""), ""), (Plain, vec![Code::PasswordFormatGuessed]));
    assert_eq!(of(&preset(digest, plain), ""), (Plain, vec![]));
}

#[test]
fn a_repeated_section_is_mended_by_its_fix() {
    let xml = "<provision><significant_sections>a, codecs ,a,\n codecs</significant_sections>\
        </provision>";
    let reading = read(xml);
    let fixed = reading.report.fixed().expect("there are fixes");
    assert!(fixed.text().contains(">a, codecs </"), "{}", fixed.text());
    assert_eq!(read(fixed.text()).value, reading.value);
    // Where the text is not written as it reads, no place in it is sure.
    let escaped = xml.replace(",a,", ",&#97;,");
    assert!(read(&escaped).report.fixed().is_none());
}

#[test]
fn five_mistakes_are_five_findings() {
    let xml = "<provision>\n<base_urls><base_url>https://h/?a=1&b=2</base_url></base_urls>\n\
        <options><use_authentication>ja</use_authentication><refresh_rate>x</refresh-rate>\n\
        <usr>a</usr></options>\n<significant_sections>accounts</significant_sections>";
    assert_eq!(
        codes(xml),
        [
            Code::BareAmpersand,
            Code::BadValue,
            Code::BadValue,
            Code::MismatchedTag,
            Code::UnknownElement,
            Code::Unclosed
        ]
    );
}

#[test]
fn a_repair_that_makes_other_markup_is_not_read() {
    let xml =
        "<provision><options><user><![CDATA[]\u{1}]>&/<![CDATA[]]></user></options></provision>";
    assert_eq!(codes(xml), [Code::BadCharacter]);
}

use super::*;

fn findings(text: &str) -> Vec<Diagnostic> {
    judge(text).findings.into_parts().0
}

fn codes(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.code.as_str()).collect()
}

/// The first finding has this code, and there is no second one of another kind.
fn refused_with(text: &str, code: &str) {
    let codes = codes(text);
    let shown: String = text.chars().take(80).collect();
    assert_eq!(codes.first(), Some(&code), "{shown:?}: {codes:?}");
    assert!(codes.iter().all(|other| *other == code), "{shown:?}: {codes:?}");
}

#[test]
fn ordinary_documents_pass() {
    for text in [
        "<a/>",
        "<?xml version='1.0' encoding=\"UTF-8\" standalone = 'yes' ?>\r\n<!-- c --><a x='1' y=\"'\"><b/>t<![CDATA[<&]]></a > \n<!---->",
        "<options>&lt;&#x41;&#65;&quot;&apos;&amp;&gt;</options>",
        "<élan x.y-z_1='é'>€😀]]</élan>",
        "<a> ]] > &#xD; </a>",
    ] {
        let judgement = judge(text);
        assert!(judgement.outline.is_some());
        assert_eq!(judgement.findings.into_parts().0, [], "{text}");
    }
}

#[test]
fn the_index_holds_the_children_of_the_root() {
    let text = "<options>\n  <a x='>'>1<b/></a>\n  <c />\n  <d> <!-- - --> </d>\n</options>";
    let outline = judge(text).outline.expect("the text is well-formed");
    let slice = |span: Span| &text[span.range()];
    let children: Vec<_> = outline
        .children
        .iter()
        .map(|child| {
            (
                slice(child.element.name),
                slice(child.element.whole),
                slice(child.element.content),
                child.empty,
            )
        })
        .collect();
    assert_eq!(
        children,
        [
            ("a", "<a x='>'>1<b/></a>", "1<b/>", false),
            ("c", "<c />", "", true),
            ("d", "<d> <!-- - --> </d>", " <!-- - --> ", true),
        ]
    );
    assert_eq!(slice(outline.root.whole), text);
    assert!(slice(outline.root.content).starts_with("\n  <a"));
}

#[test]
fn what_is_outside_the_subset_is_refused_with_its_own_code() {
    for (text, code) in [
        ("<!DOCTYPE a><a/>", "document-type"),
        ("<a>&copy;</a>", "unknown-entity"),
        ("<a><?php 1 ?></a>", "processing-instruction"),
        ("<?xml-stylesheet href='x'?><a/>", "processing-instruction"),
        (" <?xml version='1.0'?><a/>", "bad-declaration"),
        ("<?xml version='1.1'?><a/>", "bad-declaration"),
        ("<?xml version='1.0' standalone='maybe'?><a/>", "bad-declaration"),
        ("<?xml encoding='UTF-8'?><a/>", "bad-declaration"),
        ("<a xmlns='x'/>", "namespace"),
        ("<a:b/>", "namespace"),
        ("<a :b='1'/>", "namespace"),
        ("<a b='1' b='2'/>", "repeated-attribute"),
        ("<a>\u{1}</a>", "bad-character"),
        ("<a>\u{fffe}</a>", "bad-character"),
        ("<a>&#xD800;</a>", "bad-character"),
        ("<a>&#x110000;</a>", "bad-character"),
        ("<a>&#99999999999;</a>", "bad-character"),
        ("<a>&#0;</a>", "bad-character"),
        ("<a>&#12x</a>", "bad-reference"),
        ("<a>&#x;</a>", "bad-reference"),
        ("<a>&#X41;</a>", "bad-reference"),
        ("<a>]]></a>", "bad-markup"),
        ("<a><!-- -- --></a>", "bad-markup"),
        ("<a><!-- ---></a>", "bad-markup"),
        ("<a><!-- -- ---></a>", "bad-markup"),
        ("<a/><!----->", "bad-markup"),
        ("<?xml \u{c}version='1.0'?><a/>", "bad-declaration"),
        ("<?xml version\u{c}='1.0'?><a/>", "bad-declaration"),
        ("<?xml version='1.0'\u{c}?><a/>", "bad-declaration"),
        ("<a b='<'/>", "bad-markup"),
        ("<a b=1/>", "bad-markup"),
        ("<a b/>", "bad-markup"),
        ("<a b='1'c='2'/>", "bad-markup"),
        ("< a/>", "bad-markup"),
        ("<a><![cdata[x]]></a>", "bad-markup"),
        ("<!-- nothing -->", "bad-markup"),
        ("<a/>x", "outside-root"),
        ("x<a/>", "outside-root"),
        ("<a/><b/>", "outside-root"),
        ("<a></b>", "mismatched-tag"),
        ("<a><b></a>", "unclosed"),
        ("<a>", "unclosed"),
        ("<a", "unclosed"),
        ("<a b='", "unclosed"),
        ("<a><!-- ", "unclosed"),
        ("<a><![CDATA[ ]]", "unclosed"),
        ("<!DOCTYPE HTML><html>", "web-page"),
        (" <!-- x --> <HTML lang=en>", "web-page"),
        ("<html/>", "web-page"),
        ("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><html/>", "web-page"),
    ] {
        refused_with(text, code);
    }
    assert_eq!(codes("<htmlish/>"), [""; 0]);
    assert_eq!(codes("<a/><!-- --->é"), ["bad-markup", "outside-root"]);
    assert_eq!(codes("<a xmlns='' xmlns=''/>"), ["namespace", "namespace", "repeated-attribute"]);
}

#[test]
fn limits_are_exact() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(codes(&nested(64)), [""; 0]);
    refused_with(&nested(65), "too-complex");
    let named = |length: usize| format!("<{}/>", "a".repeat(length));
    assert_eq!(codes(&named(1024)), [""; 0]);
    refused_with(&named(1025), "too-complex");
    let children = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    assert_eq!(codes(&children(10_000)), [""; 0]);
    refused_with(&children(10_001), "too-complex");
    // What is longer than 10,000,000 bytes, libxml2 does not read.
    let long = |length: usize| "x".repeat(length);
    assert_eq!(codes(&format!("<a>{}</a>", long(10_000_000))), [""; 0]);
    for (before, behind) in
        [("<a>", "</a>"), ("<a><![CDATA[", "]]></a>"), ("<!--", "--><a/>"), ("<a b='", "'/>")]
    {
        refused_with(&format!("{before}{}{behind}", long(10_000_001)), "too-complex");
    }
    let attributes = |count: usize| {
        let list: String = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{list}/>")
    };
    assert_eq!(codes(&attributes(256)), [""; 0]);
    refused_with(&attributes(257), "too-complex");
}

#[test]
fn a_bare_ampersand_is_forgiven_only_where_spec_1_5_says() {
    let judgement =
        judge("<provision><base_url a='&'>http://h/?u=[user]&amp=2&x</base_url></provision>");
    let forgiven = |judgement: &Judgement| -> Vec<u32> {
        judgement.repairs.iter().map(|repair| repair.span.start - 1).collect()
    };
    assert_eq!(forgiven(&judgement), [24, 45, 51]);
    assert!(
        judgement.findings.into_parts().0.iter().all(|f| f.severity == crate::Severity::Warning)
    );
    assert_eq!(forgiven(&judge("<error>A & B</error>")), [9]);

    let judgement = judge("<options><a>A & B</a></options>");
    assert_eq!(judgement.findings.into_parts().0[0].severity, crate::Severity::Error);
    let strictly = judge_strictly("<error>A & B</error>").findings;
    assert_eq!(strictly.into_parts().0[0].severity, crate::Severity::Error);
    // What looks like an entity is a guess away from another address.
    assert_eq!(codes("<provision>&copy;=2</provision>"), ["unknown-entity"]);
}

#[test]
fn the_mended_text_is_shown_where_it_can_hold_no_secret() {
    let help = |text: &str| findings(text)[0].help.clone().expect("every finding here has help");
    for (text, shown) in [
        (
            "<provision>\n  <base_url>\n http://h/?u=[user]&password=[pass]&amp;v=[version]\n</base_url></provision>",
            "http://h/?u=[user]&amp;password=[pass]&amp;v=[version]",
        ),
        ("<error>A & B &amp; C</error>", "A &amp; B &amp; C"),
    ] {
        assert_eq!(help(text), format!("write `{shown}`"), "{text}");
    }
    let inside = |address: &str| format!("<provision><base_url>{address}</base_url></provision>");
    for text in [
        "<provision><password>hunter2&x</password></provision>".to_owned(),
        "<provision><password>\nhunter2</password><user>a&b</user></provision>".to_owned(),
        "<provision><password> hunter2</password><user>a&b</user></provision>".to_owned(),
        "<provision><user password = 'hunter2'>a&b</user></provision>".to_owned(),
        "<provision><base_url x='hunter2&'></base_url></provision>".to_owned(),
        "<provision><password><error>hunter2&</error></password></provision>".to_owned(),
        "<error><!-- hunter2 --> & b</error>".to_owned(),
        "<options><password> hunter2</password><name>R&D</name></options>".to_owned(),
        inside("http://h/?key=hunter2&v=[version]"),
        inside("http://h/?u=[user]&p=[hunter2]"),
        inside("http://h/?hunter2&u=[user]"),
        inside("http://h/?u=[user]&hunter2"),
        inside("http://alice:hunter2@h/?u=[user]&p=[pass]"),
        inside("http://h/?u=[user]&p=[pass]#hunter2"),
        inside("http://h/?token=it&apos;shunter2&v=[version]"),
        inside("http://h/?password=hunter&lt;2&v=[version]"),
        inside("http://h/?v=[version]&amp;hunter2&w=[user]"),
        inside("http://h/?p=hunter2>cret?u=[user]&y=[user]"),
        inside("http://h/?p=hunter2<!-- -->http://h/?u=[user]&y=[user]"),
        inside("http://h/?p=hunter2\nhttp://h/?u=[user]&y=[user]"),
    ] {
        assert_eq!(help(&text), "replace it by `&amp;`", "{text}");
    }
}

#[test]
fn no_message_quotes_a_secret_or_grows_without_bound() {
    let hostile = [
        "<options><password>&hunter2;</password></options>".to_owned(),
        "<options><password>a<hunter2></password></options>".to_owned(),
        "<options><a password='&hunter2;'/></options>".to_owned(),
        "<options><password plain='&hunter2;'/></options>".to_owned(),
        "<provision><base_url>http://h/?p=a&hunter2;b</base_url></provision>".to_owned(),
        "<provision><base_urls>http://h/?p=a&hunter2;b</base_urls></provision>".to_owned(),
        "<provision><pin>a&hunter2;b</pin></provision>".to_owned(),
        "<provision><base_url>p=<b/><b>&hunter2;</b></base_url></provision>".to_owned(),
        "<provision><base_url>http://h/?p=<hunter2></base_url></provision>".to_owned(),
        "<provision><base_url>http://h/?p=</hunter2></base_url></provision>".to_owned(),
        "<provision><base_url>http://h/?p=<hunter2:</base_url></provision>".to_owned(),
        "<provision><error>p=a&password=hunter2</error></provision>".to_owned(),
        "<options><a password=\"<hunter2>\"/><hunter2:x></options>".to_owned(),
        "<options><password>a</b>c<hunter2></password></options>".to_owned(),
        "<options><password>a</>c<hunter2></password></options>".to_owned(),
        format!("<options>&{};</options>", "x".repeat(100_000)),
        format!("<options><a></{}></options>", "x".repeat(1000)),
        format!("<?xml version='{}'?><a/>", "9".repeat(200)),
    ];
    for text in hostile {
        let findings = findings(&text);
        assert!(!findings.is_empty());
        for finding in findings {
            let all = format!("{finding:?}");
            assert!(!all.contains("hunter2"), "{all}");
            assert!(finding.message.len() <= 1024, "{}", finding.message.len());
        }
    }
}

#[test]
fn several_faults_are_reported_together() {
    let text = "<options a='1' a='2'><b>&x;</b><c:d/><e>&</e>\u{2}</options>";
    assert_eq!(
        codes(text),
        ["repeated-attribute", "unknown-entity", "namespace", "bare-ampersand", "bad-character"]
    );
}

/// What a text is read as in spite of its faults: it passes, and is what a person would take it for.
#[test]
fn behind_a_fault_the_text_is_read_on() {
    for (text, codes_found, repaired) in [
        // End tags.
        ("<a><b>1</a>", &["unclosed"][..], "<a><b>1</b></a>"),
        ("<a><b><c>1</a>", &["unclosed", "unclosed"], "<a><b><c>1</c></b></a>"),
        ("<a><b>1</c></a>", &["mismatched-tag"], "<a><b>1</b></a>"),
        ("<fax><b/></fix>", &["mismatched-tag"], "<fax><b/></fax>"),
        ("<ab><b/></c></ab>", &["mismatched-tag"], "<ab><b/></ab>"),
        ("<a><b>1</b", &["bad-markup", "unclosed"], "<a><b>1</b></a>"),
        ("<a><b>1</b<c/></a>", &["bad-markup"], "<a><b>1</b><c/></a>"),
        ("<a><b>1</></a>", &["bad-markup"], "<a><b>1</b></a>"),
        ("<a><b>1</ b></a>", &["bad-markup"], "<a><b>1</b></a>"),
        ("<a><b>1</b x='1'></a>", &["bad-markup"], "<a><b>1</b></a>"),
        ("<a><b>", &["unclosed"], "<a><b></b></a>"),
        ("<p><a><b>1</a></b><c/></p>", &["unclosed"], "<p><a><b>1</b></a><c/></p>"),
        // Start tags and attributes.
        ("<a>1 < 2</a>", &["bad-markup"], "<a>1 &lt; 2</a>"),
        ("<a><b<c/></b></a>", &["bad-markup"], "<a><b><c/></b></a>"),
        ("<a b=1 c='2'/>", &["bad-markup"], "<a  c='2'/>"),
        ("<a b=1/>", &["bad-markup"], "<a />"),
        ("<a b c='2'/>", &["bad-markup"], "<a  c='2'/>"),
        ("<a b='1'c='2'/>", &["bad-markup"], "<a b='1' c='2'/>"),
        ("<a ! c='2'/>", &["bad-markup"], "<a  c='2'/>"),
        ("<a=1/>", &["bad-markup"], "<a/>"),
        ("<a b='1 < 2 <'/>", &["bad-markup"], "<a b='1 &lt; 2 &lt;'/>"),
        ("<a b='1><c/></a>", &["bad-markup"], "<a ><c/></a>"),
        ("<a><b c='1/><c/></a>", &["bad-markup"], "<a><b /><c/></a>"),
        (
            "<a><b c='1>&x;<c/></b></a>",
            &["bad-markup", "unknown-entity"],
            "<a><b >&amp;x;<c/></b></a>",
        ),
        ("<a><b c='&x;1><c/></b></a>", &["unknown-entity", "bad-markup"], "<a><b ><c/></b></a>"),
        ("<a b='1' b='2'/>", &["repeated-attribute"], "<a b='1' />"),
        (
            "<a b='&' b='&'/>",
            &["bare-ampersand", "bare-ampersand", "repeated-attribute"],
            "<a b='&amp;' />",
        ),
        // What is refused.
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            &["document-type", "unknown-entity"],
            "<a>&amp;b;</a>",
        ),
        ("<a><!b c><d/></a>", &["bad-markup"], "<a><d/></a>"),
        ("<a><?b c?><d/></a>", &["processing-instruction"], "<a><d/></a>"),
        ("<?xml version='2.0'?><a/>", &["bad-declaration"], "<a/>"),
        ("<a xmlns='b' xmlns:c='d'/>", &["namespace", "namespace"], "<a  />"),
        (
            "<x:a><x:b y:c='&'/></x:a>",
            &["namespace", "namespace", "namespace", "bare-ampersand"],
            "<a><b /></a>",
        ),
        ("<a><!-- -- --><b/></a>", &["bad-markup"], "<a><b/></a>"),
        ("x<a/>y<b/>", &["outside-root", "outside-root", "outside-root"], "<a/>"),
        (
            "<a>\u{1}&#0;&#x;&nbsp;&]]></a>",
            &[
                "bad-character",
                "bad-character",
                "bad-reference",
                "unknown-entity",
                "bare-ampersand",
                "bad-markup",
            ],
            "<a>&amp;#0;&amp;#x;&amp;nbsp;&amp;]]&gt;</a>",
        ),
    ] {
        assert_eq!(codes(text), codes_found, "{text}");
        let judgement = judge(text);
        assert!(judgement.outline.is_some(), "{text}");
        let mended = crate::repaired::Repaired::new(text, &judgement.repairs);
        assert_eq!(mended.text(), repaired, "{text}");
        assert_eq!(codes(mended.text()), [""; 0], "{text}");
    }
}

#[test]
fn an_unclosed_element_points_at_its_start_and_at_where_its_end_is_missed() {
    let text = "<options>\n  <general>\n    <a>1</general>\n</options>";
    let findings = findings(text);
    assert_eq!(findings.len(), 1);
    assert_eq!(&text[findings[0].span.range()], "a");
    assert_eq!(&text[findings[0].labels[0].span.range()], "</general>");
    assert_eq!(findings[0].message, "`a` is not closed before `general` ends");
}

#[test]
fn a_flood_of_faults_stays_bounded() {
    let refused = findings(&format!("<options>{}</options>", "&".repeat(100_000)));
    assert_eq!(refused.len(), 100);
    let forgiven = findings(&format!("<error>{}</error>", "& ".repeat(2000)));
    assert_eq!(forgiven.len(), 101);
    assert_eq!(forgiven[100].code.as_str(), "too-complex");
}

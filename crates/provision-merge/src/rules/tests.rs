use provision_format::Source;

use super::*;
use crate::SectionOutcome;

fn config(text: &str) -> Config {
    Config::read(text.as_bytes()).unwrap_or_else(|report| panic!("{text}: {report}")).value
}

fn merged(local: &str, remote: &str, sections: &str) -> Merged {
    Merge {
        local: &config(local),
        remote: &config(remote),
        sections: &SignificantSections::from_list(sections),
        displaced: None,
    }
    .run()
    .unwrap_or_else(|error| panic!("{local} + {remote}: {error}"))
}

/// Checks the effective and the stored text, and that merging again changes nothing (spec 4.10).
fn check(local: &str, remote: &str, sections: &str, effective: &str, stored: &str) {
    let result = merged(local, remote, sections);
    assert_eq!(result.effective.text(), effective);
    assert_eq!(result.stored.text(), stored);
    assert_eq!(merged(effective, remote, sections).effective.text(), effective);
    assert_eq!(merged(effective, remote, sections).stored.text(), stored);
}

#[test]
fn a_section_is_replaced_in_its_place() {
    check(
        "<options>\n  <a>1</a>\n  <!-- b -->\n  <b x='1'/>\n\n  <c></c>\n</options>\n",
        "<options><c>3</c><b>\n    <n/>\n  </b></options>",
        "b,c",
        "<options>\n  <a>1</a>\n  <!-- b -->\n  <b>\n    <n/>\n  </b>\n\n  <c>3</c>\n</options>\n",
        "<options>\n  <a>1</a>\n  <!-- b -->\n\n</options>\n",
    );
}

#[test]
fn a_new_section_is_appended_in_the_order_of_the_server() {
    check(
        "<options>\r\n\t<a/>\r\n\t<!-- end -->\r\n</options>",
        "<options>\n<c>\n1\n</c>\n<b/>\n</options>",
        "b,c",
        "<options>\r\n\t<a/>\r\n\t<!-- end -->\r\n\t<c>\r\n1\r\n</c>\r\n\t<b/>\r\n</options>",
        "<options>\r\n\t<a/>\r\n\t<!-- end -->\r\n</options>",
    );
}

#[test]
fn a_root_of_any_form_can_take_a_section() {
    let remote = "<options><a>1</a></options>";
    for (local, effective) in [
        ("<options/>", "<options>\n  <a>1</a>\n</options>"),
        ("<options v='/>' />\r\n", "<options v='/>'>\r\n  <a>1</a>\r\n</options>\r\n"),
        ("<options></options>", "<options>\n  <a>1</a></options>"),
        ("<options>\n</options>", "<options>\n  <a>1</a>\n</options>"),
    ] {
        let result = merged(local, remote, "a");
        assert_eq!(result.effective.text(), effective);
        assert_eq!(result.stored.text(), local);
        assert_eq!(merged(effective, remote, "a").effective.text(), effective);
    }
}

#[test]
fn what_shares_a_line_stays_on_it() {
    check(
        "<options><a/> <b/><!-- c --><c/></options>",
        "<options><b>1</b><c>2</c></options>",
        "b,c",
        "<options><a/> <b>1</b><!-- c --><c>2</c></options>",
        "<options><a/> <!-- c --></options>",
    );
}

#[test]
fn only_listed_sections_of_the_server_count() {
    let result =
        merged("<options>\n  <a>1</a>\n</options>", "<options><a>2</a><b>3</b></options>", "c");
    assert_eq!(result.effective.text(), "<options>\n  <a>1</a>\n</options>");
    assert_eq!(result.stored.text(), result.effective.text());
    assert!(result.displaced.is_none());
    let outcomes: Vec<_> =
        result.report.sections.iter().map(|c| (c.name.as_str(), c.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("a", SectionOutcome::Ignored),
            ("b", SectionOutcome::Ignored),
            ("c", SectionOutcome::Missing)
        ]
    );
}

#[test]
fn doubled_sections_go_together() {
    let result = merged(
        "<options>\n  <a>1</a>\n  <b/>\n  <a>2</a>\n</options>",
        "<options><a>3</a><a>4</a></options>",
        "a",
    );
    assert_eq!(result.effective.text(), "<options>\n  <a>3</a>\n  <b/>\n</options>");
    assert_eq!(result.stored.text(), "<options>\n  <b/>\n</options>");
    assert_eq!(result.report.sent_twice, ["a"]);
    let displaced = result.displaced.expect("a was displaced").after;
    let names: Vec<_> = displaced.sections().map(Section::text).collect();
    assert_eq!(names, ["<a>1</a>", "<a>2</a>"]);
}

#[test]
fn every_outcome_is_reported() {
    let local = "<options>\r\n  <kept/>\r\n  <replaced>1</replaced>\r\n  <unchanged>\r\n1</unchanged>\r\n  <emptied>1</emptied>\r\n  <missing/>\r\n</options>";
    let remote = "<options><unchanged>\n1</unchanged><replaced>2</replaced><emptied><!-- --></emptied><added>1</added><ignored/></options>";
    let report = merged(local, remote, "replaced,unchanged,emptied,added,missing").report;
    for (name, outcome) in [
        ("kept", SectionOutcome::Kept),
        ("replaced", SectionOutcome::Replaced),
        ("unchanged", SectionOutcome::Unchanged),
        ("emptied", SectionOutcome::Emptied),
        ("missing", SectionOutcome::Missing),
        ("added", SectionOutcome::Added),
        ("ignored", SectionOutcome::Ignored),
    ] {
        assert_eq!(report.with(outcome).collect::<Vec<_>>(), [name]);
        assert_eq!(outcome.to_string(), name);
    }
}

/// Runs of one phone, one after the other.
struct History {
    local: Config,
    displaced: Option<Config>,
}

impl History {
    fn new(local: &str) -> Self {
        Self { local: config(local), displaced: None }
    }

    fn run(&mut self, remote: &str, sections: &str) -> MergeReport {
        let merged = Merge {
            local: &self.local,
            remote: &config(remote),
            sections: &SignificantSections::from_list(sections),
            displaced: self.displaced.as_ref(),
        }
        .run()
        .expect("the merge succeeds");
        self.local = merged.stored;
        self.displaced = merged.displaced.map(|displaced| displaced.after);
        merged.report
    }

    fn displaced(&self) -> Vec<&str> {
        self.displaced.iter().flat_map(Config::sections).map(Section::text).collect()
    }
}

#[test]
fn a_displaced_section_is_given_back_when_it_is_not_provisioned_any_more() {
    for (remote, sections) in [("<options/>", "a"), ("<options><a>2</a></options>", "b")] {
        let mut phone = History::new("<options>\n  <a>mine</a>\n  <b/>\n</options>");
        phone.run("<options><a>theirs</a></options>", "a");
        assert_eq!(phone.displaced(), ["<a>mine</a>"]);
        let report = phone.run(remote, sections);
        assert_eq!(phone.local.text(), "<options>\n  <b/>\n  <a>mine</a>\n</options>");
        assert_eq!(report.with(SectionOutcome::GivenBack).collect::<Vec<_>>(), ["a"]);
        // It is the phone's own again: what becomes of it is the phone's affair.
        assert_eq!(phone.displaced(), [""; 0]);
        phone.local = config("<options>\n  <b/>\n</options>");
        phone.run(remote, sections);
        assert_eq!(phone.local.text(), "<options>\n  <b/>\n</options>");
    }
}

#[test]
fn what_was_displaced_first_is_not_lost_to_what_the_phone_stores_in_the_meantime() {
    let mut phone = History::new("<options>\n  <a>mine</a>\n</options>");
    phone.run("<options><a>1</a></options>", "a");
    // The phone stores what the server sent, and that is known to be no loss.
    phone.local = config("<options>\r\n  <a>1</a>\r\n  <c>local</c>\r\n</options>");
    assert_eq!(phone.run("<options><a>1</a></options>", "a").superseded, [""; 0]);
    // Its user may have written this.
    phone.local = config("<options>\n  <a>newer</a>\n  <c>local</c>\n</options>");
    assert_eq!(phone.run("<options><a>2</a><c>2</c></options>", "a,c").superseded, ["a"]);
    assert_eq!(phone.displaced(), ["<a>mine</a>", "<c>local</c>"]);
    phone.run("<options/>", "a,c");
    let sections: Vec<_> = phone.local.sections().map(Section::text).collect();
    assert_eq!(sections, ["<a>mine</a>", "<c>local</c>"]);
}

#[test]
fn what_is_given_back_takes_the_place_of_what_the_phone_has_stored() {
    let mut phone = History::new("<options>\n  <a>mine</a>\n  <b/>\n</options>");
    phone.run("<options><a>theirs</a></options>", "a");
    phone.local = config("<options>\n  <a>theirs</a>\n  <b/>\n  <a/>\n</options>");
    let report = phone.run("<options/>", "a");
    assert_eq!(report.with(SectionOutcome::GivenBack).collect::<Vec<_>>(), ["a"]);
    assert_eq!(phone.local.text(), "<options>\n  <a>mine</a>\n  <b/>\n</options>");
    assert_eq!(phone.displaced(), [""; 0]);
    // From now on it is the phone's own, and displaced as such.
    phone.local = config("<options>\n  <a>mine too</a>\n  <b/>\n</options>");
    phone.run("<options><a>theirs</a></options>", "a");
    assert_eq!(phone.displaced(), ["<a>mine too</a>"]);
}

#[test]
fn a_section_that_stood_twice_comes_back_twice() {
    let mut phone = History::new("<options><a>1</a><b/><a>2</a></options>");
    phone.run("<options><a>3</a></options>", "a");
    phone.run("<options/>", "a");
    let sections: Vec<_> = phone.local.sections().map(Section::text).collect();
    assert_eq!(sections, ["<b/>", "<a>1</a>", "<a>2</a>"]);
}

#[test]
fn nothing_is_lost_between_the_writing_of_one_file_and_of_the_next() {
    let mut phone = History::new("<options><a>mine</a><b>mine</b></options>");
    phone.run("<options><a>1</a></options>", "a");
    let merged = Merge {
        local: &phone.local,
        remote: &config("<options><b>1</b></options>"),
        sections: &SignificantSections::from_list("b"),
        displaced: phone.displaced.as_ref(),
    };
    let displaced = merged.run().expect("the merge succeeds").displaced.expect("there are some");
    let names =
        |config: &Config| config.sections().map(|s| s.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&displaced.before), ["a", "b"]);
    assert_eq!(names(&displaced.after), ["b"]);
}

#[test]
fn displaced_sections_are_kept_in_utf_8() {
    let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><options><a>\xe9</a></options>";
    let mut phone = History::new("<options/>");
    phone.local = Config::read(latin1).expect("valid").value;
    phone.run("<options><a>1</a></options>", "a");
    phone.local = config("<options><b>€</b></options>");
    phone.run("<options><a>1</a><b>2</b></options>", "a,b");
    assert_eq!(phone.displaced(), ["<a>é</a>", "<b>€</b>"]);
}

#[test]
fn line_ends_are_decided_by_what_stays() {
    check(
        "<options><a>\r</a>\n  <b/>\n</options>",
        "<options><a/><c>\n</c></options>",
        "a,c",
        "<options><a/>\n  <b/>\n  <c>\n</c>\n</options>",
        "<options>\n  <b/>\n</options>",
    );
}

#[test]
fn a_removal_does_not_make_markup_of_text() {
    let result = merged("<options>]]<a/>></options>", "<options><a>1</a></options>", "a");
    assert_eq!(result.effective.text(), "<options>]]<a>1</a>></options>");
    assert_eq!(result.stored.text(), "<options>]]\n></options>");
}

#[test]
fn the_result_is_in_the_encoding_of_the_local_configuration() {
    let local = b"<?xml version='1.0' encoding='ISO-8859-1'?><options><n>\xe9</n><a/></options>";
    let local = Config::read(local).expect("valid").value;
    let sections = SignificantSections::from_list("a");
    let merge = |remote: &str| {
        Merge { local: &local, remote: &config(remote), sections: &sections, displaced: None }.run()
    };
    let result = merge("<options><a>\u{fc}</a></options>").expect("ü is in ISO-8859-1");
    let bytes = result.effective.source().to_bytes().expect("checked by the merge");
    assert!(bytes.ends_with(b"<n>\xe9</n><a>\xfc</a></options>"));
    assert!(matches!(merge("<options><a>€</a></options>"), Err(MergeError::Unencodable(_))));
}

#[test]
fn a_byte_order_mark_stays() {
    let local = Config::read(b"\xef\xbb\xbf<options><a/></options>").expect("valid").value;
    let remote = config("<options><a>1</a></options>");
    let sections = SignificantSections::from_list("a");
    let merge = Merge { local: &local, remote: &remote, sections: &sections, displaced: None };
    let result = merge.run().expect("the merge succeeds");
    let bytes = result.effective.source().to_bytes();
    assert_eq!(bytes.as_deref(), Ok(&b"\xef\xbb\xbf<options><a>1</a></options>"[..]));
}

#[test]
fn what_only_looks_like_markup_is_text() {
    check(
        "<options>\n  <!-- <a>1</a> -->\n  <b><![CDATA[<a>2</a>]]></b>\n  <b2><a>3</a></b2>\n</options>",
        "<options><!-- <b>9</b> --><a><options/></a></options>",
        "a,b",
        "<options>\n  <!-- <a>1</a> -->\n  <b><![CDATA[<a>2</a>]]></b>\n  <b2><a>3</a></b2>\n  <a><options/></a>\n</options>",
        "<options>\n  <!-- <a>1</a> -->\n  <b><![CDATA[<a>2</a>]]></b>\n  <b2><a>3</a></b2>\n</options>",
    );
}

/// The next run has to read what this one stores.
#[test]
fn what_could_not_be_read_again_is_not_made() {
    let end = "</a></options>";
    let mut text = "<options><a>".to_owned();
    while text.len() + (1 << 20) < Source::FILE_LIMIT - end.len() {
        text += "<!---->";
        text += &"x".repeat(1 << 20);
    }
    text += &"x".repeat(Source::FILE_LIMIT - end.len() - text.len());
    let local = &Config::read((text + end).into_bytes()).expect("it is as large as may be").value;
    let remote = &config("<options><b/></options>");
    let sections = &SignificantSections::from_list("b");
    let merge = Merge { local, remote, sections, displaced: None };
    assert!(matches!(merge.run(), Err(MergeError::TooLarge)));
}

//! What merges make of fixtures: a folder each in `merge/`, with what comes out and what is told about it.
//!
//! A folder that has a `provision.xml` holds what goes in as well: that file says by which sections is merged, or, without a
//! list, what goes before the overlay. `earlier.xml` is what earlier provisioning took out, if any.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use provision_format::{Config, ProvisionFile, Section, shown};
use provision_merge::{
    Beforehand, Change, KeyChange, Merge, Merged, Overlay, Value, key_changes, restore,
};

use super::{check, fixture, fixtures};

/// What the fixtures merge to.
pub(crate) fn merged(local: &str, answer: &str, provision: &str) -> Merged {
    merge(&read(local), &read(answer), provision, None)
}

fn read(path: &str) -> Config {
    let reading = Config::read(fixture(path));
    reading.unwrap_or_else(|report| panic!("{path}: {report}")).value
}

fn merge(local: &Config, remote: &Config, provision: &str, displaced: Option<&Config>) -> Merged {
    let file = ProvisionFile::read(&fixture(provision)).expect("the fixture is valid").value;
    let merged = match &file.significant_sections {
        Some(sections) => Merge { local, remote, sections, displaced }.run(),
        None => {
            let beforehand = Beforehand {
                delete_accounts: file.options.delete_accounts_beforehand,
                delete_contact_services: file.options.delete_contact_services_beforehand,
            };
            Overlay { local, remote, beforehand }.run()
        }
    };
    merged.expect("the local encoding can express everything")
}

fn check_merge(case: &str, local: &str, answer: &str, provision: &str) {
    let folder = fixtures().join("merge").join(case);
    let earlier = folder.join("earlier.xml").exists().then(|| format!("merge/{case}/earlier.xml"));
    let earlier = earlier.map(|path| read(&path));
    let (local, remote) = (read(local), read(answer));
    let merged = merge(&local, &remote, provision, earlier.as_ref());
    let bytes = |config: &Config| {
        config.source().to_bytes().expect("the merge has seen to that").into_owned()
    };
    check(&folder.join("effective.xml"), &bytes(&merged.effective));
    check(&folder.join("stored.xml"), &bytes(&merged.stored));
    check(&folder.join("report.txt"), told(&local, &merged).as_bytes());
    let kept = merged.displaced.as_ref().map(|displaced| &displaced.after);
    let place = folder.join("displaced.xml");
    match kept {
        Some(kept) => check(&place, &bytes(kept)),
        None => assert!(!place.exists(), "{case}: nothing is displaced"),
    }

    // What every merge must hold to, whatever the expected files say.
    let again = merge(&merged.effective, &remote, provision, earlier.as_ref());
    assert_eq!(bytes(&again.effective), bytes(&merged.effective), "{case}, a second time");
    let nothing = Config::empty();
    let kept = kept.unwrap_or(&nothing);
    let undone = merged.reversal.undo(&merged.stored, kept).expect("what it held fits in");
    assert_eq!(bytes(&undone), bytes(&local), "{case}, undone");
    let restored = restore(&merged.stored, kept).expect("what it held fits in");
    let names: BTreeSet<_> = restored.sections().map(Section::name).collect();
    let missing = local.sections().find(|section| !names.contains(section.name()));
    assert!(missing.is_none(), "{case}: not restored: {missing:?}");
}

/// The report on a merge, and what it changed in the local configuration.
fn told(local: &Config, merged: &Merged) -> String {
    let mut text = String::new();
    for change in &merged.report.sections {
        let (outcome, source) = (change.outcome.to_string(), change.source.to_string());
        writeln!(text, "{outcome:<10} {source:<9} {}", shown(&change.name)).expect(IN_MEMORY);
    }
    for name in &merged.report.sent_twice {
        writeln!(text, "sent twice: {}", shown(name)).expect(IN_MEMORY);
    }
    for name in &merged.report.superseded {
        writeln!(text, "superseded: {}", shown(name)).expect(IN_MEMORY);
    }
    let changes = key_changes(local, &merged.effective);
    assert_eq!(changes.left_out, 0);
    for KeyChange { path, attribute, change, .. } in &changes.changes {
        let attribute = attribute.as_ref().map(|name| format!("@{name}")).unwrap_or_default();
        let line = match change {
            Change::Added(value) => format!("+ {path}{attribute}: {}", value_text(value)),
            Change::Removed(value) => format!("- {path}{attribute}: {}", value_text(value)),
            Change::Changed { from, to } => {
                format!("~ {path}{attribute}: {} becomes {}", value_text(from), value_text(to))
            }
        };
        writeln!(text, "{line}").expect(IN_MEMORY);
    }
    for same in &changes.same_keys {
        writeln!(text, "same keys, other {}: {}", same.difference, shown(&same.section))
            .expect(IN_MEMORY);
    }
    text
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", shown(text)),
        Value::Hidden => "hidden".to_owned(),
        Value::Elements(1) => "1 leaf".to_owned(),
        Value::Elements(count) => format!("{count} leaves"),
    }
}

const IN_MEMORY: &str = "a String takes everything";

#[test]
fn the_fixtures_merge_to_the_expected_files() {
    let by_sections = "provision/document-example.xml";
    let laid_over = "provision/later-dialect.xml";
    for (case, local, answer, provision) in [
        ("zoiper3", "config/zoiper3.xml", "answer/zoiper3.xml", by_sections),
        ("zoiper3-fresh", "config/zoiper3-fresh.xml", "answer/zoiper3.xml", by_sections),
        ("zoiper3-overlay", "config/zoiper3.xml", "answer/zoiper3.xml", laid_over),
        ("zoiper5", "config/zoiper5.xml", "answer/zoiper5.xml", by_sections),
        ("zoiper5-overlay", "config/zoiper5.xml", "answer/zoiper5.xml", laid_over),
    ] {
        check_merge(case, local, answer, provision);
    }
    let folders = fs::read_dir(fixtures().join("merge")).expect("the folder exists");
    let folders = folders.map(|entry| entry.expect("the folder is readable").path());
    let own: BTreeSet<_> = folders.filter(|folder| folder.join("provision.xml").exists()).collect();
    assert!(!own.is_empty());
    for folder in own {
        let case = folder.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        let [local, remote, provision] =
            ["local.xml", "remote.xml", "provision.xml"].map(|name| format!("merge/{case}/{name}"));
        check_merge(case, &local, &remote, &provision);
    }
}

//! Fixtures in, expected files out; and files of the repository that are made of the crates' own tables.
//! `cargo xtask fixtures` writes what comes out as what is expected.

mod diagnostics;
mod elements;
mod merges;
mod schema;
#[cfg(unix)]
mod transcripts;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use provision_format::{Checked, Code, DocumentKind, Report, Source};

pub(crate) use merges::merged;

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    repository().join("fixtures")
}

/// The folder of the repository.
fn repository() -> &'static Path {
    let parent = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    parent.expect("the crate lies in a folder of the repository")
}

/// The bytes of a fixture, by its path in the folder.
pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let path = fixtures().join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares what came out with the file in which the expected is kept.
pub(crate) fn check(expected: &Path, actual: &[u8]) {
    if std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| value == "1") {
        let folder = expected.parent().expect("fixtures lie in a folder");
        fs::create_dir_all(folder).expect("the folder of the fixtures is writable");
        fs::write(expected, actual).expect("the folder of the fixtures is writable");
    }
    let name = expected.display();
    let kept = fs::read(expected).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(
        kept == actual,
        "{name} differs; `cargo xtask fixtures` accepts this:\n{}",
        String::from_utf8_lossy(actual)
    );
}

/// Every document in a folder, by name.
fn documents(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join(folder)).expect("the folder exists");
    let mut documents: Vec<_> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.is_file() && path.extension() != Some(OsStr::new("report")))
        .collect();
    documents.sort();
    assert!(!documents.is_empty(), "{folder} is empty");
    documents
}

/// Checks the report on every document in a folder: all in `faulty` are refused, all in `remarkable`
/// are good and have something said about them. Gives the codes that were found.
fn check_reports(folder: &str, kind: DocumentKind) -> BTreeSet<Code> {
    let mut codes = BTreeSet::new();
    for document in documents(folder) {
        let bytes = fs::read(&document).expect("it was listed");
        let report = match Source::decode(&bytes, Source::FILE_LIMIT) {
            Ok(source) => Checked::new(source, Some(kind)).report,
            Err(report) => report,
        };
        let name = document.display();
        assert_eq!(
            report.has_errors(),
            folder.ends_with("faulty"),
            "{name}: {}",
            rendered(&report)
        );
        if folder.ends_with("remarkable") {
            assert!(!report.diagnostics().is_empty(), "{name}");
        }
        codes.extend(report.diagnostics().iter().map(|finding| finding.code));
        check(&document.with_extension("report"), rendered(&report).as_bytes());
    }
    codes
}

fn rendered(report: &Report) -> String {
    let mut text = String::new();
    let place = |span| {
        let position = report.position(span);
        format!("{}:{}", position.line, position.column)
    };
    for finding in report.diagnostics() {
        let start = place(finding.span);
        writeln!(text, "{start} {}[{}]: {}", finding.severity, finding.code, finding.message)
            .expect("a String takes everything");
        for label in &finding.labels {
            text += &format!("  {} {}\n", place(label.span), label.text);
        }
        if let Some(help) = &finding.help {
            text += &format!("  help: {help}\n");
        }
        if let Some(fix) = &finding.fix {
            text += &format!("  fix: {} becomes {:?}\n", place(fix.span), fix.replacement);
        }
    }
    text
}

#[test]
fn the_reports_on_the_fixtures_are_the_expected_ones_and_hold_every_code() {
    let mut codes = BTreeSet::new();
    for (folder, kind) in [
        ("provision", DocumentKind::ProvisionFile),
        ("config", DocumentKind::Configuration),
        ("answer", DocumentKind::Answer),
    ] {
        codes.extend(check_reports(folder, kind));
        codes.extend(check_reports(&format!("{folder}/remarkable"), kind));
        codes.extend(check_reports(&format!("{folder}/faulty"), kind));
    }
    let too_large = Source::decode(fixture("config/zoiper3.xml"), 1000).expect_err("it is larger");
    codes.extend(too_large.diagnostics().iter().map(|finding| finding.code));
    // No document is known that the gate accepts and roxmltree does not.
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !codes.contains(code)).collect();
    assert_eq!(missing, [&Code::ParserDisagreement]);
}

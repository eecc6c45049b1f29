//! `docs/diagnostics.md`: every code with its meaning, an example and the mend, and the elements of a provisioning
//! file.

use provision_format::{Checked, Code, DocumentKind, KNOWN_SECTIONS, PROVISION_ELEMENTS, Source};

use super::elements::{MADE, content, phones, quoted};
use super::{check, repository};

fn page() -> String {
    let mut contents = String::new();
    let mut sections = String::new();
    for (index, (first, title)) in GROUPS.iter().enumerate() {
        let end = GROUPS.get(index + 1).map_or(Code::ALL.len(), |(next, _)| place(*next));
        let codes = &Code::ALL[place(*first)..end];
        let links: Vec<_> = codes.iter().map(|code| format!("[`{code}`](#{code})")).collect();
        contents += &format!("- {}: {}\n", link(title), links.join(", "));
        sections += &format!("## {title}\n\n");
        sections.extend(codes.iter().map(|code| entry(*code)));
    }
    contents += &format!("- {}\n", link(ELEMENTS));
    format!("<!-- {MADE} -->\n\n# Diagnostics\n\n{ABOUT}\n\n{contents}\n{sections}{}", elements())
}

/// A link to the section with this title.
fn link(title: &str) -> String {
    let is_kept = |character: &char| character.is_alphanumeric() || *character == ' ';
    let anchor: String = title.chars().filter(is_kept).collect();
    format!("[{title}](#{})", anchor.to_lowercase().replace(' ', "-"))
}

/// The groups of codes, each with the first code in it.
const GROUPS: [(Code, &str); 7] = [
    (Code::TooLarge, "The bytes"),
    (Code::WebPage, "The XML"),
    (Code::WrongRoot, "What the document is"),
    (Code::UnknownElement, "The elements and values of a provisioning file"),
    (Code::BadServer, "What a provisioning file means"),
    (Code::MachineLocal, "What a configuration says"),
    (Code::ParserDisagreement, "A fault of this program"),
];

const ABOUT: &str = "\
Everything that is said about a document has one of these codes; they are stable. An error means that nothing of the
document is used, a warning that it is used and most likely not meant so.";

fn place(code: Code) -> usize {
    Code::ALL.iter().position(|other| *other == code).expect("all codes are there")
}

fn entry(code: Code) -> String {
    let example = match code.example() {
        Some((kind, text)) => example(code, kind, text),
        None => "No small document has it.".to_owned(),
    };
    format!("### `{code}`\n\n{}\n\n{example}\n\nMend: {}\n\n", code.meaning(), code.mend())
}

fn example(code: Code, kind: DocumentKind, text: &str) -> String {
    let report = match Source::decode(text.as_bytes(), Source::FILE_LIMIT) {
        Ok(source) => Checked::new(source, Some(kind)).report,
        Err(report) => report,
    };
    let finding = report.diagnostics().iter().find(|finding| finding.code == code);
    let severity = finding.expect("the example has the fault").severity;
    let article = if kind == DocumentKind::AnyXml { "any" } else { "a" };
    if text.trim().is_empty() {
        return format!("Read as {article} {kind}, {text:?} has this {severity}.");
    }
    let lines: Vec<_> = text.lines().map(shown).collect();
    format!(
        "Read as {article} {kind}, this has the {severity}:\n\n```xml\n{}\n```",
        lines.join("\n")
    )
}

/// A line with its controls made visible, and cut if it is too long for a page.
fn shown(line: &str) -> String {
    let visible: String = line.replace('\0', "\\0");
    assert!(!visible.contains(char::is_control), "{visible:?}");
    match visible.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &visible[..end]),
        None => visible,
    }
}

const LINE: usize = 90;

fn elements() -> String {
    let mut table =
        "| element | holds | default | phones | meaning |\n|---|---|---|---|---|\n".to_owned();
    for rule in &PROVISION_ELEMENTS {
        let cells = [
            &format!("`{}`", rule.path),
            &content(rule.holds),
            rule.default,
            &phones(rule),
            rule.meaning,
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    let known = quoted(&KNOWN_SECTIONS);
    format!(
        "## {ELEMENTS}\n\n{ABOUT_ELEMENTS}\n\n{table}\nKnown sections are {known}. Other names count too.\n"
    )
}

const ELEMENTS: &str = "The elements of `Provision.xml`";

const ABOUT_ELEMENTS: &str = "\
The root is `provision`, and the order of the elements does not count. An empty boolean, number or word counts as
absent. [`schema/provision.xsd`](../schema/provision.xsd) says the same to editors.";

#[test]
fn the_page_of_diagnostics_is_that_of_the_codes() {
    check(&repository().join("docs/diagnostics.md"), page().as_bytes());
}

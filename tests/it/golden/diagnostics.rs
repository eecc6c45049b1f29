//! `docs/diagnostics.md`: every code with its meaning, an example and the mend, and the elements of a provisioning
//! file.

use provision_format::{Checked, Code, DocumentKind, KNOWN_SECTIONS, PROVISION_ELEMENTS, Source};
use serde_json::Value;

use super::elements::{MADE, content, phones, quoted};
use super::{check, repository};
use crate::phone::Phone;

fn page() -> String {
    let ran = Phone::new().provision(&["explain", "--format", "json"], "").expect(0);
    let all: Value = serde_json::from_slice(&ran.stdout).expect("the command writes JSON");
    let codes = all["codes"].as_array().expect("codes are a list");
    let mut contents = String::new();
    let mut sections = String::new();
    for group in codes.chunk_by(|one, next| one["group"] == next["group"]) {
        let title = text(&group[0], "group");
        let names = group.iter().map(|code| text(code, "code"));
        let links: Vec<_> = names.map(|name| format!("[`{name}`](#{name})")).collect();
        contents += &format!("- {}: {}\n", link(title), links.join(", "));
        sections += &format!("## {title}\n\n");
        sections.extend(group.iter().map(entry));
    }
    contents += &format!("- {}\n", link(ELEMENTS));
    format!("<!-- {MADE} -->\n\n# Diagnostics\n\n{ABOUT}\n\n{contents}\n{sections}{}", elements())
}

fn text<'a>(code: &'a Value, field: &str) -> &'a str {
    code[field].as_str().expect("it is a text")
}

/// A link to the section with this title.
fn link(title: &str) -> String {
    let is_kept = |character: &char| character.is_alphanumeric() || *character == ' ';
    let anchor: String = title.chars().filter(is_kept).collect();
    format!("[{title}](#{})", anchor.to_lowercase().replace(' ', "-"))
}

const ABOUT: &str = "\
Whatever goes wrong has one of these codes; they are stable, and `provision explain CODE` says the same. About a document
an error means that nothing of it is used, a warning that it is used and most likely not meant so.";

fn entry(explained: &Value) -> String {
    let name = text(explained, "code");
    let (meaning, mend) = (text(explained, "meaning"), text(explained, "mend"));
    let example = match Code::from_name(name) {
        None => String::new(),
        Some(code) => match code.example() {
            Some((kind, text)) => format!("{}\n\n", example(code, kind, text)),
            None => "No small document has it.\n\n".to_owned(),
        },
    };
    format!("### `{name}`\n\n{meaning}\n\n{example}Mend: {mend}\n\n")
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

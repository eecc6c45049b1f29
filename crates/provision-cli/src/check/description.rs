//! A document in one line: what it is, and what was found.

use provision::format::{Answer, Checked, Config, Document, DocumentKind, ErrorAnswer, Report};

use crate::rendering::Detail;

/// What a document is.
pub(super) fn description(checked: &Checked, detail: Detail) -> String {
    match (&checked.document, checked.kind) {
        (Some(Document::ProvisionFile(file)), _) => {
            let dialect = file.dialect();
            let explanation = dialect.explanation();
            let explanation = match detail {
                Detail::Explained => explanation,
                Detail::Short => explanation.split(": ").next().unwrap_or(explanation),
            };
            format!("provisioning file of the {dialect} dialect ({explanation})")
        }
        (Some(Document::Configuration(config)), _) => with_contents(config),
        (Some(Document::Answer(Answer::Configuration(config))), _) => {
            format!("server's answer, a {}", with_contents(config))
        }
        (Some(Document::Answer(Answer::Error(_))), _) => {
            let message = server_message(checked);
            let text = match message.as_ref().map(ErrorAnswer::text) {
                None | Some("") => "without a text".to_owned(),
                Some(text) => format!("`{text}`"),
            };
            let code = message.as_ref().and_then(ErrorAnswer::code);
            let code = code.map(|code| format!(" (code {code})")).unwrap_or_default();
            format!("server's answer, the error message {text}{code}")
        }
        (_, Some(kind)) => kind.to_string(),
        (_, None) => "no document that phones know".to_owned(),
    }
}

fn with_contents(config: &Config) -> String {
    let sections = counted(config.sections().count(), "section");
    let accounts = counted(account_count(config), "account");
    format!("{} with {sections} and {accounts}", DocumentKind::Configuration)
}

/// A server's message, as it may be shown: all that stands in the element counts, and a server could
/// have put a secret there.
pub(super) fn server_message(checked: &Checked) -> Option<ErrorAnswer> {
    let Some(Document::Answer(Answer::Error(_))) = &checked.document else { return None };
    let source = checked.report.source();
    match Answer::from_source(source.with_text(source.masked().text())).ok()?.value {
        Answer::Error(message) => Some(message),
        Answer::Configuration(_) => None,
    }
}

/// How many accounts a configuration has.
pub(super) fn account_count(config: &Config) -> usize {
    let accounts = config.section("accounts").into_iter();
    accounts.flat_map(|section| section.element().children()).count()
}

/// What was found, after so many fixes.
pub(super) fn found(report: &Report, fixes: usize) -> String {
    let errors = report.errors().count();
    let warnings = report.diagnostics().len() - errors;
    let mut parts = Vec::new();
    if fixes > 0 {
        parts.push(format!("{} made", counted(fixes, "fix")));
    }
    parts.extend((errors > 0).then(|| counted(errors, "error")));
    parts.extend((warnings > 0).then(|| counted(warnings, "warning")));
    if report.diagnostics().is_empty() {
        parts.push("good".to_owned());
    }
    if report.left_out() > 0 {
        parts.push(format!("{} more left out", report.left_out()));
    }
    parts.join(", ")
}

/// A number with its word.
pub(super) fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ if word.ends_with('x') => format!("{count} {word}es"),
        _ => format!("{count} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str, kind: Option<DocumentKind>) -> String {
        let checked = Checked::read(text.as_bytes(), kind);
        format!("{}: {}", description(&checked, Detail::Short), found(&checked.report, 0))
    }

    #[test]
    fn a_document_is_named_for_what_it_is() {
        assert_eq!(
            described("<options><audio/><accounts><account/></accounts></options>", None),
            "configuration with 2 sections and 1 account: good"
        );
        assert_eq!(
            described("<error code='7'>No\nentry</error>", None),
            "server's answer, the error message `No entry` (code 7): good"
        );
        assert_eq!(
            described("<error/>", None),
            "server's answer, the error message without a text: good"
        );
        assert_eq!(described("<x/>", None), "no document that phones know: 1 error");
        assert_eq!(described("<x/>", Some(DocumentKind::AnyXml)), "XML document: good");
        assert_eq!(described("<options>", None), "configuration: 1 error");
    }

    #[test]
    fn fixes_and_what_is_left_out_are_counted() {
        let text = format!("<error>{}</error>", "&&".repeat(100));
        let report = Checked::read(text.as_bytes(), None).report;
        assert_eq!(found(&report, 2), "2 fixes made, 100 warnings, 100 more left out");
    }
}

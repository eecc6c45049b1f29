//! Findings about a document, in JSON.

use provision::format::{Diagnostic, Fix as FormatFix, Report, Severity, Span};
use serde::Serialize;

use super::Position;

#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    start: Position,
    end: Position,
    labels: Vec<Label>,
    help: Option<String>,
    fix: Option<Fix>,
    meaning: &'static str,
    mend: &'static str,
}

#[derive(Debug, Serialize)]
struct Label {
    start: Position,
    end: Position,
    text: String,
}

#[derive(Debug, Serialize)]
struct Fix {
    start: Position,
    end: Position,
    /// None where it would show a part of a secret.
    replacement: Option<String>,
}

/// All that are listed, in the order of their places.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    if report.diagnostics().is_empty() {
        return Vec::new();
    }
    let lines = report.source().line_index();
    let places = |span: Span| {
        let position = |offset| Position::new(&lines, report.source().text(), offset);
        (position(span.start), position(span.end))
    };
    // Masking costs a copy of the document.
    let mut masked = None;
    let mut fix = |fix: &FormatFix| {
        let masked = masked.get_or_insert_with(|| report.source().masked());
        let (start, end) = places(fix.span);
        let is_shown =
            masked.text()[masked.range(fix.span)] == report.source().text()[fix.span.range()];
        Fix { start, end, replacement: is_shown.then(|| fix.replacement.clone()) }
    };
    let finding = |finding: &Diagnostic| {
        let (start, end) = places(finding.span);
        Finding {
            code: finding.code.as_str(),
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: finding.message.clone(),
            start,
            end,
            labels: finding
                .labels
                .iter()
                .map(|label| {
                    let (start, end) = places(label.span);
                    Label { start, end, text: label.text.clone() }
                })
                .collect(),
            help: finding.help.clone(),
            fix: finding.fix.as_ref().map(&mut fix),
            meaning: finding.code.meaning(),
            mend: finding.code.mend(),
        }
    };
    report.diagnostics().iter().map(finding).collect()
}

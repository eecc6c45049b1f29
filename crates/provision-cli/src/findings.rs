//! Findings about documents, as lines.

use std::path::Path;

use provision::format::{Report, Severity};

use crate::console::{Console, path};

/// Shows every finding of a report about `document`.
pub(crate) fn show(report: &Report, document: &str, console: &mut Console) {
    let source = report.source();
    let lines = source.line_index();
    let place = |span: provision::format::Span| {
        let position = lines.position(source.text(), span.start as usize);
        format!("{document}:{}:{}", position.line, position.column)
    };
    for finding in report.diagnostics() {
        let mut text = format!(
            "{}: {}[{}]: {}",
            place(finding.span),
            finding.severity,
            finding.code,
            finding.message
        );
        for label in &finding.labels {
            text.push_str(&format!("\n  {}: {}", place(label.span), label.text));
        }
        if let Some(help) = &finding.help {
            text.push_str(&format!("\n  help: {help}"));
        }
        match finding.severity {
            Severity::Warning => console.say(text),
            Severity::Error => console.error(text),
        }
    }
}

/// Shows every finding of a report about a file.
pub(crate) fn show_file(report: &Report, file: &Path, console: &mut Console) {
    show(report, &path(file), console);
}

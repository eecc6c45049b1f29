//! Findings about documents, as lines.

use std::path::Path;

use provision::format::{Report, Severity};

use crate::console::{Console, Verbosity, path};
use crate::output::{Color, Screen};
use crate::rendering::{Detail, Rendering};

/// Shows every finding of a report about a file that cannot be used, each with its lines.
pub(crate) fn explain_file(report: &Report, file: &Path, color: Color, console: &mut Console) {
    let detail = match console.verbosity() {
        Verbosity::Trace => Detail::Explained,
        _ => Detail::Short,
    };
    let name = path(file);
    let screen = Screen::of_standard_error(color);
    let rendering = Rendering::new(report, &name, screen, detail);
    // Behind the trace, if there is one.
    console.say("");
    for finding in report.diagnostics() {
        let text = format!("{}\n", rendering.finding(finding));
        match finding.severity {
            Severity::Warning => console.say(text),
            Severity::Error => console.error(text),
        }
    }
}

/// Shows every finding of a report about a file that can be used, on a line or two of a trace.
pub(crate) fn show_file(report: &Report, file: &Path, console: &mut Console) {
    if report.diagnostics().is_empty() {
        return;
    }
    let document = path(file);
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

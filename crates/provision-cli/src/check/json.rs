//! What `provision check --format json` writes. `docs/json.md` explains every field.

use std::path::Path;

use provision::format::{Answer, Checked, Diagnostic, Document, Report, Severity, Span};
use serde::Serialize;

use crate::check::description::{account_count, server_message};
use crate::json::{self, Position};

/// The whole of it.
pub(super) fn object(files: Vec<File>, summary: Summary) -> std::io::Result<Vec<u8>> {
    json::object("check", Check { files, summary })
}

#[derive(Serialize)]
struct Check {
    files: Vec<File>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
pub(super) struct File {
    path: String,
    /// The path in hexadecimal digits, if it is no text.
    path_bytes: Option<String>,
    kind: Option<&'static str>,
    dialect: Option<Dialect>,
    sections: Option<usize>,
    accounts: Option<usize>,
    server_message: Option<ServerMessage>,
    valid: bool,
    error: Option<String>,
    fixed: usize,
    left_out: usize,
    diagnostics: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Dialect {
    name: String,
    explanation: &'static str,
}

#[derive(Debug, Serialize)]
struct ServerMessage {
    text: String,
    code: Option<String>,
}

#[derive(Debug, Serialize)]
struct Finding {
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

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) files: usize,
    pub(super) good: usize,
    pub(super) with_warnings: usize,
    pub(super) with_errors: usize,
    pub(super) inaccessible: usize,
    pub(super) fixed: usize,
    pub(super) exit_status: u8,
    pub(super) failure: Option<String>,
}

impl File {
    pub(super) fn unreadable(path: &Path, error: &str) -> Self {
        let (path, path_bytes) = path_fields(path);
        Self {
            path,
            path_bytes,
            kind: None,
            dialect: None,
            sections: None,
            accounts: None,
            server_message: None,
            valid: false,
            error: Some(error.to_owned()),
            fixed: 0,
            left_out: 0,
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn new(path: &Path, checked: &Checked, fixed: usize, error: Option<&str>) -> Self {
        let report = &checked.report;
        let config = match &checked.document {
            Some(
                Document::Configuration(config) | Document::Answer(Answer::Configuration(config)),
            ) => Some(config),
            _ => None,
        };
        let server_message = server_message(checked).map(|message| ServerMessage {
            text: message.text().to_owned(),
            code: message.code().map(str::to_owned),
        });
        let dialect = match &checked.document {
            Some(Document::ProvisionFile(file)) => {
                let dialect = file.dialect();
                let (name, explanation) = (dialect.to_string(), dialect.explanation());
                Some(Dialect { name, explanation })
            }
            _ => None,
        };
        let (path, path_bytes) = path_fields(path);
        Self {
            path,
            path_bytes,
            kind: checked.kind.map(json::kind),
            dialect,
            sections: config.map(|config| config.sections().count()),
            accounts: config.map(account_count),
            server_message,
            valid: !report.has_errors(),
            error: error.map(str::to_owned),
            fixed,
            left_out: report.left_out(),
            diagnostics: findings(report),
        }
    }
}

/// A path as text, and as bytes if the text is not all of it.
fn path_fields(path: &Path) -> (String, Option<String>) {
    let text = path.to_string_lossy().into_owned();
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_text = path.to_str().is_some();
    let digits = || bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (text, (!is_text).then(digits))
}

fn findings(report: &Report) -> Vec<Finding> {
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
    let mut fix = |fix: &provision::format::Fix| {
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

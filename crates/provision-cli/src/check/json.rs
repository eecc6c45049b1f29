//! What `provision check --format json` writes. `docs/json.md` explains every field.

use std::path::Path;

use provision::format::{Answer, Checked, Document};
use serde::Serialize;

use crate::check::description::{account_count, server_message};
use crate::json::{self, Finding, ServerMessage, findings, path_fields};

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

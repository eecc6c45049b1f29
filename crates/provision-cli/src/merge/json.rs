//! What `provision merge --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::merge::{Change, KeyChange, Mode, SectionChange, Value};
use serde::Serialize;

use super::{Done, Input, Stop, Written};
use crate::exit::Exit;
use crate::json::{self, Finding, findings, path_fields};

/// The whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    mode: Option<&'static str>,
    documents: Vec<DocumentEntry>,
    sections: Vec<SectionEntry>,
    left_out: usize,
    sent_twice: Vec<String>,
    would_change: bool,
    results: Vec<ResultEntry>,
    error: Option<ErrorEntry>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct DocumentEntry {
    role: &'static str,
    path: String,
    path_bytes: Option<String>,
    left_out: usize,
    diagnostics: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct SectionEntry {
    name: String,
    outcome: String,
    source: String,
    keys: Vec<KeyEntry>,
}

#[derive(Debug, Serialize)]
struct KeyEntry {
    path: String,
    attribute: Option<String>,
    change: &'static str,
    from: Option<ValueEntry>,
    to: Option<ValueEntry>,
}

#[derive(Debug, Serialize)]
struct ValueEntry {
    text: Option<String>,
    is_hidden: bool,
    leaves: Option<usize>,
}

#[derive(Debug, Serialize)]
struct ResultEntry {
    result: &'static str,
    path: Option<String>,
    path_bytes: Option<String>,
    changed: bool,
}

#[derive(Debug, Serialize)]
struct ErrorEntry {
    code: &'static str,
    message: String,
    help: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    exit_status: u8,
    failure: Option<String>,
}

impl Record {
    pub(super) fn done(&mut self, done: &Done, exit: Exit) -> Exit {
        self.mode = Some(match done.mode {
            Mode::Sections(_) => "sections",
            Mode::Overlay(_) => "overlay",
        });
        self.documents = done.inputs.iter().map(DocumentEntry::from).collect();
        let report = &done.merged.report;
        let section = |change| SectionEntry::new(change, &done.changes.changes);
        self.sections = report.sections.iter().map(section).collect();
        self.left_out = done.changes.left_out;
        self.sent_twice.clone_from(&report.sent_twice);
        self.would_change = done.would_change();
        self.results = done.written.iter().map(ResultEntry::from).collect();
        self.summary = Summary { exit_status: exit as u8, failure: None };
        exit
    }

    pub(super) fn failed(&mut self, stop: &Stop) -> Exit {
        self.documents = stop.input.iter().map(|input| DocumentEntry::from(&**input)).collect();
        let failure = &stop.failure;
        let (message, help) = (failure.ticket.clone(), failure.help.clone());
        self.error = Some(ErrorEntry { code: failure.code, message, help });
        let exit_status = failure.exit as u8;
        self.summary = Summary { exit_status, failure: Some(failure.ticket.clone()) };
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("merge", self)
    }
}

impl From<&Input> for DocumentEntry {
    fn from(input: &Input) -> Self {
        let (path, path_bytes) = path_fields(&input.path);
        let (left_out, diagnostics) = (input.report.left_out(), findings(&input.report));
        Self { role: input.role, path, path_bytes, left_out, diagnostics }
    }
}

impl SectionEntry {
    fn new(change: &SectionChange, keys: &[KeyChange]) -> Self {
        let own = keys.iter().filter(|key| key.path.section_name() == change.name);
        Self {
            name: change.name.clone(),
            outcome: change.outcome.to_string(),
            source: change.source.to_string(),
            keys: own.map(KeyEntry::from).collect(),
        }
    }
}

impl From<&KeyChange> for KeyEntry {
    fn from(key: &KeyChange) -> Self {
        let (change, from, to) = match &key.change {
            Change::Added(value) => ("added", None, Some(value)),
            Change::Removed(value) => ("removed", Some(value), None),
            Change::Changed { from, to } => ("changed", Some(from), Some(to)),
        };
        Self {
            path: key.path.to_string(),
            attribute: key.attribute.clone(),
            change,
            from: from.map(ValueEntry::from),
            to: to.map(ValueEntry::from),
        }
    }
}

impl From<&Value> for ValueEntry {
    fn from(value: &Value) -> Self {
        let (text, leaves) = match value {
            Value::Text(text) => (Some(text.clone()), None),
            Value::Hidden => (None, None),
            Value::Elements(count) => (None, Some(*count)),
        };
        Self { text, is_hidden: *value == Value::Hidden, leaves }
    }
}

impl From<&Written> for ResultEntry {
    fn from(written: &Written) -> Self {
        let fields = written.file.as_ref().map(|file| path_fields(&file.path));
        let (path, path_bytes) = fields.unzip();
        let changed = written.file.as_ref().is_none_or(|file| file.changed);
        Self { result: written.result, path, path_bytes: path_bytes.flatten(), changed }
    }
}

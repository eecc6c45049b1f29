//! What `provision merge --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::merge::Mode;
use serde::Serialize;

use super::{Done, Input, Stop, Written};
use crate::exit::Exit;
use crate::json::{self, DocumentEntry, ErrorEntry, SectionEntry, Summary, path_fields};

/// The whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    mode: Option<&'static str>,
    documents: Vec<InputEntry>,
    sections: Vec<SectionEntry>,
    left_out: usize,
    sent_twice: Vec<String>,
    would_change: bool,
    results: Vec<ResultEntry>,
    error: Option<ErrorEntry>,
    summary: Summary,
}

/// A document, and what it is for.
#[derive(Debug, Serialize)]
struct InputEntry {
    role: &'static str,
    #[serde(flatten)]
    document: DocumentEntry,
}

#[derive(Debug, Serialize)]
struct ResultEntry {
    result: &'static str,
    path: Option<String>,
    path_bytes: Option<String>,
    changed: bool,
}

impl Record {
    pub(super) fn done(&mut self, done: &Done, exit: Exit) -> Exit {
        self.mode = Some(match done.mode {
            Mode::Sections(_) => "sections",
            Mode::Overlay(_) => "overlay",
        });
        self.documents = done.inputs.iter().map(InputEntry::from).collect();
        let report = &done.merged.report;
        let plan = done.plan();
        self.sections = plan.sections.iter().map(SectionEntry::from).collect();
        self.left_out = plan.left_out;
        self.sent_twice.clone_from(&report.sent_twice);
        self.would_change = done.would_change();
        self.results = done.written.iter().map(ResultEntry::from).collect();
        self.summary = Summary::from(exit);
        exit
    }

    pub(super) fn failed(&mut self, stop: &Stop) -> Exit {
        self.documents = stop.input.iter().map(|input| InputEntry::from(&**input)).collect();
        let failure = &stop.failure;
        self.error = Some(ErrorEntry::from(failure));
        self.summary = Summary::from(failure);
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("merge", self)
    }
}

impl From<&Input> for InputEntry {
    fn from(input: &Input) -> Self {
        Self { role: input.role, document: DocumentEntry::new(&input.path, &input.report) }
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

//! What `provision init --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::StoredFile;
use provision::format::{Dialect, Report};
use serde::Serialize;

use super::{Done, Stop};
use crate::exit::Exit;
use crate::json::{self, ErrorEntry, FileEntry, Finding, Summary, findings};

/// The whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    file: Option<WrittenEntry>,
    dialect: Option<DialectEntry>,
    left_out: usize,
    diagnostics: Vec<Finding>,
    next: Option<String>,
    error: Option<ErrorEntry>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct WrittenEntry {
    #[serde(flatten)]
    file: FileEntry,
    holds_password: bool,
}

#[derive(Debug, Serialize)]
struct DialectEntry {
    name: String,
    explanation: &'static str,
}

impl Record {
    pub(super) fn done(&mut self, done: &Done) -> Exit {
        self.file = done.written.as_ref().map(|written| WrittenEntry::new(written, done));
        self.dialect = Some(done.file.dialect().into());
        self.findings(&done.report);
        self.next = done.next();
        Exit::Done
    }

    pub(super) fn failed(&mut self, stop: &Stop) -> Exit {
        if let Some(report) = &stop.report {
            self.findings(report);
        }
        let failure = &stop.failure;
        self.error = Some(ErrorEntry::from(failure));
        self.summary = Summary::from(failure);
        failure.exit
    }

    fn findings(&mut self, report: &Report) {
        self.left_out = report.left_out();
        self.diagnostics = findings(report);
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("init", self)
    }
}

impl WrittenEntry {
    fn new(written: &StoredFile, done: &Done) -> Self {
        Self { file: FileEntry::from(written), holds_password: done.holds_password() }
    }
}

impl From<Dialect> for DialectEntry {
    fn from(dialect: Dialect) -> Self {
        Self { name: dialect.to_string(), explanation: dialect.explanation() }
    }
}

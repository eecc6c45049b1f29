//! What `provision fetch --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::{Event, FetchedDocument, RunError};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, FetchErrorEntry, FileEntry, Steps, Summary};

/// What was told so far, and in the end the whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    #[serde(flatten)]
    steps: Steps,
    winner: Option<Winner>,
    document: Option<Document>,
    error: Option<FetchErrorEntry>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Winner {
    url_index: usize,
    url: String,
}

#[derive(Debug, Serialize)]
struct Document {
    #[serde(flatten)]
    file: FileEntry,
    bytes: usize,
}

impl Record {
    /// Keeps what an event says.
    pub(super) fn take(&mut self, event: &Event) {
        self.steps.take(event);
    }

    pub(super) fn done(&mut self, fetched: &FetchedDocument) -> Exit {
        let url = fetched.url.to_string();
        self.winner = Some(Winner { url_index: fetched.url_index, url });
        let bytes = fetched.document.len();
        let document = |file| Document { file: FileEntry::from(file), bytes };
        self.document = fetched.written.as_ref().map(document);
        Exit::Done
    }

    pub(super) fn failed(&mut self, failure: &Failure, error: Option<&RunError>) -> Exit {
        if let Some(RunError::InvalidFile { path, report, .. }) = error {
            self.steps.take_report(path, report);
        }
        self.error = Some(FetchErrorEntry::new(failure, error));
        self.summary = Summary::from(failure);
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("fetch", self)
    }
}

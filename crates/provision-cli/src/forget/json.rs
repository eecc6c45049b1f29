//! What `provision forget --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::{Event, GoneBack, RunError};
use serde::Serialize;

use super::Done;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, DocumentEntry, FileEntry, PathEntry, RunErrorEntry, Summary};

/// The whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    waited_for_other_run: bool,
    notes: Vec<json::NoteEntry>,
    how: Option<&'static str>,
    config: Option<FileEntry>,
    last_good: Option<FileEntry>,
    given_back: Vec<String>,
    removed: Vec<PathEntry>,
    superseded: Option<PathEntry>,
    document: Option<DocumentEntry>,
    error: Option<RunErrorEntry>,
    summary: Summary,
}

impl Record {
    /// Keeps what an event says.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::WaitingForOtherRun { .. } => self.waited_for_other_run = true,
            Event::Note(note) => self.notes.push((*note).into()),
            _ => {}
        }
    }

    pub(super) fn done(&mut self, done: &Done) -> Exit {
        match done {
            Done::Provisioning(forgotten) => {
                self.how = Some(match forgotten.how {
                    GoneBack::Untouched => "untouched",
                    GoneBack::ToTheByte => "to the byte",
                    GoneBack::ToNone => "to none",
                    _ => "by sections",
                });
                self.config = Some((&forgotten.config).into());
                self.given_back.clone_from(&forgotten.given_back);
                let removed = forgotten.removed.iter();
                self.removed = removed.map(|file| file.as_path().into()).collect();
                self.superseded = forgotten.superseded.as_deref().map(PathEntry::from);
            }
            Done::LastChange(None) => self.how = Some("untouched"),
            Done::LastChange(Some(taken)) => {
                self.how = Some("last change");
                self.config = taken.config.as_ref().map(FileEntry::from);
                self.last_good = taken.last_good.as_ref().map(FileEntry::from);
            }
        }
        Exit::Done
    }

    pub(super) fn failed(&mut self, failure: &Failure, error: Option<&RunError>) -> Exit {
        if let Some(
            RunError::InvalidFile { path, report, .. }
            | RunError::InvalidDisplaced { path, report, .. },
        ) = error
        {
            self.document = Some(DocumentEntry::new(path, report));
        }
        self.error = Some(RunErrorEntry::new(failure, error));
        self.summary = Summary::from(failure);
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("forget", self)
    }
}

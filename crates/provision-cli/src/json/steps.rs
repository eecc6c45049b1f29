//! What the steps of a run tell, in JSON, as far as all commands that ask servers have them.

use std::path::Path;
use std::time::Duration;

use provision::fetch::{self, MaskedUrl, StartReason};
use provision::format::Report;
use provision::{Event, LookedAt, Note};
use serde::Serialize;

use super::{DocumentEntry, PathEntry, ServerMessage};
use crate::narrator::{kind_words, note_words, sighting_words};

/// What was told so far.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Steps {
    places: Vec<Place>,
    provision_file: Option<DocumentEntry>,
    notes: Vec<NoteEntry>,
    attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize)]
struct Place {
    #[serde(flatten)]
    path: PathEntry,
    kind: &'static str,
    sighting: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct NoteEntry {
    code: &'static str,
    message: &'static str,
}

#[derive(Debug, Serialize)]
struct Attempt {
    url_index: usize,
    url: String,
    start_reason: Option<&'static str>,
    address: Option<String>,
    proxy: Option<String>,
    tls: Option<String>,
    warnings: Vec<UrlWarning>,
    redirects: Vec<Redirect>,
    stages: Vec<StageTiming>,
    elapsed_ms: f64,
    accepted: bool,
    failure: Option<AttemptFailure>,
}

#[derive(Debug, Serialize)]
struct UrlWarning {
    code: &'static str,
    message: String,
    hint: Option<String>,
}

#[derive(Debug, Serialize)]
struct Redirect {
    status: u16,
    origin: String,
}

#[derive(Debug, Serialize)]
struct StageTiming {
    stage: String,
    elapsed_ms: f64,
}

#[derive(Debug, Serialize)]
struct AttemptFailure {
    code: &'static str,
    stage: String,
    message: String,
    hint: Option<String>,
    server_message: Option<ServerMessage>,
    retry_can_help: bool,
    is_authentication: bool,
}

impl Steps {
    /// Keeps what an event says.
    pub(crate) fn take(&mut self, event: &Event) {
        match event {
            Event::Discovered { looked_at, file, .. } => {
                self.places = looked_at.iter().map(Place::from).collect();
                self.provision_file = file.as_deref().map(DocumentEntry::unread);
            }
            Event::ProvisionFileRead { file, report, .. } => {
                self.provision_file = Some(DocumentEntry::new(file, report));
            }
            Event::Note(note) => self.notes.push(NoteEntry::from(*note)),
            Event::Fetch(event) => self.take_fetch(event),
            _ => {}
        }
    }

    /// Keeps what is wrong with the provisioning file. Whether `path` is that.
    pub(crate) fn take_report(&mut self, path: &Path, report: &Report) -> bool {
        let file = self.provision_file.as_mut().filter(|file| file.is_at(path));
        file.map(|file| *file = DocumentEntry::new(path, report)).is_some()
    }

    fn take_fetch(&mut self, event: &fetch::Event) {
        match event {
            fetch::Event::AttemptStarted { url_index, url, reason, .. } => {
                self.attempts.push(Attempt::started(*url_index, url, *reason));
            }
            fetch::Event::UrlWarning { url_index, warning, .. } => {
                if let Some(attempt) = self.attempt(*url_index) {
                    let fetch::UrlWarning { code, message, hint, .. } = warning.clone();
                    attempt.warnings.push(UrlWarning { code, message, hint });
                }
            }
            fetch::Event::Redirected { url_index, status, origin, .. } => {
                if let Some(attempt) = self.attempt(*url_index) {
                    let (status, origin) = (status.as_u16(), origin.clone());
                    attempt.redirects.push(Redirect { status, origin });
                }
            }
            fetch::Event::AttemptEnded(ended) => {
                if let Some(attempt) = self.attempt(ended.url_index) {
                    attempt.end(ended);
                }
            }
            _ => {}
        }
    }

    /// The last attempt for that place in the list: each URL of it is tried once with the same credentials.
    fn attempt(&mut self, url_index: usize) -> Option<&mut Attempt> {
        self.attempts.iter_mut().rev().find(|attempt| attempt.url_index == url_index)
    }
}

impl Attempt {
    fn started(url_index: usize, url: &MaskedUrl, reason: StartReason) -> Self {
        Self {
            url_index,
            url: url.to_string(),
            start_reason: match reason {
                StartReason::First => Some("first"),
                StartReason::Failure => Some("failure"),
                StartReason::Delay => Some("delay"),
                // One of a later version of the library.
                _ => None,
            },
            address: None,
            proxy: None,
            tls: None,
            warnings: Vec::new(),
            redirects: Vec::new(),
            stages: Vec::new(),
            elapsed_ms: 0.0,
            accepted: false,
            failure: None,
        }
    }

    fn end(&mut self, ended: &fetch::Attempt) {
        self.address = ended.address.map(|address| address.to_string());
        self.proxy = ended.proxy.clone();
        self.tls = ended.tls.map(|version| version.to_string());
        let stage = |timing: &fetch::StageTiming| StageTiming {
            stage: timing.stage.to_string(),
            elapsed_ms: milliseconds(timing.elapsed),
        };
        self.stages = ended.stages.iter().map(stage).collect();
        self.elapsed_ms = milliseconds(ended.elapsed);
        self.accepted = ended.outcome.is_ok();
        self.failure = ended.outcome.as_ref().err().map(AttemptFailure::from);
    }
}

impl From<&fetch::Failure> for AttemptFailure {
    fn from(failure: &fetch::Failure) -> Self {
        Self {
            code: failure.code,
            stage: failure.stage.to_string(),
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            server_message: failure.server_message.as_ref().map(ServerMessage::from),
            retry_can_help: failure.retry_can_help,
            is_authentication: failure.is_authentication,
        }
    }
}

impl From<Note> for NoteEntry {
    fn from(note: Note) -> Self {
        Self { code: note.code(), message: note_words(note) }
    }
}

impl From<&LookedAt> for Place {
    fn from(looked: &LookedAt) -> Self {
        let (kind, sighting) = (kind_words(looked.place.kind), sighting_words(looked.sighting));
        Self { path: looked.place.file.as_path().into(), kind, sighting }
    }
}

/// To the microsecond, which is as much as a clock tells of a network.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

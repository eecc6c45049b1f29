//! What `provision fetch --format json` writes. `docs/json.md` explains every field.

use std::io;
use std::time::Duration;

use provision::fetch::{self, MaskedUrl, StartReason};
use provision::{Event, FetchedDocument, LookedAt, Note, RunError, StoredFile};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, Finding, ServerMessage, findings, path_fields};
use crate::narrator::{kind_words, note_words, sighting_words};

/// What was told so far, and in the end the whole of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    places: Vec<Place>,
    provision_file: Option<ProvisionFile>,
    notes: Vec<NoteEntry>,
    attempts: Vec<Attempt>,
    winner: Option<Winner>,
    document: Option<Document>,
    error: Option<ErrorEntry>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Place {
    path: String,
    path_bytes: Option<String>,
    kind: &'static str,
    sighting: &'static str,
}

#[derive(Debug, Serialize)]
struct ProvisionFile {
    path: String,
    path_bytes: Option<String>,
    left_out: usize,
    diagnostics: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct NoteEntry {
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

#[derive(Debug, Serialize)]
struct Winner {
    url_index: usize,
    url: String,
}

#[derive(Debug, Serialize)]
struct Document {
    path: String,
    path_bytes: Option<String>,
    changed: bool,
    bytes: usize,
}

#[derive(Debug, Serialize)]
struct ErrorEntry {
    code: &'static str,
    step: Option<&'static str>,
    message: String,
    help: Option<String>,
    server_message: Option<ServerMessage>,
    retry_can_help: bool,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    exit_status: u8,
    failure: Option<String>,
}

impl Record {
    /// Keeps what an event says.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Discovered { looked_at, file, .. } => {
                self.places = looked_at.iter().map(place).collect();
                self.provision_file = file.as_ref().map(|file| {
                    let (path, path_bytes) = path_fields(file);
                    ProvisionFile { path, path_bytes, left_out: 0, diagnostics: Vec::new() }
                });
            }
            Event::ProvisionFileRead { report, .. } => self.take_report(report),
            Event::Note(note) => self.notes.push(NoteEntry::from(*note)),
            Event::Fetch(event) => self.take_fetch(event),
            _ => {}
        }
    }

    fn take_report(&mut self, report: &provision::format::Report) {
        if let Some(file) = &mut self.provision_file {
            file.left_out = report.left_out();
            file.diagnostics = findings(report);
        }
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

    /// The attempt for that place in the list; each URL of it is tried once.
    fn attempt(&mut self, url_index: usize) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.url_index == url_index)
    }

    pub(super) fn done(&mut self, fetched: &FetchedDocument) -> Exit {
        let url = fetched.url.to_string();
        self.winner = Some(Winner { url_index: fetched.url_index, url });
        self.document = fetched.written.as_ref().map(|StoredFile { path, changed, .. }| {
            let (path, path_bytes) = path_fields(path);
            Document { path, path_bytes, changed: *changed, bytes: fetched.document.len() }
        });
        Exit::Done
    }

    pub(super) fn failed(&mut self, failure: &Failure, error: Option<&RunError>) -> Exit {
        if let Some(RunError::InvalidFile { report, .. }) = error {
            self.take_report(report);
        }
        let server_message = match error {
            Some(RunError::Fetch(error)) => error.server_message().map(ServerMessage::from),
            _ => None,
        };
        self.error = Some(ErrorEntry {
            code: failure.code,
            step: error.map(|error| error.step().as_str()),
            message: error.map_or_else(|| failure.ticket.clone(), ToString::to_string),
            help: failure.help.clone(),
            server_message,
            retry_can_help: error.is_some_and(RunError::retry_can_help),
        });
        let exit_status = failure.exit as u8;
        self.summary = Summary { exit_status, failure: Some(failure.ticket.clone()) };
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("fetch", self)
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

fn place(looked: &LookedAt) -> Place {
    let (path, path_bytes) = path_fields(&looked.place.file);
    let (kind, sighting) = (kind_words(looked.place.kind), sighting_words(looked.sighting));
    Place { path, path_bytes, kind, sighting }
}

/// To the microsecond, which is as much as a clock tells of a network.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

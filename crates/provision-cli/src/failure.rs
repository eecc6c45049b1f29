//! What went wrong: where, what to do next, and a line that is fit for a ticket (spec 8.6).

use std::error::Error;
use std::io;

use provision::RunError;
use provision::fetch::ServerMessage;

use crate::console::{Console, Verbosity};
use crate::exit::Exit;
use crate::findings;
use crate::narrator::server_words;
use crate::output::Color;

/// A command that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A stable name.
    pub(crate) code: &'static str,
    /// What happened, in one line.
    pub(crate) ticket: String,
    /// What to do next.
    pub(crate) help: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, ticket: impl Into<String>) -> Self {
        Self { exit, code, ticket: ticket.into(), help: None }
    }

    /// Standard output takes no data.
    pub(crate) fn stdout_unwritable(error: &io::Error) -> Self {
        let ticket = format!("standard output cannot be written: {error}");
        Failure::new(Exit::LocalFiles, "stdout-unwritable", ticket)
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says what to do next, and then what happened.
    pub(crate) fn tell(&self, console: &mut Console) -> Exit {
        if let Some(help) = &self.help {
            console.error(format!("help: {help}"));
        }
        console.fail(self.exit, &self.ticket)
    }
}

/// Says where it went wrong and what to do next; the last line tells what happened.
pub(crate) fn tell_error(error: &RunError, color: Color, console: &mut Console) -> Exit {
    explain_findings(error, color, console);
    let failure = Failure::from(error);
    let help = failure.help.clone().filter(|help| !was_told(error, help, console));
    Failure { help, ..failure }.tell(console)
}

/// Says where it went wrong and what to do next, and leaves the last line to others.
pub(crate) fn explain_error(error: &RunError, color: Color, console: &mut Console) {
    explain_findings(error, color, console);
    if let Some(help) = Failure::from(error).help.filter(|help| !was_told(error, help, console)) {
        console.error(format!("help: {help}"));
    }
}

/// Whether the narrator has just said so, with the only server that was asked. Of several it is said once more what counts.
fn was_told(error: &RunError, help: &str, console: &Console) -> bool {
    let RunError::Fetch(error) = error else { return false };
    let [only] = error.attempts() else { return false };
    let hint = only.outcome.as_ref().err().and_then(|failure| failure.hint.as_deref());
    console.verbosity() > Verbosity::Quiet && hint == Some(help)
}

fn explain_findings(error: &RunError, color: Color, console: &mut Console) {
    if let RunError::InvalidFile { path, report, .. }
    | RunError::InvalidDisplaced { path, report, .. } = error
    {
        findings::explain_file(report, path, color, console);
    }
}

impl From<&RunError> for Failure {
    fn from(error: &RunError) -> Self {
        let mut ticket = error.to_string();
        let mut help = error.help();
        match error {
            RunError::InvalidFile { report, .. } | RunError::InvalidDisplaced { report, .. } => {
                if let Some(first) = report.errors().next() {
                    let place = report.position(first.span);
                    let (line, column) = (place.line, place.column);
                    ticket += &format!(": line {line}, column {column}: {}", first.message);
                    // The finding has said it.
                    help = help.filter(|help| first.help.as_ref() != Some(help));
                }
            }
            RunError::Fetch(error) => {
                ticket = match error.server_message() {
                    Some(message) => said_by_server(message),
                    None => causes(error),
                };
                // The server that spoke, else the first one that failed.
                let failed = || {
                    let attempts = error.attempts().iter();
                    attempts.filter_map(|attempt| Some((attempt, attempt.outcome.as_ref().err()?)))
                };
                let spoke = failed().find(|(_, failure)| failure.server_message.is_some());
                if let Some((attempt, failure)) = spoke.or_else(|| failed().next()) {
                    ticket += &format!(" [{}; {failure} ({})]", attempt.url, failure.code);
                    help = help.or_else(|| failure.hint.clone());
                }
            }
            RunError::ProfileFolder { source, .. } => {
                ticket += &format!(": {source}");
                help = help.map(|help| format!("{help} with --profile"));
            }
            other => {
                if let Some(source) = other.source() {
                    ticket += &format!(": {}", causes(source));
                }
            }
        }
        Self { exit: Exit::from(error), code: error.code(), ticket, help }
    }
}

fn said_by_server(message: &ServerMessage) -> String {
    format!("the server says: {}", server_words(message))
}

/// An error with the errors behind it.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

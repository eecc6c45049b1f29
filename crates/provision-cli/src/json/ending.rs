//! How a command ended, in JSON.

use provision::RunError;
use serde::Serialize;

use super::ServerMessage;
use crate::exit::Exit;
use crate::failure::Failure;

/// Why there is no result.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorEntry {
    code: &'static str,
    message: String,
    help: Option<String>,
}

/// Why a run ended without a result.
#[derive(Debug, Serialize)]
pub(crate) struct RunErrorEntry {
    #[serde(flatten)]
    error: ErrorEntry,
    step: Option<&'static str>,
    retry_can_help: bool,
}

/// Why a run that asks servers did.
#[derive(Debug, Serialize)]
pub(crate) struct FetchErrorEntry {
    #[serde(flatten)]
    error: RunErrorEntry,
    server_message: Option<ServerMessage>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    exit_status: u8,
    failure: Option<String>,
}

impl From<&Failure> for ErrorEntry {
    fn from(failure: &Failure) -> Self {
        let (message, help) = (failure.ticket.clone(), failure.help.clone());
        Self { code: failure.code, message, help }
    }
}

impl RunErrorEntry {
    /// Of a failure, and the library's error that it tells of, if it does.
    pub(crate) fn new(failure: &Failure, error: Option<&RunError>) -> Self {
        let mut entry = ErrorEntry::from(failure);
        if let Some(error) = error {
            entry.message = error.to_string();
        }
        Self {
            error: entry,
            step: error.map(|error| error.step().as_str()),
            retry_can_help: error.is_some_and(RunError::retry_can_help),
        }
    }
}

impl FetchErrorEntry {
    /// As that of a run.
    pub(crate) fn new(failure: &Failure, error: Option<&RunError>) -> Self {
        let server_message = match error {
            Some(RunError::Fetch(error)) => error.server_message().map(ServerMessage::from),
            _ => None,
        };
        Self { error: RunErrorEntry::new(failure, error), server_message }
    }
}

impl From<Exit> for Summary {
    fn from(exit: Exit) -> Self {
        Self { exit_status: exit as u8, failure: None }
    }
}

impl From<&Failure> for Summary {
    fn from(failure: &Failure) -> Self {
        Self { exit_status: failure.exit as u8, failure: Some(failure.ticket.clone()) }
    }
}

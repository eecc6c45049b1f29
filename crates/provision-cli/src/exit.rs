//! The exit status (spec 8.5).

use std::process::ExitCode;

use provision::RunError;
use provision::fetch::FetchErrorKind;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, warnings included.
    Done = 0,
    /// A finding: an invalid document, no URL gave a configuration, credentials that cannot be sent.
    Findings = 1,
    /// Wrong usage.
    Usage = 2,
    /// No configuration, and a server said why.
    ServerError = 3,
    /// Credentials are needed, and none are to be had.
    NoCredentials = 4,
    /// Local files: reading and writing.
    LocalFiles = 5,
    /// A plan changes something, and whoever asked wants to know by the status.
    WouldChange = 10,
    /// The person at the terminal broke it off.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&RunError> for Exit {
    fn from(error: &RunError) -> Self {
        match error {
            RunError::OutputOverInput { .. } => Self::Usage,
            RunError::CredentialsMissing { .. } | RunError::Cancelled => Self::NoCredentials,
            RunError::ReadFile { .. }
            | RunError::ProfileFolder { .. }
            | RunError::Busy { .. }
            | RunError::LockUnusable { .. }
            | RunError::ConfigChanged { .. }
            | RunError::NoRuntime(_)
            | RunError::WriteFile { .. } => Self::LocalFiles,
            RunError::Fetch(error)
                if matches!(
                    error.kind(),
                    FetchErrorKind::Trust | FetchErrorKind::ClientCertificate
                ) =>
            {
                Self::LocalFiles
            }
            RunError::Fetch(error) if error.server_message().is_some() => Self::ServerError,
            _ => Self::Findings,
        }
    }
}

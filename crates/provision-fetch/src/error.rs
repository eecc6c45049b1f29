//! Why a fetch brought nothing.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::answer::ServerMessage;
use crate::attempt::Attempt;
use crate::code::Code;
use crate::credentials::Identity;
use crate::limits::time_in_words;
use crate::transport::ClientCertificateFault;

/// A fetch that brought nothing, with every attempt it made.
///
/// `Display` says in one sentence what happened; [`attempts`](Self::attempts) say where.
pub struct FetchError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    cause: Cause,
    attempts: Vec<Attempt>,
    credentials_were_sent: bool,
}

/// The cause with what its sentence needs.
#[derive(Debug)]
pub(crate) enum Cause {
    NoUrls,
    ColonInUser,
    DigestWithBasic,
    CaFileUnreadable { path: PathBuf, source: io::Error },
    CaFileWithoutCertificate { path: PathBuf },
    CaFileMalformed { path: PathBuf, certificate: usize },
    ClientCertificate(ClientCertificateFault),
    AllFailed,
    Deadline { limit: Duration },
    StoppedAtErrorAnswer,
}

/// The kinds of [`FetchError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// The list of URLs is empty.
    NoUrls,
    /// The credentials cannot be sent in the way that is asked for (spec 3.4, 3.6). Nothing was sent.
    UnusableCredentials,
    /// A file with extra CA certificates cannot be used. Nothing was sent.
    Trust,
    /// The client certificate or its key cannot be used. Nothing was sent.
    ClientCertificate,
    /// Every URL failed.
    AllFailed,
    /// The run's time was over before every URL was tried.
    Deadline,
    /// A server said `<error>`, and the run was told to stop there.
    StoppedAtErrorAnswer,
}

impl FetchError {
    /// Before any attempt.
    pub(crate) fn local(cause: Cause) -> Self {
        Self::after(cause, Vec::new())
    }

    pub(crate) fn after(cause: Cause, attempts: Vec<Attempt>) -> Self {
        Self(Box::new(Inner { cause, attempts, credentials_were_sent: false }))
    }

    /// The same, known to be about these credentials.
    pub(crate) fn asked_as(mut self, identity: &Identity) -> Self {
        self.0.credentials_were_sent = *identity != Identity::Anonymous;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> FetchErrorKind {
        match self.0.cause {
            Cause::NoUrls => FetchErrorKind::NoUrls,
            Cause::ColonInUser | Cause::DigestWithBasic => FetchErrorKind::UnusableCredentials,
            Cause::CaFileUnreadable { .. }
            | Cause::CaFileWithoutCertificate { .. }
            | Cause::CaFileMalformed { .. } => FetchErrorKind::Trust,
            Cause::ClientCertificate(_) => FetchErrorKind::ClientCertificate,
            Cause::AllFailed => FetchErrorKind::AllFailed,
            Cause::Deadline { .. } => FetchErrorKind::Deadline,
            Cause::StoppedAtErrorAnswer => FetchErrorKind::StoppedAtErrorAnswer,
        }
    }

    /// A stable code in kebab case: that of a [`Code`].
    pub fn code(&self) -> &'static str {
        let code = match &self.0.cause {
            Cause::NoUrls => Code::NoUrls,
            Cause::ColonInUser => Code::BasicUserColon,
            Cause::DigestWithBasic => Code::BasicDigest,
            Cause::CaFileUnreadable { .. } => Code::CaFileUnreadable,
            Cause::CaFileWithoutCertificate { .. } => Code::CaFileEmpty,
            Cause::CaFileMalformed { .. } => Code::CaFileMalformed,
            Cause::ClientCertificate(fault) => fault.code(),
            Cause::AllFailed => Code::AllUrlsFailed,
            Cause::Deadline { .. } => Code::RunDeadline,
            Cause::StoppedAtErrorAnswer => Code::ErrorAnswer,
        };
        code.as_str()
    }

    /// What to do next, where this error knows more than its attempts.
    pub fn hint(&self) -> Option<&'static str> {
        match &self.0.cause {
            Cause::NoUrls => Some("give at least one base_url"),
            Cause::ColonInUser => Some(
                "HTTP basic authentication cannot carry such a user name; use authentication type url",
            ),
            Cause::DigestWithBasic => {
                Some("give the plain password, or use authentication type url")
            }
            Cause::CaFileUnreadable { .. } => {
                Some("check that it exists and that this user may read it")
            }
            Cause::CaFileWithoutCertificate { .. } | Cause::CaFileMalformed { .. } => {
                Some("give a file of certificates in PEM form (BEGIN CERTIFICATE)")
            }
            Cause::ClientCertificate(fault) => Some(fault.hint()),
            Cause::Deadline { .. } => {
                Some("put a server that answers first in the list, or allow more time")
            }
            Cause::AllFailed | Cause::StoppedAtErrorAnswer => None,
        }
    }

    /// Every URL that was asked, in the order of the list.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What the user is shown: the words of the first server that sent some (spec 3.11).
    pub fn server_message(&self) -> Option<&ServerMessage> {
        self.0
            .attempts
            .iter()
            .filter_map(|attempt| attempt.outcome.as_ref().err())
            .find_map(|failure| failure.server_message.as_ref())
    }

    /// Whether the same run may succeed later with nothing changed here.
    pub fn retry_can_help(&self) -> bool {
        let any_attempt_can = self
            .0
            .attempts
            .iter()
            .filter_map(|attempt| attempt.outcome.as_ref().err())
            .any(|failure| failure.retry_can_help);
        any_attempt_can || matches!(self.0.cause, Cause::Deadline { .. })
    }

    /// Whether a server refused the credentials, so that asking with them again is of no use, and asking for others is
    /// reasonable (spec 3.12). An `<error>` to somebody who sent none is none.
    pub fn is_refusal(&self) -> bool {
        self.0.credentials_were_sent && self.is_authentication()
    }

    /// Whether a server answered 401, 403 or `<error>`: it works, and does not want this user, or nobody without a name.
    pub fn is_authentication(&self) -> bool {
        self.0
            .attempts
            .iter()
            .filter_map(|attempt| attempt.outcome.as_ref().err())
            .any(|failure| failure.is_authentication)
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::NoUrls => write!(f, "there is no URL to fetch from"),
            Cause::ColonInUser => write!(
                f,
                "the user name contains a colon, which HTTP basic authentication cannot send"
            ),
            Cause::DigestWithBasic => write!(
                f,
                "only the digest of the password is known, and HTTP basic authentication needs the password itself"
            ),
            Cause::CaFileUnreadable { path, .. } => {
                write!(f, "the CA file {} cannot be read", path.display())
            }
            Cause::CaFileWithoutCertificate { path } => {
                write!(f, "the CA file {} holds no certificate", path.display())
            }
            Cause::CaFileMalformed { path, certificate } => write!(
                f,
                "certificate {certificate} of the CA file {} is malformed",
                path.display()
            ),
            Cause::ClientCertificate(fault) => fault.fmt(f),
            Cause::AllFailed => match self.0.attempts.len() {
                1 => write!(f, "the only URL brought no usable answer"),
                count => write!(f, "none of the {count} URLs brought a usable answer"),
            },
            Cause::Deadline { limit } => write!(
                f,
                "no usable answer came within {}, the limit of the whole run",
                time_in_words(*limit)
            ),
            Cause::StoppedAtErrorAnswer => {
                write!(f, "the server sent an error message, and no other server was to be asked")
            }
        }
    }
}

impl fmt::Debug for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchError")
            .field("cause", &self.0.cause)
            .field("attempts", &self.0.attempts)
            .finish()
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.cause {
            Cause::CaFileUnreadable { source, .. } => Some(source),
            Cause::ClientCertificate(fault) => fault.source(),
            _ => None,
        }
    }
}

//! Why a run ended without a result.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use provision_fetch::FetchError;
use provision_format::{Config, Report, shown};
use provision_merge::MergeError;

use crate::code::Code;

/// A run that failed. The phone's files are as they were, except after [`RunError::WriteFile`] and
/// [`RunError::ConfigChanged`], where each file is wholly the old or wholly the new one. What an earlier run left
/// half-written when it was killed is gone all the same.
///
/// It shows what happened and where; the cause is its [`source`](std::error::Error::source).
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// A file or folder cannot be read.
    #[non_exhaustive]
    ReadFile {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The phone's folder is missing or cannot be looked into.
    #[non_exhaustive]
    ProfileFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file in which the phone's displaced sections are kept is not valid.
    #[non_exhaustive]
    InvalidDisplaced {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        report: Report,
    },
    /// A file was read and is not valid.
    #[non_exhaustive]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        report: Report,
    },
    /// The result was to be written over a file that the run needs.
    #[non_exhaustive]
    OutputOverInput {
        /// The place that was named.
        path: PathBuf,
    },
    /// Another run is at work on this profile, and was for as long as this one waited (spec 5.5).
    #[non_exhaustive]
    Busy {
        /// The file that the other one has locked.
        lock: PathBuf,
    },
    /// Whether another run is at work on this profile cannot be told.
    #[non_exhaustive]
    LockUnusable {
        /// The file that is to be locked.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Credentials are needed, and there are none.
    #[non_exhaustive]
    CredentialsMissing {
        /// The provisioning file.
        path: PathBuf,
    },
    /// The user was asked for credentials and cancelled.
    Cancelled,
    /// The provisioning file says that its password is an MD5 digest, and it is none.
    #[non_exhaustive]
    NotADigest {
        /// The provisioning file.
        path: PathBuf,
    },
    /// No server gave a configuration.
    Fetch(FetchError),
    /// The configurations cannot be merged.
    Merge(MergeError),
    /// A file cannot be written.
    #[non_exhaustive]
    WriteFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
        /// What the phone can run with all the same; see [`RunError::effective`].
        effective: Option<Box<Config>>,
    },
    /// The phone saved its configuration again and again while this run was to replace it. What it saved is there.
    #[non_exhaustive]
    ConfigChanged {
        /// The phone's configuration.
        path: PathBuf,
    },
    /// There is no runtime for a call that blocks.
    NoRuntime(io::Error),
}

/// The steps of a run (spec 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Waiting for another run on the same profile.
    Lock,
    /// Finding and reading files.
    Read,
    /// Getting credentials.
    Credentials,
    /// Asking the servers.
    Fetch,
    /// Merging.
    Merge,
    /// Writing files.
    Store,
}

impl Step {
    /// Its name, one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Read => "read",
            Self::Credentials => "credentials",
            Self::Fetch => "fetch",
            Self::Merge => "merge",
            Self::Store => "store",
        }
    }
}

impl RunError {
    /// Where the run ended.
    pub fn step(&self) -> Step {
        match self {
            Self::ReadFile { .. }
            | Self::ProfileFolder { .. }
            | Self::InvalidFile { .. }
            | Self::InvalidDisplaced { .. }
            | Self::OutputOverInput { .. } => Step::Read,
            Self::Busy { .. } | Self::LockUnusable { .. } => Step::Lock,
            Self::CredentialsMissing { .. } | Self::Cancelled | Self::NotADigest { .. } => {
                Step::Credentials
            }
            Self::Fetch(_) | Self::NoRuntime(_) => Step::Fetch,
            Self::Merge(_) => Step::Merge,
            Self::WriteFile { .. } | Self::ConfigChanged { .. } => Step::Store,
        }
    }

    /// A stable name in kebab case; that of a failed fetch is its own.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            other => Code::of(other).map_or("fetch", Code::as_str),
        }
    }

    /// Whether the same run can succeed later with nothing changed here.
    pub fn retry_can_help(&self) -> bool {
        match self {
            Self::Fetch(error) => error.retry_can_help(),
            Self::Busy { .. } | Self::ConfigChanged { .. } => true,
            _ => false,
        }
    }

    /// Whether a server refused the credentials: asking with them again is of no use, and locks accounts
    /// (spec 3.12).
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_refusal())
    }

    /// What the phone can run with although it could not be stored: the disk may be full, but the server
    /// has answered. The next run fetches it again.
    pub fn effective(&self) -> Option<&Config> {
        match self {
            Self::WriteFile { effective, .. } => effective.as_deref(),
            _ => None,
        }
    }

    /// A file that cannot be written.
    pub(crate) fn unwritten(path: &Path, source: io::Error) -> Self {
        Self::WriteFile { path: path.to_owned(), source, effective: None }
    }

    /// The same with what the phone can run with.
    pub(crate) fn with_effective(self, config: &Config) -> Self {
        match self {
            Self::WriteFile { path, source, .. } => {
                Self::WriteFile { path, source, effective: Some(Box::new(config.clone())) }
            }
            other => other,
        }
    }

    /// What to do about it, where that can be said.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::ReadFile { .. } => "check that it exists and that this user may read it".into(),
            Self::ProfileFolder { .. } => {
                "make the folder, or name the one that holds the phone's Config.xml".into()
            }
            Self::InvalidDisplaced { .. } => {
                "it keeps the phone's own sections that gave way to the server's: mend it, or move it away to go on without them".into()
            }
            Self::InvalidFile { report, .. } => report.errors().next()?.help.clone()?,
            Self::OutputOverInput { .. } => {
                "name another file for the result".into()
            }
            Self::CredentialsMissing { .. } => {
                "give a user name and a password, or preset them in the provisioning file".into()
            }
            Self::NotADigest { .. } => {
                "write 32 hexadecimal digits, or set `password_format` to 1".into()
            }
            Self::Fetch(error) => error.hint()?.into(),
            Self::WriteFile { .. } => {
                "check that its folder exists, that this user may write there, and that the disk has room".into()
            }
            Self::ConfigChanged { .. } => "start again when the phone does not write it".into(),
            Self::Busy { .. } => "wait until the other run is over, or end it".into(),
            Self::LockUnusable { .. } => {
                "check that this user may write it; if nothing is at work on the phone's folder, it may be deleted".into()
            }
            Self::NoRuntime(_) => {
                "call it from a thread that runs no asynchronous code, or await `run` there".into()
            }
            Self::Merge(MergeError::Unencodable(_)) => {
                "save the phone's Config.xml as UTF-8".into()
            }
            Self::Merge(MergeError::TooLarge) => {
                "see what makes the phone's Config.xml so large, and what the server adds to it".into()
            }
            Self::Cancelled | Self::Merge(_) => return None,
        })
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadFile { path, .. } => write!(f, "{} cannot be read", shown_path(path)),
            Self::ProfileFolder { path, .. } => {
                write!(f, "the phone's folder {} cannot be used", shown_path(path))
            }
            Self::InvalidFile { path, .. } | Self::InvalidDisplaced { path, .. } => {
                write!(f, "{} is not valid", shown_path(path))
            }
            Self::OutputOverInput { path } => write!(
                f,
                "the result must not be written over {}, which the run needs",
                shown_path(path)
            ),
            Self::CredentialsMissing { path } => {
                write!(f, "{} asks for credentials, and there are none", shown_path(path))
            }
            Self::Cancelled => f.write_str("the question for credentials was cancelled"),
            Self::NotADigest { path } => write!(
                f,
                "the password in {} is said to be an MD5 digest and is none",
                shown_path(path)
            ),
            Self::Fetch(_) => f.write_str("no server gave a configuration"),
            Self::Merge(_) => f.write_str("the configurations cannot be merged"),
            Self::Busy { lock } => write!(
                f,
                "another run is at work on this profile, and has locked {}",
                shown_path(lock)
            ),
            Self::LockUnusable { path, .. } => write!(f, "{} cannot be locked", shown_path(path)),
            Self::WriteFile { path, .. } => write!(f, "{} cannot be written", shown_path(path)),
            Self::ConfigChanged { path } => {
                write!(f, "{} was saved by another program at the same time", shown_path(path))
            }
            Self::NoRuntime(_) => f.write_str("there is no means to wait for the network here"),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ReadFile { source, .. }
            | Self::ProfileFolder { source, .. }
            | Self::LockUnusable { source, .. }
            | Self::WriteFile { source, .. }
            | Self::NoRuntime(source) => Some(source),
            Self::InvalidFile { report, .. } | Self::InvalidDisplaced { report, .. } => {
                Some(report)
            }
            Self::Fetch(error) => Some(error),
            Self::Merge(error) => Some(error),
            _ => None,
        }
    }
}

/// A path on one line, without controls.
fn shown_path(path: &Path) -> String {
    shown(&path.display().to_string())
}

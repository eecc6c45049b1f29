//! Why a run ended without a result.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use provision_fetch::FetchError;
use provision_format::{Report, shown};
use provision_merge::MergeError;

/// A run that failed. The phone's files are as they were, except after
/// [`RunError::WriteFile`], where each file is wholly the old or wholly the new one.
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
    },
}

/// The steps of a run (spec 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
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
            Self::CredentialsMissing { .. } | Self::Cancelled | Self::NotADigest { .. } => {
                Step::Credentials
            }
            Self::Fetch(_) => Step::Fetch,
            Self::Merge(_) => Step::Merge,
            Self::WriteFile { .. } => Step::Store,
        }
    }

    /// A stable name in kebab case; that of a failed fetch is its own.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ReadFile { .. } => "file-unreadable",
            Self::ProfileFolder { .. } => "profile-folder",
            Self::InvalidDisplaced { .. } => "displaced-invalid",
            Self::InvalidFile { .. } => "file-invalid",
            Self::OutputOverInput { .. } => "output-over-input",
            Self::CredentialsMissing { .. } => "credentials-missing",
            Self::Cancelled => "cancelled",
            Self::NotADigest { .. } => "password-no-digest",
            Self::Fetch(error) => error.code(),
            Self::Merge(_) => "merge-failed",
            Self::WriteFile { .. } => "file-unwritable",
        }
    }

    /// Whether the same run can succeed later with nothing changed here.
    pub fn retry_can_help(&self) -> bool {
        match self {
            Self::Fetch(error) => error.retry_can_help(),
            _ => false,
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
            Self::Merge(MergeError::Unencodable(_)) => {
                "save the phone's Config.xml as UTF-8".into()
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
            Self::WriteFile { path, .. } => write!(f, "{} cannot be written", shown_path(path)),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ReadFile { source, .. }
            | Self::ProfileFolder { source, .. }
            | Self::WriteFile { source, .. } => Some(source),
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

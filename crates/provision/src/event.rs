//! What a run tells while it goes on (spec 6.4).

use std::path::PathBuf;

use provision_fetch as fetch;
use provision_format::Report;
use provision_merge::MergeReport;

use crate::discovery::LookedAt;
use crate::store::{Stored, StoredFile};

/// A step of a run, told when it is done. No event holds a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The places were looked at (spec 2.3).
    #[non_exhaustive]
    Discovered {
        /// Every place, in order; empty if the file was given.
        looked_at: Vec<LookedAt>,
        /// The provisioning file; none if provisioning is off.
        file: Option<PathBuf>,
    },
    /// The provisioning file was read.
    #[non_exhaustive]
    ProvisionFileRead {
        /// The file.
        file: PathBuf,
        /// The warnings about it.
        report: Report,
    },
    /// Something about this run that its user should know.
    Note(Note),
    /// A step of the fetch.
    Fetch(fetch::Event),
    /// The phone's own configuration was read.
    #[non_exhaustive]
    LocalConfigRead {
        /// The file.
        file: PathBuf,
        /// The warnings about it.
        report: Report,
    },
    /// The configurations were merged and the results parsed again.
    Merged(MergeReport),
    /// The results are in their files.
    Stored(Stored),
    /// What [`fetch_document`](crate::fetch_document) brought is in its file.
    DocumentWritten(StoredFile),
}

/// Something that is no fault and should not go unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Credentials were given, and the provisioning file says that none are sent.
    CredentialsUnused,
    /// The credentials that were given went before those of the provisioning file.
    PresetOverridden,
    /// There was no `Config.xml`; the merge began with an empty one.
    NoLocalConfig,
}

impl Note {
    /// A stable name in kebab case.
    pub fn code(self) -> &'static str {
        match self {
            Self::CredentialsUnused => "credentials-unused",
            Self::PresetOverridden => "preset-overridden",
            Self::NoLocalConfig => "no-local-config",
        }
    }
}

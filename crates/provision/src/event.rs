//! What a run tells while it goes on (spec 6.4).

use std::path::PathBuf;
use std::time::Duration;

use provision_fetch as fetch;
use provision_format::Report;
use provision_merge::MergeReport;

use crate::code::Code;
use crate::commit::Stored;
use crate::discovery::LookedAt;
use crate::forget::{Forgotten, TakenBack};
use crate::store::StoredFile;

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
    /// Another run is at work on this profile, and this one waits for it (spec 5.5).
    #[non_exhaustive]
    WaitingForOtherRun {
        /// The file that the other one has locked.
        lock: PathBuf,
        /// How long this one waits at most.
        limit: Duration,
    },
    /// What an earlier run left half-written when it was killed is gone.
    #[non_exhaustive]
    LeftoversRemoved {
        /// The files, temporary ones of ours.
        files: Vec<PathBuf>,
    },
    /// The provisioning file was read.
    #[non_exhaustive]
    ProvisionFileRead {
        /// The file.
        file: PathBuf,
        /// The warnings about it.
        report: Report,
        /// Its refresh rate, in seconds; 0 is at start only (spec 6.2).
        refresh_rate: u32,
    },
    /// Something about this run that its user should know.
    Note(Note),
    /// A step of the fetch.
    Fetch(fetch::Event),
    /// The servers have refused the credentials, and the program is asked for others (spec 3.12).
    CredentialsRefused,
    /// No server gave a configuration, and what one sent earlier is used (spec 5.3).
    #[non_exhaustive]
    LastGoodUsed {
        /// How long ago a server first sent it as it is.
        age: Duration,
    },
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
    /// The phone is as it was before provisioning ([`forget`](crate::forget())).
    Forgotten(Forgotten),
    /// The last change is taken back ([`take_back`](crate::take_back)).
    TakenBack(TakenBack),
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
    /// The phone saved its configuration while this run was to replace it, so the configurations are merged anew.
    ConfigChanged,
    /// The profile cannot be locked: its folder is read-only or full, or its file system knows no locks.
    NoLock,
    /// No server answered, and what is kept for that case was another user's, or came from other servers or
    /// for other sections (spec 5.3).
    LastGoodNotOurs,
    /// No server answered, and what is kept for that case is damaged.
    LastGoodDamaged,
}

impl Note {
    /// A stable name in kebab case.
    pub fn code(self) -> &'static str {
        Code::from(self).as_str()
    }
}

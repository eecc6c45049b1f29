//! What a run is given, and how it ends well.

use std::path::PathBuf;
use std::time::Duration;

use provision_fetch::{self as fetch, Attempt, FetchError, MaskedUrl};
use provision_format::{AddressBook, Config};
use provision_merge::MergeReport;

use crate::authentication::{CredentialSource, PasswordDecoder};
use crate::commit::Stored;
use crate::discovery::{Discovery, LookedAt};
use crate::error::RunError;
use crate::event::Event;
use crate::last_good::LastGood;
use crate::session::Session;

/// What a run cannot do without.
#[derive(Debug)]
pub struct Context<'a> {
    /// The folder that holds the phone's `Config.xml`, and files of ours. It has to exist.
    pub profile: PathBuf,
    /// Where credentials come from, should they be asked for.
    pub credentials: CredentialSource<'a>,
}

/// What a run can be told, and does well without.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the provisioning file is found. Default: the places of spec 2.1.
    pub discovery: Discovery,
    /// Where the effective configuration is written. It holds what the server sent, passwords
    /// included. Default: nowhere; the outcome has it.
    pub effective: Option<PathBuf>,
    /// Whether what a server sent is kept for a start without one.
    pub last_good: LastGood,
    /// Who can decode a preset password that a phone has encoded. Default: nobody; it is used as it stands.
    pub password_decoder: Option<PasswordDecoder>,
    /// How the servers are asked.
    pub fetch: fetch::Options,
}

/// How a run ended well.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// There is no provisioning file, so there is nothing to do (spec 2.3).
    #[non_exhaustive]
    Off {
        /// Every place that was looked at.
        looked_at: Vec<LookedAt>,
    },
    /// The phone is provisioned.
    Provisioned(Box<Provisioned>),
}

/// A run that brought a configuration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Provisioned {
    /// The provisioning file.
    pub file: PathBuf,
    /// What the phone is to run with.
    pub effective: Config,
    /// What happened to each section.
    pub report: MergeReport,
    /// Who brought the provisioned sections.
    pub supplier: Supplier,
    /// The files.
    pub stored: Stored,
    /// What may be done to a remote address book (spec 6.3).
    pub address_book: AddressBook,
    /// Seconds until the next run is due; 0 if none is (spec 6.2).
    pub refresh_rate: u32,
}

/// Who brought the provisioned sections.
#[derive(Debug)]
#[non_exhaustive]
pub enum Supplier {
    /// A server.
    #[non_exhaustive]
    Server {
        /// The URL, masked.
        url: MaskedUrl,
        /// Every URL that was asked, in the order of the list.
        attempts: Vec<Attempt>,
        /// Whether the server sent something, or said that it has nothing new since this process asked
        /// last (spec 3.13).
        news: News,
    },
    /// None; they are those that one sent last (spec 5.3).
    #[non_exhaustive]
    LastGood {
        /// How long ago a server first sent them as they are.
        age: Duration,
        /// Why no server brought any.
        failure: FetchError,
    },
}

/// Whether a server sent a configuration, or that there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum News {
    /// It sent one; that may say the same as the last.
    Sent,
    /// It said that the last one is still what it has.
    Unchanged,
}

impl Supplier {
    /// Every URL that was asked, in the order of the list.
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::Server { attempts, .. } => attempts,
            Self::LastGood { failure, .. } => failure.attempts(),
        }
    }
}

/// Provisions a phone once (spec 6.1): discovers and reads the provisioning file, gets credentials,
/// fetches from the first server that works, merges, parses again, and stores. A phone that does so again
/// and again has a [`Session`].
///
/// `events` is told every step. Until the files are replaced, at the very end and without waiting for
/// anything, the phone's files are as they were; so the future can be dropped at any time.
///
/// # Errors
///
/// A [`RunError`], which says where the run ended. That there is no provisioning file is none, and that no
/// server answers is none where one did earlier (spec 5.3).
pub async fn run(
    context: Context<'_>,
    options: &Options,
    events: impl FnMut(&Event),
) -> Result<Outcome, RunError> {
    Session::new(context, options.clone()).run(events).await
}

/// The same for a program that runs no asynchronous code: it blocks this thread until the run is over. Other calls of this
/// crate are made by [`block_on`](crate::block_on).
///
/// # Errors
///
/// As [`run`], and [`RunError::NoRuntime`] where the thread does run asynchronous code.
///
/// ```no_run
/// use provision::{Context, CredentialSource, Options, Outcome, run_blocking};
///
/// let context = Context { profile: "profile".into(), credentials: CredentialSource::Preset };
/// if let Outcome::Provisioned(provisioned) = run_blocking(context, &Options::default(), |_| {})? {
///     println!("the phone has {} sections", provisioned.effective.sections().count());
/// }
/// # Ok::<(), provision::RunError>(())
/// ```
pub fn run_blocking(
    context: Context<'_>,
    options: &Options,
    events: impl FnMut(&Event),
) -> Result<Outcome, RunError> {
    crate::block_on(run(context, options, events))?
}

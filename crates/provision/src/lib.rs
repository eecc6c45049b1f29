#![doc = include_str!("../README.md")]

mod authentication;
mod blocking;
mod bounded_file;
mod check;
mod code;
mod commit;
mod discovery;
mod error;
mod event;
mod examine;
mod fetch_document;
mod fingerprint;
mod forget;
mod judge;
mod last_good;
mod lock;
mod original;
mod profile;
mod provision_file;
mod refresh;
mod run;
mod servers;
mod session;
mod store;
mod watch;

pub use authentication::{AskFuture, CredentialSource, PasswordDecoder, Question, Refusal};
pub use blocking::block_on;
pub use check::{Mended, check_file, check_stream, mended};
pub use code::Code;
pub use commit::Stored;
pub use discovery::{
    Discovery, Environment, LookedAt, Place, PlaceKind, Platform, Sighting, WorkingDirectory,
};
pub use error::{RunError, Step};
pub use event::{Event, Note};
pub use examine::{
    Checkup, CheckupFinding, ExaminedClock, ExaminedFile, ExaminedLastGood, ExaminedProfile,
    Fitness, FolderAccess, Holder, LockState, Part, ProfileFile, ProfileRole, Sending, examine,
};
pub use fetch_document::{FetchOptions, FetchOutcome, FetchedDocument, fetch_document};
pub use forget::{Forgotten, GoneBack, TakenBack, forget, take_back};
pub use last_good::LastGood;
pub use refresh::{Hold, Interruption, RunCause};
pub use run::{Context, News, Options, Outcome, Provisioned, Supplier, run, run_blocking};
pub use session::{Preview, PreviewOutcome, Session};
pub use store::{StoredFile, replace_file};
pub use watch::{Signals, Watch, WatchEnd, WatchEvent, watch};

pub use {provision_fetch as fetch, provision_format as format, provision_merge as merge};

#![doc = include_str!("../README.md")]

mod authentication;
mod bounded_file;
mod check;
mod discovery;
mod error;
mod event;
mod fetch_document;
mod judge;
mod profile;
mod provision_file;
mod run;
mod servers;
mod store;

pub use authentication::{AskFuture, CredentialSource, Question};
pub use check::{Mended, check_file, check_stream, mended};
pub use discovery::{
    Discovery, Environment, LookedAt, Place, PlaceKind, Platform, Sighting, WorkingDirectory,
};
pub use error::{RunError, Step};
pub use event::{Event, Note};
pub use fetch_document::{FetchOptions, FetchOutcome, FetchedDocument, fetch_document};
pub use run::{Context, Options, Outcome, Provisioned, run};
pub use store::{Stored, StoredFile, replace_file};

pub use {provision_fetch as fetch, provision_format as format, provision_merge as merge};

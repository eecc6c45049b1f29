//! What a fetch tells while it runs (spec 6.4).

use std::net::SocketAddr;
use std::time::Duration;

use http::StatusCode;

use crate::attempt::{Attempt, Stage};
use crate::failover::StartReason;
use crate::masked::MaskedUrl;

/// A step of a fetch, told when it happens. No event holds a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A URL of the list is tried.
    #[non_exhaustive]
    AttemptStarted {
        /// Its place in the list, from 0.
        url_index: usize,
        /// The URL, masked.
        url: MaskedUrl,
        /// Why now.
        reason: StartReason,
    },
    /// A URL is doubtful, but tried all the same.
    #[non_exhaustive]
    UrlWarning {
        /// Its place in the list, from 0.
        url_index: usize,
        /// What is doubtful.
        warning: UrlWarning,
    },
    /// An attempt has left a stage behind.
    #[non_exhaustive]
    StageFinished {
        /// The URL's place in the list, from 0.
        url_index: usize,
        /// The stage.
        stage: Stage,
        /// How long it took.
        elapsed: Duration,
        /// The address that was connected to, behind [`Stage::Connect`].
        address: Option<SocketAddr>,
    },
    /// An attempt follows a redirect.
    #[non_exhaustive]
    Redirected {
        /// The URL's place in the list, from 0.
        url_index: usize,
        /// 301, 302, 303, 307 or 308.
        status: StatusCode,
        /// The origin it goes on with. The rest of the target is the server's text and not shown.
        origin: String,
    },
    /// An attempt is over.
    AttemptEnded(Box<Attempt>),
}

/// A doubt about a URL of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlWarning {
    /// A stable code in kebab case.
    pub code: &'static str,
    /// What is doubtful, in a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

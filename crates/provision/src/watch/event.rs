//! What a watch tells.

use std::time::Duration;

use crate::error::RunError;
use crate::event::Event;
use crate::refresh::{Hold, Interruption, RunCause};
use crate::run::Outcome;

/// What happens while a phone is kept provisioned. No event holds a secret, but for an [`Outcome`], which has what the
/// server sent.
#[derive(Debug)]
#[cfg_attr(
    windows,
    expect(
        clippy::large_enum_variant,
        reason = "paths are larger there; few events are alive at a time"
    )
)]
#[non_exhaustive]
pub enum WatchEvent {
    /// A run begins.
    #[non_exhaustive]
    RunStarted {
        /// Why.
        cause: RunCause,
    },
    /// A step of the run that is under way.
    Step(Event),
    /// The run ended well.
    RunSucceeded(Outcome),
    /// The run failed. Whatever the phone has stays as it is.
    RunFailed(RunError),
    /// The run was given up. Whatever the phone has stays as it is.
    #[non_exhaustive]
    RunInterrupted {
        /// Why.
        by: Interruption,
    },
    /// A run has fallen due during a call. It is made after the hang-up.
    #[non_exhaustive]
    PutOff {
        /// Why it is due.
        cause: RunCause,
    },
    /// When the next run falls due.
    #[non_exhaustive]
    NextRun {
        /// Why it will.
        cause: RunCause,
        /// From now. It is shorter if the machine sleeps, which counts.
        after: Duration,
    },
    /// No run falls due by time: the refresh rate is 0, or none is known. What the program tells can still bring one.
    NoNextRun,
    /// Nothing is tried again by itself.
    #[non_exhaustive]
    Held {
        /// Why.
        hold: Hold,
    },
    /// The provisioning file asks for more refreshes than a server has to bear: it is taken to say 30 seconds.
    #[non_exhaustive]
    RateRaised {
        /// The seconds that it says.
        refresh_rate: u32,
    },
}

//! The driver's record of one attempt: which stage it is in, and how long each took.

use std::net::SocketAddr;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::attempt::{Attempt, Failure, Fault, ServerClock, Stage, StageTiming};
use crate::masked::MaskedUrl;
use crate::transport::{Route, Security};

/// An attempt, from its start on.
pub(crate) struct Record {
    attempt: Attempt,
    started: Instant,
    stage: Stage,
    entered: Instant,
    settled: Option<Fault>,
    progress: Progress,
}

enum Progress {
    /// Nothing is sent yet.
    Preparing,
    Running(AbortHandle),
    Over,
}

impl Record {
    pub(crate) fn begin(url_index: usize, url: MaskedUrl, at: Instant) -> Self {
        Self {
            attempt: Attempt {
                url_index,
                url,
                address: None,
                addresses: Vec::new(),
                proxy: None,
                exempt_from: None,
                tls: None,
                certificate: None,
                server_clock: None,
                stages: Vec::new(),
                elapsed: std::time::Duration::ZERO,
                outcome: Ok(()),
            },
            started: at,
            stage: Stage::Url,
            entered: at,
            settled: None,
            progress: Progress::Preparing,
        }
    }

    pub(crate) fn run(&mut self, task: AbortHandle) {
        self.progress = Progress::Running(task);
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.progress, Progress::Over)
    }

    /// A connection is to be made.
    pub(crate) fn routed(&mut self, route: Route) {
        (self.attempt.proxy, self.attempt.exempt_from) = match route {
            Route::Direct => (None, None),
            Route::Exempt { proxy } => (None, Some(proxy)),
            Route::Through { proxy } => (Some(proxy), None),
        };
        self.attempt.addresses.clear();
        self.attempt.tls = None;
        self.attempt.certificate = None;
    }

    pub(crate) fn resolved(&mut self, addresses: Vec<SocketAddr>) {
        self.attempt.addresses = addresses;
    }

    pub(crate) fn secured(&mut self, security: Security) {
        self.attempt.tls = Some(security.version);
        self.attempt.certificate = security.certificate;
    }

    pub(crate) fn dated(&mut self, clock: ServerClock) {
        self.attempt.server_clock = Some(clock);
    }

    pub(crate) fn connecting(&mut self, address: SocketAddr) {
        self.attempt.address = Some(address);
    }

    /// Leaves one stage behind and enters another. The URL's own stage is not timed.
    pub(crate) fn enter(&mut self, stage: Stage, at: Instant) -> Option<StageTiming> {
        let left = (self.stage != Stage::Url).then(|| StageTiming {
            stage: self.stage,
            elapsed: at.saturating_duration_since(self.entered),
        });
        self.attempt.stages.extend(left);
        self.stage = stage;
        self.entered = at;
        left
    }

    /// From now on the attempt has failed by this, even if it is abandoned later.
    pub(crate) fn settle(&mut self, fault: Fault) {
        self.settled = Some(fault);
    }

    /// The attempt's body was accepted; its last stage counts as finished.
    pub(crate) fn succeed(&mut self, at: Instant) -> Option<StageTiming> {
        let left = self.enter(self.stage, at);
        self.end(Ok(()), at);
        left
    }

    /// The attempt failed in its present stage.
    pub(crate) fn fail(&mut self, fault: Fault, at: Instant) {
        self.end(Err(fault.at(self.stage)), at);
    }

    /// The attempt is given up. What was settled before counts more than the lack of time.
    pub(crate) fn abandon(&mut self, fault: Fault, at: Instant) {
        if let Progress::Running(task) = &self.progress {
            task.abort();
        }
        let fault = self.settled.take().unwrap_or(fault);
        self.fail(fault, at);
    }

    fn end(&mut self, outcome: Result<(), Failure>, at: Instant) {
        self.attempt.elapsed = at.saturating_duration_since(self.started);
        self.attempt.outcome = outcome;
        self.progress = Progress::Over;
    }

    /// What is to be told of an attempt that is over.
    pub(crate) fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    pub(crate) fn into_attempt(self) -> Attempt {
        self.attempt
    }
}

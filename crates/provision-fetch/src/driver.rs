//! The driver of a run: carries the machine's actions out and tells it what became of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::answer::{Answer, Verdict};
use crate::attempt::{Attempt, Fault, Stage, StageTiming};
use crate::candidate::Candidate;
use crate::code::Code;
use crate::error::{Cause, FetchError};
use crate::event::Event;
use crate::failover::{Action, Failover, Finish, Outcome, Rules, StartReason};
use crate::limits::time_in_words;
use crate::masked::MaskedUrl;
use crate::record::Record;
use crate::transport::{End, Report, Reporter, Step, Transport, attempt};
use crate::validators::Validators;

/// How a run ended well.
pub(crate) struct Won<T> {
    pub(crate) content: Content<T>,
    pub(crate) url: MaskedUrl,
    pub(crate) url_index: usize,
    pub(crate) attempts: Vec<Attempt>,
}

/// What a URL brought.
pub(crate) enum Content<T> {
    /// What the judge made of a body.
    New { value: T, validators: Option<Validators> },
    /// What was known already.
    Unchanged,
}

/// A run with what it has come to so far.
pub(crate) struct Run<T, J, E> {
    transport: Arc<Transport>,
    candidates: Vec<Candidate>,
    /// By the URL's index.
    records: BTreeMap<usize, Record>,
    /// What was accepted, until the machine names the winner.
    accepted: BTreeMap<usize, Content<T>>,
    /// Dropping it aborts what still runs.
    attempts: JoinSet<()>,
    judge: J,
    events: E,
}

impl<T, J, E> Run<T, J, E>
where
    J: FnMut(Answer<'_>) -> Verdict<T>,
    E: FnMut(&Event),
{
    pub(crate) fn new(
        transport: Transport,
        candidates: Vec<Candidate>,
        judge: J,
        events: E,
    ) -> Self {
        Self {
            transport: Arc::new(transport),
            candidates,
            records: BTreeMap::new(),
            accepted: BTreeMap::new(),
            attempts: JoinSet::new(),
            judge,
            events,
        }
    }

    /// Runs to the end.
    pub(crate) async fn drive(mut self, rules: Rules) -> Result<Won<T>, FetchError> {
        let began = Instant::now();
        let (driver, mut reports) = unbounded_channel();
        let schemes = self.candidates.iter().map(Candidate::scheme);
        let mut failover = Failover::new(schemes, rules);
        let finish = loop {
            let now = began.elapsed();
            match failover.next(now) {
                Action::Start(url, reason) => {
                    if let Err(fault) = self.start(url, reason, &driver) {
                        self.close(url, |record, at| record.fail(fault, at));
                        failover.report(url, Outcome::Failed);
                    }
                }
                Action::Abandon(url) => {
                    let fault = overdue(rules.attempt_limit);
                    self.close(url, |record, at| record.abandon(fault, at));
                }
                Action::Wait { until } => {
                    // What has been reported already is taken first, however late it is.
                    let wait = until.saturating_sub(now);
                    if let Ok(Some(report)) = timeout(wait, reports.recv()).await {
                        let url = report.url_index;
                        if let Some(outcome) = self.take(report) {
                            failover.report(url, outcome);
                        }
                    }
                }
                Action::Finish(finish) => break finish,
            }
        };
        self.finish(finish, rules.run_limit)
    }

    /// Asks every URL, [`SURVEYED_AT_ONCE`] at a time, and decides nothing.
    pub(crate) async fn survey(
        mut self,
        attempt_limit: Duration,
        run_limit: Duration,
    ) -> Vec<Attempt> {
        let end = Instant::now() + run_limit.min(FAR);
        let (driver, mut reports) = unbounded_channel();
        let mut unasked = 0..self.candidates.len();
        let mut pending: BTreeMap<usize, Instant> = BTreeMap::new();
        loop {
            while pending.len() < SURVEYED_AT_ONCE {
                let Some(url) = unasked.next() else { break };
                if Instant::now() >= end {
                    self.leave_out(url, void(Finish::Deadline, run_limit));
                    continue;
                }
                match self.start(url, StartReason::Survey, &driver) {
                    Ok(()) => {
                        pending.insert(url, Instant::now() + attempt_limit.min(FAR));
                    }
                    Err(fault) => self.close(url, |record, at| record.fail(fault, at)),
                }
            }
            let Some(due) = pending.values().min().map(|due| end.min(*due)) else { break };
            match timeout_at(due, reports.recv()).await {
                Ok(Some(report)) => {
                    let url = report.url_index;
                    let outcome = self.take(report);
                    if outcome.is_some_and(|outcome| outcome != Outcome::Settled) {
                        pending.remove(&url);
                    }
                }
                _ => {
                    let now = Instant::now();
                    let is_over = |due: &Instant| now >= end.min(*due);
                    let over = pending.iter().filter(|(_, due)| is_over(due));
                    for url in over.map(|(url, _)| *url).collect::<Vec<_>>() {
                        pending.remove(&url);
                        let fault = match now >= end {
                            true => void(Finish::Deadline, run_limit),
                            false => overdue(attempt_limit),
                        };
                        self.close(url, |record, at| record.abandon(fault, at));
                    }
                }
            }
        }
        self.records.into_values().map(Record::into_attempt).collect()
    }

    /// Begins an attempt; a fault here means that nothing was sent.
    fn start(
        &mut self,
        url: usize,
        reason: StartReason,
        driver: &UnboundedSender<Report>,
    ) -> Result<(), Fault> {
        let candidate = &mut self.candidates[url];
        let started = Event::AttemptStarted { url_index: url, url: candidate.url.clone(), reason };
        let record = Record::begin(url, candidate.url.clone(), Instant::now());
        self.records.insert(url, record);
        (self.events)(&started);
        for warning in std::mem::take(&mut candidate.warnings) {
            (self.events)(&Event::UrlWarning { url_index: url, warning });
        }
        let endpoint = candidate.endpoint.clone()?;
        if !self.transport.tried.claim(&endpoint) {
            return Err(Fault::lasting(
                Code::UrlRepeated,
                "this URL was already tried in this run, and is not tried again",
            )
            .hint("remove the repetition from the list"));
        }
        let reporter = Reporter { url_index: url, driver: driver.clone() };
        let task = self.attempts.spawn(attempt(Arc::clone(&self.transport), endpoint, reporter));
        if let Some(record) = self.records.get_mut(&url) {
            record.run(task);
        }
        Ok(())
    }

    /// Closes an attempt that does not begin.
    fn leave_out(&mut self, url: usize, fault: Fault) {
        let record = Record::begin(url, self.candidates[url].url.clone(), Instant::now());
        self.records.insert(url, record);
        self.close(url, |record, at| record.fail(fault, at));
    }

    /// Takes note of a report. Some if the machine is to know of it.
    fn take(&mut self, report: Report) -> Option<Outcome> {
        let Report { url_index: url, at, step } = report;
        let record = self.records.get_mut(&url)?;
        if record.is_over() {
            return None;
        }
        match step {
            Step::Entered(stage) => {
                let left = record.enter(stage, at);
                self.tell_stage(url, left);
            }
            Step::Routed(route) => record.routed(route),
            Step::Resolved(addresses) => record.resolved(addresses),
            Step::Connecting(address) => record.connecting(address),
            Step::Secured(security) => record.secured(security),
            Step::Dated(clock) => record.dated(clock),
            Step::Redirected { status, origin } => {
                (self.events)(&Event::Redirected { url_index: url, status, origin });
            }
            Step::Settled(fault) => {
                record.settle(fault);
                return Some(Outcome::Settled);
            }
            Step::Ended(end) => return Some(self.end(url, end, at)),
        }
        None
    }

    fn end(&mut self, url: usize, end: End, at: Instant) -> Outcome {
        match end {
            End::Body { body, validators } => self.judge_body(url, &body, validators, at),
            End::Unchanged | End::Connected => self.accept(url, Content::Unchanged),
            End::Failed(fault) => {
                self.close(url, |record, at| record.fail(fault, at));
                Outcome::Failed
            }
            End::FailedWithBody { fault, status, body } => {
                self.look_for_message(url, fault, status, &body)
            }
        }
    }

    fn judge_body(
        &mut self,
        url: usize,
        body: &Bytes,
        validators: Option<Validators>,
        at: Instant,
    ) -> Outcome {
        if let Some(record) = self.records.get_mut(&url) {
            let left = record.enter(Stage::Accept, at);
            self.tell_stage(url, left);
        }
        let answer = Answer { status: StatusCode::OK, body };
        let (fault, outcome) = match (self.judge)(answer) {
            Verdict::Accept(value) => {
                return self.accept(url, Content::New { value, validators });
            }
            Verdict::Reject(rejection) => {
                let message = match rejection.quotation {
                    Some(quotation) => {
                        let quotation = self.transport.scrubber.scrub(&quotation);
                        format!("{}: {quotation}", rejection.message)
                    }
                    None => rejection.message,
                };
                let fault = Fault::rejected(rejection.code, message);
                let fault = match rejection.hint {
                    Some(hint) => fault.hint(hint),
                    None => fault,
                };
                (fault, Outcome::Failed)
            }
            Verdict::ErrorAnswer(message) => {
                let message = self.transport.scrubber.server_message(&message);
                let fault = Fault::lasting(
                    Code::ErrorAnswer,
                    "the server sent an error message in place of a configuration",
                )
                .hint("check the user name and the password, or ask the operator of the server")
                .said(message);
                (fault, Outcome::ErrorAnswer)
            }
        };
        self.close(url, |record, at| record.fail(fault, at));
        outcome
    }

    /// An answer that failed by its status may say why (spec 3.2); the status stays the failure.
    fn look_for_message(
        &mut self,
        url: usize,
        fault: Fault,
        status: StatusCode,
        body: &Bytes,
    ) -> Outcome {
        let (fault, outcome) = match (self.judge)(Answer { status, body }) {
            Verdict::ErrorAnswer(message) => {
                let message = self.transport.scrubber.server_message(&message);
                (fault.said(message), Outcome::ErrorAnswer)
            }
            Verdict::Accept(_) | Verdict::Reject(_) => (fault, Outcome::Failed),
        };
        self.close(url, |record, at| record.fail(fault, at));
        outcome
    }

    fn accept(&mut self, url: usize, content: Content<T>) -> Outcome {
        self.accepted.insert(url, content);
        let left = self.records.get_mut(&url).and_then(|record| record.succeed(Instant::now()));
        self.tell_stage(url, left);
        self.tell_end(url);
        Outcome::Accepted
    }

    fn close(&mut self, url: usize, close: impl FnOnce(&mut Record, Instant)) {
        if let Some(record) = self.records.get_mut(&url) {
            close(record, Instant::now());
        }
        self.tell_end(url);
    }

    fn tell_stage(&mut self, url: usize, left: Option<StageTiming>) {
        if let Some(StageTiming { stage, elapsed, .. }) = left {
            let record = self.records.get(&url).filter(|_| stage == Stage::Connect);
            let address = record.and_then(|record| record.attempt().address);
            (self.events)(&Event::StageFinished { url_index: url, stage, elapsed, address });
        }
    }

    fn tell_end(&mut self, url: usize) {
        if let Some(record) = self.records.get(&url) {
            (self.events)(&Event::AttemptEnded(Box::new(record.attempt().clone())));
        }
    }

    fn finish(mut self, finish: Finish, run_limit: Duration) -> Result<Won<T>, FetchError> {
        let is_pending = |(_, record): &(&usize, &Record)| !record.is_over();
        let pending: Vec<usize> =
            self.records.iter().filter(is_pending).map(|(url, _)| *url).collect();
        for url in pending {
            let fault = void(finish, run_limit);
            self.close(url, |record, at| record.abandon(fault, at));
        }
        let attempts = self.records.into_values().map(Record::into_attempt).collect();
        let cause = match finish {
            Finish::Won(url_index) => match self.accepted.remove(&url_index) {
                Some(content) => {
                    let url = self.candidates.swap_remove(url_index).url;
                    return Ok(Won { content, url, url_index, attempts });
                }
                // The machine names only URLs whose acceptance it was told of.
                None => Cause::AllFailed,
            },
            Finish::AllFailed => Cause::AllFailed,
            Finish::Stopped => Cause::StoppedAtErrorAnswer,
            Finish::Deadline => Cause::Deadline { limit: run_limit },
        };
        Err(FetchError::after(cause, attempts))
    }
}

fn overdue(limit: Duration) -> Fault {
    let message = format!("the attempt took longer than {}", time_in_words(limit));
    Fault::passing(Code::AttemptTimeout, message)
        .hint("check whether the server is overloaded, or allow more time")
}

/// What becomes of an attempt that is pending when the run ends.
fn void(finish: Finish, run_limit: Duration) -> Fault {
    match finish {
        Finish::Won(url) => Fault::passing(
            Code::Outrun,
            format!(
                "URL {} of the list answered meanwhile, and this one was not waited for",
                url + 1
            ),
        )
        .hint("check whether the server is overloaded"),
        Finish::Stopped => Fault::passing(
            Code::Stopped,
            "another server sent an error message, which ends the run",
        ),
        Finish::AllFailed | Finish::Deadline => Fault::passing(
            Code::RunDeadline,
            format!("the limit of the whole run, {}, was reached", time_in_words(run_limit)),
        )
        .hint("check whether the server is overloaded, or allow more time"),
    }
}

/// URLs that a survey asks beside each other.
const SURVEYED_AT_ONCE: usize = 8;

/// Never so far away that the clock overflows.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);

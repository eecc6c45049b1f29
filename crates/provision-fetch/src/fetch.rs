//! The driver of a run: carries the machine's actions out and tells it what became of them.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use crate::answer::{Answer, Verdict};
use crate::attempt::{Attempt, Fault, Stage, StageTiming};
use crate::candidate::{Candidate, pasted_in_list};
use crate::credentials::{Identity, Password, UrlPassword};
use crate::endpoint::Endpoint;
use crate::error::{Cause, FetchError};
use crate::event::Event;
use crate::failover::{Action, Failover, Finish, OnErrorAnswer, Outcome};
use crate::limits::{Limits, time_in_words};
use crate::masked::MaskedUrl;
use crate::record::Record;
use crate::scrub::Scrubber;
use crate::transport::{End, Report, Reporter, Step, Transport, Trust, attempt};

/// What to fetch, and as whom.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The URLs in their order, with their placeholders. An operator may have pasted a secret into one, so `Debug` masks
    /// them too.
    pub urls: &'a [String],
    /// The credentials and how they travel.
    pub identity: &'a Identity,
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<MaskedUrl> = self.urls.iter().map(|url| MaskedUrl::new(url)).collect();
        f.debug_struct("Plan").field("urls", &urls).field("identity", self.identity).finish()
    }
}

/// How to fetch. Everything has a default.
#[derive(Clone, Debug)]
pub struct Options {
    /// Times and sizes.
    pub limits: Limits,
    /// What a plain password becomes in a URL.
    pub url_password: UrlPassword,
    /// What `[version]` in a URL stands for. `1.14`, as the phones say.
    pub version: String,
    /// Files of certificates in PEM form that are trusted beside the platform's own. None.
    pub extra_ca_files: Vec<PathBuf>,
    /// Whether a server's error message ends the run.
    pub on_error_answer: OnErrorAnswer,
    /// The `User-Agent` field of every request.
    pub user_agent: HeaderValue,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            url_password: UrlPassword::default(),
            version: "1.14".to_owned(),
            extra_ca_files: Vec::new(),
            on_error_answer: OnErrorAnswer::default(),
            user_agent: HeaderValue::from_static(concat!("provision/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// What a fetch brought.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// What the judge made of the body.
    pub value: T,
    /// The URL of the list that brought it, masked.
    pub url: MaskedUrl,
    /// Its place in the list, from 0.
    pub url_index: usize,
    /// Every attempt, in the order in which they were started.
    pub attempts: Vec<Attempt>,
    scrubber: Arc<Scrubber>,
}

impl<T> Fetched<T> {
    /// `text`, in which the server may have had a hand, with `[masked]` in place of our credentials:
    /// a server can repeat them in a body that is accepted, too (spec 7.2).
    pub fn mask(&self, text: &str) -> String {
        self.scrubber.scrub(text)
    }
}

/// Asks the URLs in their order until `judge` accepts a body.
///
/// The judge sees every complete body under status 200, and the bodies of other answers for the sake of an error message
/// in them; see [`Verdict`]. It is called on this task, and `events` too; the time that they take is theirs, and no limit
/// holds for it.
///
/// It needs a tokio runtime with time and I/O; the current-thread one will do. Dropping the future aborts every attempt:
/// their connections are closed when the runtime runs next, or is dropped. What cannot be aborted is a name resolution or
/// the reading of the trust store, on a thread of the runtime: a program that must end at once calls the runtime's
/// `shutdown_background`.
///
/// # Errors
///
/// If there is nothing to ask, if the credentials or an extra CA file cannot be used (all three before anything is sent),
/// or if no URL brought a body that the judge accepts. The error holds every attempt.
pub async fn fetch<T>(
    plan: &Plan<'_>,
    options: &Options,
    judge: impl FnMut(Answer<'_>) -> Verdict<T>,
    events: impl FnMut(&Event),
) -> Result<Fetched<T>, FetchError> {
    let transport = prepare(plan, options).map_err(FetchError::local)?;
    let candidates = plan
        .urls
        .iter()
        .map(|url| Candidate::new(url, plan.identity, options.url_password, &options.version))
        .collect();
    let run = Run {
        transport: Arc::new(transport),
        candidates,
        records: BTreeMap::new(),
        tried: HashSet::new(),
        accepted: BTreeMap::new(),
        attempts: JoinSet::new(),
        judge,
        events,
    };
    run.drive(options.on_error_answer).await
}

/// Everything that can be found wrong before a connection is made.
fn prepare(plan: &Plan<'_>, options: &Options) -> Result<Transport, Cause> {
    if plan.urls.is_empty() {
        return Err(Cause::NoUrls);
    }
    Ok(Transport {
        limits: options.limits.clone(),
        user_agent: options.user_agent.clone(),
        authorization: authorization(plan.identity)?,
        trust: Trust::with_extra_files(&options.extra_ca_files)?,
        scrubber: Arc::new(Scrubber::new(plan.identity, pasted_in_list(plan.urls))),
    })
}

fn authorization(identity: &Identity) -> Result<Option<HeaderValue>, Cause> {
    let Identity::Basic(credentials) = identity else {
        return Ok(None);
    };
    // RFC 7617 §2: the first colon ends the user name, so the server would read another one (spec 3.4).
    if credentials.user().contains(':') {
        return Err(Cause::ColonInUser);
    }
    let token = match credentials.password() {
        Password::Plain(_) => credentials.basic_token(),
        Password::Md5Digest(_) => None,
    };
    let token = token.ok_or(Cause::DigestWithBasic)?;
    let text = Zeroizing::new(format!("Basic {}", token.as_str()));
    let mut value = HeaderValue::from_str(&text).expect("base64 is a field value");
    value.set_sensitive(true);
    Ok(Some(value))
}

struct Run<T, J, E> {
    transport: Arc<Transport>,
    candidates: Vec<Candidate>,
    /// By the URL's index, which also is the order of the starts.
    records: BTreeMap<usize, Record>,
    /// Every URL that was asked, redirects included (spec 3.12).
    tried: HashSet<Endpoint>,
    /// What the judge accepted, until the machine names the winner.
    accepted: BTreeMap<usize, T>,
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
    async fn drive(mut self, on_error_answer: OnErrorAnswer) -> Result<Fetched<T>, FetchError> {
        let began = Instant::now();
        let (driver, mut reports) = unbounded_channel();
        let limits = self.transport.limits.clone();
        let mut failover =
            Failover::new(self.candidates.len(), on_error_answer, limits.attempt, limits.run);
        let finish = loop {
            let now = began.elapsed();
            match failover.next(now) {
                Action::Start(url) => {
                    if let Err(fault) = self.start(url, &driver) {
                        self.close(url, |record, at| record.fail(fault, at));
                        failover.report(url, Outcome::Failed);
                    }
                }
                Action::Abandon(url) => {
                    let fault = Fault::passing(
                        "attempt-timeout",
                        format!("the attempt took longer than {}", time_in_words(limits.attempt)),
                    )
                    .hint("check whether the server is overloaded, or allow more time");
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
        self.finish(finish, limits.run)
    }

    /// Begins an attempt; a fault here means that nothing was sent.
    fn start(&mut self, url: usize, driver: &UnboundedSender<Report>) -> Result<(), Fault> {
        let candidate = &mut self.candidates[url];
        let started = Event::AttemptStarted { url_index: url, url: candidate.url.clone() };
        let record = Record::begin(url, candidate.url.clone(), Instant::now());
        self.records.insert(url, record);
        (self.events)(&started);
        for warning in std::mem::take(&mut candidate.warnings) {
            (self.events)(&Event::UrlWarning { url_index: url, warning });
        }
        let endpoint = candidate.endpoint.clone()?;
        if !self.tried.insert(endpoint.clone()) {
            return Err(Fault::lasting(
                "url-repeated",
                "this URL was already tried in this run, and is not tried again",
            )
            .hint("remove the repetition from the list"));
        }
        let task = self.attempts.spawn(attempt(
            Arc::clone(&self.transport),
            endpoint,
            self.tried.clone(),
            Reporter { url_index: url, driver: driver.clone() },
        ));
        if let Some(record) = self.records.get_mut(&url) {
            record.run(task);
        }
        Ok(())
    }

    /// Takes note of a report. Some if it ends the attempt.
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
            Step::Connecting(address) => record.connecting(address),
            Step::Redirected { status, to } => {
                let origin = to.origin().to_string();
                self.tried.insert(to);
                (self.events)(&Event::Redirected { url_index: url, status, origin });
            }
            Step::Settled(fault) => record.settle(fault),
            Step::Ended(end) => return Some(self.end(url, end, at)),
        }
        None
    }

    fn end(&mut self, url: usize, end: End, at: Instant) -> Outcome {
        match end {
            End::Body(body) => self.judge_body(url, &body, at),
            End::Failed(fault) => {
                self.close(url, |record, at| record.fail(fault, at));
                Outcome::Failed
            }
            End::FailedWithBody { fault, status, body } => {
                self.look_for_message(url, fault, status, &body)
            }
        }
    }

    fn judge_body(&mut self, url: usize, body: &Bytes, at: Instant) -> Outcome {
        if let Some(record) = self.records.get_mut(&url) {
            let left = record.enter(Stage::Accept, at);
            self.tell_stage(url, left);
        }
        let answer = Answer { status: StatusCode::OK, body };
        let (fault, outcome) = match (self.judge)(answer) {
            Verdict::Accept(value) => {
                self.accepted.insert(url, value);
                self.succeed(url);
                return Outcome::Accepted;
            }
            Verdict::Reject(rejection) => {
                let message = match rejection.quotation {
                    Some(quotation) => {
                        let quotation = self.transport.scrubber.scrub(&quotation);
                        format!("{}: {quotation}", rejection.message)
                    }
                    None => rejection.message,
                };
                let fault = Fault::lasting(rejection.code, message);
                let fault = match rejection.hint {
                    Some(hint) => fault.hint(hint),
                    None => fault,
                };
                (fault, Outcome::Failed)
            }
            Verdict::ErrorAnswer(message) => {
                let message = self.transport.scrubber.server_message(&message);
                let fault = Fault::lasting(
                    "error-answer",
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

    fn succeed(&mut self, url: usize) {
        let left = self.records.get_mut(&url).and_then(|record| record.succeed(Instant::now()));
        self.tell_stage(url, left);
        self.tell_end(url);
    }

    fn close(&mut self, url: usize, close: impl FnOnce(&mut Record, Instant)) {
        if let Some(record) = self.records.get_mut(&url) {
            close(record, Instant::now());
        }
        self.tell_end(url);
    }

    fn tell_stage(&mut self, url: usize, left: Option<StageTiming>) {
        if let Some(StageTiming { stage, elapsed, .. }) = left {
            (self.events)(&Event::StageFinished { url_index: url, stage, elapsed });
        }
    }

    fn tell_end(&mut self, url: usize) {
        if let Some(record) = self.records.get(&url) {
            (self.events)(&Event::AttemptEnded(record.attempt().clone()));
        }
    }

    fn finish(mut self, finish: Finish, limit: Duration) -> Result<Fetched<T>, FetchError> {
        let pending: Vec<usize> = self
            .records
            .iter()
            .filter(|(_, record)| !record.is_over())
            .map(|(url, _)| *url)
            .collect();
        for url in pending {
            let fault = Fault::passing(
                "run-deadline",
                format!("the limit of the whole run, {}, was reached", time_in_words(limit)),
            )
            .hint("check whether the server is overloaded, or allow more time");
            self.close(url, |record, at| record.abandon(fault, at));
        }
        let attempts = self.records.into_values().map(Record::into_attempt).collect();
        let cause = match finish {
            Finish::Won(url_index) => match self.accepted.remove(&url_index) {
                Some(value) => {
                    return Ok(Fetched {
                        value,
                        url: self.candidates.swap_remove(url_index).url,
                        url_index,
                        attempts,
                        scrubber: Arc::clone(&self.transport.scrubber),
                    });
                }
                // The machine names only URLs whose acceptance it was told of.
                None => Cause::AllFailed,
            },
            Finish::AllFailed => Cause::AllFailed,
            Finish::Stopped => Cause::StoppedAtErrorAnswer,
            Finish::Deadline => Cause::Deadline { limit },
        };
        Err(FetchError::after(cause, attempts))
    }
}

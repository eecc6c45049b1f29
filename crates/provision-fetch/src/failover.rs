//! Which URL is asked when, and whose answer is used (spec 3.1, 3.10, 3.11). No I/O and no clock: the driver tells what
//! happened and the time since the run began, and the machine answers with what to do.
//!
//! URLs are started in their order. A definite failure starts the next one at once; while no answer has come, the next one
//! is also started beside those that are merely slow. An answer is held back while an earlier URL may still bring one, but
//! no longer than [`LONGEST_HOLD`] after the first start.

use std::time::Duration;

use crate::origin::Scheme;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Start the attempt for this URL.
    Start(usize, StartReason),
    /// Give this URL's attempt up: its time is over. It counts as failed already.
    Abandon(usize),
    /// Nothing, until something happens or this time has come.
    Wait { until: Duration },
    /// The run is over. Attempts that are still pending are void.
    Finish(Finish),
}

/// Why a URL is asked when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartReason {
    /// It is the first one.
    First,
    /// One before it has failed.
    Failure,
    /// Those before it take long. They go on beside it.
    Delay,
    /// Every URL is asked, whatever comes of the others ([`survey`](crate::survey)).
    Survey,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// This URL's answer is the one to use.
    Won(usize),
    /// Every URL has failed.
    AllFailed,
    /// A server sent an error message, and the policy is to stop there.
    Stopped,
    /// The run's time is over.
    Deadline,
}

/// What happened to a URL whose attempt was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its answer was accepted.
    Accepted,
    /// It has failed, but may still bring an error message for the user. Another outcome follows.
    Settled,
    /// It failed.
    Failed,
    /// It failed by an error message from its server.
    ErrorAnswer,
}

/// In which order the URLs are asked (spec 3.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The next URL is started when one has failed, and beside those that take long: 1 s after the last start, then 500,
    /// 250, 125 and from there on 100 ms. The answer of an earlier URL goes before that of a later one for 3 s. A URL
    /// with http is never started beside a pending one with https.
    #[default]
    Staggered,
    /// A URL is started when every earlier one has failed.
    Sequential,
}

/// Whether a server's error message ends the run (spec 3.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnErrorAnswer {
    /// The next URL is tried.
    #[default]
    Next,
    /// No other URL is tried.
    Stop,
}

/// What a run is decided by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) order: Order,
    pub(crate) on_error_answer: OnErrorAnswer,
    /// For one URL.
    pub(crate) attempt_limit: Duration,
    /// For all of them together.
    pub(crate) run_limit: Duration,
}

/// The state of a run.
#[derive(Debug)]
pub(crate) struct Failover {
    urls: Vec<Url>,
    rules: Rules,
    first_start: Duration,
    last_start: Duration,
    /// How often a URL was started because others took long.
    starts_by_time: usize,
    /// Whether a URL has failed since the last start, or none was started.
    is_start_due: bool,
}

#[derive(Debug)]
struct Url {
    /// None if it is unusable and fails as soon as it is started.
    scheme: Option<Scheme>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Untried,
    Pending {
        since: Duration,
    },
    /// It has failed; whether with an error message, is still to come.
    Settled {
        since: Duration,
    },
    /// Its answer, or by the policy its error message, ends the run when no earlier URL can.
    Answered(Finish),
    Failed,
}

impl Failover {
    /// A run over URLs with these schemes, none standing for a URL that cannot be asked.
    pub(crate) fn new(schemes: impl IntoIterator<Item = Option<Scheme>>, rules: Rules) -> Self {
        let url = |scheme| Url { scheme, state: State::Untried };
        Self {
            urls: schemes.into_iter().map(url).collect(),
            rules,
            first_start: Duration::ZERO,
            last_start: Duration::ZERO,
            starts_by_time: 0,
            is_start_due: true,
        }
    }

    /// Takes note of news. What comes of an attempt that is over is stale and changes nothing.
    pub(crate) fn report(&mut self, url: usize, outcome: Outcome) {
        let stops = self.rules.on_error_answer == OnErrorAnswer::Stop;
        let Some(Url { state, .. }) = self.urls.get_mut(url) else {
            return;
        };
        let (next, has_failed) = match (*state, outcome) {
            (State::Pending { .. }, Outcome::Accepted) => {
                (State::Answered(Finish::Won(url)), false)
            }
            // Where its message may end the run, the next URL waits for that.
            (State::Pending { since }, Outcome::Settled) => (State::Settled { since }, !stops),
            (State::Pending { .. } | State::Settled { .. }, Outcome::ErrorAnswer) if stops => {
                (State::Answered(Finish::Stopped), false)
            }
            (State::Pending { .. }, Outcome::ErrorAnswer | Outcome::Failed) => {
                (State::Failed, true)
            }
            (State::Settled { .. }, Outcome::ErrorAnswer | Outcome::Failed) => {
                (State::Failed, stops)
            }
            _ => return,
        };
        *state = next;
        self.is_start_due |= has_failed;
    }

    /// The next action at `now`. To be asked again after every action but [`Action::Wait`] and [`Action::Finish`].
    pub(crate) fn next(&mut self, now: Duration) -> Action {
        let answer = self.first_answer();
        if let Some((url, finish)) = answer {
            let is_held = now < self.hold_end()
                && now < self.rules.run_limit
                && self.urls[..url].iter().any(|earlier| self.may_end_the_run(earlier.state));
            if !is_held {
                return Action::Finish(finish);
            }
        }
        if self.urls.iter().all(|url| url.state == State::Failed) {
            return Action::Finish(Finish::AllFailed);
        }
        if now >= self.rules.run_limit {
            return Action::Finish(Finish::Deadline);
        }
        let mut until = self.rules.run_limit;
        for url in 0..self.urls.len() {
            if let State::Pending { since } | State::Settled { since } = self.urls[url].state {
                let end = since.saturating_add(self.rules.attempt_limit);
                if now >= end {
                    self.urls[url].state = State::Failed;
                    self.is_start_due = true;
                    return Action::Abandon(url);
                }
                until = until.min(end);
            }
        }
        if answer.is_some() {
            // Whatever else could be started stands behind it.
            return Action::Wait { until: until.min(self.hold_end()) };
        }
        if let Some((url, due)) = self.next_start() {
            if now >= due {
                return self.start(url, now);
            }
            until = until.min(due);
        }
        Action::Wait { until }
    }

    /// The earliest URL that has answered, and how that ends the run.
    fn first_answer(&self) -> Option<(usize, Finish)> {
        self.urls.iter().enumerate().find_map(|(index, url)| match url.state {
            State::Answered(finish) => Some((index, finish)),
            _ => None,
        })
    }

    fn hold_end(&self) -> Duration {
        self.first_start.saturating_add(LONGEST_HOLD)
    }

    /// Whether a URL in this state may still be the one that ends the run.
    fn may_end_the_run(&self, state: State) -> bool {
        match state {
            State::Untried | State::Pending { .. } => true,
            State::Settled { .. } => self.rules.on_error_answer == OnErrorAnswer::Stop,
            State::Answered(_) | State::Failed => false,
        }
    }

    /// The next URL to start, and when that is due if nothing happens before.
    fn next_start(&self) -> Option<(usize, Duration)> {
        let next = self.urls.iter().position(|url| url.state == State::Untried)?;
        let mut pending = self.urls.iter().filter(|url| matches!(url.state, State::Pending { .. }));
        match self.rules.order {
            Order::Sequential => {
                let is_free = self.urls[..next].iter().all(|url| url.state == State::Failed);
                is_free.then_some((next, Duration::ZERO))
            }
            Order::Staggered => {
                let is_plain = self.urls[next].scheme == Some(Scheme::Http);
                if is_plain && pending.any(|url| url.scheme == Some(Scheme::Https)) {
                    return None;
                }
                let due = match self.is_start_due {
                    true => Duration::ZERO,
                    false => self.last_start.saturating_add(gap(self.starts_by_time)),
                };
                Some((next, due))
            }
        }
    }

    fn start(&mut self, url: usize, now: Duration) -> Action {
        let reason = match (url, self.is_start_due) {
            (0, _) => StartReason::First,
            (_, true) => StartReason::Failure,
            (_, false) => StartReason::Delay,
        };
        if reason == StartReason::First {
            self.first_start = now;
        }
        self.starts_by_time += usize::from(reason == StartReason::Delay);
        self.last_start = now;
        self.is_start_due = false;
        self.urls[url].state = State::Pending { since: now };
        Action::Start(url, reason)
    }
}

/// How long after the last start the next one is made by time, after so many of them.
fn gap(starts_by_time: usize) -> Duration {
    let milliseconds = match starts_by_time {
        0 => 1000,
        1 => 500,
        2 => 250,
        3 => 125,
        _ => 100,
    };
    Duration::from_millis(milliseconds)
}

/// How long after the first start an answer is held back for the sake of an earlier URL.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;

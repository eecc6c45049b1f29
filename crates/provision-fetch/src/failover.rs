//! Which URL is asked when. No I/O and no clock: the driver tells what happened and the time since the run began, and the
//! machine answers with what to do.
//!
//! The order is strict (spec 3.1): a URL is started when every earlier one has failed.

use std::time::Duration;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Start the attempt for this URL.
    Start(usize),
    /// Give this URL's attempt up: its time is over. It counts as failed already.
    Abandon(usize),
    /// Nothing, until something happens or this time has come.
    Wait { until: Duration },
    /// The run is over. Attempts that are still pending are void.
    Finish(Finish),
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
    /// Its body was accepted.
    Accepted,
    /// It failed.
    Failed,
    /// It failed by an error message from its server.
    ErrorAnswer,
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

/// The state of a run.
#[derive(Debug)]
pub(crate) struct Failover {
    urls: Vec<State>,
    on_error_answer: OnErrorAnswer,
    stopped: bool,
    attempt_limit: Duration,
    run_limit: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Untried,
    Pending { since: Duration },
    Accepted,
    Failed,
}

impl Failover {
    pub(crate) fn new(
        urls: usize,
        on_error_answer: OnErrorAnswer,
        attempt_limit: Duration,
        run_limit: Duration,
    ) -> Self {
        Self {
            urls: vec![State::Untried; urls],
            on_error_answer,
            stopped: false,
            attempt_limit,
            run_limit,
        }
    }

    /// An attempt is over. News of an attempt that is not pending is stale and changes nothing.
    pub(crate) fn report(&mut self, url: usize, outcome: Outcome) {
        let Some(state @ State::Pending { .. }) = self.urls.get_mut(url) else {
            return;
        };
        *state = match outcome {
            Outcome::Accepted => State::Accepted,
            Outcome::Failed | Outcome::ErrorAnswer => State::Failed,
        };
        self.stopped |=
            outcome == Outcome::ErrorAnswer && self.on_error_answer == OnErrorAnswer::Stop;
    }

    /// The next action at `now`. To be asked again after every action but [`Action::Wait`] and [`Action::Finish`].
    pub(crate) fn next(&mut self, now: Duration) -> Action {
        let undecided = self.urls.iter().position(|state| *state != State::Failed);
        match undecided {
            Some(url) if self.urls[url] == State::Accepted => {
                return Action::Finish(Finish::Won(url));
            }
            _ if self.stopped => return Action::Finish(Finish::Stopped),
            None => return Action::Finish(Finish::AllFailed),
            Some(_) if now >= self.run_limit => return Action::Finish(Finish::Deadline),
            Some(_) => {}
        }
        let mut until = self.run_limit;
        for (url, state) in self.urls.iter_mut().enumerate() {
            match *state {
                State::Pending { since } => {
                    let end = since.saturating_add(self.attempt_limit);
                    if now >= end {
                        *state = State::Failed;
                        return Action::Abandon(url);
                    }
                    until = until.min(end);
                    break;
                }
                State::Untried => {
                    *state = State::Pending { since: now };
                    return Action::Start(url);
                }
                State::Accepted | State::Failed => {}
            }
        }
        Action::Wait { until }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn failover(urls: usize, policy: OnErrorAnswer) -> Failover {
        Failover::new(urls, policy, ms(100), ms(250))
    }

    #[test]
    fn the_next_url_starts_at_once_after_a_failure() {
        let mut failover = failover(2, OnErrorAnswer::Next);
        assert_eq!(failover.next(ms(0)), Action::Start(0));
        assert_eq!(failover.next(ms(0)), Action::Wait { until: ms(100) });
        failover.report(0, Outcome::Failed);
        assert_eq!(failover.next(ms(7)), Action::Start(1));
        assert_eq!(failover.next(ms(7)), Action::Wait { until: ms(107) });
        failover.report(1, Outcome::Accepted);
        assert_eq!(failover.next(ms(8)), Action::Finish(Finish::Won(1)));
    }

    #[test]
    fn an_attempt_is_abandoned_when_its_time_is_over() {
        let mut failover = failover(2, OnErrorAnswer::Next);
        assert_eq!(failover.next(ms(0)), Action::Start(0));
        assert_eq!(failover.next(ms(99)), Action::Wait { until: ms(100) });
        assert_eq!(failover.next(ms(100)), Action::Abandon(0));
        assert_eq!(failover.next(ms(100)), Action::Start(1));
        // What the abandoned attempt still says is stale.
        failover.report(0, Outcome::Accepted);
        assert_eq!(failover.next(ms(101)), Action::Wait { until: ms(200) });
    }

    #[test]
    fn the_run_ends_in_time() {
        let mut failover = failover(4, OnErrorAnswer::Next);
        for start in [0, 100] {
            assert!(matches!(failover.next(ms(start)), Action::Start(_)));
            assert!(matches!(failover.next(ms(start + 100)), Action::Abandon(_)));
        }
        assert_eq!(failover.next(ms(200)), Action::Start(2));
        assert_eq!(failover.next(ms(200)), Action::Wait { until: ms(250) });
        assert_eq!(failover.next(ms(250)), Action::Finish(Finish::Deadline));
    }

    #[test]
    fn a_good_answer_at_the_last_moment_counts() {
        let mut failover = failover(2, OnErrorAnswer::Next);
        assert_eq!(failover.next(ms(0)), Action::Start(0));
        failover.report(0, Outcome::Accepted);
        assert_eq!(failover.next(ms(250)), Action::Finish(Finish::Won(0)));
    }

    #[test]
    fn an_error_answer_stops_only_by_policy() {
        for (policy, next) in [
            (OnErrorAnswer::Next, Action::Start(1)),
            (OnErrorAnswer::Stop, Action::Finish(Finish::Stopped)),
        ] {
            let mut failover = failover(2, policy);
            assert_eq!(failover.next(ms(0)), Action::Start(0));
            failover.report(0, Outcome::ErrorAnswer);
            assert_eq!(failover.next(ms(1)), next);
        }
    }

    #[test]
    fn limits_without_end_do_not_overflow() {
        let mut failover = Failover::new(1, OnErrorAnswer::Next, Duration::MAX, Duration::MAX);
        assert_eq!(failover.next(ms(5)), Action::Start(0));
        let until = Duration::MAX;
        assert_eq!(failover.next(ms(6)), Action::Wait { until });
    }

    proptest! {
        /// Whatever happens when: URLs start in their order, one at a time, each once, and the winner is the first one
        /// that answered.
        #[test]
        fn the_order_is_strict(
            script in prop::collection::vec((0_u64..150, prop::sample::select(vec![
                Outcome::Accepted, Outcome::Failed, Outcome::ErrorAnswer,
            ])), 0..8),
        ) {
            let mut failover = failover(script.len(), OnErrorAnswer::Next);
            let mut now = ms(0);
            let mut started = 0;
            let mut answered = None;
            for _ in 0..100 {
                match failover.next(now) {
                    Action::Start(url) => {
                        prop_assert_eq!(url, started);
                        prop_assert!(answered.is_none());
                        started += 1;
                    }
                    Action::Abandon(url) => prop_assert_eq!(url, started - 1),
                    Action::Wait { until } => {
                        prop_assert!(until > now);
                        let (delay, outcome) = script[started - 1];
                        let reported = now + ms(delay);
                        now = reported.min(until);
                        if reported <= until {
                            failover.report(started - 1, outcome);
                            if outcome == Outcome::Accepted {
                                answered = Some(started - 1);
                            }
                        }
                    }
                    Action::Finish(finish) => {
                        match finish {
                            Finish::Won(url) => prop_assert_eq!(Some(url), answered),
                            Finish::AllFailed => prop_assert_eq!(started, script.len()),
                            Finish::Deadline => prop_assert!(now >= ms(250)),
                            Finish::Stopped => prop_assert!(false),
                        }
                        return Ok(());
                    }
                }
            }
            prop_assert!(false, "the run did not end");
        }
    }
}

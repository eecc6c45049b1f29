//! The rules of spec 6.2 said once more, as what must and what must not be seen of the machine from outside.

use super::sequences::Shift;
use super::*;

/// Watches a machine, and knows when it breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Witness {
    calls: u32,
    /// The cause of the run that is under way.
    running: Option<RunCause>,
    is_stopped: bool,
    hold: Option<Hold>,
    /// A run must come as soon as no call is active.
    is_owed: bool,
    /// A run may come: the shortest time that chance allows is over.
    is_allowed: bool,
    period: Option<Duration>,
    /// The last end of a run that was not cancelled, by the wall clock as it is set now.
    last_end: Option<Moment>,
    last_cause: RunCause,
    failed_for_now: bool,
    /// The network came while the run went on.
    network_came: bool,
    /// When it came so that a retry can help, by the wall clock as it is set now.
    network_up: Option<Moment>,
}

impl Witness {
    pub(super) fn new() -> Self {
        Self {
            calls: 0,
            running: None,
            is_stopped: false,
            hold: None,
            is_owed: true,
            is_allowed: true,
            period: None,
            last_end: None,
            last_cause: RunCause::Start,
            failed_for_now: false,
            network_came: false,
            network_up: None,
        }
    }

    pub(super) fn hears(&mut self, input: Input, now: Moment) {
        if input == Input::ClockSet {
            for past in [&mut self.last_end, &mut self.network_up].into_iter().flatten() {
                past.wall = now.wall - (now.monotonic - past.monotonic);
            }
        }
        self.looks(now, input == Input::Woke);
        match input {
            Input::CallStarted => self.calls += 1,
            Input::CallEnded => self.calls = self.calls.saturating_sub(1),
            Input::Deserted => self.calls = 0,
            Input::Stop => self.is_stopped = true,
            Input::NewCredentials => {
                self.hold = None;
                self.owe();
            }
            Input::Requested if self.running.is_none() => {
                self.hold = None;
                self.owe();
            }
            Input::NetworkUp(_) if self.running.is_some() => self.network_came = true,
            Input::NetworkUp(_) => self.expect_retry(now),
            Input::Ended(end) => self.ends(end, now),
            Input::Requested | Input::Woke | Input::ClockSet => {}
        }
    }

    fn ends(&mut self, end: RunEnd, now: Moment) {
        let Some(cause) = self.running.take() else { return };
        if let Some(RefreshRate(seconds)) = end.rate {
            self.period = (seconds > 0).then(|| s(u64::from(seconds.max(30))));
        }
        self.last_end = Some(now);
        self.last_cause = cause;
        self.failed_for_now = end.result == RunResult::FailedForNow;
        // If one is owed already, it is that with newer credentials.
        if !self.is_owed {
            self.hold = match end.result {
                RunResult::Refused => Some(Hold::Refused),
                RunResult::Declined => Some(Hold::Declined),
                _ => None,
            };
            if self.network_came {
                self.expect_retry(now);
            }
        }
    }

    fn expect_retry(&mut self, now: Moment) {
        if self.failed_for_now {
            self.network_up.get_or_insert(now);
        }
    }

    /// From when the network came: the shortest and the longest time to the retry.
    fn retry_after(&self, network_up: Moment) -> (Duration, Duration) {
        let spread = self.period.map_or(s(30), |period| s(30).min(period / 10));
        let since_end = self.last_end.map_or(s(0), |end| network_up.monotonic - end.monotonic);
        let shortest = match self.last_cause {
            // A second one in a row has no haste.
            RunCause::NetworkUp => s(30).saturating_sub(since_end),
            _ => s(0),
        };
        (shortest, shortest.max(spread))
    }

    fn owe(&mut self) {
        self.is_owed = true;
        self.is_allowed = true;
    }

    /// Finds out what is due by now.
    fn looks(&mut self, now: Moment, has_woken: bool) {
        let Some(end) = self.last_end else { return };
        if self.running.is_some() || self.hold.is_some() {
            return;
        }
        let is_wall_believed = has_woken || now.monotonic - end.monotonic >= s(30);
        let since = |past: Moment| {
            let awake = now.monotonic - past.monotonic;
            let by_wall = now.wall.duration_since(past.wall).unwrap_or_default();
            if is_wall_believed { awake.max(by_wall) } else { awake }
        };
        if let Some(period) = self.period {
            self.is_owed |= since(end) >= period + period / 10;
            self.is_allowed |= since(end) >= period;
        }
        if let Some(network_up) = self.network_up {
            let (shortest, longest) = self.retry_after(network_up);
            self.is_owed |= since(network_up) >= longest;
            self.is_allowed |= since(network_up) >= shortest;
        }
        self.is_allowed |= self.is_owed;
    }

    /// Whether this action is right.
    pub(super) fn sees(&mut self, action: Action, now: Moment) -> Result<(), Broken> {
        self.looks(now, false);
        match action {
            Action::Start(cause) => {
                rule(self.running.is_none(), "one run at a time")?;
                rule(self.calls == 0, "no run during a call")?;
                rule(!self.is_stopped, "no run after a stop")?;
                rule(self.hold.is_none(), "no run before new credentials")?;
                rule(self.is_allowed, "no run before its time")?;
                self.running = Some(cause);
                self.is_owed = false;
                self.is_allowed = false;
                self.network_up = None;
                self.network_came = false;
            }
            Action::Cancel(interruption) => {
                rule(self.running.take().is_some(), "only a run can be cancelled")?;
                let is_so = match interruption {
                    Interruption::Call => self.calls > 0,
                    Interruption::NewCredentials => self.is_owed,
                    Interruption::Stop => self.is_stopped,
                };
                rule(is_so, "no run is cancelled without a reason")?;
                self.owe();
            }
            Action::PutOff(_) => {
                rule(self.calls > 0 && self.running.is_none(), "only a call puts off")?;
                rule(self.is_allowed, "only what is due is put off")?;
            }
            Action::Wait { until } => self.rests(until, now)?,
            Action::End => {
                rule(self.is_stopped, "it ends when it is told to")?;
                rule(self.running.is_none(), "a stop cancels")?;
            }
        }
        Ok(())
    }

    /// Whether there is nothing to do at `now`.
    fn rests(&self, until: Option<Instant>, now: Moment) -> Result<(), Broken> {
        rule(!self.is_stopped, "a stop ends it")?;
        rule(until.is_none_or(|until| until > now.monotonic), "no wait for what is past")?;
        if self.running.is_some() {
            rule(self.calls == 0, "a call cancels a run")?;
            return rule(!self.is_owed, "new credentials cancel a run");
        }
        if self.hold.is_some() {
            return rule(until.is_none(), "nothing to wait for but credentials");
        }
        if self.calls > 0 && self.is_allowed {
            return Ok(());
        }
        rule(!self.is_owed, "what is due is started")?;
        let longest = |(period, end): (Duration, Moment)| end.monotonic + period + period / 10;
        let by_period = self.period.zip(self.last_end).map(longest);
        let by_network = self.network_up.map(|up| up.monotonic + self.retry_after(up).1);
        match by_period.into_iter().chain(by_network).min() {
            Some(latest) => {
                rule(until.is_some_and(|until| until <= latest), "what will be due is waited for")
            }
            None => rule(until.is_none(), "nothing to wait for"),
        }
    }

    /// The same, a while earlier by both clocks.
    pub(super) fn shifted(&self, shift: Shift) -> Self {
        Self {
            last_end: self.last_end.map(|end| shift.moment(end)),
            network_up: self.network_up.map(|up| shift.moment(up)),
            ..self.clone()
        }
    }
}

/// A rule that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

fn rule(holds: bool, rule: &'static str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(rule)) }
}

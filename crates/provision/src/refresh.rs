//! When a phone is provisioned again (spec 6.2). No I/O and no clock: the driver tells what happened and what the clocks
//! show, and the machine answers with what to do.
//!
//! A run falls due a period after the last one has ended, and by what the phone's program tells. Whatever falls due is one
//! run, however much of it there is; while a call is active it waits for the hang-up.
//!
//! Two clocks are looked at, because a monotonic one stands still while the machine sleeps and a wall clock can be set. The
//! first to show that a period is over counts, both being started anew when a run ends: so a clock that is set back postpones
//! nothing for longer than the period, and one that is set forth brings one refresh forward.

use std::time::{Duration, Instant, SystemTime};

/// What both clocks show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Moment {
    /// Only ever goes on, and may stand still while the machine sleeps.
    pub(crate) monotonic: Instant,
    /// Goes on while the machine sleeps, and can be set.
    pub(crate) wall: SystemTime,
}

/// What the machine is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    /// A call has begun. There can be several at once.
    CallStarted,
    /// One of them is over.
    CallEnded,
    /// The network can be used, perhaps again.
    NetworkUp(Chance),
    /// The machine was asleep and is not any more.
    Woke,
    /// The wall clock was set.
    ClockSet,
    /// The user wants a run now.
    Requested,
    /// There are new credentials.
    NewCredentials,
    /// The run that was started is over.
    Ended(RunEnd),
    /// Nobody is left to tell anything, not even that a call is over.
    Deserted,
    /// Nothing is wanted any more.
    Stop,
}

/// What there is to know of a run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RunEnd {
    pub(crate) result: RunResult,
    /// That of the provisioning file, if it could be read. If not, the last one that was read holds.
    pub(crate) rate: Option<RefreshRate>,
    /// For the time of the next run.
    pub(crate) chance: Chance,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RunResult {
    /// Well.
    Succeeded,
    /// For a reason that may pass by itself.
    FailedForNow,
    /// For one that does not.
    Failed,
    /// A server refused the credentials.
    Refused,
    /// The user did not want to give any.
    Declined,
}

/// Seconds from the end of a run to the next one, as a provisioning file has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RefreshRate(pub(crate) u32);

/// A random number from 0 to [`u16::MAX`], of which a fleet of phones has different ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Chance(pub(crate) u16);

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Start a run.
    Start(RunCause),
    /// Give the run up that was started; how it ends is of no interest any more.
    Cancel(Interruption),
    /// Say that a run has fallen due and waits for the end of a call.
    PutOff(RunCause),
    /// Nothing, until something is told or this time has come. With no time, only what is told can change anything.
    Wait { until: Option<Instant> },
    /// It is over.
    End,
}

/// Why a run is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunCause {
    /// It is the first one.
    Start,
    /// The refresh rate's seconds are over.
    Period,
    /// The last one failed for a reason that may have passed now that there is a network.
    NetworkUp,
    /// It was asked for.
    Requested,
    /// There are new credentials.
    NewCredentials,
}

/// Why a run was given up before its end. The phone's files are as they were before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interruption {
    /// A call began. It is made again after the hang-up.
    Call,
    /// It went on with credentials that are not the latest. It is made again at once.
    NewCredentials,
    /// Nothing is wanted any more.
    Stop,
}

/// What is to come by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Prospect {
    Run(RunCause),
    /// No run falls due by time.
    Nothing,
    Held(Hold),
}

/// Why no run is made by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hold {
    /// A server refused the credentials, and they are not sent to it again by themselves (spec 3.12). A request or new
    /// credentials change that.
    Refused,
    /// The user was asked for credentials and gave none. A request or new credentials change that, too.
    Declined,
}

/// The state between and during runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Refresh {
    calls: usize,
    /// The next run. While one is under way, the one that makes it void.
    due: Option<Due>,
    running: Option<Running>,
    hold: Option<Hold>,
    period: Option<Duration>,
    /// The last run that was not cancelled.
    last: Option<Last>,
    is_stopped: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Due {
    cause: RunCause,
    time: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Time {
    Now {
        is_told: bool,
    },
    /// Whichever clock comes first; one that has no number for that time never does.
    At {
        monotonic: Option<Instant>,
        wall: Option<SystemTime>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running {
    cause: RunCause,
    /// The network came while it ran, perhaps too late for it.
    network_up: Option<Chance>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Last {
    cause: RunCause,
    end: Instant,
    /// Whether it failed for a reason that may pass, and no network has come since.
    awaits_network: bool,
}

impl RefreshRate {
    /// None if there is no next run by time.
    pub(crate) fn period(self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_secs(self.0.into()).max(SHORTEST_PERIOD))
    }

    /// Whether it is shorter than a server has to bear.
    pub(crate) fn is_raised(self) -> bool {
        self.period().is_some_and(|period| period.as_secs() != self.0.into())
    }
}

impl Chance {
    fn of(self, spread: Duration) -> Duration {
        spread.mul_f64(f64::from(self.0) / f64::from(u16::MAX))
    }
}

impl Moment {
    fn after(self, delay: Duration) -> Time {
        let monotonic = self.monotonic.checked_add(delay);
        Time::At { monotonic, wall: self.wall.checked_add(delay) }
    }
}

impl Refresh {
    /// The first run is due at once.
    pub(crate) fn new() -> Self {
        Self {
            calls: 0,
            due: Some(Due { cause: RunCause::Start, time: NOW }),
            running: None,
            hold: None,
            period: None,
            last: None,
            is_stopped: false,
        }
    }

    /// What is to come if nobody tells anything.
    pub(crate) fn prospect(&self) -> Prospect {
        match (self.hold, &self.due) {
            (Some(hold), _) => Prospect::Held(hold),
            (None, Some(due)) => Prospect::Run(due.cause),
            (None, None) => Prospect::Nothing,
        }
    }

    /// Why the run that is under way must not go on, if there is one and it must not.
    pub(crate) fn interruption(&self) -> Option<Interruption> {
        self.running.as_ref()?;
        if self.is_stopped {
            Some(Interruption::Stop)
        } else if self.due.is_some() {
            Some(Interruption::NewCredentials)
        } else {
            (self.calls > 0).then_some(Interruption::Call)
        }
    }

    /// Takes note of news.
    pub(crate) fn take(&mut self, input: Input, now: Moment) {
        match input {
            Input::CallStarted => self.calls = self.calls.saturating_add(1),
            Input::CallEnded => self.calls = self.calls.saturating_sub(1),
            Input::Deserted => self.calls = 0,
            Input::NetworkUp(chance) => match &mut self.running {
                Some(running) => running.network_up = Some(chance),
                None => self.retry(chance, now),
            },
            Input::Requested => self.request(),
            Input::NewCredentials => {
                self.hold = None;
                self.due = Some(Due { cause: RunCause::NewCredentials, time: NOW });
            }
            Input::Ended(end) => self.end(end, now),
            Input::Stop => self.is_stopped = true,
            Input::Woke => self.settle(now, Wall::Trusted),
            Input::ClockSet => self.begin_wall_anew(now),
        }
    }

    /// The next action at `now`. To be asked again after every action but [`Action::Wait`] and [`Action::End`].
    pub(crate) fn next(&mut self, now: Moment) -> Action {
        self.settle(now, Wall::Doubted);
        if let Some(interruption) = self.interruption() {
            if let Some(Running { cause, .. }) = self.running.take() {
                self.due.get_or_insert(Due { cause, time: NOW });
            }
            return Action::Cancel(interruption);
        }
        if self.is_stopped {
            return Action::End;
        }
        if self.running.is_some() {
            return Action::Wait { until: None };
        }
        let Some(Due { cause, time }) = &mut self.due else {
            return Action::Wait { until: None };
        };
        let cause = *cause;
        match time {
            Time::Now { .. } if self.calls == 0 => {
                self.due = None;
                self.running = Some(Running { cause, network_up: None });
                Action::Start(cause)
            }
            Time::Now { is_told: true } => Action::Wait { until: None },
            Time::Now { is_told } => {
                *is_told = true;
                Action::PutOff(cause)
            }
            Time::At { .. } => Action::Wait { until: self.wake_at(now) },
        }
    }

    /// When the next run falls due if the machine does not sleep and no clock is set before.
    pub(crate) fn wake_at(&self, now: Moment) -> Option<Instant> {
        let Time::At { monotonic, wall } = self.due.as_ref()?.time else {
            return Some(now.monotonic);
        };
        let by_wall = wall.and_then(|wall| {
            let rest = wall.duration_since(now.wall).unwrap_or_default();
            let at = now.monotonic.checked_add(rest)?;
            Some(self.doubt_end().map_or(at, |end| at.max(end)))
        });
        monotonic.into_iter().chain(by_wall).min()
    }

    /// What has fallen due stays so, whatever the clocks show later.
    fn settle(&mut self, now: Moment, trust: Wall) {
        let is_wall_believed =
            trust == Wall::Trusted || self.doubt_end().is_none_or(|end| now.monotonic >= end);
        if let Some(Due { time, .. }) = &mut self.due {
            if let Time::At { monotonic, wall } = *time {
                let is_over = monotonic.is_some_and(|at| now.monotonic >= at);
                if is_over || (is_wall_believed && wall.is_some_and(|at| now.wall >= at)) {
                    *time = NOW;
                }
            }
        }
    }

    /// Until then a wall clock that nobody explains brings no run, so that no clock, however mad, makes a storm of them.
    fn doubt_end(&self) -> Option<Instant> {
        self.last.as_ref().and_then(|last| last.end.checked_add(SHORTEST_PERIOD))
    }

    /// A clock that was set says nothing of how long it has been.
    fn begin_wall_anew(&mut self, now: Moment) {
        if let Some(Due { time: Time::At { monotonic: Some(at), wall }, .. }) = &mut self.due {
            *wall = now.wall.checked_add(at.saturating_duration_since(now.monotonic));
        }
    }

    fn request(&mut self) {
        // One that is under way is as good as another.
        if self.running.is_some() {
            return;
        }
        self.hold = None;
        if !matches!(self.due, Some(Due { time: Time::Now { .. }, .. })) {
            self.due = Some(Due { cause: RunCause::Requested, time: NOW });
        }
    }

    fn end(&mut self, end: RunEnd, now: Moment) {
        let Some(Running { cause, network_up }) = self.running.take() else {
            return;
        };
        if let Some(rate) = end.rate {
            self.period = rate.period();
        }
        let awaits_network = end.result == RunResult::FailedForNow;
        self.last = Some(Last { cause, end: now.monotonic, awaits_network });
        if self.due.is_some() {
            // New credentials came in the meantime: what the old ones led to has no meaning for them.
            return;
        }
        self.hold = match end.result {
            RunResult::Refused => Some(Hold::Refused),
            RunResult::Declined => Some(Hold::Declined),
            RunResult::Succeeded | RunResult::FailedForNow | RunResult::Failed => None,
        };
        if self.hold.is_none() {
            self.due = self.period.map(|period| {
                let delay = period.saturating_add(end.chance.of(period / 10));
                Due { cause: RunCause::Period, time: now.after(delay) }
            });
            if let Some(chance) = network_up {
                self.retry(chance, now);
            }
        }
    }

    /// Tries again soon, if that can help: not at once, so that a fleet does not arrive together, and without haste if the
    /// last run was such a one already, since a network may come and go all the time.
    fn retry(&mut self, chance: Chance, now: Moment) {
        let Some(last) = self.last.as_mut().filter(|last| last.awaits_network) else {
            return;
        };
        last.awaits_network = false;
        let spread = self.period.map_or(LONGEST_SPREAD, |period| LONGEST_SPREAD.min(period / 10));
        let mut delay = chance.of(spread);
        if last.cause == RunCause::NetworkUp {
            let since = now.monotonic.saturating_duration_since(last.end);
            delay = delay.max(SHORTEST_PERIOD.saturating_sub(since));
        }
        let retry = Due { cause: RunCause::NetworkUp, time: now.after(delay) };
        match &mut self.due {
            None => self.due = Some(retry),
            Some(due) => due.bring_forward(&retry),
        }
    }
}

impl Due {
    /// By each clock to the time of `other`, if that is earlier.
    fn bring_forward(&mut self, other: &Self) {
        if let (
            Time::At { monotonic, wall },
            Time::At { monotonic: other_monotonic, wall: other_wall },
        ) = (&mut self.time, other.time)
        {
            if is_before(other_monotonic, *monotonic) {
                *monotonic = other_monotonic;
                self.cause = other.cause;
            }
            if is_before(other_wall, *wall) {
                *wall = other_wall;
            }
        }
    }
}

/// None is never.
fn is_before<T: Ord>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one < other,
        (one, _) => one.is_some(),
    }
}

/// Whether the wall clock is known to tell how long the machine was asleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wall {
    Trusted,
    Doubted,
}

const NOW: Time = Time::Now { is_told: false };

/// From the end of a run to the next, by time.
pub(crate) const SHORTEST_PERIOD: Duration = Duration::from_secs(30);

/// How long at most a run waits when the network has come.
const LONGEST_SPREAD: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;

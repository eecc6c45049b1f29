//! Provisions a phone, and again and again (spec 6.2). What is done when, the machine in `refresh` says.

use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use provision_fetch::Credentials;

use crate::error::RunError;
use crate::event::Event;
use crate::refresh::{Action, Chance, Input, Moment, Prospect, Refresh, RefreshRate};
use crate::refresh::{RunEnd, RunResult};
use crate::run::{Context, Options, Outcome, Supplier};
use crate::session::Session;

pub use event::WatchEvent;
use signals::Signal;
pub use signals::Signals;

mod event;
mod signals;

/// Keeps a phone provisioned. Nothing happens before [`run`](Self::run) is awaited.
#[derive(Debug)]
pub struct Watch<'a> {
    session: Session<'a>,
    signals: UnboundedReceiver<Signal>,
    wall_clock: fn() -> SystemTime,
}

/// How a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatchEnd {
    /// It was told to.
    Stopped,
    /// All [`Signals`] were dropped, and no run is to come by itself.
    NothingToCome,
}

/// Keeps a phone provisioned: the first run at once, others as the provisioning file's refresh rate says (spec 6.2), and
/// as the phone's program asks for them by [`Signals`].
///
/// ```no_run
/// use provision::{Context, CredentialSource, Options, Outcome, WatchEvent, watch};
///
/// # async fn example() {
/// let context = Context { profile: "profile".into(), credentials: CredentialSource::Preset };
/// let (signals, watch) = watch(context, Options::default());
/// // The phone keeps `signals`: signals.call_started(), signals.call_ended(), signals.network_up() ...
/// let end = watch
///     .run(|event| match event {
///         WatchEvent::RunSucceeded(Outcome::Provisioned(provisioned)) => {
///             println!("{} bytes to run with", provisioned.effective.text().len());
///         }
///         WatchEvent::RunFailed(error) => println!("as before: {error}"),
///         WatchEvent::NextRun { after, .. } => println!("next in {} s", after.as_secs()),
///         _ => {}
///     })
///     .await;
/// # drop(signals);
/// # }
/// ```
pub fn watch(context: Context<'_>, options: Options) -> (Signals, Watch<'_>) {
    Watch::new(Session::new(context, options))
}

impl<'a> Watch<'a> {
    /// Goes on with a session, whose next run is due at once.
    pub fn new(session: Session<'a>) -> (Signals, Self) {
        let (sender, signals) = unbounded_channel();
        (Signals(sender), Self { session, signals, wall_clock: SystemTime::now })
    }

    /// Runs until it is told to stop, or nothing can happen any more.
    ///
    /// `events` is told what happens, runs and all their steps. It must not block. The future can be dropped at any time: the
    /// phone's files are then as they were before the run that was under way, or as they are after it.
    pub async fn run(self, mut events: impl FnMut(WatchEvent)) -> WatchEnd {
        let Self { mut session, signals, wall_clock } = self;
        let mut driver = Driver {
            signals,
            wall_clock,
            refresh: Refresh::new(),
            credentials: None,
            is_deserted: false,
            told: None,
            raised: None,
        };
        loop {
            driver.catch_up();
            match driver.refresh.next(driver.now()) {
                Action::Start(cause) => {
                    if let Some(credentials) = driver.credentials.take() {
                        session.use_credentials(credentials);
                    }
                    driver.told = None;
                    events(WatchEvent::RunStarted { cause });
                    driver.run(&mut session, &mut events).await;
                }
                // `run` has seen to that.
                Action::Cancel(by) => events(WatchEvent::RunInterrupted { by }),
                Action::PutOff(cause) => events(WatchEvent::PutOff { cause }),
                Action::Wait { until } => {
                    let until = until.map(Instant::from_std);
                    driver.announce(until, &mut events);
                    match until {
                        None if driver.is_deserted => return WatchEnd::NothingToCome,
                        _ => driver.listen(until).await,
                    }
                }
                Action::End => return WatchEnd::Stopped,
            }
        }
    }
}

/// The machine, and what goes into it.
struct Driver {
    signals: UnboundedReceiver<Signal>,
    wall_clock: fn() -> SystemTime,
    refresh: Refresh,
    /// For the next run.
    credentials: Option<Credentials>,
    /// Nobody has the other end of `signals`.
    is_deserted: bool,
    /// What was announced since the last run.
    told: Option<Prospect>,
    /// The last refresh rate that was said to be too short.
    raised: Option<u32>,
}

/// What happens during a run.
enum News {
    Heard(Option<Signal>),
    Ended(Result<Outcome, RunError>),
}

impl Driver {
    fn now(&self) -> Moment {
        Moment { monotonic: Instant::now().into_std(), wall: (self.wall_clock)() }
    }

    /// Makes a run, unless something is heard by which it must not go on. It is then dropped, and the machine knows.
    async fn run(&mut self, session: &mut Session<'_>, events: &mut impl FnMut(WatchEvent)) {
        let mut rate = None;
        let ended = {
            let mut run = pin!(session.run(|event| {
                if let Event::ProvisionFileRead { refresh_rate, .. } = event {
                    rate = Some(RefreshRate(*refresh_rate));
                }
                events(WatchEvent::Step(event.clone()));
            }));
            loop {
                let news = poll_fn(|context| {
                    // What the program has told goes before whatever the run could do now.
                    if !self.is_deserted {
                        let heard = self.signals.poll_recv(context);
                        if heard.is_ready() {
                            return heard.map(News::Heard);
                        }
                    }
                    run.as_mut().poll(context).map(News::Ended)
                });
                match news.await {
                    News::Heard(signal) => {
                        self.hear(signal);
                        if self.refresh.interruption().is_some() {
                            break None;
                        }
                    }
                    News::Ended(result) => break Some(result),
                }
            }
        };
        let Some(ended) = ended else {
            // At once: what is heard next may be that the call is over, and the run is gone all the same.
            if let Action::Cancel(by) = self.refresh.next(self.now()) {
                events(WatchEvent::RunInterrupted { by });
            }
            return;
        };
        let chance = Chance(fastrand::u16(..));
        self.take(Input::Ended(RunEnd { result: meaning(&ended), rate, chance }));
        events(match ended {
            Ok(outcome) => WatchEvent::RunSucceeded(outcome),
            Err(error) => WatchEvent::RunFailed(error),
        });
        if let Some(RefreshRate(refresh_rate)) = rate {
            let raised = rate.filter(|rate| rate.is_raised()).map(|_| refresh_rate);
            if raised.is_some() && raised != self.raised {
                events(WatchEvent::RateRaised { refresh_rate });
            }
            self.raised = raised;
        }
    }

    /// Waits for the program to tell something, or for the time. At least once a minute it ends, so that the wall clock
    /// is looked at: it shows that the machine has slept.
    async fn listen(&mut self, until: Option<Instant>) {
        let until = until.map(|until| until.min(Instant::now() + LONGEST_WAIT));
        match until {
            Some(until) if self.is_deserted => tokio::time::sleep_until(until).await,
            Some(until) => {
                if let Ok(signal) = timeout_at(until, self.signals.recv()).await {
                    self.hear(signal);
                }
            }
            None => {
                let signal = self.signals.recv().await;
                self.hear(signal);
            }
        }
    }

    /// Takes note of all that was told already, so that no run starts during a call.
    fn catch_up(&mut self) {
        while !self.is_deserted {
            match self.signals.try_recv() {
                Ok(signal) => self.hear(Some(signal)),
                Err(TryRecvError::Disconnected) => self.hear(None),
                Err(TryRecvError::Empty) => return,
            }
        }
    }

    fn hear(&mut self, signal: Option<Signal>) {
        let input = match signal {
            Some(Signal::CallStarted) => Input::CallStarted,
            Some(Signal::CallEnded) => Input::CallEnded,
            Some(Signal::NetworkUp) => Input::NetworkUp(Chance(fastrand::u16(..))),
            Some(Signal::Woke) => Input::Woke,
            Some(Signal::ClockSet) => Input::ClockSet,
            Some(Signal::Refresh) => {
                // Whoever asks for what is held is told so again.
                self.told = None;
                Input::Requested
            }
            Some(Signal::NewCredentials(credentials)) => {
                self.credentials = Some(credentials);
                Input::NewCredentials
            }
            Some(Signal::Stop) => Input::Stop,
            None => {
                self.is_deserted = true;
                Input::Deserted
            }
        };
        self.take(input);
    }

    fn take(&mut self, input: Input) {
        let now = self.now();
        self.refresh.take(input, now);
    }

    /// Says what is to come, once.
    fn announce(&mut self, until: Option<Instant>, events: &mut impl FnMut(WatchEvent)) {
        let prospect = self.refresh.prospect();
        if self.told == Some(prospect) {
            return;
        }
        match (prospect, until) {
            (Prospect::Run(cause), Some(until)) => {
                let after = until.saturating_duration_since(Instant::now());
                events(WatchEvent::NextRun { cause, after });
            }
            // It was said when it was put off.
            (Prospect::Run(_), None) => {}
            (Prospect::Nothing, _) => events(WatchEvent::NoNextRun),
            (Prospect::Held(hold), _) => events(WatchEvent::Held { hold }),
        }
        self.told = Some(prospect);
    }
}

/// What the end of a run means for the next one.
fn meaning(ended: &Result<Outcome, RunError>) -> RunResult {
    let can_pass = match ended {
        Ok(Outcome::Off { .. }) => return RunResult::Succeeded,
        Ok(Outcome::Provisioned(provisioned)) => match &provisioned.supplier {
            Supplier::Server { .. } => return RunResult::Succeeded,
            // The phone can run, and still wants what the servers have now.
            Supplier::LastGood { failure, .. } => failure.retry_can_help(),
        },
        Err(error) if error.is_refusal() => return RunResult::Refused,
        Err(RunError::Cancelled) => return RunResult::Declined,
        Err(error) => error.retry_can_help(),
    };
    if can_pass { RunResult::FailedForNow } else { RunResult::Failed }
}

/// How long the wall clock is not looked at, at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;

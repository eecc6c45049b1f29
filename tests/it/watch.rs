//! A phone that is kept provisioned: refreshes, calls, refusals (spec 6.2). The clock is paused, so hours pass in no time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use provision::fetch::{Credentials, Password, Secret};
use provision::{
    Context, CredentialSource, Discovery, Hold, Interruption, Options, RunCause, Signals, Watch,
    WatchEnd, WatchEvent, watch,
};
use provision_tests::{Answer, Request, Server};
use tokio::time::Instant;

use crate::golden::fixture;
use crate::phone::Phone;

/// What was told, less the steps of the runs and what they led to, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Started(RunCause),
    Succeeded,
    Failed,
    Interrupted(Interruption),
    PutOff(RunCause),
    Next(RunCause),
    NoNext,
    Held(Hold),
}

impl Seen {
    fn of(event: &WatchEvent) -> Option<Self> {
        Some(match event {
            WatchEvent::RunStarted { cause, .. } => Self::Started(*cause),
            WatchEvent::RunSucceeded(_) => Self::Succeeded,
            WatchEvent::RunFailed(_) => Self::Failed,
            WatchEvent::RunInterrupted { by, .. } => Self::Interrupted(*by),
            WatchEvent::PutOff { cause, .. } => Self::PutOff(*cause),
            WatchEvent::NextRun { cause, .. } => Self::Next(*cause),
            WatchEvent::NoNextRun => Self::NoNext,
            WatchEvent::Held { hold, .. } => Self::Held(*hold),
            _ => return None,
        })
    }
}

/// Keeps the paused clock from going on: it does so whenever all tasks wait, and during a run they wait for real servers.
#[derive(Default)]
struct ClockStop(Option<Sender<()>>);

impl ClockStop {
    fn stop(&mut self) {
        let (release, released) = channel::<()>();
        // The clock does not go on while such a thread is at work. This one waits until the other end is dropped.
        drop(tokio::task::spawn_blocking(move || released.recv()));
        self.0 = Some(release);
    }

    fn release(&mut self) {
        self.0 = None;
    }
}

/// A phone that is watched, as alice.
struct Watched {
    phone: Phone,
    signals: Signals,
    watch: Watch<'static>,
}

impl Watched {
    fn new(server: &Server, refresh_rate: u32) -> Self {
        let phone = Phone::new();
        let file = phone.write_example(&[server.origin()]);
        let rate = |seconds| format!("<refresh_rate>{seconds}</refresh_rate>");
        let text = std::fs::read_to_string(&file).expect("it was written");
        assert!(text.contains(&rate(0)), "{text}");
        phone.write("Provision.xml", text.replace(&rate(0), &rate(refresh_rate)));
        let credentials = CredentialSource::Given(credentials("alice"));
        let context = Context { profile: phone.profile(), credentials };
        let options = Options { discovery: Discovery::File(file), ..Options::default() };
        let (signals, watch) = watch(context, options);
        Self { phone, signals, watch }
    }

    /// Runs to the end, with `react` to do something about what is seen.
    async fn run(self, mut react: impl FnMut(Seen, &Signals, &Phone)) -> Story {
        let Self { phone, signals, watch } = self;
        let began = Instant::now();
        let (mut clock, mut seen, mut times) = (ClockStop::default(), Vec::new(), Vec::new());
        let end = watch.run(|event| {
            let Some(news) = Seen::of(&event) else { return };
            match news {
                Seen::Started(_) => clock.stop(),
                Seen::Succeeded | Seen::Failed | Seen::Interrupted(_) => clock.release(),
                _ => {}
            }
            seen.push(news);
            times.push(began.elapsed());
            react(news, &signals, &phone);
        });
        let end = end.await;
        Story { end, seen, times, phone }
    }
}

struct Story {
    end: WatchEnd,
    seen: Vec<Seen>,
    times: Vec<Duration>,
    phone: Phone,
}

impl Story {
    /// When each run started, in seconds.
    fn starts(&self) -> Vec<u64> {
        let starts = self.seen.iter().zip(&self.times);
        let starts = starts.filter(|(seen, _)| matches!(seen, Seen::Started(_)));
        starts.map(|(_, time)| time.as_secs()).collect()
    }
}

fn credentials(user: &str) -> Credentials {
    Credentials::new(user, Password::Plain(Secret::new("secret")))
}

fn configuration() -> Answer {
    Answer::ok(fixture("answer/zoiper3.xml"))
}

/// A server that answers by the number of the request, from 0.
fn by_number(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Server {
    let requests = AtomicUsize::new(0);
    Server::answering(move |_| answer(requests.fetch_add(1, Ordering::SeqCst)))
}

#[tokio::test(start_paused = true)]
async fn a_refresh_happens_when_the_rate_says() {
    let server = Server::http(configuration());
    let mut starts = 0;
    let story = Watched::new(&server, 3600)
        .run(|seen, signals, _| {
            starts += usize::from(matches!(seen, Seen::Started(_)));
            if starts == 3 && seen == Seen::Next(RunCause::Period) {
                signals.stop();
            }
        })
        .await;
    assert_eq!(story.end, WatchEnd::Stopped);
    let run = |cause| [Seen::Started(cause), Seen::Succeeded, Seen::Next(RunCause::Period)];
    let runs = [RunCause::Start, RunCause::Period, RunCause::Period].map(run).concat();
    assert_eq!(story.seen, runs);
    let starts = story.starts();
    assert_eq!(starts[0], 0);
    for pair in starts.windows(2) {
        assert!((3600..=3960).contains(&(pair[1] - pair[0])), "{starts:?}");
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_gives_up_a_run_and_it_happens_once_after_the_hang_up() {
    // The call comes in while the server is about to answer.
    let calling: Arc<OnceLock<Signals>> = Arc::default();
    let server = by_number({
        let calling = Arc::clone(&calling);
        move |number| match number {
            1 => {
                calling.get().expect("the watch is made").call_started();
                Answer::silence()
            }
            _ => configuration(),
        }
    });
    let watched = Watched::new(&server, 60);
    calling.set(watched.signals.clone()).expect("it is set once");
    let (mut has_called, mut before) = (false, Vec::new());
    let story = watched
        .run(|seen, signals, phone| match seen {
            Seen::Succeeded if !has_called => before = phone.config(),
            Seen::PutOff(_) => {
                has_called = true;
                assert_eq!(phone.config(), before);
                // There is a second call by now.
                signals.call_started();
                let signals = signals.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(500)).await;
                    signals.call_ended();
                    tokio::time::sleep(Duration::from_secs(500)).await;
                    signals.call_ended();
                });
            }
            Seen::Next(_) if has_called => signals.stop(),
            _ => {}
        })
        .await;
    assert_eq!(
        story.seen,
        [
            Seen::Started(RunCause::Start),
            Seen::Succeeded,
            Seen::Next(RunCause::Period),
            Seen::Started(RunCause::Period),
            Seen::Interrupted(Interruption::Call),
            Seen::PutOff(RunCause::Period),
            Seen::Started(RunCause::Period),
            Seen::Succeeded,
            Seen::Next(RunCause::Period),
        ]
    );
    let starts = story.starts();
    assert_eq!(starts[2] - starts[1], 1000);
    assert_eq!(server.requests().len(), 3);
}

/// Nobody looks between the two.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_over_at_once_costs_no_run() {
    let server = Server::http(configuration());
    let mut starts = 0;
    let story = Watched::new(&server, 0)
        .run(|seen, signals, _| match seen {
            Seen::Started(_) => {
                starts += 1;
                if starts == 1 {
                    signals.call_started();
                    signals.call_ended();
                }
            }
            Seen::Succeeded => signals.stop(),
            _ => {}
        })
        .await;
    let started = Seen::Started(RunCause::Start);
    let interrupted = Seen::Interrupted(Interruption::Call);
    assert_eq!(story.seen, [started, interrupted, started, Seen::Succeeded]);
}

#[tokio::test(start_paused = true)]
async fn during_a_call_nobody_is_asked() {
    let server = Server::http(configuration());
    let watched = Watched::new(&server, 60);
    watched.signals.call_started();
    let story = watched
        .run(|seen, signals, phone| match seen {
            Seen::PutOff(_) => {
                assert_eq!(server.connection_count(), 0);
                assert_eq!(phone.files(), ["Config.xml"]);
                signals.call_ended();
            }
            Seen::Succeeded => signals.stop(),
            _ => {}
        })
        .await;
    let (put_off, started) = (Seen::PutOff(RunCause::Start), Seen::Started(RunCause::Start));
    assert_eq!(story.seen, [put_off, started, Seen::Succeeded]);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_not_sent_again_by_themselves() {
    let is_bob = |request: &Request| request.target().contains("username=bob");
    let server = Server::answering(move |request| match is_bob(request) {
        true => configuration(),
        false => Answer::status(403),
    });
    let mut holds = 0;
    let story = Watched::new(&server, 60)
        .run(|seen, signals, _| match seen {
            Seen::Held(_) => {
                holds += 1;
                let (signals, is_first) = (signals.clone(), holds == 1);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(100_000)).await;
                    if is_first {
                        signals.network_up();
                        signals.woke();
                        tokio::time::sleep(Duration::from_secs(100_000)).await;
                        // An account may have been unlocked.
                        signals.refresh_now();
                    } else {
                        signals.new_credentials(credentials("bob"));
                    }
                });
            }
            Seen::Succeeded => signals.stop(),
            _ => {}
        })
        .await;
    assert_eq!(
        story.seen,
        [
            Seen::Started(RunCause::Start),
            Seen::Failed,
            Seen::Held(Hold::Refused),
            Seen::Started(RunCause::Requested),
            Seen::Failed,
            Seen::Held(Hold::Refused),
            Seen::Started(RunCause::NewCredentials),
            Seen::Succeeded,
        ]
    );
    assert_eq!(story.starts(), [0, 200_000, 300_000]);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stop_gives_up_the_run() {
    let stopping: Arc<OnceLock<Signals>> = Arc::default();
    let server = Server::answering({
        let stopping = Arc::clone(&stopping);
        move |_| {
            stopping.get().expect("the watch is made").stop();
            Answer::silence()
        }
    });
    let watched = Watched::new(&server, 60);
    stopping.set(watched.signals.clone()).expect("it is set once");
    let story = watched.run(|_, _, _| {}).await;
    assert_eq!(story.end, WatchEnd::Stopped);
    let interrupted = Seen::Interrupted(Interruption::Stop);
    assert_eq!(story.seen, [Seen::Started(RunCause::Start), interrupted]);
    assert_eq!(story.phone.config(), fixture("config/zoiper3.xml"));
}

#[tokio::test(start_paused = true)]
async fn new_credentials_give_up_a_run_with_the_old_ones() {
    let typing: Arc<OnceLock<Signals>> = Arc::default();
    let server = Server::answering({
        let typing = Arc::clone(&typing);
        move |request| {
            if request.target().contains("username=bob") {
                return configuration();
            }
            typing.get().expect("the watch is made").new_credentials(credentials("bob"));
            Answer::silence()
        }
    });
    let watched = Watched::new(&server, 60);
    typing.set(watched.signals.clone()).expect("it is set once");
    let stop = |seen, signals: &Signals, _: &Phone| {
        if seen == Seen::Succeeded {
            signals.stop();
        }
    };
    let story = watched.run(stop).await;
    assert_eq!(
        story.seen,
        [
            Seen::Started(RunCause::Start),
            Seen::Interrupted(Interruption::NewCredentials),
            Seen::Started(RunCause::NewCredentials),
            Seen::Succeeded,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_is_tried_again_at_the_next_period() {
    let server = by_number(|number| match number {
        1 => Answer::status(503),
        _ => configuration(),
    });
    let (mut runs, mut before) = (0, Vec::new());
    let story = Watched::new(&server, 60)
        .run(|seen, signals, phone| match seen {
            Seen::Succeeded | Seen::Failed => {
                runs += 1;
                match runs {
                    1 => before = phone.config(),
                    2 => assert_eq!(phone.config(), before),
                    _ => signals.stop(),
                }
            }
            _ => {}
        })
        .await;
    let starts = story.starts();
    assert!((60..=66).contains(&(starts[2] - starts[1])), "{starts:?}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_starts_before_its_network_is_provisioned_when_that_comes() {
    let server = by_number(|number| match number {
        0 => Answer::status(503),
        _ => configuration(),
    });
    let story = Watched::new(&server, 0)
        .run(|seen, signals, _| match seen {
            Seen::NoNext => signals.network_up(),
            Seen::Succeeded => signals.stop(),
            _ => {}
        })
        .await;
    assert_eq!(
        story.seen,
        [
            Seen::Started(RunCause::Start),
            Seen::Failed,
            Seen::NoNext,
            Seen::Next(RunCause::NetworkUp),
            Seen::Started(RunCause::NetworkUp),
            Seen::Succeeded,
        ]
    );
    assert!(story.starts()[1] <= 30, "{:?}", story.starts());
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_runs_with_what_it_had_is_provisioned_when_the_network_comes() {
    let server = by_number(|number| match number {
        1 => Answer::status(503),
        _ => configuration(),
    });
    let mut successes = 0;
    let story = Watched::new(&server, 0)
        .run(|seen, signals, _| match seen {
            Seen::Succeeded => successes += 1,
            Seen::NoNext if successes == 1 => signals.refresh_now(),
            Seen::NoNext if successes == 2 => signals.network_up(),
            Seen::NoNext => signals.stop(),
            _ => {}
        })
        .await;
    let run = |cause| [Seen::Started(cause), Seen::Succeeded, Seen::NoNext];
    let expected = [
        &run(RunCause::Start)[..],
        &run(RunCause::Requested),
        &[Seen::Next(RunCause::NetworkUp)],
        &run(RunCause::NetworkUp),
    ];
    assert_eq!(story.seen, expected.concat());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_watch_can_be_spawned_and_dropped() {
    let server = Server::http(configuration());
    let Watched { phone, signals, watch } = Watched::new(&server, 60);
    let (succeeded, wait) = tokio::sync::oneshot::channel();
    let mut succeeded = Some(succeeded);
    let task = tokio::spawn(watch.run(move |event| {
        if let WatchEvent::RunSucceeded(_) = event {
            succeeded.take().map(|succeeded| succeeded.send(()));
        }
    }));
    wait.await.expect("the first run succeeds");
    task.abort();
    assert!(task.await.expect_err("it goes on for ever").is_cancelled());
    // What is told to a watch that is gone has no effect.
    signals.refresh_now();
    assert_ne!(phone.config(), fixture("config/zoiper3.xml"));
}

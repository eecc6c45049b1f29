use std::cell::Cell;
use std::fs;

use super::*;
use crate::authentication::CredentialSource;
use crate::discovery::Discovery;
use crate::refresh::RunCause;

thread_local! {
    static WALL_CLOCK: Cell<SystemTime> = const { Cell::new(SystemTime::UNIX_EPOCH) };
}

fn let_the_machine_sleep(time: Duration) {
    WALL_CLOCK.set(WALL_CLOCK.get() + time);
}

/// A watch whose wall clock goes on only when it is told to. There is no server to be asked, so that its runs fail at once.
fn watch_of(folder: &tempfile::TempDir, refresh_rate: u32) -> (Signals, Watch<'static>) {
    let file = folder.path().join("Provision.xml");
    let text = format!(
        "<provision><options><refresh_rate>{refresh_rate}</refresh_rate></options></provision>"
    );
    fs::write(&file, text).expect("the folder is writable");
    let profile = folder.path().to_owned();
    let context = Context { profile, credentials: CredentialSource::Preset };
    let options = Options { discovery: Discovery::File(file), ..Options::default() };
    let (signals, mut watch) = watch(context, options);
    watch.wall_clock = || WALL_CLOCK.get();
    (signals, watch)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// Watches until the second run starts. How long it took from the announcement to that, by tokio's clock.
async fn second_run(
    signals: Signals,
    watch: Watch<'_>,
    mut at_announcement: impl FnMut(&Signals),
) -> (RunCause, Duration) {
    let mut announced = None;
    let mut second = None;
    let end = watch.run(|event| match event {
        WatchEvent::NextRun { .. } => {
            announced = Some(Instant::now());
            at_announcement(&signals);
        }
        WatchEvent::RunStarted { cause } => {
            if let Some(announced) = announced {
                second.get_or_insert((cause, announced.elapsed()));
                signals.stop();
            }
        }
        _ => {}
    });
    assert_eq!(end.await, WatchEnd::Stopped);
    second.expect("a second run started")
}

#[tokio::test(start_paused = true)]
async fn a_sleep_of_which_nobody_tells_is_noticed_within_a_minute() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 36_000);
    let second = second_run(signals, watch, |_| let_the_machine_sleep(Duration::from_secs(50_000)));
    assert_eq!(second.await, (RunCause::Period, LONGEST_WAIT));
}

#[tokio::test(start_paused = true)]
async fn a_sleep_that_is_told_counts_at_once() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 36_000);
    let second = second_run(signals, watch, |signals| {
        let_the_machine_sleep(Duration::from_secs(50_000));
        signals.woke();
    });
    assert_eq!(second.await, (RunCause::Period, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_does_not_count() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 36_000);
    let second = second_run(signals, watch, |signals| {
        let_the_machine_sleep(Duration::from_secs(50_000));
        signals.clock_set();
    });
    let (cause, after) = second.await;
    assert_eq!(cause, RunCause::Period);
    assert!((36_000..=39_600).contains(&after.as_secs()), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn without_anyone_to_tell_anything_it_goes_on_by_itself() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 60);
    // A call that nobody can end any more.
    signals.call_started();
    drop(signals);
    let mut starts = Vec::new();
    let began = Instant::now();
    let watch = watch.run(|event| {
        if let WatchEvent::RunStarted { .. } = event {
            starts.push(began.elapsed().as_secs());
        }
    });
    assert!(tokio::time::timeout(Duration::from_secs(200), watch).await.is_err());
    assert!(starts[0] == 0 && (3..=4).contains(&starts.len()), "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn without_anyone_to_tell_anything_and_with_nothing_to_come_it_ends() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 0);
    drop(signals.clone());
    let mut told = Some(signals);
    let mut starts = 0;
    let end = watch.run(|event| match event {
        WatchEvent::RunStarted { .. } => starts += 1,
        WatchEvent::NoNextRun => drop(told.take()),
        _ => {}
    });
    assert_eq!(end.await, WatchEnd::NothingToCome);
    assert_eq!(starts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_too_short_is_told_once() {
    let folder = folder();
    let (signals, watch) = watch_of(&folder, 5);
    let (mut starts, mut raised) = (0, Vec::new());
    let end = watch.run(|event| match event {
        WatchEvent::RunStarted { .. } => {
            starts += 1;
            if starts == 3 {
                signals.stop();
            }
        }
        WatchEvent::RateRaised { refresh_rate } => raised.push(refresh_rate),
        WatchEvent::NextRun { after, .. } => {
            assert!((30..=33).contains(&after.as_secs()), "{after:?}");
        }
        _ => {}
    });
    assert_eq!(end.await, WatchEnd::Stopped);
    assert_eq!(raised, [5]);
}

use super::*;

mod sequences;
mod witness;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const LEAST: Chance = Chance(0);
const MOST: Chance = Chance(u16::MAX);

/// The machine with clocks of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Bench {
    refresh: Refresh,
    now: Moment,
}

impl Bench {
    fn new() -> Self {
        let now = Moment {
            monotonic: Instant::now(),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        };
        Self { refresh: Refresh::new(), now }
    }

    /// One whose first run has ended.
    fn after(result: RunResult, rate: u32, chance: Chance) -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.next(), Action::Start(RunCause::Start));
        bench.ends(result, Some(rate), chance);
        bench
    }

    fn next(&mut self) -> Action {
        self.refresh.next(self.now)
    }

    fn take(&mut self, input: Input) {
        self.refresh.take(input, self.now);
    }

    fn ends(&mut self, result: RunResult, rate: Option<u32>, chance: Chance) {
        self.take(ended(result, rate, chance));
    }

    fn pass(&mut self, time: Duration) {
        self.now.monotonic += time;
        self.now.wall += time;
    }

    /// Time passes by the wall clock alone: the machine is asleep, or the clock was set forth.
    fn sleep(&mut self, time: Duration) {
        self.now.wall += time;
    }

    fn set_back(&mut self, time: Duration) {
        self.now.wall -= time;
    }

    #[track_caller]
    fn waits(&mut self, time: impl Into<Option<Duration>>) {
        let until = time.into().map(|time| self.now.monotonic + time);
        assert_eq!(self.next(), Action::Wait { until });
    }

    #[track_caller]
    fn starts(&mut self, cause: RunCause) {
        assert_eq!(self.next(), Action::Start(cause));
        self.waits(None);
    }
}

fn ended(result: RunResult, rate: Option<u32>, chance: Chance) -> Input {
    Input::Ended(RunEnd { result, rate: rate.map(RefreshRate), chance })
}

#[test]
fn the_first_run_is_due_at_once() {
    Bench::new().starts(RunCause::Start);
}

#[test]
fn the_next_run_comes_a_period_after_the_end_of_the_last() {
    let mut bench = Bench::new();
    bench.starts(RunCause::Start);
    bench.pass(s(17));
    bench.ends(RunResult::Succeeded, Some(3600), LEAST);
    bench.waits(s(3600));
    bench.pass(s(3599));
    bench.waits(s(1));
    bench.pass(s(1));
    bench.starts(RunCause::Period);
}

#[test]
fn chance_puts_it_off_by_up_to_a_tenth() {
    for (chance, wait) in [(LEAST, s(1000)), (Chance(0x7fff), s(1050)), (MOST, s(1100))] {
        let mut bench = Bench::after(RunResult::Succeeded, 1000, chance);
        let Action::Wait { until: Some(until) } = bench.next() else { panic!("it waits") };
        let waits = until - bench.now.monotonic;
        assert!(waits.abs_diff(wait) < Duration::from_millis(2), "{waits:?}");
    }
}

#[test]
fn less_than_thirty_seconds_is_taken_as_thirty() {
    for (rate, period, is_raised) in [
        (0, None, false),
        (1, Some(s(30)), true),
        (29, Some(s(30)), true),
        (30, Some(s(30)), false),
        (u32::MAX, Some(s(4_294_967_295)), false),
    ] {
        let rate = RefreshRate(rate);
        assert_eq!((rate.period(), rate.is_raised()), (period, is_raised));
    }
    Bench::after(RunResult::Succeeded, 1, LEAST).waits(s(30));
}

#[test]
fn a_rate_of_zero_means_at_the_start_only() {
    for result in [RunResult::Succeeded, RunResult::FailedForNow, RunResult::Failed] {
        let mut bench = Bench::after(result, 0, LEAST);
        bench.waits(None);
        bench.sleep(s(1_000_000));
        bench.take(Input::Woke);
        bench.waits(None);
    }
}

#[test]
fn a_new_rate_holds_from_the_run_that_read_it() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.pass(s(600));
    bench.starts(RunCause::Period);
    bench.ends(RunResult::Failed, Some(900), LEAST);
    bench.waits(s(900));
    bench.pass(s(900));
    bench.starts(RunCause::Period);
    bench.ends(RunResult::Succeeded, Some(0), LEAST);
    bench.waits(None);
}

#[test]
fn a_failed_run_is_tried_again_at_the_next_period() {
    for result in [RunResult::FailedForNow, RunResult::Failed] {
        let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
        bench.pass(s(600));
        bench.starts(RunCause::Period);
        // The provisioning file cannot be read, so the last rate holds.
        bench.ends(result, None, LEAST);
        bench.waits(s(600));
    }
}

#[test]
fn a_run_that_is_cancelled_by_a_call_comes_once_after_the_last_hang_up() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.pass(s(600));
    bench.starts(RunCause::Period);
    bench.take(Input::CallStarted);
    assert_eq!(bench.next(), Action::Cancel(Interruption::Call));
    assert_eq!(bench.next(), Action::PutOff(RunCause::Period));
    bench.waits(None);
    bench.take(Input::CallStarted);
    bench.pass(s(100));
    bench.take(Input::CallEnded);
    bench.waits(None);
    bench.take(Input::CallEnded);
    bench.starts(RunCause::Period);
    bench.ends(RunResult::Succeeded, Some(600), LEAST);
    bench.waits(s(600));
}

#[test]
fn what_fell_due_during_a_call_happens_once() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.take(Input::CallStarted);
    bench.waits(s(600));
    bench.pass(s(10 * 600));
    assert_eq!(bench.next(), Action::PutOff(RunCause::Period));
    bench.take(Input::Requested);
    bench.waits(None);
    bench.take(Input::CallEnded);
    bench.starts(RunCause::Period);
    bench.ends(RunResult::Succeeded, Some(600), LEAST);
    bench.waits(s(600));
}

#[test]
fn what_fell_due_stays_due_whatever_the_clock_shows_then() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.take(Input::CallStarted);
    bench.sleep(s(600));
    bench.take(Input::Woke);
    bench.set_back(s(3000));
    bench.take(Input::ClockSet);
    bench.take(Input::CallEnded);
    bench.starts(RunCause::Period);
}

#[test]
fn the_first_run_waits_for_a_hang_up_too() {
    let mut bench = Bench::new();
    bench.take(Input::CallStarted);
    assert_eq!(bench.next(), Action::PutOff(RunCause::Start));
    bench.waits(None);
    bench.take(Input::CallEnded);
    bench.starts(RunCause::Start);
}

#[test]
fn a_hang_up_without_a_call_is_harmless() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.take(Input::CallEnded);
    bench.take(Input::CallEnded);
    bench.take(Input::CallStarted);
    bench.take(Input::Requested);
    assert_eq!(bench.next(), Action::PutOff(RunCause::Requested));
}

#[test]
fn a_call_nobody_can_end_is_over() {
    let mut bench = Bench::new();
    bench.take(Input::CallStarted);
    bench.take(Input::CallStarted);
    bench.take(Input::Deserted);
    bench.starts(RunCause::Start);
}

#[test]
fn a_run_that_ended_before_its_call_was_heard_of_counts() {
    let mut bench = Bench::new();
    bench.starts(RunCause::Start);
    bench.take(Input::CallStarted);
    bench.ends(RunResult::Succeeded, Some(600), LEAST);
    bench.waits(s(600));
}

#[test]
fn the_network_brings_a_retry_that_can_help() {
    for (rate, chance, wait) in [
        (0, LEAST, s(0)),
        (0, MOST, s(30)),
        (60, MOST, s(6)),
        (300, MOST, s(30)),
        (3600, MOST, s(30)),
    ] {
        let mut bench = Bench::after(RunResult::FailedForNow, rate, LEAST);
        bench.pass(s(2));
        bench.take(Input::NetworkUp(chance));
        // A second notice neither postpones it nor draws lots again.
        bench.take(Input::NetworkUp(if chance == LEAST { MOST } else { LEAST }));
        if wait > s(0) {
            bench.waits(wait);
        }
        bench.pass(wait);
        bench.starts(RunCause::NetworkUp);
    }
}

#[test]
fn the_network_brings_no_other_retry() {
    for result in [RunResult::Succeeded, RunResult::Failed, RunResult::Refused, RunResult::Declined]
    {
        let mut bench = Bench::after(result, 0, LEAST);
        bench.take(Input::NetworkUp(LEAST));
        bench.waits(None);
    }
}

#[test]
fn the_network_never_postpones() {
    let mut bench = Bench::after(RunResult::FailedForNow, 600, LEAST);
    bench.pass(s(595));
    bench.take(Input::NetworkUp(MOST));
    bench.waits(s(5));
}

#[test]
fn a_network_that_came_during_the_run_counts() {
    let mut bench = Bench::new();
    bench.starts(RunCause::Start);
    bench.take(Input::NetworkUp(MOST));
    bench.ends(RunResult::FailedForNow, None, LEAST);
    bench.waits(s(30));
}

#[test]
fn a_network_that_comes_and_goes_makes_no_storm() {
    let mut bench = Bench::after(RunResult::FailedForNow, 0, LEAST);
    bench.take(Input::NetworkUp(LEAST));
    bench.starts(RunCause::NetworkUp);
    for _ in 0..3 {
        bench.ends(RunResult::FailedForNow, None, LEAST);
        bench.pass(s(10));
        bench.take(Input::NetworkUp(LEAST));
        bench.waits(s(20));
        bench.pass(s(20));
        bench.starts(RunCause::NetworkUp);
    }
}

#[test]
fn after_a_refusal_nothing_starts_by_itself_before_new_credentials() {
    let mut bench = Bench::after(RunResult::Refused, 600, LEAST);
    assert_eq!(bench.refresh.prospect(), Prospect::Held(Hold::Refused));
    bench.waits(None);
    bench.pass(s(1_000_000));
    for input in [Input::Woke, Input::NetworkUp(LEAST), Input::ClockSet] {
        bench.take(input);
        bench.waits(None);
    }
    bench.take(Input::NewCredentials);
    assert_eq!(bench.refresh.prospect(), Prospect::Run(RunCause::NewCredentials));
    bench.starts(RunCause::NewCredentials);
    bench.ends(RunResult::Succeeded, Some(600), LEAST);
    bench.waits(s(600));
}

#[test]
fn who_was_refused_or_cancelled_is_tried_again_only_on_request() {
    for (result, hold) in
        [(RunResult::Declined, Hold::Declined), (RunResult::Refused, Hold::Refused)]
    {
        let mut bench = Bench::after(result, 600, LEAST);
        bench.pass(s(1_000_000));
        bench.take(Input::NetworkUp(LEAST));
        bench.waits(None);
        assert_eq!(bench.refresh.prospect(), Prospect::Held(hold));
        bench.take(Input::Requested);
        bench.starts(RunCause::Requested);
        assert_eq!(bench.refresh.prospect(), Prospect::Nothing);
    }
}

#[test]
fn new_credentials_void_the_run_with_the_old_ones() {
    let mut bench = Bench::new();
    bench.starts(RunCause::Start);
    bench.take(Input::NewCredentials);
    assert_eq!(bench.next(), Action::Cancel(Interruption::NewCredentials));
    bench.starts(RunCause::NewCredentials);
}

#[test]
fn what_the_old_credentials_led_to_does_not_hold_the_new_ones() {
    for result in [RunResult::Refused, RunResult::Succeeded] {
        let mut bench = Bench::new();
        bench.starts(RunCause::Start);
        bench.take(Input::NewCredentials);
        bench.ends(result, Some(600), LEAST);
        assert_eq!(bench.refresh.prospect(), Prospect::Run(RunCause::NewCredentials));
        bench.starts(RunCause::NewCredentials);
    }
}

#[test]
fn a_request_starts_a_run_at_once_and_another_beside_it_does_not() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    bench.pass(s(1));
    bench.take(Input::Requested);
    bench.starts(RunCause::Requested);
    bench.take(Input::Requested);
    bench.waits(None);
    bench.ends(RunResult::Succeeded, Some(600), LEAST);
    bench.waits(s(600));
}

#[test]
fn the_end_of_a_run_that_is_not_there_is_stale() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    let before = bench.clone();
    bench.ends(RunResult::Refused, Some(0), LEAST);
    assert_eq!(bench, before);
}

#[test]
fn after_a_stop_nothing_starts() {
    let mut bench = Bench::new();
    bench.starts(RunCause::Start);
    bench.take(Input::Stop);
    assert_eq!(bench.next(), Action::Cancel(Interruption::Stop));
    assert_eq!(bench.next(), Action::End);
    bench.take(Input::Requested);
    bench.take(Input::NewCredentials);
    bench.pass(s(1_000_000));
    assert_eq!(bench.next(), Action::End);
}

#[test]
fn what_fell_due_while_the_machine_slept_is_due_once() {
    let mut bench = Bench::after(RunResult::Succeeded, 3600, LEAST);
    bench.pass(s(10));
    bench.sleep(s(100 * 3600));
    bench.take(Input::Woke);
    bench.starts(RunCause::Period);
    bench.ends(RunResult::Succeeded, Some(3600), LEAST);
    bench.waits(s(3600));
}

#[test]
fn a_sleep_of_which_nobody_tells_is_noticed() {
    let mut bench = Bench::after(RunResult::Succeeded, 3600, LEAST);
    bench.pass(s(60));
    bench.sleep(s(3600));
    bench.starts(RunCause::Period);
}

#[test]
fn a_sleep_brings_the_next_run_nearer() {
    let mut bench = Bench::after(RunResult::Succeeded, 3600, LEAST);
    bench.pass(s(600));
    bench.sleep(s(1000));
    bench.waits(s(2000));
}

#[test]
fn a_clock_set_back_postpones_nothing() {
    let mut bench = Bench::after(RunResult::Succeeded, 3600, LEAST);
    bench.pass(s(600));
    bench.set_back(s(1_000_000));
    bench.waits(s(3000));
    bench.take(Input::ClockSet);
    bench.waits(s(3000));
    // Sleep is measured by the clock as it was set.
    bench.sleep(s(3000));
    bench.take(Input::Woke);
    bench.starts(RunCause::Period);
}

#[test]
fn a_clock_set_forth_brings_nothing_nearer_if_one_is_told() {
    let mut bench = Bench::after(RunResult::Succeeded, 3600, LEAST);
    bench.pass(s(600));
    bench.sleep(s(1_000_000));
    bench.take(Input::ClockSet);
    bench.waits(s(3000));
}

#[test]
fn a_clock_that_goes_to_and_fro_makes_no_storm() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    let mut starts = 0;
    for _ in 0..600 {
        bench.pass(s(5));
        bench.sleep(s(7200));
        for _ in 0..2 {
            if let Action::Start(_) = bench.next() {
                starts += 1;
                bench.ends(RunResult::Succeeded, Some(600), LEAST);
            }
            bench.pass(s(1));
            bench.set_back(s(7200));
        }
        bench.sleep(s(7200));
    }
    // 4200 s: one for each period, and one more for each at most.
    assert!((7..=14).contains(&starts), "{starts}");
}

#[test]
fn a_mad_clock_makes_no_storm() {
    let mut bench = Bench::after(RunResult::Succeeded, 600, LEAST);
    for _ in 0..10 {
        bench.sleep(s(1_000_000));
        bench.waits(s(30));
        bench.pass(s(30));
        bench.starts(RunCause::Period);
        bench.ends(RunResult::Succeeded, Some(600), LEAST);
    }
}

#[test]
fn a_time_that_no_clock_can_show_never_comes() {
    let mut bench = Bench::new();
    bench.now.wall = SystemTime::UNIX_EPOCH;
    assert_eq!(bench.next(), Action::Start(RunCause::Start));
    bench.ends(RunResult::Succeeded, Some(u32::MAX), MOST);
    bench.pass(s(4_294_967_295));
    assert!(matches!(bench.next(), Action::Wait { .. }));
    bench.pass(s(429_496_730));
    bench.starts(RunCause::Period);
}

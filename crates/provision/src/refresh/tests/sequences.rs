//! All sequences of a few steps, and some of many, beside a [`Witness`].

use std::collections::HashMap;

use proptest::prelude::*;

use super::witness::{Broken, Witness};
use super::*;

/// What can happen, and time.
#[derive(Clone, Copy, Debug)]
enum Step {
    Told(Input),
    Pass(Duration),
    Sleep(Duration),
    SetBack(Duration),
}

/// A machine beside its witness.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Trial {
    bench: Bench,
    witness: Witness,
}

impl Trial {
    fn new() -> Self {
        Self { bench: Bench::new(), witness: Witness::new() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Pass(time) => self.bench.pass(time),
            Step::Sleep(time) => self.bench.sleep(time),
            Step::SetBack(time) => self.bench.set_back(time),
            Step::Told(input) => {
                self.witness.hears(input, self.bench.now);
                self.bench.take(input);
            }
        }
    }

    /// Has all actions done that there are, and returns them.
    fn act(&mut self) -> Result<Vec<Action>, Broken> {
        let mut actions = Vec::new();
        while actions.len() < 5 {
            let action = self.bench.next();
            self.witness.sees(action, self.bench.now)?;
            actions.push(action);
            if let Action::Wait { .. } | Action::End = action {
                return Ok(actions);
            }
        }
        Err(Broken("it comes to rest"))
    }

    /// The same at `now`. Nothing depends on when things happen, only on how long after one another.
    fn at(&self, now: Moment) -> Self {
        let shift = Shift { from: self.bench.now, to: now };
        let mut bench = Bench { refresh: self.bench.refresh.clone(), now };
        if let Some(last) = &mut bench.refresh.last {
            last.end = shift.monotonic(last.end);
        }
        if let Some(Due { time: Time::At { monotonic, wall }, .. }) = &mut bench.refresh.due {
            *monotonic = monotonic.map(|at| shift.monotonic(at));
            *wall = wall.map(|at| shift.wall(at));
        }
        Self { bench, witness: self.witness.shifted(shift) }
    }
}

/// From one moment to another, and everything with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    from: Moment,
    to: Moment,
}

impl Shift {
    pub(super) fn moment(self, moment: Moment) -> Moment {
        Moment { monotonic: self.monotonic(moment.monotonic), wall: self.wall(moment.wall) }
    }

    pub(super) fn monotonic(self, at: Instant) -> Instant {
        match at.checked_duration_since(self.from.monotonic) {
            Some(later) => self.to.monotonic + later,
            None => self.to.monotonic - (self.from.monotonic - at),
        }
    }

    fn wall(self, at: SystemTime) -> SystemTime {
        match at.duration_since(self.from.wall) {
            Ok(later) => self.to.wall + later,
            Err(earlier) => self.to.wall - earlier.duration(),
        }
    }
}

/// Every sequence of eight steps out of 23: 78,310,985,281. Those that lead to the same state of the machine and the
/// witness are followed together. Nothing is lost by it: what follows depends on these alone.
#[test]
fn every_sequence_of_eight_steps_keeps_the_rules() {
    const DEPTH: usize = 8;
    let steps = steps();
    let mut first = Trial::new();
    first.act().expect("the first run starts");
    let origin = first.bench.now;
    let mut level = HashMap::from([(first, (1_u64, [0_u8; DEPTH]))]);
    let mut sequences = 0;
    for depth in 0..DEPTH {
        let mut next = HashMap::with_capacity(level.len() * 4);
        for (trial, (count, path)) in &level {
            for (index, step) in (0..).zip(&steps) {
                let mut trial = trial.clone();
                let mut path = *path;
                path[depth] = index;
                trial.step(*step);
                if let Err(broken) = trial.act() {
                    let path = path[..=depth].iter().map(|index| steps[usize::from(*index)]);
                    panic!("{broken:?} after {:?}", path.collect::<Vec<_>>());
                }
                if depth + 1 == DEPTH {
                    sequences += count;
                } else {
                    next.entry(trial.at(origin)).or_insert((0, path)).0 += count;
                }
            }
        }
        level = next;
    }
    assert_eq!(sequences, 23_u64.pow(8));
}

/// All inputs, with the least and the most of chance where it makes a difference, and time with regard to a period of
/// 30 seconds.
fn steps() -> Vec<Step> {
    let ended = |result, rate, chance| Step::Told(ended(result, rate, chance));
    vec![
        Step::Pass(s(1)),
        Step::Pass(s(30)),
        Step::Pass(s(33)),
        Step::Sleep(s(60)),
        Step::SetBack(s(60)),
        Step::Told(Input::CallStarted),
        Step::Told(Input::CallEnded),
        Step::Told(Input::NetworkUp(LEAST)),
        Step::Told(Input::NetworkUp(MOST)),
        Step::Told(Input::Woke),
        Step::Told(Input::ClockSet),
        Step::Told(Input::Requested),
        Step::Told(Input::NewCredentials),
        Step::Told(Input::Deserted),
        Step::Told(Input::Stop),
        ended(RunResult::Succeeded, Some(5), LEAST),
        ended(RunResult::Succeeded, Some(5), MOST),
        ended(RunResult::Succeeded, Some(0), LEAST),
        ended(RunResult::FailedForNow, None, MOST),
        ended(RunResult::FailedForNow, Some(5), LEAST),
        ended(RunResult::Failed, None, LEAST),
        ended(RunResult::Refused, Some(5), LEAST),
        ended(RunResult::Declined, None, LEAST),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let chance = || any::<u16>().prop_map(Chance);
    let time = || {
        prop_oneof![
            (0_u64..100).prop_map(Duration::from_millis),
            (0_u64..100).prop_map(s),
            (0_u64..5000).prop_map(s),
            (0_u64..1_000_000).prop_map(s),
        ]
    };
    let result = prop::sample::select(vec![
        RunResult::Succeeded,
        RunResult::Succeeded,
        RunResult::FailedForNow,
        RunResult::FailedForNow,
        RunResult::Failed,
        RunResult::Refused,
        RunResult::Declined,
    ]);
    let rate = prop_oneof![
        Just(None),
        Just(Some(0)),
        (1_u32..100).prop_map(Some),
        (1_u32..5000).prop_map(Some),
    ];
    let told = prop::sample::select(vec![
        Input::CallStarted,
        Input::CallEnded,
        Input::CallEnded,
        Input::Woke,
        Input::ClockSet,
        Input::Requested,
        Input::NewCredentials,
        Input::Deserted,
    ]);
    prop_oneof![
        6 => time().prop_map(Step::Pass),
        2 => time().prop_map(Step::Sleep),
        1 => time().prop_map(Step::SetBack),
        6 => (result, rate, chance()).prop_map(|(result, rate, chance)| {
            Step::Told(ended(result, rate, chance))
        }),
        2 => chance().prop_map(|chance| Step::Told(Input::NetworkUp(chance))),
        6 => told.prop_map(Step::Told),
        1 => prop::bool::weighted(0.2).prop_map(|stops| {
            Step::Told(if stops { Input::Stop } else { Input::Woke })
        }),
    ]
}

proptest! {
    /// The rules hold for many steps too, with any times, and when the driver comes late to ask what to do. Afterwards
    /// what was announced comes, and at its time.
    #[test]
    fn sequences_of_many_steps_keep_the_rules(
        steps in prop::collection::vec((a_step(), prop::bool::weighted(0.9)), 0..60),
    ) {
        let mut trial = Trial::new();
        for (step, acts) in steps {
            trial.step(step);
            if acts {
                prop_assert_eq!(trial.act().err(), None);
            }
        }
        trial.step(Step::Told(Input::Deserted));
        trial.step(Step::Told(ended(RunResult::Succeeded, None, LEAST)));
        let actions = trial.act().map_err(|broken| TestCaseError::fail(broken.0))?;
        if let Some(Action::Wait { until: Some(until) }) = actions.last() {
            let wait = *until - trial.bench.now.monotonic;
            trial.step(Step::Pass(wait - Duration::from_nanos(1)));
            let early = trial.act().map_err(|broken| TestCaseError::fail(broken.0))?;
            prop_assert!(matches!(early[..], [Action::Wait { .. }]), "{:?}", early);
            trial.step(Step::Pass(Duration::from_nanos(1)));
            let due = trial.act().map_err(|broken| TestCaseError::fail(broken.0))?;
            prop_assert!(matches!(due[0], Action::Start(_)), "{:?}", due);
        }
    }

    /// Whatever the clocks do, and as long as nobody asks for more, runs are half a minute apart.
    #[test]
    fn clocks_alone_make_no_storm(
        steps in prop::collection::vec(a_step(), 0..60),
        rate in 1_u32..200,
    ) {
        let mut bench = Bench::after(RunResult::Succeeded, rate, LEAST);
        let mut end = bench.now.monotonic;
        for step in steps {
            match step {
                Step::Pass(time) => bench.pass(time),
                Step::Sleep(time) => bench.sleep(time),
                Step::SetBack(time) => bench.set_back(time),
                Step::Told(Input::ClockSet) => bench.take(Input::ClockSet),
                Step::Told(_) => {}
            }
            if let Action::Start(_) = bench.next() {
                prop_assert!(bench.now.monotonic - end >= s(30));
                bench.ends(RunResult::FailedForNow, None, LEAST);
                end = bench.now.monotonic;
            }
        }
    }
}

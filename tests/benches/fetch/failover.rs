//! How long it takes to come to the first good server behind some that are dead, beside strict order and beside a loop of
//! curl.

use std::error::Error;
use std::thread;
use std::time::Duration;

use provision_tests::measuring::{
    Comparison, Effort, Goal, Measure, Table, Times, Unit, interleaved, is_there, rounds,
};

use crate::course::{Course, Kind, Scheme};
use crate::dead::Dead;

/// Past servers that fail at once.
const QUICK: Goal = Goal::Under(0.010);
/// Past servers that say neither yes nor no: 3 s and what the machine needs.
const SLOW: Goal = Goal::AtMost(3.050);

const QUICK_KINDS: [Kind; 5] = [
    Kind { name: "refused", dead: Dead::refusing, scheme: Scheme::Http },
    Kind { name: "reset", dead: Dead::resetting, scheme: Scheme::Http },
    Kind { name: "status 503", dead: Dead::busy, scheme: Scheme::Http },
    Kind { name: "web page under 200", dead: Dead::portal, scheme: Scheme::Http },
    Kind { name: "truncated body", dead: Dead::truncating, scheme: Scheme::Http },
];

const SLOW_KINDS: [Kind; 4] = [
    Kind { name: "silent", dead: Dead::silent, scheme: Scheme::Http },
    Kind { name: "dripping header", dead: Dead::dripping, scheme: Scheme::Http },
    Kind { name: "stalled TLS handshake", dead: Dead::silent, scheme: Scheme::Https },
    Kind { name: "black hole", dead: Dead::black_hole, scheme: Scheme::Http },
];

const QUICK_EFFORT: Effort = Effort { rounds: 31, budget: Duration::from_secs(3) };
const SLOW_ROUNDS: usize = 3;

/// What waits for nothing but time does so at once with others. It begins so much behind the one before it, so that their
/// ends do not meet either.
const APART: Duration = Duration::from_millis(150);

const LOOP: &str = "a loop of curl";
const STRICT: &str = "strict order";

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    measure_quick(table)?;
    measure_slow(table)?;
    measure_patience(table)
}

fn measure_quick(table: &mut Table) -> Result<(), Box<dyn Error>> {
    table.title("dead URLs that fail at once", "until the good one behind them has answered");
    let has_script = has_script();
    for kind in &QUICK_KINDS {
        for count in [1, 3, 10] {
            let name = format!("{count} {}", kind.name);
            if !table.wants(&name) {
                continue;
            }
            let course = Course::new(kind, count)?;
            let script = || if has_script { course.run_script() } else { Duration::ZERO };
            let [ours, strict, script] = interleaved(
                [&|| course.run(), &|| course.run_in_strict_order(), &script],
                &QUICK_EFFORT,
            );
            table.measured(&name, Measure::times(&ours), Some(QUICK));
            beside(table, &name, &ours, (STRICT, &strict));
            if has_script {
                beside(table, &name, &ours, (LOOP, &script));
            } else {
                table.missing(&format!("{name}, {LOOP}"), SCRIPT_MISSING, None);
            }
        }
    }
    Ok(())
}

fn measure_slow(table: &mut Table) -> Result<(), Box<dyn Error>> {
    table.title("dead URLs that say nothing", "until the good one behind them has answered");
    let mut courses = Vec::new();
    for kind in &SLOW_KINDS {
        for count in [1, 3, 10, 15] {
            let name = format!("{count} {}", kind.name);
            if table.wants(&name) {
                courses.push((name, Course::new(kind, count)?));
            }
        }
    }
    let mut samples = vec![Vec::new(); courses.len()];
    for _ in 0..rounds(SLOW_ROUNDS) {
        let turns = courses.iter().map(|(_, course)| Box::new(|| course.run()) as Turn<'_>);
        for (samples, taken) in samples.iter_mut().zip(at_once(turns.collect())) {
            samples.push(taken);
        }
    }
    for ((name, _), samples) in courses.iter().zip(samples) {
        table.measured(name, Measure::times(&Times(samples)), Some(SLOW));
    }
    Ok(())
}

/// One of each kind, with nobody asked beside it: the limits of time are all there is. They are those that a fetch has by
/// itself, 5 s to connect and 10 s in all, and the loop has the same. Behind N dead servers it is N times that.
fn measure_patience(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let title = "strict order behind one that says nothing";
    if !table.wants(title) {
        return Ok(());
    }
    table.title(title, "the limits of time, once for every such server");
    let has_script = has_script();
    let mut courses = Vec::new();
    for kind in &SLOW_KINDS {
        courses.push((kind.name, Course::new(kind, 1)?));
    }
    let strict =
        courses.iter().map(|(_, course)| Box::new(|| course.run_in_strict_order()) as Turn<'_>);
    let scripts = courses.iter().filter(|_| has_script);
    let scripts = scripts.map(|(_, course)| Box::new(|| course.run_script()) as Turn<'_>);
    let mut taken = at_once(strict.chain(scripts).collect()).into_iter();
    for name in [STRICT, LOOP] {
        for (kind, _) in &courses {
            let row = format!("1 {kind}, {name}");
            match taken.next() {
                Some(time) => {
                    table.measured(&row, Measure::once(Unit::Seconds, time.as_secs_f64()), None);
                }
                None => table.missing(&row, SCRIPT_MISSING, None),
            }
        }
    }
    Ok(())
}

type Turn<'a> = Box<dyn Fn() -> Duration + Send + 'a>;

/// The times of what is done side by side.
fn at_once<'a>(turns: Vec<Turn<'a>>) -> Vec<Duration> {
    thread::scope(|scope| {
        let begin = |behind: Duration, turn: Turn<'a>| {
            scope.spawn(move || {
                thread::sleep(behind);
                turn()
            })
        };
        let turns = (0..).zip(turns);
        let threads: Vec<_> = turns.map(|(place, turn)| begin(APART * place, turn)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it comes to its end")).collect()
    })
}

fn beside(table: &mut Table, name: &str, ours: &Times, (peer, theirs): (&str, &Times)) {
    table.measured(&format!("  {peer}"), Measure::times(theirs), None);
    let comparison = Comparison {
        name: &format!("{name}, of the time of {peer}"),
        ours: Measure::times(ours),
        peer,
        theirs: Measure::times(theirs),
        ratios: ours.ratios(theirs),
    };
    table.compared(&comparison, None);
}

fn has_script() -> bool {
    ["sh", "curl", "grep"].into_iter().all(is_there)
}

const SCRIPT_MISSING: &str = "curl is missing";

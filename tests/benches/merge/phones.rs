//! A merge as a phone makes it, against building two trees with roxmltree and against a merge with lxml.

use std::error::Error;
use std::time::Duration;

use provision_format::SignificantSections;
use provision_tests::measuring::{
    Comparison, Effort, Goal, Measure, Table, Times, Unit, interleaved, timed,
};

use crate::lxml::{self, Lxml};
use crate::pairs::{Pair, SECTIONS};

/// Of the time in which roxmltree parses both documents.
const AGAINST_ROXMLTREE: Goal = Goal::AtMost(0.30);
/// Of the time of the same merge with lxml.
const AGAINST_LXML: Goal = Goal::AtMost(0.15);

const EFFORT: Effort = Effort { rounds: 101, budget: Duration::from_secs(10) };

/// So often in one turn: what interrupts one of them is left out by the median.
pub(crate) const REPEATS: usize = 50;

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    for (name, pair) in Pair::of_phones() {
        if table.wants(name) {
            measure_pair(table, name, &pair)?;
        }
    }
    Ok(())
}

fn measure_pair(table: &mut Table, name: &str, pair: &Pair) -> Result<(), Box<dyn Error>> {
    let sections = SignificantSections::from_list(SECTIONS);
    let trees = || {
        let parse = |text| roxmltree::Document::parse(text).expect("it reads what phones write");
        (parse(&pair.local), parse(&pair.remote))
    };
    table.title(name, &pair.sizes());
    let ours = || turn(|| timed(|| pair.merge(&sections)));
    let trees = || turn(|| timed(trees));
    let lxml = Lxml::start(pair)?;
    let lxml_turn = || lxml.as_ref().map_or(Duration::ZERO, Lxml::turn);
    let [merge, trees, others] = interleaved([&ours, &trees, &lxml_turn], &EFFORT);
    timing_row(table, MERGE, &merge);
    timing_row(table, TREES, &trees);
    compared(table, (MERGE, &merge), (TREES, &trees), Some(AGAINST_ROXMLTREE));
    if lxml.is_some() {
        timing_row(table, "lxml", &others);
        compared(table, (MERGE, &merge), ("lxml", &others), Some(AGAINST_LXML));
    } else {
        table.missing("lxml", lxml::MISSING, Some((AGAINST_LXML, Unit::Ratio)));
    }
    Ok(())
}

pub(crate) const MERGE: &str = "merge";
pub(crate) const TREES: &str = "two trees of roxmltree";

fn turn(once: impl Fn() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..REPEATS).map(|_| once()).collect();
    times.sort_unstable();
    times[REPEATS / 2]
}

pub(crate) fn timing_row(table: &mut Table, name: &str, times: &Times) {
    table.measured(name, Measure::times(times), None);
}

/// What the first takes of the time of the second, round by round.
pub(crate) fn compared(
    table: &mut Table,
    (name, ours): (&str, &Times),
    (peer, theirs): (&str, &Times),
    goal: Option<Goal>,
) {
    let comparison = Comparison {
        name: &format!("{name}, of the time of {peer}"),
        ours: Measure::times(ours),
        peer,
        theirs: Measure::times(theirs),
        ratios: ours.ratios(theirs),
    };
    table.compared(&comparison, goal);
}

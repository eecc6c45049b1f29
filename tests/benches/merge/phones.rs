//! A merge as a phone makes it, against building two trees with roxmltree and against a merge with lxml.

use std::error::Error;
use std::time::Duration;

use provision_format::SignificantSections;
use provision_tests::measuring::{
    Effort, Goal, Quartiles, Shown, Table, Times, interleaved, timed, verdict,
};

use crate::lxml::Lxml;
use crate::pairs::{Pair, SECTIONS};

/// Of the time in which roxmltree parses both documents.
const AGAINST_ROXMLTREE: Goal = Goal::AtMost(0.30);
/// Of the time of the same merge with lxml.
const AGAINST_LXML: Goal = Goal::AtMost(0.15);

const EFFORT: Effort = Effort { rounds: 101, budget: Duration::from_secs(10) };

/// So often in one turn: what interrupts one of them is left out by the median.
pub(crate) const REPEATS: usize = 50;

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let (small, usual) = (Pair::of_a_phone(8_000), Pair::of_a_phone(20_000));
    let crlf = usual.with_carriage_returns();
    for (name, pair) in [("8 KB, LF", small), ("20 KB, LF", usual), ("20 KB, CR LF", crlf)] {
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
    let title =
        format!("{name}: {} bytes local, {} bytes remote", pair.local.len(), pair.remote.len());
    table.heading(format!("{title:<48}{:>12}  {:<25} {:<10}", "median", "quartiles", "goal"));
    let ours = || turn(|| timed(|| pair.merge(&sections)));
    let trees = || turn(|| timed(trees));
    if let Some(lxml) = Lxml::start(pair)? {
        let [merge, trees, lxml] = interleaved([&ours, &trees, &|| lxml.turn()], &EFFORT);
        timing_row(table, "merge", &merge);
        timing_row(table, "two trees of roxmltree", &trees);
        ratio_row(table, "  merge against them", merge.ratios(&trees), AGAINST_ROXMLTREE);
        timing_row(table, "lxml", &lxml);
        ratio_row(table, "  merge against it", merge.ratios(&lxml), AGAINST_LXML);
    } else {
        let [merge, trees] = interleaved([&ours, &trees], &EFFORT);
        timing_row(table, "merge", &merge);
        timing_row(table, "two trees of roxmltree", &trees);
        ratio_row(table, "  merge against them", merge.ratios(&trees), AGAINST_ROXMLTREE);
        table.row("  lxml is missing: `pip install lxml` gives it to the Python of this machine");
    }
    Ok(())
}

fn turn(once: impl Fn() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..REPEATS).map(|_| once()).collect();
    times.sort_unstable();
    times[REPEATS / 2]
}

pub(crate) fn timing_row(table: &mut Table, name: &str, times: &Times) {
    let Quartiles { lower, median, upper } = times.quartiles();
    let spread = format!("{} .. {}", Shown(lower), Shown(upper));
    table.row(&format!("  {name:<46}{:>12}  {spread}", Shown(median)));
}

pub(crate) fn ratio_row(table: &mut Table, name: &str, ratios: Quartiles<f64>, goal: Goal) {
    let verdict = verdict(table.check(goal, ratios.median));
    let spread = format!("{:.3} .. {:.3}", ratios.lower, ratios.upper);
    let median = ratios.median;
    table.row(&format!("  {name:<46}{median:>12.3}  {spread:<25} {goal:<10}{verdict}"));
}

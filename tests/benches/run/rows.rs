//! The rows of the table.

use provision_tests::measuring::{Goal, Quartiles, Shown, Table, Times, verdict};

pub(crate) fn heading(table: &mut Table, title: &str) {
    table.heading(format!("{title:<48}{:>12}  {:<25} {:<10}", "median", "quartiles", "goal"));
}

pub(crate) fn times(table: &mut Table, name: &str, times: &Times) {
    let Quartiles { lower, median, upper } = times.quartiles();
    let spread = format!("{} .. {}", Shown(lower), Shown(upper));
    table.row(&format!("  {name:<46}{:>12}  {spread}", Shown(median)));
}

/// A part of another candidate's time, round by round.
pub(crate) fn ratio(table: &mut Table, name: &str, ratios: Quartiles<f64>, goal: Option<Goal>) {
    let Quartiles { lower, median, upper } = ratios;
    let spread = format!("{lower:.3} .. {upper:.3}");
    let end = goal_and_verdict(table, median, goal);
    table.row(&format!("  {name:<46}{median:>12.3}  {spread:<25} {end}"));
}

/// How often something happens.
pub(crate) fn count(table: &mut Table, name: &str, count: u64, goal: Option<Goal>) {
    let end = goal_and_verdict(table, count as f64, goal);
    table.row(&format!("  {name:<46}{count:>12}  {:<25} {end}", ""));
}

fn goal_and_verdict(table: &mut Table, value: f64, goal: Option<Goal>) -> String {
    let end = goal.map(|goal| format!("{goal:<10}{}", verdict(table.check(goal, value))));
    end.unwrap_or_default()
}

//! A row of the table, and what was found.

use std::collections::BTreeMap;
use std::fmt;

use super::clean::{Clean, State};
use super::kills::{Kill, Struck};
use super::scenario::Scenario;
use super::stage::Stage;

/// What was seen of a scenario, or of all.
#[derive(Debug)]
pub(crate) struct Row {
    name: &'static str,
    /// Of a clean run: before and after each of its system calls.
    stops: usize,
    pub(crate) kills: usize,
    pub(crate) struck: usize,
    old: usize,
    new: usize,
    between: usize,
    failures: usize,
    survived: usize,
    /// Cases in which something was left behind for good.
    pub(crate) leaves: usize,
    /// Each with its cases: how many, and the first one.
    found: BTreeMap<String, (usize, String)>,
}

impl Row {
    pub(crate) const HEADING: &str = "\
scenario                calls  stops   kills  struck      %     old     new  between  failing calls  done  refused  left behind  findings";

    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            stops: 0,
            kills: 0,
            struck: 0,
            old: 0,
            new: 0,
            between: 0,
            failures: 0,
            survived: 0,
            leaves: 0,
            found: BTreeMap::new(),
        }
    }

    pub(crate) fn clean(&mut self, scenario: &Scenario, stage: &Stage<'_>, clean: &Clean) {
        self.stops = clean.stops;
        let wrong = clean.faults(scenario);
        #[cfg(target_arch = "x86_64")]
        let wrong = [wrong, super::order::faults(scenario, stage.profile(), &clean.calls)].concat();
        self.find(stage, &wrong, "left alone");
    }

    pub(crate) fn kill(&mut self, stage: &Stage<'_>, kill: Kill, struck: &Struck) {
        self.kills += 1;
        self.struck += usize::from(struck.is_struck);
        match struck.state {
            State::Old => self.old += 1,
            State::New => self.new += 1,
            State::Between => self.between += 1,
        }
        self.leaves += usize::from(struck.leaves);
        self.find(
            stage,
            &struck.wrong,
            &format!("killed at stop {}, round {}", kill.stop, kill.round),
        );
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn failure(&mut self, stage: &Stage<'_>, failed: &super::failures::Failed) {
        let Some(call) = &failed.call else { return };
        self.failures += 1;
        self.survived += usize::from(failed.is_survived);
        self.leaves += usize::from(failed.leaves);
        self.find(stage, &failed.wrong, call);
    }

    /// Takes over what another row has.
    pub(crate) fn add(&mut self, row: Self) {
        self.stops += row.stops;
        self.kills += row.kills;
        self.struck += row.struck;
        self.old += row.old;
        self.new += row.new;
        self.between += row.between;
        self.failures += row.failures;
        self.survived += row.survived;
        self.leaves += row.leaves;
        for (wrong, (times, case)) in row.found {
            self.found.entry(wrong).or_insert((0, case)).0 += times;
        }
    }

    /// How many different things are wrong.
    pub(crate) fn kinds(&self) -> usize {
        self.found.len()
    }

    /// What is wrong, in words.
    pub(crate) fn findings(&self) -> impl Iterator<Item = String> {
        self.found.iter().map(|(wrong, (times, case))| {
            format!("FOUND: {wrong}\n  in {times} cases, the first one: {case}")
        })
    }

    fn find(&mut self, stage: &Stage<'_>, wrong: &[String], case: &str) {
        let folder = stage.profile().to_string_lossy();
        for wrong in wrong {
            // Folders have other names in every run.
            let wrong = wrong.replace(&*folder, "PROFILE");
            let case = || (0, format!("{}, {case}", self.name));
            self.found.entry(wrong).or_insert_with(case).0 += 1;
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.struck as f64 * 100.0 / self.kills.max(1) as f64;
        write!(
            out,
            "{:<22} {:>6} {:>6} {:>7} {:>7} {share:>6.1} {:>7} {:>7} {:>8} {:>14} {:>5} {:>8} {:>12} {:>9}",
            self.name,
            self.stops.div_ceil(2),
            self.stops,
            self.kills,
            self.struck,
            self.old,
            self.new,
            self.between,
            self.failures,
            self.survived,
            self.failures - self.survived,
            self.leaves,
            self.found.len(),
        )
    }
}

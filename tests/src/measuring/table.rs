//! The table: a row as soon as it is measured, with its goals.

use std::fs;
use std::io;
use std::path::Path;

use super::record::{self, Record};
use super::{Goal, Measure, Quartiles, Unit, verdict};

/// What was printed so far.
#[derive(Debug)]
pub struct Table {
    words: Vec<String>,
    title: String,
    heading: Option<String>,
    records: Vec<Record>,
    goals: usize,
    missed: usize,
}

/// A measure beside another one of the same unit.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// As the row is called: who is compared, a comma, and of what it is a part.
    pub name: &'a str,
    /// What is compared.
    pub ours: Measure,
    /// With whom.
    pub peer: &'a str,
    /// And with what.
    pub theirs: Measure,
    /// How often theirs goes into ours, round by round where there are rounds.
    pub ratios: Quartiles<f64>,
}

impl Table {
    /// A table of the rows that have one of `words` in their names; of all if there is no word.
    pub fn new(words: Vec<&str>) -> Self {
        let words = words.into_iter().map(str::to_lowercase).collect();
        Self {
            words,
            title: String::new(),
            heading: None,
            records: Vec::new(),
            goals: 0,
            missed: 0,
        }
    }

    /// Whether the row of this name is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    /// What the rows from here on are about, and what is to be known beside; printed if a row comes.
    pub fn title(&mut self, title: &str, beside: &str) {
        title.clone_into(&mut self.title);
        let shown = if beside.is_empty() { title.to_owned() } else { format!("{title}: {beside}") };
        // What is too long for its column has a line of its own.
        let lines = if shown.chars().count() < NAME {
            format!("{shown:<NAME$}{:>12}  {:<27}{:<12}", "median", "quartiles", "goal")
        } else {
            format!("{shown}\n{:<NAME$}{:>12}  {:<27}{:<12}", "", "median", "quartiles", "goal")
        };
        self.heading = Some(lines);
    }

    /// Lines of another form above the next row, if one comes.
    pub fn heading(&mut self, title: &str, lines: String) {
        title.clone_into(&mut self.title);
        self.heading = Some(lines);
    }

    /// Prints a row of another form, under the heading that was given before it.
    pub fn row(&mut self, row: &str) {
        if let Some(heading) = self.heading.take() {
            println!();
            for line in heading.lines() {
                println!("{}", line.trim_end());
            }
        }
        println!("{}", row.trim_end());
    }

    /// A row of what was measured, without or with a goal.
    pub fn measured(&mut self, name: &str, measure: Measure, goal: Option<Goal>) {
        self.cells(name, measure, goal);
        self.records.push(Record::measured(&self.title, name, measure, goal));
    }

    /// A row of what was compared: how often theirs goes into ours.
    pub fn compared(&mut self, comparison: &Comparison<'_>, goal: Option<Goal>) {
        let ratio = Measure { unit: Unit::Ratio, quartiles: comparison.ratios };
        // The rows above it say whose it is.
        let name = comparison.name.rsplit_once(", ").map_or(comparison.name, |(_, name)| name);
        self.cells(&format!("  {name}"), ratio, goal);
        self.records.push(Record::compared(&self.title, comparison, goal));
    }

    /// A row of what cannot be measured here. A goal of it is missed: nobody has seen that it is met.
    pub fn missing(&mut self, name: &str, reason: &str, goal: Option<(Goal, Unit)>) {
        let end = goal.map(|(goal, unit)| {
            format!("  {}  {}", goal.shown(unit), verdict(self.check(goal, f64::NAN)))
        });
        self.row(&format!("  {name}: not measured, {reason}{}", end.unwrap_or_default()));
        self.records.push(Record::missing(&self.title, name, reason, goal));
    }

    /// Keeps what rows of another form have shown, whose goals are counted.
    pub fn keep(&mut self, name: &str, measure: Measure, goal: Goal) {
        self.records.push(Record::measured(&self.title, name, measure, Some(goal)));
    }

    fn cells(&mut self, name: &str, measure: Measure, goal: Option<Goal>) {
        let value = measure.quartiles.median;
        let end = goal.map(|goal| {
            let verdict = verdict(self.check(goal, value));
            format!("{:<12}{verdict}", goal.shown(measure.unit))
        });
        let (shown, spread) = (measure.shown(), measure.spread());
        let end = end.unwrap_or_default();
        self.row(&format!("  {name:<width$}{shown:>12}  {spread:<27}{end}", width = NAME - 2));
    }

    /// Counts `value` against `goal`; whether it is met.
    pub fn check(&mut self, goal: Goal, value: f64) -> bool {
        let is_met = goal.is_met(value);
        self.goals += 1;
        self.missed += usize::from(!is_met);
        is_met
    }

    /// The last line; whether every goal is met. Without a row there is none.
    pub(super) fn end(&self) -> bool {
        if self.goals == 0 && self.records.is_empty() {
            println!("No row has one of these words in its name.");
        } else {
            println!("\n{} of {} goals are missed.", self.missed, self.goals);
        }
        !self.records.is_empty() && self.missed == 0
    }

    /// Writes all rows to `file`, as JSON.
    pub(super) fn write(&self, benchmark: &str, file: &Path) -> io::Result<()> {
        fs::write(file, format!("{:#}\n", record::json(benchmark, &self.records)))
    }
}

/// The width of the column of names.
const NAME: usize = 50;

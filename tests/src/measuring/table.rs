//! The table: a row as soon as it is measured, with its goals.

use std::fmt;

/// What a measure must not exceed.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// So much is still good.
    AtMost(f64),
    /// So much is too much.
    Under(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::Under(limit) => value < limit,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::AtMost(limit) => format!("<= {limit}"),
            Self::Under(limit) => format!("< {limit}"),
        };
        out.pad(&text)
    }
}

/// What was printed so far.
#[derive(Debug)]
pub struct Table {
    words: Vec<String>,
    heading: Option<String>,
    goals: usize,
    missed: usize,
}

impl Table {
    /// A table of the rows that have one of `words` in their names; of all if there is no word.
    pub fn new(words: Vec<&str>) -> Self {
        let words = words.into_iter().map(str::to_lowercase).collect();
        Self { words, heading: None, goals: 0, missed: 0 }
    }

    /// Whether the row of this name is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    /// Lines above the next row, if one comes.
    pub fn heading(&mut self, heading: String) {
        self.heading = Some(heading);
    }

    /// Prints a row, under the heading that was given before it.
    pub fn row(&mut self, row: &str) {
        if let Some(heading) = self.heading.take() {
            println!();
            for line in heading.lines() {
                println!("{}", line.trim_end());
            }
        }
        println!("{}", row.trim_end());
    }

    /// Counts `value` against `goal`; whether it is met.
    pub fn check(&mut self, goal: Goal, value: f64) -> bool {
        let is_met = goal.is_met(value);
        self.goals += 1;
        self.missed += usize::from(!is_met);
        is_met
    }

    /// The last line; whether every goal is met. Without a row there is none.
    pub fn end(&self) -> bool {
        if self.goals == 0 {
            println!("No row has one of these words in its name.");
        } else {
            println!("\n{} of {} goals are missed.", self.missed, self.goals);
        }
        self.goals > 0 && self.missed == 0
    }
}

/// How a row ends.
pub fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

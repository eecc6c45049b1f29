//! The rows of a table as data, for what is made of all tables.

use serde_json::{Value, json};

use super::{Comparison, Goal, Measure, Unit};

/// A row.
#[derive(Debug)]
pub(super) struct Record {
    title: String,
    name: String,
    goal: Option<(Goal, Unit)>,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Measured(Measure),
    Compared {
        ratio: Measure,
        ours: Measure,
        peer: String,
        theirs: Measure,
    },
    /// It could not be measured; the programs that are missing, or why else.
    Missing(String),
}

impl Record {
    pub(super) fn measured(title: &str, name: &str, measure: Measure, goal: Option<Goal>) -> Self {
        let goal = goal.map(|goal| (goal, measure.unit));
        Self::new(title, name, goal, Found::Measured(measure))
    }

    pub(super) fn compared(title: &str, comparison: &Comparison<'_>, goal: Option<Goal>) -> Self {
        let found = Found::Compared {
            ratio: Measure { unit: Unit::Ratio, quartiles: comparison.ratios },
            ours: comparison.ours,
            peer: comparison.peer.to_owned(),
            theirs: comparison.theirs,
        };
        Self::new(title, comparison.name, goal.map(|goal| (goal, Unit::Ratio)), found)
    }

    pub(super) fn missing(
        title: &str,
        name: &str,
        reason: &str,
        goal: Option<(Goal, Unit)>,
    ) -> Self {
        Self::new(title, name, goal, Found::Missing(reason.to_owned()))
    }

    fn new(title: &str, name: &str, goal: Option<(Goal, Unit)>, found: Found) -> Self {
        Self { title: title.to_owned(), name: name.trim().to_owned(), goal, found }
    }

    fn json(&self) -> Value {
        let mut row = json!({ "title": self.title, "name": self.name });
        let median = match &self.found {
            Found::Measured(measure) => {
                row["measure"] = measure.json();
                Some(measure.quartiles.median)
            }
            Found::Compared { ratio, ours, peer, theirs } => {
                row["measure"] = ours.json();
                row["ratio"] = ratio.json();
                row["peer"] = theirs.json();
                row["peer"]["name"] = json!(peer);
                Some(ratio.quartiles.median)
            }
            Found::Missing(reason) => {
                row["missing"] = json!(reason);
                None
            }
        };
        if let Some((goal, unit)) = self.goal {
            row["goal"] = goal.json(unit);
            row["met"] = json!(median.is_some_and(|median| goal.is_met(median)));
        }
        row
    }
}

/// All rows of a benchmark.
pub(super) fn json(benchmark: &str, records: &[Record]) -> Value {
    let rows: Vec<Value> = records.iter().map(Record::json).collect();
    json!({ "benchmark": benchmark, "rows": rows })
}

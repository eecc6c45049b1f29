//! One row for each goal, from the rows of all benchmarks.

use serde_json::Value;

/// The goals of all benchmarks, and the peers that were missing.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) rows: Vec<Row>,
    /// What could not be measured, with the reason.
    pub(super) missing: Vec<String>,
}

/// A goal, and what was measured for it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) benchmark: String,
    pub(super) name: String,
    /// What was measured of ours.
    pub(super) median: String,
    pub(super) spread: String,
    /// Of a peer's measure; empty where the goal is not about one.
    pub(super) ratio: String,
    pub(super) goal: String,
    pub(super) outcome: Outcome,
    /// How much of what the goal allows was taken: 1 is just met. None where it was not measured, or the goal is nothing.
    pub(super) used: Option<f64>,
}

/// What became of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Met,
    Missed,
    /// With the reason.
    NotMeasured(String),
}

impl Outcome {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Met => "met".into(),
            Self::Missed => "MISSED".into(),
            Self::NotMeasured(reason) => format!("NOT MEASURED: {reason}"),
        }
    }
}

impl Summary {
    /// None if the data are not what benchmarks write.
    pub(super) fn of(data: &Value) -> Option<Self> {
        let mut summary = Self { rows: Vec::new(), missing: Vec::new() };
        for benchmark in data["benchmarks"].as_array()? {
            let name = benchmark["benchmark"].as_str()?;
            for row in benchmark["rows"].as_array()? {
                if let Some(reason) = row["missing"].as_str() {
                    summary.missing.push(format!("{name}: {}: {reason}", full_name(row)?));
                }
                if row["goal"].is_object() {
                    summary.rows.push(Row::of(name, row)?);
                }
            }
        }
        Some(summary)
    }

    pub(super) fn goals(&self) -> usize {
        self.rows.len()
    }

    /// A goal that was not measured is missed: nobody has seen that it is met.
    pub(super) fn missed(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome != Outcome::Met).count()
    }

    /// As a terminal shows it.
    pub(super) fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.label().chars().count()).max().unwrap_or(0);
        let mut text = format!(
            "{:<width$}  {:>11}  {:<25} {:>8}  {:<10}\n",
            "goal by goal", "median", "quartiles", "ratio", "goal"
        );
        for row in &self.rows {
            let Row { median, spread, ratio, goal, outcome, .. } = row;
            let (label, outcome) = (row.label(), outcome.text());
            text += &format!(
                "{label:<width$}  {median:>11}  {spread:<25} {ratio:>8}  {goal:<10}{outcome}\n"
            );
        }
        for missing in &self.missing {
            text += &format!("not measured: {missing}\n");
        }
        text + &format!("\n{} of {} goals are missed.\n", self.missed(), self.goals())
    }
}

impl Row {
    fn of(benchmark: &str, row: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (measure, ratio, goal) = (&row["measure"], &row["ratio"], &row["goal"]);
        let decisive = if ratio.is_object() { ratio } else { measure };
        let outcome = match (row["missing"].as_str(), row["met"].as_bool()?) {
            (Some(reason), _) => Outcome::NotMeasured(reason.to_owned()),
            (None, true) => Outcome::Met,
            (None, false) => Outcome::Missed,
        };
        Some(Self {
            benchmark: benchmark.to_owned(),
            name: full_name(row)?,
            median: text(&measure["shown"]),
            spread: text(&measure["spread"]),
            ratio: text(&ratio["shown"]),
            goal: goal["shown"].as_str()?.to_owned(),
            used: used(decisive["median"].as_f64(), goal),
            outcome,
        })
    }

    fn label(&self) -> String {
        format!("{}: {}", self.benchmark, self.name)
    }
}

/// The title under which a row stands, and its name.
pub(super) fn full_name(row: &Value) -> Option<String> {
    let (title, name) = (row["title"].as_str()?, row["name"].as_str()?);
    Some(if title.is_empty() { name.to_owned() } else { format!("{title}: {name}") })
}

fn used(value: Option<f64>, goal: &Value) -> Option<f64> {
    let (value, limit) = (value?, goal["limit"].as_f64()?);
    let used = if goal["relation"] == ">=" { limit / value } else { value / limit };
    used.is_finite().then_some(used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::page::tests::data;

    #[test]
    fn every_goal_has_a_row() {
        let summary = Summary::of(&data()).expect("rows as benchmarks write them");
        let rows: Vec<_> =
            summary.rows.iter().map(|row| (row.name.as_str(), row.outcome.text())).collect();
        assert_eq!(
            rows,
            [
                ("20 KB: merge, of the time of <trees>", "MISSED".to_owned()),
                ("1 refused", "met".to_owned()),
                ("20 KB: lxml", "NOT MEASURED: python3 with lxml is missing".to_owned()),
                ("1000 files: provision check | 2 threads", "met".to_owned()),
                ("system calls: that change the folder", "met".to_owned()),
            ]
        );
        assert_eq!((summary.missed(), summary.goals()), (2, 5));
        let missing = [
            "merge: 20 KB: lxml: python3 with lxml is missing",
            "check: 1000 files: xmlstarlet val: it is missing",
        ];
        assert_eq!(summary.missing, missing);
    }

    #[test]
    fn what_a_goal_allows_is_one() {
        let summary = Summary::of(&data()).expect("rows as benchmarks write them");
        let used: Vec<_> = summary.rows.iter().map(|row| row.used).collect();
        // More files per second are better, and a goal of nothing cannot be taken in part.
        assert_eq!(used, [Some(2.0), Some(0.25), None, Some(0.5), None]);
    }

    #[test]
    fn the_terminal_sees_all_of_it() {
        let text = Summary::of(&data()).expect("rows as benchmarks write them").text();
        assert!(text.contains("fetch: 1 refused"), "{text}");
        assert!(text.contains("not measured: check: 1000 files: xmlstarlet val: it is missing\n"));
        assert!(text.ends_with("\n2 of 5 goals are missed.\n"), "{text}");
    }

    #[test]
    fn other_data_are_refused() {
        assert!(Summary::of(&serde_json::json!({ "benchmarks": [{ "rows": [] }] })).is_none());
    }
}

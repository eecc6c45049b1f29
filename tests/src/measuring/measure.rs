//! A number with what it counts.

use serde_json::{Value, json};

use super::{Quartiles, Times};

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Of time.
    Seconds,
    /// Of memory, or of a file.
    Bytes,
    /// Of the processor.
    Instructions,
    /// How often something happens.
    Count,
    /// How many files are done with in a second.
    FilesPerSecond,
    /// How often another measure goes into it.
    Ratio,
}

impl Unit {
    /// A number of it, always with as many digits.
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1e-3 => format!("{:.1} µs", value * 1e6),
            Self::Seconds if value < 1.0 => format!("{:.2} ms", value * 1e3),
            Self::Seconds => format!("{value:.3} s"),
            Self::Bytes if value < 1e6 => format!("{:.0} KB", value / 1e3),
            Self::Bytes => format!("{:.2} MB", value / 1e6),
            Self::Instructions => format!("{:.3} M", value / 1e6),
            Self::Count => format!("{value:.0}"),
            Self::FilesPerSecond => format!("{value:.0}/s"),
            Self::Ratio if value < 10.0 => format!("{value:.3}"),
            Self::Ratio => format!("{value:.1}"),
        }
    }

    /// A number of it that a person has chosen: without digits that say nothing.
    pub(super) fn shown_briefly(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1.0 => format!("{} ms", (value * 1e6).round() / 1e3),
            Self::Seconds => format!("{value} s"),
            Self::Bytes => format!("{} MB", value / 1e6),
            _ => value.to_string(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Instructions => "instructions",
            Self::Count => "count",
            Self::FilesPerSecond => "files per second",
            Self::Ratio => "ratio",
        }
    }
}

/// What was measured, often or once.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// What it counts.
    pub unit: Unit,
    /// Of all times that it was measured.
    pub quartiles: Quartiles<f64>,
}

impl Measure {
    /// Of rounds.
    pub fn times(times: &Times) -> Self {
        let Quartiles { lower, median, upper } = times.quartiles();
        let [lower, median, upper] = [lower, median, upper].map(|time| time.as_secs_f64());
        Self { unit: Unit::Seconds, quartiles: Quartiles { lower, median, upper } }
    }

    /// Measured once, or the same each time.
    pub fn once(unit: Unit, value: f64) -> Self {
        Self { unit, quartiles: Quartiles { lower: value, median: value, upper: value } }
    }

    /// Measured as often as there are `values`, and that is at least once.
    pub fn several(unit: Unit, mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self { unit, quartiles: Quartiles::of_sorted(&values) }
    }

    /// How often the median of `other` goes into each quartile.
    pub fn ratios(&self, other: &Self) -> Quartiles<f64> {
        let Quartiles { lower, median, upper } = self.quartiles;
        let [lower, median, upper] =
            [lower, median, upper].map(|value| value / other.quartiles.median);
        Quartiles { lower, median, upper }
    }

    /// The median as a table shows it.
    pub fn shown(&self) -> String {
        self.unit.shown(self.quartiles.median)
    }

    /// The quartiles as a table shows them; nothing if it was measured once.
    pub fn spread(&self) -> String {
        let Quartiles { lower, upper, .. } = self.quartiles;
        if lower.to_bits() == upper.to_bits() {
            return String::new();
        }
        format!("{} .. {}", self.unit.shown(lower), self.unit.shown(upper))
    }

    pub(super) fn json(&self) -> Value {
        let Quartiles { lower, median, upper } = self.quartiles;
        json!({
            "unit": self.unit.name(),
            "lower": lower,
            "median": median,
            "upper": upper,
            "shown": self.shown(),
            "spread": self.spread(),
        })
    }
}

//! What a measure has to keep to.

use serde_json::{Value, json};

use super::Unit;

/// What a measure has to keep to, in its unit.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// So much is still good.
    AtMost(f64),
    /// So much is too much.
    Under(f64),
    /// So much has to be.
    AtLeast(f64),
}

impl Goal {
    pub(super) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::Under(limit) => value < limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }

    /// As a table shows it.
    pub fn shown(self, unit: Unit) -> String {
        let (relation, limit) = self.parts();
        format!("{relation} {}", unit.shown_briefly(limit))
    }

    fn parts(self) -> (&'static str, f64) {
        match self {
            Self::AtMost(limit) => ("<=", limit),
            Self::Under(limit) => ("<", limit),
            Self::AtLeast(limit) => (">=", limit),
        }
    }

    pub(super) fn json(self, unit: Unit) -> Value {
        let (relation, limit) = self.parts();
        json!({ "relation": relation, "limit": limit, "shown": self.shown(unit) })
    }
}

/// How a row ends.
pub fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

//! Sections and keys, in JSON.

use provision::merge::{Change, SectionChange, Value};
use serde::Serialize;

use crate::plan::{PlannedKey, PlannedSection};

#[derive(Debug, Serialize)]
pub(crate) struct SectionEntry {
    name: String,
    outcome: String,
    source: String,
    keys: Vec<KeyEntry>,
    difference: Option<String>,
}

#[derive(Debug, Serialize)]
struct KeyEntry {
    path: String,
    attribute: Option<String>,
    change: &'static str,
    from: Option<ValueEntry>,
    to: Option<ValueEntry>,
}

#[derive(Debug, Serialize)]
struct ValueEntry {
    text: Option<String>,
    is_hidden: bool,
    leaves: Option<usize>,
}

/// Without the keys.
impl From<&SectionChange> for SectionEntry {
    fn from(change: &SectionChange) -> Self {
        Self {
            name: change.name.clone(),
            outcome: change.outcome.to_string(),
            source: change.source.to_string(),
            keys: Vec::new(),
            difference: None,
        }
    }
}

impl From<&PlannedSection> for SectionEntry {
    fn from(section: &PlannedSection) -> Self {
        let keys = section.keys.iter().map(KeyEntry::from).collect();
        let difference = section.difference.map(|difference| difference.to_string());
        Self { keys, difference, ..Self::from(&section.change) }
    }
}

impl From<&PlannedKey> for KeyEntry {
    fn from(key: &PlannedKey) -> Self {
        let (change, from, to) = match &key.change {
            Change::Added(value) => ("added", None, Some(value)),
            Change::Removed(value) => ("removed", Some(value), None),
            Change::Changed { from, to } => ("changed", Some(from), Some(to)),
        };
        Self {
            path: key.path.clone(),
            attribute: key.attribute.clone(),
            change,
            from: from.map(ValueEntry::from),
            to: to.map(ValueEntry::from),
        }
    }
}

impl From<&Value> for ValueEntry {
    fn from(value: &Value) -> Self {
        let (text, leaves) = match value {
            Value::Text(text) => (Some(text.clone()), None),
            Value::Hidden => (None, None),
            Value::Elements(count) => (None, Some(*count)),
        };
        Self { text, is_hidden: *value == Value::Hidden, leaves }
    }
}

//! What a merge changes, section by section and key by key.

use std::collections::HashMap;

use provision::format::shown;
use provision::merge::{Change, Difference, KeyChange, KeyChanges, MergeReport};
use provision::merge::{SectionChange, SectionOutcome, Value};

use crate::console::Console;
use crate::narrator::sign;

/// The sections of both configurations, with what is different in each.
pub(crate) struct Plan {
    pub(crate) sections: Vec<PlannedSection>,
    /// How many more keys are different.
    pub(crate) left_out: usize,
}

pub(crate) struct PlannedSection {
    pub(crate) change: SectionChange,
    pub(crate) keys: Vec<PlannedKey>,
    /// What is different, if no key is.
    pub(crate) difference: Option<Difference>,
}

/// A key that is different, with nothing in it that must not be shown.
pub(crate) struct PlannedKey {
    pub(crate) path: String,
    pub(crate) attribute: Option<String>,
    pub(crate) change: Change,
    is_item: bool,
}

/// How much of a plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The sections, and the first keys of each.
    Asked,
    /// Nothing but in a trace.
    Aside,
}

impl Plan {
    /// Puts keys to their sections. What `mask` takes out of the texts was never meant to be shown.
    pub(crate) fn new(
        report: &MergeReport,
        changes: KeyChanges,
        mask: impl Fn(&str) -> String,
    ) -> Self {
        let left_out = changes.left_out;
        let mut keys: HashMap<String, Vec<PlannedKey>> = HashMap::new();
        for key in changes.changes {
            let of_section = keys.entry(mask(key.path.section_name())).or_default();
            of_section.push(PlannedKey::new(key, &mask));
        }
        let same_keys = changes.same_keys.into_iter();
        let mut differences: HashMap<String, Difference> =
            same_keys.map(|same| (mask(&same.section), same.difference)).collect();
        let section = |change: &SectionChange| {
            let mut change = change.clone();
            change.name = mask(&change.name);
            PlannedSection {
                keys: keys.remove(&change.name).unwrap_or_default(),
                difference: differences.remove(&change.name),
                change,
            }
        };
        Self { sections: report.sections.iter().map(section).collect(), left_out }
    }

    /// Whether the phone would run with anything else: another value, or another order. How a configuration is written,
    /// and what stands in it beside the keys, is nothing that it runs with.
    pub(crate) fn would_change(&self) -> bool {
        let is_changed = |section: &PlannedSection| {
            !section.keys.is_empty() || section.difference == Some(Difference::Order)
        };
        self.left_out > 0 || self.sections.iter().any(is_changed)
    }

    /// Tells the sections, and the keys that are different.
    pub(crate) fn tell(&self, detail: Detail, console: &mut Console) {
        for PlannedSection { change, keys, difference } in &self.sections {
            let name = shown(&change.name);
            let line = format!("merge     {} {name:<16} {}", sign(change.outcome), change.outcome);
            match detail {
                Detail::Asked => console.say(line),
                Detail::Aside => console.trace(line),
            }
            if matches!(change.outcome, SectionOutcome::Added) {
                continue;
            }
            for (place, key) in keys.iter().enumerate() {
                let line = format!("            {}", key.line());
                match detail {
                    Detail::Asked if place < MOST_KEYS => console.say(line),
                    _ => console.trace(line),
                }
            }
            if let Some(difference) = difference {
                let line = format!("            same keys, {}", difference_words(*difference));
                match detail {
                    Detail::Asked => console.say(line),
                    Detail::Aside => console.trace(line),
                }
            }
            if detail == Detail::Asked && keys.len() > MOST_KEYS {
                let more = keys.len() - MOST_KEYS;
                console.say(format!("            and {more} more (all with -v or --format json)"));
            }
        }
        if self.left_out > 0 {
            console.say(format!("note: {} more keys are different", self.left_out));
        }
        self.tell_dropped(console);
    }

    /// Names the items of lists that the phone loses, accounts above all.
    fn tell_dropped(&self, console: &mut Console) {
        let keys = self.sections.iter().flat_map(|section| &section.keys);
        let is_dropped =
            |key: &&PlannedKey| key.is_item && matches!(key.change, Change::Removed(_));
        let dropped: Vec<&str> = keys.filter(is_dropped).map(|key| key.path.as_str()).collect();
        if dropped.is_empty() {
            return;
        }
        let named = dropped[..dropped.len().min(MOST_ITEMS)].join(", ");
        let more = match dropped.len().saturating_sub(MOST_ITEMS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let count = match dropped.len() {
            1 => "1 local item".to_owned(),
            count => format!("{count} local items"),
        };
        console.say(format!("note: drops {count}: {named}{more}"));
    }
}

impl PlannedKey {
    fn new(key: KeyChange, mask: &impl Fn(&str) -> String) -> Self {
        let value = |value: Value| match value {
            Value::Text(text) => Value::Text(mask(&text)),
            other => other,
        };
        Self {
            path: mask(&key.path.to_string()),
            is_item: key.path.is_item(),
            attribute: key.attribute.as_deref().map(mask),
            change: match key.change {
                Change::Added(new) => Change::Added(value(new)),
                Change::Removed(old) => Change::Removed(value(old)),
                Change::Changed { from, to } => {
                    Change::Changed { from: value(from), to: value(to) }
                }
            },
        }
    }

    fn line(&self) -> String {
        let attribute = self.attribute.as_deref().map(|name| format!("@{}", shown(name)));
        let path = format!("{}{}", self.path, attribute.unwrap_or_default());
        match &self.change {
            Change::Added(value) => format!("+ {path}: {}", value_words(value)),
            Change::Removed(value) => format!("- {path}: {}", value_words(value)),
            Change::Changed { from: Value::Hidden, to: Value::Hidden } => {
                format!("~ {path}: changed")
            }
            Change::Changed { from, to } => {
                format!("~ {path}: {} -> {}", value_words(from), value_words(to))
            }
        }
    }
}

fn difference_words(difference: Difference) -> &'static str {
    match difference {
        Difference::Order => "in another order",
        Difference::Text => "with other text between them",
        Difference::Writing => "only written in another way",
        // One of a later version of the library.
        _ => "and something else is different",
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", shown(text)),
        Value::Hidden => "(not shown)".to_owned(),
        Value::Elements(1) => "1 key".to_owned(),
        Value::Elements(count) => format!("{count} keys"),
    }
}

/// Keys of a section that a plan shows by itself.
const MOST_KEYS: usize = 20;

/// Lost items that are named.
const MOST_ITEMS: usize = 5;

//! What a merge changes, section by section and key by key.

use provision::format::shown;
use provision::merge::{Change, KeyChange, SectionOutcome, Value};

use super::Done;
use crate::console::Console;
use crate::narrator::{sign, tell_merge_warnings};

/// Tells it: the sections always, the keys in a plan or a trace.
pub(super) fn tell(done: &Done, is_plan: bool, console: &mut Console) {
    for change in &done.merged.report.sections {
        let name = shown(&change.name);
        let line = format!("merge     {} {name:<16} {}", sign(change.outcome), change.outcome);
        let keys = keys_of(done, &change.name);
        let is_whole = matches!(change.outcome, SectionOutcome::Added);
        match is_plan {
            true => console.say(line),
            false => console.trace(line),
        }
        if is_whole {
            continue;
        }
        for (place, key) in keys.iter().enumerate() {
            let line = format!("            {}", key_line(key));
            match is_plan && place < MOST_KEYS {
                true => console.say(line),
                false => console.trace(line),
            }
        }
        if is_plan && keys.len() > MOST_KEYS {
            let more = keys.len() - MOST_KEYS;
            console.say(format!("            and {more} more (all with -v or --format json)"));
        }
    }
    if done.changes.left_out > 0 {
        console.say(format!("note: {} more keys are different", done.changes.left_out));
    }
    tell_dropped(done, console);
    tell_merge_warnings(&done.merged.report, console);
}

fn keys_of<'a>(done: &'a Done, section: &str) -> Vec<&'a KeyChange> {
    done.changes.changes.iter().filter(|key| key.path.section_name() == section).collect()
}

/// Names the items of lists that the phone loses, accounts above all.
fn tell_dropped(done: &Done, console: &mut Console) {
    let keys = done.changes.changes.iter();
    let is_dropped =
        |key: &&KeyChange| key.path.is_item() && matches!(key.change, Change::Removed(_));
    let dropped: Vec<String> = keys.filter(is_dropped).map(|key| key.path.to_string()).collect();
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

fn key_line(key: &KeyChange) -> String {
    let attribute = key.attribute.as_deref().map(|name| format!("@{}", shown(name)));
    let path = format!("{}{}", key.path, attribute.unwrap_or_default());
    match &key.change {
        Change::Added(value) => format!("+ {path}: {}", value_words(value)),
        Change::Removed(value) => format!("- {path}: {}", value_words(value)),
        Change::Changed { from: Value::Hidden, to: Value::Hidden } => format!("~ {path}: changed"),
        Change::Changed { from, to } => {
            format!("~ {path}: {} -> {}", value_words(from), value_words(to))
        }
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

//! What a preview tells of the keys, against maps of all leaves.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use provision_format::{Config, Section};
use provision_merge::{
    Change, Difference, KeyChanges, Merge, Overlay, SectionOutcome, Value, key_changes,
};

use super::tree::Tree;
use super::{read, significant};
use crate::strategies::configurations::SECRET;
use crate::strategies::{self, configurations};

/// The sections that count, by name.
fn sections(root: &Tree) -> BTreeMap<&str, &Tree> {
    root.children.iter().rev().map(|section| (section.name.as_str(), section)).collect()
}

/// Every attribute, and every text of a leaf, by its path of names.
fn flat(root: &Tree) -> BTreeMap<String, String> {
    fn walk(element: &Tree, path: &str, flat: &mut BTreeMap<String, String>) {
        for (name, value) in &element.attributes {
            flat.insert(format!("{path}@{name}"), value.clone());
        }
        if element.is_leaf() {
            flat.insert(path.to_owned(), element.text.clone());
        }
        for child in &element.children {
            walk(child, &format!("{path}/{}", child.name), flat);
        }
    }
    let mut all = BTreeMap::new();
    for (name, section) in sections(root) {
        walk(section, name, &mut all);
    }
    all
}

/// What is in a section wherever it stands there: each name with what is inside, sorted; no text between elements.
fn in_any_order(element: &Tree) -> Tree {
    let mut children: Vec<_> = element.children.iter().map(in_any_order).collect();
    children.sort();
    let text = if element.is_leaf() { element.text.clone() } else { String::new() };
    Tree { children, text, ..element.clone() }
}

/// Each name of a section once.
fn names_in_order(config: &Config) -> Vec<&str> {
    let mut names = Vec::new();
    for section in config.sections() {
        if !names.contains(&section.name()) {
            names.push(section.name());
        }
    }
    names
}

/// Without the text between elements.
fn without_text_between(element: &Tree) -> Tree {
    let children = element.children.iter().map(without_text_between).collect();
    let text = if element.is_leaf() { element.text.clone() } else { String::new() };
    Tree { children, text, ..element.clone() }
}

/// What is different between two sections if no key is.
fn difference(before: &Tree, after: &Tree) -> Difference {
    if without_text_between(before) != without_text_between(after) {
        Difference::Order
    } else if before != after {
        Difference::Text
    } else {
        Difference::Writing
    }
}

fn tells_no_secret(changes: &KeyChanges) -> bool {
    !format!("{changes:?}").contains(SECRET)
}

proptest! {
    #![proptest_config(strategies::cases())]

    #[test]
    fn a_change_is_told_exactly_where_there_is_one(
        local in configurations::text(),
        remote in configurations::text(),
        names in configurations::names(),
        earlier in proptest::option::weighted(0.2, configurations::text()),
        is_overlay in any::<bool>(),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let displaced = earlier.as_deref().map(read);
        let merged = if is_overlay {
            Overlay { local: &ours, remote: &theirs, beforehand: Default::default() }.run()
        } else {
            let (sections, displaced) = (&significant(&names), displaced.as_ref());
            Merge { local: &ours, remote: &theirs, sections, displaced }.run()
        };
        let merged = merged.expect("UTF-8 can express everything");
        let changes = key_changes(&ours, &merged.effective);
        prop_assert_eq!(changes.left_out, 0);
        prop_assert!(tells_no_secret(&changes), "{:?}", changes);

        let [before, after] = [&local, merged.effective.text()].map(Tree::of);
        let (before, after) = (sections(&before), sections(&after));
        let mut same_keys = Vec::new();
        for name in names_in_order(&ours) {
            let [written, now] =
                [&ours, &merged.effective].map(|config| config.section(name).map(Section::text));
            let is_told = changes.changes.iter().any(|one| one.path.section_name() == name);
            if !is_told && written != now {
                same_keys.push((name, difference(before[name], after[name])));
            }
        }
        let told = changes.same_keys.iter().map(|one| (one.section.as_str(), one.difference));
        prop_assert_eq!(told.collect::<Vec<_>>(), same_keys);
        for change in &merged.report.sections {
            let name = change.name.as_str();
            let told = changes.changes.iter().any(|change| change.path.section_name() == name);
            let (before, after) = (before.get(name), after.get(name));
            if before == after {
                prop_assert!(!told, "{} is the same: {:?}", name, changes);
            }
            // The order of keys, and text that stands between them, is told of a section as a whole.
            if before.map(|one| in_any_order(one)) != after.map(|one| in_any_order(one)) {
                prop_assert!(told, "{} differs", name);
            }
            let may_differ = matches!(
                change.outcome,
                SectionOutcome::Replaced
                    | SectionOutcome::Overlaid
                    | SectionOutcome::Added
                    | SectionOutcome::Emptied
                    | SectionOutcome::GivenBack
            );
            prop_assert!(may_differ || !told, "{} is {}", name, change.outcome);
        }
        for change in &changes.changes {
            let name = change.path.section_name();
            prop_assert!(merged.report.sections.iter().any(|change| change.name == name));
        }
    }

    /// Where an item stands among those of its name is not told, as long as something tells it apart.
    #[test]
    fn items_are_known_wherever_they_stand(
        key in select(vec!["ident", "codec_id", "name"]),
        order in Just([0, 1, 2, 3, 4]).prop_shuffle(),
        other in 0..5_usize,
    ) {
        let list = |order: &[usize], other: usize| {
            let item = |number: &usize| {
                let value = usize::from(*number == other);
                format!("<item><a>{value}</a><{key}>i{number}</{key}></item>")
            };
            let items: String = order.iter().map(item).collect();
            read(&format!("<options><general>{items}</general></options>"))
        };
        let before = list(&[0, 1, 2, 3, 4], 5);
        prop_assert_eq!(key_changes(&before, &list(&order, 5)).changes, []);
        let changes = key_changes(&before, &list(&order, other)).changes;
        let paths: Vec<_> = changes.iter().map(|change| change.path.to_string()).collect();
        prop_assert_eq!(paths, [format!("general/item[\"i{other}\"]/a")]);
    }

    #[test]
    fn without_lists_the_changes_are_those_of_the_leaves(
        before in configurations::text_without_lists(),
        after in configurations::text_without_lists(),
    ) {
        let changes = key_changes(&read(&before), &read(&after));
        prop_assert!(tells_no_secret(&changes), "{:?}", changes);
        let (before, after) = (flat(&Tree::of(&before)), flat(&Tree::of(&after)));
        let keys = before.keys().chain(after.keys());
        let mut differing: BTreeMap<_, _> =
            keys.filter(|key| before.get(*key) != after.get(*key)).map(|key| (key, false)).collect();
        for change in &changes.changes {
            let path = change.path.to_string();
            let [inside, own] = ["/", "@"].map(|sign| format!("{path}{sign}"));
            let exact = change.attribute.as_ref().map(|name| format!("{path}@{name}"));
            let is_whole = !matches!(change.change, Change::Changed { .. });
            let mut found = false;
            for (key, is_told) in &mut differing {
                let is_covered = match &exact {
                    Some(exact) => *key == exact,
                    None => {
                        **key == path
                            || key.starts_with(&inside)
                            || is_whole && key.starts_with(&own)
                    }
                };
                found |= is_covered;
                prop_assert!(!(is_covered && *is_told), "{} is told twice: {:?}", key, changes);
                *is_told |= is_covered;
            }
            prop_assert!(found, "nothing is different: {:?}", change);
            let key = exact.unwrap_or(path);
            let (from, to) = match &change.change {
                Change::Added(to) => (None, Some(to)),
                Change::Removed(from) => (Some(from), None),
                Change::Changed { from, to } => (Some(from), Some(to)),
            };
            for (value, map) in [(from, &before), (to, &after)] {
                match value {
                    Some(Value::Text(text)) => prop_assert_eq!(Some(text), map.get(&key)),
                    // All in a tag is one if anything in it is.
                    Some(Value::Hidden) => {
                        let is_beside_one = key.split_once('@').is_some_and(|(element, _)| {
                            element.ends_with("/password")
                                || map.contains_key(&format!("{element}@password"))
                        });
                        prop_assert!(map[&key].contains(SECRET) || is_beside_one);
                    }
                    Some(Value::Elements(count)) => {
                        let leaves = map.keys().filter(|key| key.starts_with(&inside));
                        prop_assert_eq!(leaves.filter(|key| !key.contains('@')).count(), *count);
                    }
                    None => prop_assert!(!map.contains_key(&key)),
                }
            }
        }
        let untold: Vec<_> = differing.iter().filter(|(_, is_told)| !**is_told).collect();
        prop_assert!(untold.is_empty(), "{:?}: {:?}", untold, changes);
    }
}

//! What is different between two configurations, key by key (spec 4.11).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use provision_format::{Config, Element, Masked, Section};

use crate::items::{
    are_in_one_order, attributes, groups, have_one_text_between, identity, label_leaf,
};
use crate::path::{Item, KeyPath};
use crate::rules::first_by_name;

/// One key that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChange {
    /// Where it stands: in the configuration afterwards, or before, if it is gone. Items of a list that something
    /// identifies are the same before and afterwards, wherever they stand.
    pub path: KeyPath,
    /// The attribute, if it is one that is different.
    pub attribute: Option<String>,
    /// What is different.
    pub change: Change,
}

/// How a key is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(Value),
    /// It is gone.
    Removed(Value),
    /// It has another value.
    Changed {
        /// Before.
        from: Value,
        /// Afterwards.
        to: Value,
    },
}

/// What a key has for a value. The text comes from a document: show it through [`shown`](provision_format::shown()).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, as it reads; what is longer than 1,000 characters is cut, with an ellipsis.
    Text(String),
    /// A text that is a secret, or an address with more in it than its path.
    Hidden,
    /// Elements, with so many leaves in them.
    Elements(usize),
}

/// What is different, as far as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChanges {
    /// The first 10,000, in the order of the configuration before, then of that afterwards.
    pub changes: Vec<KeyChange>,
    /// How many more there are.
    pub left_out: usize,
    /// The sections in which no key is different though they are not the same to the byte, in the order of the
    /// configuration before.
    pub same_keys: Vec<SameKeys>,
}

/// A section that is not the same to the byte, and has the same keys with the same values.
///
/// Its name comes from a document: show it through [`shown`](provision_format::shown()).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SameKeys {
    /// The section's name.
    pub section: String,
    /// What is different instead.
    pub difference: Difference,
}

/// What is different where no key is. Of several, the first of these is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Difference {
    /// The order of the keys, or of the items of a list.
    Order,
    /// Text that stands between elements, and so is no value of a key.
    Text,
    /// How it is written: white space between elements, line ends, comments, quotes, the order of attributes, the form of
    /// what is empty.
    Writing,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Order => "order",
            Self::Text => "text",
            Self::Writing => "writing",
        })
    }
}

/// What is different in the sections of `after` from those of `before`, in meaning: in which order keys stand and how
/// something is written does not count, and is told only of sections with nothing else to tell. Sections that are in one
/// of them only are one change each.
///
/// For a preview of a merge: `before` is the local configuration, `after` what [`Merge::run`](crate::Merge::run) or
/// [`Overlay::run`](crate::Overlay::run) made of it. It takes a look at every changed section as a whole, so for large
/// ones it costs more than the merge.
pub fn key_changes(before: &Config, after: &Config) -> KeyChanges {
    let mut comparison = Comparison {
        before: Side::new(before),
        after: Side::new(after),
        found: KeyChanges::default(),
    };
    let (old, new) = (first_by_name(before), first_by_name(after));
    let is_first = |sections: &BTreeMap<&str, Section<'_>>, section: &Section<'_>| {
        sections.get(section.name()).is_some_and(|first| first.span() == section.span())
    };
    for section in before.sections().filter(|section| is_first(&old, section)) {
        let path = KeyPath::section(section.name());
        match new.get(section.name()) {
            Some(now) => comparison.section(&path, section.element(), now.element()),
            None => comparison.removed(path, section.element()),
        }
    }
    for section in after.sections().filter(|section| is_first(&new, section)) {
        if !old.contains_key(section.name()) {
            comparison.added(KeyPath::section(section.name()), section.element());
        }
    }
    comparison.found
}

/// The value of one element.
pub(crate) fn value(config: &Config, element: Element<'_>) -> Value {
    Side::new(config).value(element)
}

struct Side<'a> {
    config: &'a Config,
    masked: Masked,
}

/// By what an item is found in the other list.
#[derive(PartialEq, Eq, Hash)]
enum FoundBy {
    Text(String),
    Place(usize),
}

struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    found: KeyChanges,
}

impl<'a> Side<'a> {
    fn new(config: &'a Config) -> Self {
        Self { config, masked: config.source().masked() }
    }

    fn value(&self, element: Element<'_>) -> Value {
        if !element.is_leaf() {
            return Value::Elements(leaf_count(element));
        }
        let content = element.content_span();
        let written = &self.config.text()[content.range()];
        match self.masked.text().get(self.masked.range(content)) {
            Some(shown) if shown == written => Value::Text(cut(&element.text())),
            _ => Value::Hidden,
        }
    }

    /// How each of these elements of one name is told: what identifies it may be a secret, and then its number is told.
    fn items(&self, elements: &[Element<'_>], is_list: bool) -> Vec<Item> {
        let key = label_leaf(elements);
        let told = |(place, element): (usize, &Element<'_>)| {
            let leaf = key.and_then(|key| Some((key, element.child(key)?)));
            let shown = leaf.filter(|(_, leaf)| self.value(*leaf) != Value::Hidden);
            match shown.and_then(|(key, _)| identity(*element, key)) {
                Some(text) => Item::Identity(text.into_owned()),
                None if is_list => Item::Number(place + 1),
                None => Item::Only,
            }
        };
        elements.iter().enumerate().map(told).collect()
    }

    /// Of an attribute only whether it is there, if anything in its tag is hidden.
    fn attribute(&self, element: Element<'_>, value: &str) -> Value {
        let tag = element.start_tag_span();
        let written = &self.config.text()[tag.range()];
        match self.masked.text().get(self.masked.range(tag)) {
            Some(shown) if shown == written => Value::Text(cut(value)),
            _ => Value::Hidden,
        }
    }
}

impl Comparison<'_> {
    fn section(&mut self, path: &KeyPath, ours: Element<'_>, theirs: Element<'_>) {
        let told = |found: &KeyChanges| found.changes.len() + found.left_out;
        let before = told(&self.found);
        self.compare(path, ours, theirs);
        if told(&self.found) > before || ours.as_written() == theirs.as_written() {
            return;
        }
        let difference = if !are_in_one_order(ours, theirs) {
            Difference::Order
        } else if !have_one_text_between(ours, theirs) {
            Difference::Text
        } else {
            Difference::Writing
        };
        let section = ours.name().to_owned();
        self.found.same_keys.push(SameKeys { section, difference });
    }

    fn compare(&mut self, path: &KeyPath, ours: Element<'_>, theirs: Element<'_>) {
        if ours.as_written() == theirs.as_written() {
            return;
        }
        self.compare_attributes(path, ours, theirs);
        if ours.is_leaf() || theirs.is_leaf() {
            if ours.text() != theirs.text() || ours.is_leaf() != theirs.is_leaf() {
                let (from, to) = (self.before.value(ours), self.after.value(theirs));
                self.tell(path.clone(), None, Change::Changed { from, to });
            }
            return;
        }
        let (ours, theirs) = (groups(ours), groups(theirs));
        let by_name: HashMap<_, _> =
            theirs.iter().map(|(name, items)| (*name, items.as_slice())).collect();
        let mut known = HashSet::new();
        for (name, old) in &ours {
            known.insert(*name);
            let new = by_name.get(name).copied().unwrap_or_default();
            self.compare_items(path, name, old, new);
        }
        for (name, new) in theirs.iter().filter(|(name, _)| !known.contains(name)) {
            self.compare_items(path, name, &[], new);
        }
    }

    fn compare_attributes(&mut self, path: &KeyPath, ours: Element<'_>, theirs: Element<'_>) {
        let (old, new) = (attributes(ours), attributes(theirs));
        let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let from = old.get(name).map(|value| self.before.attribute(ours, value));
            let to = new.get(name).map(|value| self.after.attribute(theirs, value));
            let change = match (from, to) {
                _ if old.get(name) == new.get(name) => continue,
                (Some(from), Some(to)) => Change::Changed { from, to },
                (Some(from), None) => Change::Removed(from),
                (None, Some(to)) => Change::Added(to),
                (None, None) => continue,
            };
            self.tell(path.clone(), Some(name.to_owned()), change);
        }
    }

    /// Elements of one name: by what identifies them, else by their places.
    fn compare_items(
        &mut self,
        path: &KeyPath,
        name: &str,
        old: &[Element<'_>],
        new: &[Element<'_>],
    ) {
        let is_list = old.len() > 1 || new.len() > 1;
        let (told_old, told_new) =
            (self.before.items(old, is_list), self.after.items(new, is_list));
        let key = label_leaf(old).filter(|key| label_leaf(new) == Some(key));
        let names = |items: &[Element<'_>]| -> Vec<FoundBy> {
            let name = |(place, item): (usize, &Element<'_>)| {
                let text = key.and_then(|key| identity(*item, key));
                text.map_or(FoundBy::Place(place), |text| FoundBy::Text(text.into_owned()))
            };
            items.iter().enumerate().map(name).collect()
        };
        let (names_old, names_new) = (names(old), names(new));
        let places_old = places(&names_old);
        let places_new = places(&names_new);
        for (place, known) in names_old.iter().enumerate() {
            match places_new.get(known) {
                Some(other) => {
                    let path = path.below(name, told_new[*other].clone());
                    self.compare(&path, old[place], new[*other]);
                }
                None => self.removed(path.below(name, told_old[place].clone()), old[place]),
            }
        }
        for (place, known) in names_new.iter().enumerate() {
            if !places_old.contains_key(known) {
                self.added(path.below(name, told_new[place].clone()), new[place]);
            }
        }
    }

    fn removed(&mut self, path: KeyPath, element: Element<'_>) {
        let value = self.before.value(element);
        self.tell(path, None, Change::Removed(value));
    }

    fn added(&mut self, path: KeyPath, element: Element<'_>) {
        let value = self.after.value(element);
        self.tell(path, None, Change::Added(value));
    }

    fn tell(&mut self, path: KeyPath, attribute: Option<String>, change: Change) {
        if self.found.changes.len() < MOST_CHANGES {
            self.found.changes.push(KeyChange { path, attribute, change });
        } else {
            self.found.left_out += 1;
        }
    }
}

fn places(names: &[FoundBy]) -> HashMap<&FoundBy, usize> {
    names.iter().enumerate().map(|(place, name)| (name, place)).collect()
}

fn leaf_count(element: Element<'_>) -> usize {
    element.children().map(|child| if child.is_leaf() { 1 } else { leaf_count(child) }).sum()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

const MOST_CHANGES: usize = 10_000;

/// In characters.
const LONGEST_VALUE: usize = 1000;

#[cfg(test)]
mod tests;

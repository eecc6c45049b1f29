//! Where a key comes from, against trees of all documents in which it is looked for in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use provision_format::Config;
use provision_merge::{
    Beforehand, Explanation, KeyPath, MergeError, Merged, Mode, SectionOutcome, Source, Value,
    explain,
};

use super::tree::Tree;
use super::{read, significant};
use crate::strategies::configurations::SECRET;
use crate::strategies::{self, configurations};

/// A step of a path: a name, and which of the elements that have it.
#[derive(Clone, Debug)]
struct Step {
    name: String,
    which: Which,
}

#[derive(Clone, Debug)]
enum Which {
    First,
    /// From 1.
    Number(usize),
    Label(String),
}

impl Step {
    fn written(&self) -> String {
        let Self { name, which } = self;
        match which {
            Which::First => name.clone(),
            Which::Number(number) => format!("{name}[{number}]"),
            Which::Label(text) => format!("{name}[\"{text}\"]"),
        }
    }

    /// The place among the elements of this name.
    fn place(&self, named: &[&Tree]) -> Option<usize> {
        let place = match &self.which {
            Which::First => 0,
            Which::Number(number) => number - 1,
            Which::Label(text) => {
                let key = label(named)?;
                named.iter().position(|item| item.identity(key) == Some(text))?
            }
        };
        Some(place).filter(|place| *place < named.len())
    }
}

fn written(path: &[Step]) -> String {
    path.iter().map(Step::written).collect::<Vec<_>>().join("/")
}

fn named<'a>(element: &'a Tree, name: &str) -> Vec<&'a Tree> {
    element.children.iter().filter(|child| child.name == name).collect()
}

fn is_told_apart(items: &[&Tree], key: &str) -> bool {
    let identities: BTreeSet<_> = items.iter().filter_map(|item| item.identity(key)).collect();
    !items.is_empty() && identities.len() == items.len()
}

/// By what people tell these items apart.
fn label(items: &[&Tree]) -> Option<&'static str> {
    ["ident", "codec_id", "name"].into_iter().find(|key| is_told_apart(items, key))
}

fn find<'a>(root: &'a Tree, path: &[Step]) -> Option<&'a Tree> {
    path.iter().try_fold(root, |element, step| {
        let named = named(element, &step.name);
        step.place(&named).map(|place| named[place])
    })
}

/// Which of the `others` is the same item: by the label, if both lists have the same, else by its place.
fn own_item<'a>(items: &[&Tree], place: usize, others: &[&'a Tree]) -> Option<&'a Tree> {
    match label(items).filter(|key| label(others) == Some(key)) {
        Some(key) => others.iter().find(|one| one.identity(key) == items[place].identity(key)),
        None => others.get(place),
    }
    .copied()
}

/// Which of those that were `sent` was laid over the item at this place (spec 4.9).
fn sent_item<'a>(items: &[&Tree], place: usize, sent: &[&'a Tree]) -> Option<&'a Tree> {
    match ["ident", "codec_id"].into_iter().find(|key| is_told_apart(sent, key)) {
        Some(key) => {
            let identity = items[place].identity(key)?;
            let is_first = items[..place].iter().all(|item| item.identity(key) != Some(identity));
            sent.iter().find(|one| is_first && one.identity(key) == Some(identity))
        }
        None => sent.get(place),
    }
    .copied()
}

/// What the phone's own configuration has in the place of a key that may be in the effective one.
fn own_counterpart<'a>(effective: &Tree, own: &'a Tree, path: &[Step]) -> Option<&'a Tree> {
    let (mut now, mut there) = (Some(effective), own);
    for (depth, step) in path.iter().enumerate() {
        let items = now.map(|now| named(now, &step.name)).unwrap_or_default();
        let others = named(there, &step.name);
        let place = step.place(&items);
        there = match place {
            // A section is known by its name alone.
            Some(place) if depth == 0 => *others.get(place)?,
            Some(place) => own_item(&items, place, &others)?,
            None => others[step.place(&others)?],
        };
        now = place.map(|place| items[place]);
    }
    Some(there)
}

/// Where an element of an overlay comes from, `ours` being what it was laid over and where that comes from.
fn laid_from(now: &Tree, ours: (Option<&Tree>, Source), sent: Option<&Tree>) -> Source {
    if now.is_leaf() {
        return match (ours.0 == Some(now), sent == Some(now)) {
            (true, true) => Source::Both,
            (false, true) => Source::Server,
            (_, false) => ours.1,
        };
    }
    let names: BTreeSet<_> = now.children.iter().map(|child| child.name.as_str()).collect();
    let mut sources = Vec::new();
    for name in names {
        let items = named(now, name);
        let [ours_named, sent] = [ours.0, sent].map(|one| one.map(|one| named(one, name)));
        for (place, item) in items.iter().enumerate() {
            let own = ours_named.as_ref().and_then(|others| own_item(&items, place, others));
            let sent = sent.as_ref().and_then(|sent| sent_item(&items, place, sent));
            sources.push(laid_from(item, (own, ours.1), sent));
        }
    }
    sources.dedup();
    if let [one] = sources[..] { one } else { Source::Both }
}

/// The documents of a merge.
struct Documents<'a> {
    effective: &'a Tree,
    local: &'a Tree,
    remote: &'a Tree,
    earlier: Option<&'a Tree>,
}

impl Documents<'_> {
    fn source(&self, path: &[Step], outcome: Option<SectionOutcome>, mode: &Mode) -> Source {
        let section = path[0].name.as_str();
        let (ours, theirs) = (self.local.child(section), self.remote.child(section));
        let earlier = self.earlier.and_then(|earlier| earlier.child(section));
        match mode {
            Mode::Sections(names) => {
                let is_provisioned =
                    theirs.is_some() && names.iter().any(|name| name.as_str() == section);
                match (is_provisioned, earlier) {
                    (true, _) if outcome == Some(SectionOutcome::Unchanged) => Source::Both,
                    (true, _) => Source::Server,
                    (false, Some(_)) => Source::Displaced,
                    (false, None) if ours.is_some() => Source::Local,
                    (false, None) => Source::Nowhere,
                }
            }
            Mode::Overlay(_) => {
                let own = match (ours, earlier) {
                    (Some(_), _) => Some((self.local, Source::Local)),
                    (None, Some(_)) => self.earlier.map(|earlier| (earlier, Source::Displaced)),
                    (None, None) => None,
                };
                match (own, theirs) {
                    (None, None) => Source::Nowhere,
                    (None, Some(_)) => Source::Server,
                    (Some((_, source)), None) => source,
                    (Some(_), _) if outcome == Some(SectionOutcome::Emptied) => Source::Server,
                    (Some((own, source)), _) => {
                        self.laid(path, own, source).unwrap_or(Source::Both)
                    }
                }
            }
        }
    }

    /// None if there is no such key.
    fn laid(&self, path: &[Step], own: &Tree, source: Source) -> Option<Source> {
        let (mut now, mut sent) = (self.effective, Some(self.remote));
        for (depth, step) in path.iter().enumerate() {
            let items = named(now, &step.name);
            let place = step.place(&items)?;
            let theirs = sent.map(|sent| named(sent, &step.name)).unwrap_or_default();
            sent = match depth {
                // Of sections, the first counts.
                0 => theirs.first().copied().filter(|_| place == 0),
                _ => sent_item(&items, place, &theirs),
            };
            now = items[place];
        }
        let ours = own_counterpart(self.effective, own, path);
        Some(laid_from(now, (ours, source), sent))
    }
}

/// How the steps of a path are written, where they can be.
#[derive(Clone, Copy, Debug)]
enum Style {
    Numbers,
    Labels,
    /// Nothing where the first is meant.
    Bare,
}

impl Style {
    fn step(self, items: &[&Tree], place: usize) -> Step {
        let text = label(items).and_then(|key| items[place].identity(key));
        let which = match (self, text) {
            (Self::Labels, Some(text)) if !text.contains("\"]") => Which::Label(text.to_owned()),
            (Self::Bare | Self::Labels, _) if place == 0 => Which::First,
            _ => Which::Number(place + 1),
        };
        Step { name: items[place].name.clone(), which }
    }
}

/// The paths of all elements below, by what is written.
fn paths(root: &Tree, style: Style) -> BTreeMap<String, Vec<Step>> {
    fn walk(element: &Tree, path: &[Step], style: Style, found: &mut BTreeMap<String, Vec<Step>>) {
        for (at, child) in element.children.iter().enumerate() {
            let place = element.children[..at].iter().filter(|one| one.name == child.name).count();
            let step = style.step(&named(element, &child.name), place);
            let path: Vec<_> = path.iter().cloned().chain([step]).collect();
            walk(child, &path, style, found);
            found.insert(written(&path), path);
        }
    }
    let mut found = BTreeMap::new();
    walk(root, &[], style, &mut found);
    found
}

/// Some that lead nowhere, if no name or label is `nobody` and no list is very long.
fn paths_to_nothing(root: &Tree) -> Vec<Vec<Step>> {
    let step = |name: &str, which| Step { name: name.to_owned(), which };
    let mut paths = vec![vec![step("nobody", Which::First)]];
    for section in &root.children {
        let inside = |last: Step| vec![step(&section.name, Which::First), last];
        paths.push(inside(step("nobody", Which::First)));
        paths.push(vec![step(&section.name, Which::Number(1000))]);
        for child in &section.children {
            paths.push(inside(step(&child.name, Which::Number(1000))));
            paths.push(inside(step(&child.name, Which::Label("nobody".to_owned()))));
        }
    }
    paths
}

/// Whether the path leads through an element whose name makes what is inside a secret, or an address.
fn is_secret(path: &[Step]) -> bool {
    path.iter().any(|step| ["pass", "url"].iter().any(|part| step.name.contains(part)))
}

/// Whether a value is what the element at this path has.
fn is_value(value: Option<&Value>, element: Option<&Tree>, path: &[Step], root: &Tree) -> bool {
    match (value, element) {
        (None, None) => true,
        (Some(Value::Text(text)), Some(element)) => element.is_leaf() && *text == element.text,
        // What is behind an element without an address may be masked for one: the mask knows tags by their names alone.
        (Some(Value::Hidden), Some(element)) => {
            let is_empty_address = |leaf: &&Tree| leaf.name.contains("url") && leaf.text.is_empty();
            element.is_leaf() && (is_secret(path) || root.leaves().iter().any(is_empty_address))
        }
        (Some(Value::Elements(count)), Some(element)) => {
            !element.is_leaf() && element.leaves().len() == *count
        }
        _ => false,
    }
}

fn check(
    local: &Config,
    remote: &Config,
    earlier: Option<&Config>,
    mode: &Mode,
    merged: &Merged,
    style: Style,
) -> Result<(), TestCaseError> {
    let tree = |config: &Config| Tree::of(config.text());
    let [effective, ours, theirs] = [&merged.effective, local, remote].map(tree);
    let before = earlier.map(tree);
    let documents = Documents {
        effective: &effective,
        local: &ours,
        remote: &theirs,
        earlier: before.as_ref(),
    };
    let trees = [&effective, &ours, &theirs].into_iter().chain(before.as_ref());
    let there: BTreeMap<_, _> = trees.flat_map(|tree| paths(tree, style)).collect();
    for path in there.values().chain(&paths_to_nothing(&effective)) {
        let text = written(path);
        let key: KeyPath = text.parse().expect("it is written as a path");
        prop_assert_eq!(key.find(&merged.effective).is_some(), find(&effective, path).is_some());
        let explanation = explain(&key, local, remote, earlier, merged);
        let Explanation { value, source, section, without, .. } = &explanation;
        let at = || format!("{text} in {:?}: {explanation:?}", merged.effective.text());

        let now = find(&effective, path);
        prop_assert!(is_value(value.as_ref(), now, path, &effective), "{}", at());
        let outcome = merged.report.sections.iter().find(|one| one.name == path[0].name);
        prop_assert_eq!(*section, outcome.map(|one| one.outcome), "{}", at());
        let own = documents.earlier.filter(|earlier| earlier.child(&path[0].name).is_some());
        let own = own.unwrap_or(&ours);
        let before = own_counterpart(&effective, own, path);
        prop_assert!(is_value(without.as_ref(), before, path, own), "{} not {before:?}", at());
        prop_assert_eq!(*source, documents.source(path, *section, mode), "{}", at());
        if *source == Source::Nowhere {
            prop_assert!(value.is_none() && without.is_none(), "{}", at());
        }
        let is_told = format!("{explanation:?}").contains(SECRET);
        prop_assert!(!(is_told && is_secret(path)), "{}", at());
    }
    Ok(())
}

fn mode() -> impl Strategy<Value = Mode> {
    let beforehand = any::<(bool, bool)>();
    prop_oneof![
        configurations::names().prop_map(|names| Mode::Sections(significant(&names))),
        beforehand.prop_map(|(delete_accounts, delete_contact_services)| {
            Mode::Overlay(Beforehand { delete_accounts, delete_contact_services })
        }),
    ]
}

proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 4.11, for every key of any document, in both modes.
    #[test]
    fn what_is_said_of_a_key_is_what_the_documents_have(
        local in configurations::text(),
        remote in configurations::text(),
        earlier in proptest::option::weighted(0.2, configurations::text()),
        mode in mode(),
        style in select(vec![Style::Bare, Style::Numbers, Style::Labels]),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let earlier = earlier.as_deref().map(read);
        let merged = mode.merge(&ours, &theirs, earlier.as_ref());
        let merged = merged.expect("UTF-8 can express everything");
        check(&ours, &theirs, earlier.as_ref(), &mode, &merged, style)?;
    }

    /// Where the server sends what the phone has but for a few bytes, most items have their like.
    #[test]
    fn what_is_nearly_the_same_is_told_apart(
        (local, remote) in configurations::text().prop_flat_map(|text| {
            (Just(text.clone()), strategies::mutated(Just(text)))
        }),
        mode in mode(),
        style in select(vec![Style::Bare, Style::Numbers, Style::Labels]),
    ) {
        let Ok(theirs) = Config::read(remote.as_bytes()) else { return Ok(()) };
        for (local, remote) in [(&read(&local), &theirs.value), (&theirs.value, &read(&local))] {
            let merged = match mode.merge(local, remote, None) {
                Err(MergeError::Unencodable(_)) => return Ok(()),
                merged => merged.expect("nothing else is wrong"),
            };
            check(local, remote, None, &mode, &merged, style)?;
        }
    }
}

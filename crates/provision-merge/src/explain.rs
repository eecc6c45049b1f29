//! Where a key's value comes from, and what it would be without provisioning (spec 4.11).

use std::collections::HashMap;

use provision_format::{Config, Element};

use crate::changes::{self, Value};
use crate::items::{groups, identifying_leaf, identity, label_leaf, mean_the_same, named};
use crate::path::KeyPath;
use crate::{Merged, SectionOutcome, Source};

/// A key of the effective configuration, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What the phone runs with; none if the key is not there.
    pub value: Option<Value>,
    /// Where that comes from; if the key is not there, where its section does. Under the later dialect (spec 4.9) every
    /// key has a source of its own: [`Source::Both`] if both documents say the same of it, or if the keys inside have
    /// different sources.
    pub source: Source,
    /// What happened to the section; none if no document and no list names it.
    pub section: Option<SectionOutcome>,
    /// What would be there without provisioning: what the phone's own configuration has, or had before. An item of a list
    /// is looked for by what identifies it, if that is the same leaf in both lists, else by its number.
    pub without: Option<Value>,
}

/// Explains the key at `path` in what a merge of `local` and `remote` gave. `displaced` is what earlier provisioning took
/// out, if any: all three as they were given to that merge.
pub fn explain(
    path: &KeyPath,
    local: &Config,
    remote: &Config,
    displaced: Option<&Config>,
    merged: &Merged,
) -> Explanation {
    let effective = &merged.effective;
    let name = path.section_name();
    let change = merged.report.sections.iter().find(|one| one.name == name);
    let earlier = displaced.filter(|earlier| earlier.section(name).is_some());
    let source = change.map_or(Source::Nowhere, |change| match change.outcome {
        SectionOutcome::Overlaid | SectionOutcome::Unchanged => {
            // An overlay was laid over what it gave back, but not in place of what stands there since.
            let (own, source) = match earlier.filter(|_| local.section(name).is_none()) {
                Some(earlier) => (earlier, Source::Displaced),
                None => (local, Source::Local),
            };
            let now = path.find(effective);
            let own = Pairing::Own.follow(path, effective, own);
            let sent = Pairing::Laid.follow(path, effective, remote);
            now.map_or(change.source, |now| laid_from(now, own, source, sent))
        }
        _ => change.source,
    });
    // What was displaced first is the phone's own; what stands in its place since may be a server's.
    let own = earlier.unwrap_or(local);
    let without = Pairing::Own.follow(path, effective, own);
    Explanation {
        value: path.find(effective).map(|element| changes::value(effective, element)),
        source,
        section: change.map(|change| change.outcome),
        without: without.map(|element| changes::value(own, element)),
    }
}

/// By what an element of the effective configuration is paired with one of another.
#[derive(Clone, Copy)]
enum Pairing {
    /// As people tell items apart: what the phone's own has in that place.
    Own,
    /// As an overlay does: what of the server's was laid over it.
    Laid,
}

impl Pairing {
    /// The element of `other` that is paired with the one at `path`. Of a key that `effective` has not, what stands in
    /// that place of `other`.
    fn follow<'a>(
        self,
        path: &KeyPath,
        effective: &Config,
        other: &'a Config,
    ) -> Option<Element<'a>> {
        let (mut now, mut there) = (Some(effective.root()), other.root());
        for (depth, step) in path.steps().iter().enumerate() {
            let items = now.map(|now| named(now, &step.name)).unwrap_or_default();
            let others = named(there, &step.name);
            let place = step.place(&items);
            there = match (place, self) {
                (None, _) => *others.get(step.place(&others)?)?,
                // Sections are known by their names alone; only the first is laid over another (spec 4.8).
                (Some(place), Self::Own) if depth == 0 => *others.get(place)?,
                (Some(place), Self::Laid) if depth == 0 => {
                    *others.first().filter(|_| place == 0)?
                }
                (Some(place), _) => self.pairs(&items, &others).into_iter().nth(place)??,
            };
            now = place.and_then(|place| items.get(place).copied());
        }
        Some(there)
    }

    /// For each of the `items` the one of the `others` that it is paired with; all have the same name.
    fn pairs<'a>(self, items: &[Element<'_>], others: &[Element<'a>]) -> Vec<Option<Element<'a>>> {
        let key = match self {
            Self::Own => label_leaf(items).filter(|key| label_leaf(others) == Some(key)),
            Self::Laid => identifying_leaf(others),
        };
        let Some(key) = key else {
            return (0..items.len()).map(|place| others.get(place).copied()).collect();
        };
        let mut known: HashMap<_, _> =
            others.iter().filter_map(|one| Some((identity(*one, key)?, *one))).collect();
        // Of several with one identity, the first is laid over.
        items.iter().map(|item| known.remove(&identity(*item, key)?)).collect()
    }
}

/// Where an element of an overlay comes from: `own`, which is of `source`, is what `sent` was laid over.
fn laid_from<'a>(
    now: Element<'_>,
    own: Option<Element<'a>>,
    source: Source,
    sent: Option<Element<'a>>,
) -> Source {
    let is_now = |other: Option<Element<'_>>| other.is_some_and(|it| mean_the_same(now, it));
    if now.is_leaf() {
        return match (is_now(own), is_now(sent)) {
            (true, true) => Source::Both,
            (false, true) => Source::Server,
            (_, false) => source,
        };
    }
    let by_name = |element: Option<Element<'a>>| -> HashMap<_, _> {
        element.map(groups).unwrap_or_default().into_iter().collect()
    };
    let (owns, sents) = (by_name(own), by_name(sent));
    let of = |all: &HashMap<&str, Vec<_>>, name: &str| all.get(name).cloned().unwrap_or_default();
    let mut found = None;
    for (name, items) in groups(now) {
        let own = Pairing::Own.pairs(&items, &of(&owns, name));
        let sent = Pairing::Laid.pairs(&items, &of(&sents, name));
        for (item, (own, sent)) in items.iter().zip(own.into_iter().zip(sent)) {
            let inside = laid_from(*item, own, source, sent);
            if found.replace(inside).is_some_and(|before| before != inside) {
                return Source::Both;
            }
        }
    }
    found.unwrap_or(source)
}

#[cfg(test)]
mod tests;

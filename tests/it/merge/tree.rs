//! The merge once more, in the plainest way: over trees of elements, with no text to be kept.

use std::collections::{BTreeMap, BTreeSet};

use provision_merge::Beforehand;
use provision_tests::peers::{Event, Peer};

/// White space as XML counts it.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// An element as roxmltree sees it. The text of a leaf is exact; of any other element, and of the root, it is what stands
/// between elements, without white space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tree {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: String,
    pub(super) children: Vec<Tree>,
}

impl Tree {
    /// The root of a document.
    pub(super) fn of(text: &str) -> Self {
        let events = Peer::Roxmltree.read_avoiding_bugs(text.as_bytes(), text);
        let events = events.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let mut open: Vec<Self> = vec![Self::new(String::new(), BTreeMap::new())];
        for event in events {
            match event {
                Event::Start(name, attributes) => {
                    open.push(Self::new(name, attributes.into_iter().collect()));
                }
                Event::Text(text) => open.last_mut().expect("one is open").text += &text,
                Event::End => {
                    let mut element = open.pop().expect("one ends");
                    if !element.is_leaf() || open.len() == 1 {
                        element.text.retain(|character| !SPACE.contains(&character));
                    }
                    open.last_mut().expect("one is around it").children.push(element);
                }
            }
        }
        open.pop().and_then(|mut outside| outside.children.pop()).expect("there is a root")
    }

    fn new(name: String, attributes: BTreeMap<String, String>) -> Self {
        Self { name, attributes, text: String::new(), children: Vec::new() }
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.is_leaf() && self.text.trim_matches(SPACE).is_empty()
    }

    /// The first element directly inside that has this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The same with other elements inside.
    fn with(&self, children: Vec<Self>) -> Self {
        Self { children, ..self.clone() }
    }

    /// The same with the elements directly inside in an order of their own.
    pub(super) fn sorted(mut self) -> Self {
        self.children.sort();
        self
    }

    /// The leaves inside, or this one.
    pub(super) fn leaves(&self) -> Vec<&Self> {
        match self.is_leaf() {
            true => vec![self],
            false => self.children.iter().flat_map(Self::leaves).collect(),
        }
    }

    /// The text by which `key` tells it from others, if it has one.
    pub(super) fn identity(&self, key: &str) -> Option<&str> {
        let text = self.child(key).filter(|leaf| leaf.is_leaf())?.text.trim_matches(SPACE);
        Some(text).filter(|text| !text.is_empty())
    }
}

/// What a merge by sections gives (spec 4.1 to 4.6, 4.8): the effective and the stored configuration.
pub(super) fn by_sections(
    local: &Tree,
    remote: &Tree,
    names: &[&str],
    earlier: Option<&Tree>,
) -> [Tree; 2] {
    let provisioned = |name: &str| remote.child(name).filter(|_| names.contains(&name));
    let back = |name: &str| match provisioned(name) {
        Some(_) => None,
        None => earlier.and_then(|earlier| earlier.child(name)),
    };
    let (mut effective, mut stored) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for ours in &local.children {
        let is_first = seen.insert(ours.name.as_str());
        if let Some(theirs) = provisioned(&ours.name) {
            effective.extend(is_first.then(|| theirs.clone()));
        } else {
            let stays = back(&ours.name).map_or(Some(ours), |back| is_first.then_some(back));
            effective.extend(stays.cloned());
            stored.extend(stays.cloned());
        }
    }
    let mut placed = seen.clone();
    for theirs in &remote.children {
        if provisioned(&theirs.name).is_some() && placed.insert(&theirs.name) {
            effective.push(theirs.clone());
        }
    }
    for ours in earlier.map_or(&[][..], |earlier| &earlier.children) {
        if provisioned(&ours.name).is_none() && !seen.remove(ours.name.as_str()) {
            effective.push(ours.clone());
            stored.push(ours.clone());
        }
    }
    [local.with(effective), local.with(stored)]
}

/// What an overlay gives (spec 4.9).
pub(super) fn laid_over(local: &Tree, remote: &Tree, beforehand: Beforehand) -> Tree {
    let mut children = local.children.clone();
    let mut seen = BTreeSet::new();
    for theirs in &remote.children {
        if !seen.insert(&theirs.name) {
            continue;
        }
        let goes = match theirs.name.as_str() {
            "accounts" if beforehand.delete_accounts => Some("account"),
            "contact_services" if beforehand.delete_contact_services => Some("contact_service"),
            _ => None,
        };
        match children.iter_mut().find(|ours| ours.name == theirs.name) {
            Some(ours) => *ours = laid(ours, theirs, goes),
            None => children.push(theirs.clone()),
        }
    }
    local.with(children)
}

/// One element over another, whose items called `goes` go.
fn laid(ours: &Tree, theirs: &Tree, goes: Option<&str>) -> Tree {
    if theirs.is_blank() && (!ours.is_leaf() || goes.is_some()) {
        let stay = ours.children.iter().filter(|child| Some(child.name.as_str()) != goes);
        return ours.with(stay.cloned().collect());
    }
    if theirs.is_leaf() || ours.is_leaf() {
        return theirs.clone();
    }
    let mut result = ours.clone();
    if theirs.attributes.iter().any(|(name, value)| ours.attributes.get(name) != Some(value)) {
        result.attributes = theirs.attributes.clone();
    }
    let mut names: Vec<&str> = theirs.children.iter().map(|child| child.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    if let Some(goes) = goes.filter(|goes| !names.contains(goes)) {
        result.children.retain(|child| child.name != goes);
    }
    for name in names {
        let sent: Vec<_> = theirs.children.iter().filter(|child| child.name == name).collect();
        let places: Vec<_> =
            (0..result.children.len()).filter(|at| result.children[*at].name == name).collect();
        let key = ["ident", "codec_id"].into_iter().find(|key| {
            let identities: BTreeSet<_> =
                sent.iter().filter_map(|item| item.identity(key)).collect();
            identities.len() == sent.len()
        });
        let mut new = Vec::new();
        let is_list = goes == Some(name) || key.is_none() && (places.len() > 1 || sent.len() > 1);
        for (number, item) in sent.iter().enumerate() {
            let known = match (is_list, key) {
                (true, _) | (_, None) => places.get(number),
                (false, Some(key)) => places
                    .iter()
                    .find(|at| result.children[**at].identity(key) == item.identity(key)),
            };
            match known {
                Some(at) if is_list => result.children[*at] = (*item).clone(),
                Some(at) => result.children[*at] = laid(&result.children[*at], item, None),
                None => new.push((*item).clone()),
            }
        }
        let surplus = if is_list { places.get(sent.len()..).unwrap_or_default() } else { &[] };
        for at in surplus.iter().rev() {
            result.children.remove(*at);
        }
        let behind = places.last().map_or(result.children.len(), |last| last + 1 - surplus.len());
        result.children.splice(behind..behind, new);
    }
    result
}

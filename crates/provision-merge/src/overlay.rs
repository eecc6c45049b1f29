//! The rules of the overlay, for provisioning files of the later dialect (spec 4.9).
//!
//! L is the local configuration, R the server's. R is laid over L key by key; what R does not name stays, to the byte.
//!
//! - A leaf of R replaces L's of that name with all its attributes, unless both mean the same; then L's stays as it is
//!   written. An empty element of R says nothing about the elements that L has in it.
//! - Elements of one name that can be told apart by `ident`, else by `codec_id`, are items: each is laid over L's of the
//!   same identity, and a new one is put behind L's last of that name. Every item of R must have an identity of its own.
//! - Any other name that is repeated, in L or R, is a list that R's replaces as a whole: item by item in L's places, so
//!   that what stands between them stays.
//! - A section of R that L has not is appended, and so is any other element. Of sections, the first of a name counts
//!   (spec 4.8).
//! - Where an option says so, L's accounts (or contact services) are removed beforehand if R has that section: its items
//!   are a list that R's replaces as a whole, though they could be told apart. If R's section is empty, nothing else of
//!   L's changes.
//! - The start tag of an element with others in it is R's if R's has an attribute that L's has not, or another value.
//! - Line ends, indentation and the opening of `<x/>` are as in 4.7: L's line end is its first one. What is removed goes
//!   with the line break before it.
//! - The stored configuration is the effective one, and nothing is displaced (spec 4.6).

use std::collections::HashMap;
use std::iter;

use provision_format::{Config, Element, ElementForm, Span};

use crate::edit::Edits;
use crate::items::{attributes, groups, identifying_leaf, identity, is_empty, mean_the_same};
use crate::rules::{first_by_name, remove, result};
use crate::{MergeError, MergeReport, Merged, Reversal, SectionChange, SectionOutcome, layout};

/// What is laid over what.
#[derive(Clone, Copy, Debug)]
pub struct Overlay<'a> {
    /// The phone's own configuration.
    pub local: &'a Config,
    /// The server's.
    pub remote: &'a Config,
    /// What goes first.
    pub beforehand: Beforehand,
}

/// Which of the local items are removed before the server's are laid over them, if the server sends that section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beforehand {
    /// `delete_accounts_beforehand`: each `account` in `accounts`.
    pub delete_accounts: bool,
    /// `delete_contact_services_beforehand`: each `contact_service` in `contact_services`.
    pub delete_contact_services: bool,
}

impl Default for Beforehand {
    /// As the options are if a provisioning file does not name them.
    fn default() -> Self {
        Self { delete_accounts: true, delete_contact_services: false }
    }
}

impl Beforehand {
    /// The name of the items that go, in the section of this name.
    fn deleted_items(self, section: &str) -> Option<&'static str> {
        match section {
            "accounts" if self.delete_accounts => Some("account"),
            "contact_services" if self.delete_contact_services => Some("contact_service"),
            _ => None,
        }
    }
}

impl Overlay<'_> {
    /// Lays the one over the other.
    ///
    /// # Errors
    ///
    /// When the local configuration's encoding cannot express what is put into it, or a result would be more than is read.
    pub fn run(&self) -> Result<Merged, MergeError> {
        let mut laying = Laying {
            text: self.local.text(),
            line_end: layout::line_end(self.local, iter::empty()),
            edits: Edits::default(),
        };
        let local = first_by_name(self.local);
        let mut sections = Vec::new();
        let mut sent_twice = Vec::new();
        let mut added = Vec::new();
        for (name, theirs) in groups(self.remote.root()) {
            let [first, others @ ..] = theirs.as_slice() else { continue };
            sent_twice.extend((!others.is_empty()).then(|| name.to_owned()));
            let Some(ours) = local.get(name) else {
                added.push(*first);
                sections.push((name, SectionOutcome::Added));
                continue;
            };
            let edits_before = laying.edits.len();
            laying.element(ours.element(), *first, self.beforehand.deleted_items(name));
            let outcome = match laying.edits.len() == edits_before {
                true => SectionOutcome::Unchanged,
                false => SectionOutcome::Overlaid,
            };
            sections.push((name, outcome));
        }
        laying.append(self.local.root(), &added);

        let effective = result(self.local, laying.edits)?;
        let left = first_by_name(&effective);
        let is_emptied = |name: &str| left.get(name).is_some_and(|section| section.is_empty());
        for (name, outcome) in &mut sections {
            if *outcome == SectionOutcome::Overlaid && is_emptied(name) {
                *outcome = SectionOutcome::Emptied;
            }
        }
        let report =
            MergeReport { sections: self.in_order(&sections), sent_twice, superseded: Vec::new() };
        let reversal = Reversal::new(self.local, &effective);
        Ok(Merged { stored: effective.clone(), effective, displaced: None, reversal, report })
    }

    /// The outcomes of all sections, the local ones first.
    fn in_order(&self, laid: &[(&str, SectionOutcome)]) -> Vec<SectionChange> {
        let outcomes: HashMap<_, _> = laid.iter().copied().collect();
        let ours = groups(self.local.root())
            .into_iter()
            .map(|(name, _)| (name, outcomes.get(name).copied().unwrap_or(SectionOutcome::Kept)));
        let added = laid.iter().copied().filter(|(_, outcome)| *outcome == SectionOutcome::Added);
        let change = |(name, outcome): (&str, SectionOutcome)| {
            let source = outcome.source(outcome != SectionOutcome::Added);
            SectionChange { name: name.to_owned(), outcome, source }
        };
        ours.chain(added).map(change).collect()
    }
}

/// An overlay in the making.
struct Laying<'a> {
    /// L's.
    text: &'a str,
    line_end: &'static str,
    edits: Edits<'a>,
}

impl<'a> Laying<'a> {
    /// Lays `theirs` over `ours`, of whose items those that are called `deleted` go.
    fn element(&mut self, ours: Element<'_>, theirs: Element<'a>, deleted: Option<&str>) {
        if ours.as_written() == theirs.as_written() {
            return;
        }
        // Each name is looked for once: a server can send very many.
        let own: HashMap<_, _> = groups(ours).into_iter().collect();
        let own = |name: &str| own.get(name).map_or(&[][..], Vec::as_slice);
        // Where items go, what is left may look like a leaf: it must not be taken for one the next time.
        if is_empty(theirs) && (!ours.is_leaf() || deleted.is_some()) {
            if let Some(name) = deleted {
                self.list(ours, own(name), &[]);
            }
            return;
        }
        if theirs.is_leaf() || ours.is_leaf() {
            if !mean_the_same(ours, theirs) {
                self.replace(ours, theirs);
            }
            return;
        }
        self.start_tag(ours, theirs);
        let groups = groups(theirs);
        if let Some(name) = deleted.filter(|name| groups.iter().all(|(known, _)| known != name)) {
            self.list(ours, own(name), &[]);
        }
        let mut added = Vec::new();
        for (name, theirs) in groups {
            let same_name = own(name);
            if same_name.is_empty() {
                added.extend(theirs);
            } else if deleted == Some(name) {
                self.list(ours, same_name, &theirs);
            } else if let Some(key) = identifying_leaf(&theirs) {
                self.items(same_name, &theirs, key);
            } else if let ([one], [other]) = (same_name, theirs.as_slice()) {
                self.element(*one, *other, None);
            } else {
                self.list(ours, same_name, &theirs);
            }
        }
        self.append(ours, &added);
    }

    /// Lays each item over that of the same identity.
    fn items(&mut self, ours: &[Element<'_>], theirs: &[Element<'a>], key: &str) {
        let mut new = Vec::new();
        // From the end, so that the first one of an identity stays.
        let known: HashMap<_, _> =
            ours.iter().rev().filter_map(|item| Some((identity(*item, key)?, *item))).collect();
        for item in theirs {
            match identity(*item, key).and_then(|name| known.get(&name)) {
                Some(known) => self.element(*known, *item, None),
                None => new.push(*item),
            }
        }
        if let Some(last) = ours.last() {
            self.put_behind(*last, &new);
        }
    }

    /// Replaces the list of all elements in `ours` that have one name.
    fn list(&mut self, ours: Element<'_>, same_name: &[Element<'_>], theirs: &[Element<'a>]) {
        for (place, old) in same_name.iter().enumerate() {
            match theirs.get(place) {
                Some(new) if mean_the_same(*old, *new) => {}
                Some(new) => self.replace(*old, *new),
                None => remove(&mut self.edits, self.text, old.span(), self.line_end),
            }
        }
        let more = theirs.get(same_name.len()..).unwrap_or_default();
        match same_name.last() {
            Some(last) => self.put_behind(*last, more),
            None => self.append(ours, more),
        }
    }

    fn start_tag(&mut self, ours: Element<'_>, theirs: Element<'a>) {
        let known = attributes(ours);
        if attributes(theirs).iter().any(|(name, value)| known.get(name) != Some(value)) {
            let tag = &theirs.as_written()[..theirs.start_tag_span().len()];
            self.edits.replace(ours.start_tag_span(), layout::with_line_ends(tag, self.line_end));
        }
    }

    fn replace(&mut self, ours: Element<'_>, theirs: Element<'a>) {
        self.edits.replace(ours.span(), layout::with_line_ends(theirs.as_written(), self.line_end));
    }

    /// Puts new elements behind one of L's, on lines of their own if that has one.
    fn put_behind(&mut self, ours: Element<'_>, new: &[Element<'_>]) {
        if new.is_empty() {
            return;
        }
        let margin = match layout::own_indentation(self.text, ours.span()) {
            Some(indentation) => format!("{}{indentation}", self.line_end),
            None => String::new(),
        };
        let text = self.on_lines(&margin, new);
        self.edits.insert(ours.span().range().end, text);
    }

    /// Puts new elements behind everything in an element of L's.
    fn append(&mut self, ours: Element<'_>, new: &[Element<'_>]) {
        if new.is_empty() {
            return;
        }
        let outer = layout::own_indentation(self.text, ours.span()).unwrap_or("");
        let first = ours.children().next();
        let inner = first.and_then(|child| layout::own_indentation(self.text, child.span()));
        let inner = inner.map_or_else(|| format!("{outer}{}", layout::INDENTATION), str::to_owned);
        let text = self.on_lines(&format!("{}{inner}", self.line_end), new);
        if ours.form() == ElementForm::SelfClosing {
            let place = ours.span().range();
            let tag = ours.as_written().trim_end_matches("/>").trim_ascii_end();
            let slash = Span::new(place.start + tag.len(), place.end);
            let end = format!("{}{outer}</{}>", self.line_end, ours.name());
            return self.edits.replace(slash, format!(">{text}{end}"));
        }
        let content = ours.content_span();
        let end = layout::end_of_content(self.text, content);
        let is_closed_below = self.text[end..content.range().end].contains(['\r', '\n']);
        let close = match is_closed_below {
            true => String::new(),
            false => format!("{}{outer}", self.line_end),
        };
        self.edits.insert(end, format!("{text}{close}"));
    }

    fn on_lines(&self, margin: &str, elements: &[Element<'_>]) -> String {
        let line = |element: &Element<'_>| {
            let text = layout::with_line_ends(element.as_written(), self.line_end);
            format!("{margin}{text}")
        };
        elements.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;

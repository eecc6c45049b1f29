//! What becomes of each section, before anything is edited.

use std::borrow::Cow;
use std::collections::BTreeMap;

use provision_format::{Config, Section, SectionName, Span};

use super::Merge;
use crate::{MergeReport, SectionChange, SectionOutcome, layout};

/// What the documents say, name by name. It has their texts, and so no `Debug`.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Every name that a document has or S lists, once: L's in its order, then R's, S's and D's.
    names: Vec<Named<'a>>,
    /// Where each name stands in `names`.
    places: BTreeMap<&'a str, usize>,
    /// L's sections, with the places of their names; D's likewise.
    local: Vec<(Section<'a>, usize)>,
    displaced: Vec<(Section<'a>, usize)>,
    /// Rule 4.7.
    pub(super) line_end: &'static str,
}

/// What there is of one name. Of each document it is the first section of that name (rule 4.8).
#[derive(Default)]
pub(super) struct Named<'a> {
    name: &'a str,
    local: Option<Section<'a>>,
    remote: Option<Section<'a>>,
    displaced: Option<Section<'a>>,
    is_significant: bool,
    /// R has more than that one.
    is_sent_twice: bool,
    /// What is put into L, with L's line ends.
    pub(super) text: Option<Cow<'a, str>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(merge: &Merge<'a>) -> Self {
        let mut plan = Self::default();
        for section in merge.local.sections() {
            let place = plan.place(section.name());
            plan.names[place].local.get_or_insert(section);
            plan.local.push((section, place));
        }
        for section in merge.remote.sections() {
            let place = plan.place(section.name());
            let named = &mut plan.names[place];
            named.is_sent_twice = named.remote.is_some();
            named.remote.get_or_insert(section);
        }
        for name in merge.sections.iter().map(SectionName::as_str) {
            let place = plan.place(name);
            plan.names[place].is_significant = true;
        }
        for section in merge.displaced.into_iter().flat_map(Config::sections) {
            let place = plan.place(section.name());
            plan.names[place].displaced.get_or_insert(section);
            plan.displaced.push((section, place));
        }
        let text = merge.local.text();
        plan.line_end = layout::line_end(merge.local, plan.places_that_go(text));
        for named in &mut plan.names {
            let put = named.put().map(Section::text);
            named.text = put.map(|text| layout::with_line_ends(text, plan.line_end));
        }
        plan
    }

    /// Where the name stands, which is new or known.
    fn place(&mut self, name: &'a str) -> usize {
        *self.places.entry(name).or_insert_with(|| {
            self.names.push(Named { name, ..Named::default() });
            self.names.len() - 1
        })
    }

    /// What is replaced or removed of L. Of a section that stands twice, the second goes with its line break (rule 4.8).
    fn places_that_go(&self, text: &str) -> impl Iterator<Item = Span> {
        let going = self.local().filter(|(_, named)| named.put().is_some());
        going.map(move |(section, named)| match named.is_first_in_local(section) {
            true => section.span(),
            false => layout::with_line_break(text, section.span()),
        })
    }

    /// L's sections, with what there is of their names.
    pub(super) fn local(&self) -> impl Iterator<Item = (Section<'a>, &Named<'a>)> {
        self.local.iter().map(|(section, place)| (*section, &self.names[*place]))
    }

    /// Those that L has not, in R's order (rule 4.5).
    pub(super) fn added(&self) -> impl Iterator<Item = &str> {
        let added = self.names.iter().filter(|named| named.local.is_none());
        added.filter(|named| named.is_provisioned()).filter_map(|named| named.text.as_deref())
    }

    /// D's that come back and have no place in L: of a section that stood twice, only the first can have one.
    pub(super) fn given_back_without_a_place(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let displaced =
            self.displaced.iter().map(|(section, place)| (*section, &self.names[*place]));
        let back = displaced.filter(|(section, named)| {
            let has_place = named.local.is_some() && named.is_first_displaced(*section);
            named.is_given_back() && !has_place
        });
        back.map(|(section, _)| layout::with_line_ends(section.text(), self.line_end))
    }

    /// Whether rule 4.2 gives back what D has of this name.
    pub(super) fn is_given_back(&self, name: &str) -> bool {
        self.places.get(name).is_some_and(|place| self.names[*place].is_given_back())
    }

    /// L's sections that D takes up (rule 5.4).
    pub(super) fn newly_displaced(&self) -> impl Iterator<Item = Section<'a>> {
        let newly =
            self.local().filter(|(_, named)| named.is_provisioned() && named.displaced.is_none());
        newly.map(|(section, _)| section)
    }

    /// What happens to every section (rule 4.11).
    pub(super) fn report(&self) -> MergeReport {
        let sections = self.names.iter().map(|named| {
            let outcome = named.outcome();
            let source = outcome.source(named.local.is_some());
            SectionChange { name: named.name.to_owned(), outcome, source }
        });
        let twice = self.names.iter().filter(|named| named.is_significant && named.is_sent_twice);
        // What rule 5.4 does not keep.
        let superseded = self.local().filter(|(section, named)| named.supersedes(*section));
        MergeReport {
            sections: sections.collect(),
            sent_twice: twice.map(|named| named.name.to_owned()).collect(),
            superseded: superseded.map(|(section, _)| section.name().to_owned()).collect(),
        }
    }
}

impl<'a> Named<'a> {
    /// Rule 4.1.
    pub(super) fn is_provisioned(&self) -> bool {
        self.is_significant && self.remote.is_some()
    }

    /// Rule 4.2.
    fn is_given_back(&self) -> bool {
        !self.is_provisioned() && self.displaced.is_some()
    }

    /// What is put into L.
    fn put(&self) -> Option<Section<'a>> {
        self.remote.filter(|_| self.is_significant).or(self.displaced)
    }

    /// Whether it is the one that keeps its place in L (rule 4.8).
    pub(super) fn is_first_in_local(&self, section: Section<'a>) -> bool {
        self.local.is_some_and(|first| first.span() == section.span())
    }

    fn is_first_displaced(&self, section: Section<'a>) -> bool {
        self.displaced.is_some_and(|first| first.span() == section.span())
    }

    fn outcome(&self) -> SectionOutcome {
        match (self.local, self.remote) {
            _ if self.is_given_back() => SectionOutcome::GivenBack,
            (_, Some(_)) if !self.is_significant => SectionOutcome::Ignored,
            (_, Some(theirs)) if theirs.is_empty() => SectionOutcome::Emptied,
            (None, Some(_)) => SectionOutcome::Added,
            (Some(ours), Some(_)) if self.text.as_deref() == Some(ours.text()) => {
                SectionOutcome::Unchanged
            }
            (Some(_), Some(_)) => SectionOutcome::Replaced,
            (_, None) if self.is_significant => SectionOutcome::Missing,
            (_, None) => SectionOutcome::Kept,
        }
    }

    /// Whether `section` of L is lost, since D holds an earlier one, and is neither that one nor the server's.
    fn supersedes(&self, section: Section<'a>) -> bool {
        let theirs = self.remote.filter(|_| self.is_provisioned());
        let is_another = |other: Section<'_>| with_lf(section) != with_lf(other);
        self.displaced.is_some_and(is_another) && theirs.is_none_or(is_another)
    }
}

fn with_lf(section: Section<'_>) -> Cow<'_, str> {
    layout::with_line_ends(section.text(), "\n")
}

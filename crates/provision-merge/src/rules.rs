//! The rules of the merge.
//!
//! L is the local configuration, R the server's, S the significant sections, D what provisioning
//! displaced before. The numbers are those of the specification.
//!
//! - 4.1 A section in S and R is provisioned: R's stands whole in place of L's.
//! - 4.2 A section that is not provisioned: L's stays. If D has it, it was provisioned before, and D's is
//!   given back: in place of what L holds, which a phone has stored there against 4.6, or appended. That
//!   holds for one that left S, too: a phone must not stay without it.
//! - 4.3 A section in R and not in S is ignored.
//! - 4.4 A section of R that is empty is provisioned as empty.
//! - 4.5 Effective: L with every provisioned section replaced in its place, new ones appended in R's
//!   order; those that are given back likewise.
//! - 4.6 Stored: L without the provisioned sections, with those that are given back.
//! - 4.7 Every other byte is L's own. R's line ends become L's: the first one that stays when its
//!   sections are replaced and removed, else the first one. With a removed section goes the line break before it and the blanks
//!   between; an appended one gets L's line break and the indentation of L's first section (two spaces
//!   if that does not begin a line), and stands behind everything in the root that is not white space.
//!   `<options/>` is opened up when something is appended. The result is in L's encoding, with L's
//!   byte order mark. Where a removal would bring `]]` and `>` together, a line break stays.
//! - 4.8 A section that stands twice: R's first counts; L's are replaced or removed together.
//! - 4.10 Equal inputs give equal bytes; the results are parsed again before they are returned.
//! - 5.4 Displaced: D without what is given back, and with every provisioned section of L that D has
//!   not. What was displaced first stays until it is given back: what L holds in the meantime may be the
//!   server's, stored by a phone against 4.6. It is always in UTF-8. So that nothing is lost whenever a
//!   crash comes, there is a D to be written before L is, which still has what is given back. What L
//!   loses all the same is reported as superseded.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use provision_format::{
    Config, ElementForm, Encoding, Section, SectionName, SignificantSections, Source, Span,
};

use crate::edit::Edits;
use crate::layout;
use crate::{MergeError, MergeReport, Reversal, SectionChange, SectionOutcome};

/// What is merged.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a> {
    /// The phone's own configuration.
    pub local: &'a Config,
    /// The server's.
    pub remote: &'a Config,
    /// The sections that the server owns.
    pub sections: &'a SignificantSections,
    /// The local sections that earlier provisioning took out: [`Merged::displaced`] of the last merge.
    pub displaced: Option<&'a Config>,
}

/// What a merge gives. All of these were parsed again and can be written in their encoding.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Merged {
    /// What the phone runs with.
    pub effective: Config,
    /// What the phone stores: without the provisioned sections.
    pub stored: Config,
    /// The local sections that gave way to provisioned ones, now or before; none if no section ever
    /// did.
    pub displaced: Option<Displaced>,
    /// How the stored configuration becomes the local one again.
    pub reversal: Reversal,
    /// What happened to each section.
    pub report: MergeReport,
}

/// The local sections that provisioning took out, as configurations of their own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Displaced {
    /// To be kept before the stored configuration is written: with what that one lacks.
    pub before: Config,
    /// To be kept afterwards, and given to the next merge: without what was given back. The same as
    /// `before` if nothing was.
    pub after: Config,
}

impl Merge<'_> {
    /// Merges, by the rules 4.1 to 4.8 of the specification.
    ///
    /// # Errors
    ///
    /// When the local configuration's encoding cannot express what is put into it, or a result would be more than is read.
    pub fn run(&self) -> Result<Merged, MergeError> {
        let plan = Plan::new(self);
        let line_end = plan.line_end;
        let mut effective = Edits::default();
        let mut stored = Edits::default();
        let mut placed = BTreeSet::new();
        for section in self.local.sections() {
            let name = section.name();
            let is_first = placed.insert(name);
            let fate = match (plan.provisioned.get(name), plan.given_back.get(name)) {
                (Some((_, theirs)), _) => Some((theirs, None)),
                (None, Some((_, ours))) => Some((ours, Some(ours))),
                (None, None) => None,
            };
            let Some((in_effective, in_stored)) = fate else { continue };
            for (edits, text) in [(&mut effective, Some(in_effective)), (&mut stored, in_stored)] {
                match text.filter(|_| is_first) {
                    Some(text) => edits.replace(section.span(), &**text),
                    None => remove(edits, self.local.text(), section.span(), line_end),
                }
            }
        }
        // A section that stood twice comes back twice; only the first can have a place in L.
        let back = self.displaced.into_iter().flat_map(Config::sections).filter(|section| {
            plan.given_back.get(section.name()).is_some_and(|(first, _)| {
                first.span() != section.span() || !plan.local.contains_key(section.name())
            })
        });
        let back: Vec<_> = back.collect();
        let added = plan.added.iter().chain(&back).copied();
        append(&mut effective, self.local, added, line_end);
        append(&mut stored, self.local, back.iter().copied(), line_end);

        let stored = result(self.local, stored)?;
        Ok(Merged {
            effective: result(self.local, effective)?,
            reversal: Reversal::new(self.local, &stored),
            stored,
            displaced: self.displaced(&plan)?,
            report: self.report(&plan),
        })
    }

    /// Rule 5.4.
    fn displaced(&self, plan: &Plan<'_>) -> Result<Option<Displaced>, MergeError> {
        let earlier = self.displaced.map(first_by_name).unwrap_or_default();
        let newly: Vec<_> = self
            .local
            .sections()
            .filter(|section| plan.provisioned.contains_key(section.name()))
            .filter(|section| !earlier.contains_key(section.name()))
            .collect();
        let kept = match self.displaced {
            Some(kept) => kept.clone(),
            None if newly.is_empty() => return Ok(None),
            None => Config::empty(),
        };
        let line_end = layout::line_end(&kept, |_| false);
        let mut edits = Edits::default();
        append(&mut edits, &kept, newly.into_iter(), line_end);
        let before = result(&kept, edits)?;
        let mut edits = Edits::default();
        for section in before.sections() {
            if plan.given_back.contains_key(section.name()) {
                remove(&mut edits, before.text(), section.span(), line_end);
            }
        }
        let after = result(&before, edits)?;
        Ok(Some(Displaced { before, after }))
    }

    fn sent_twice(&self, plan: &Plan<'_>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut twice = Vec::new();
        let names = self.remote.sections().map(Section::name);
        for name in names.filter(|name| plan.significant.contains(name)) {
            if !seen.insert(name) && !twice.iter().any(|known| known == name) {
                twice.push(name.to_owned());
            }
        }
        twice
    }

    fn report(&self, plan: &Plan<'_>) -> MergeReport {
        let outcome = |name: &str| match (plan.local.get(name), plan.remote.get(name)) {
            _ if plan.given_back.contains_key(name) => SectionOutcome::GivenBack,
            (_, Some(_)) if !plan.significant.contains(name) => SectionOutcome::Ignored,
            (_, Some(theirs)) if theirs.is_empty() => SectionOutcome::Emptied,
            (None, Some(_)) => SectionOutcome::Added,
            (Some(ours), Some(_))
                if plan.provisioned.get(name).is_some_and(|(_, text)| ours.text() == *text) =>
            {
                SectionOutcome::Unchanged
            }
            (Some(_), Some(_)) => SectionOutcome::Replaced,
            (_, None) if plan.significant.contains(name) => SectionOutcome::Missing,
            (_, None) => SectionOutcome::Kept,
        };
        let in_documents = self.local.sections().chain(self.remote.sections()).map(Section::name);
        let others = self.sections.iter().map(SectionName::as_str);
        let back = self.displaced.into_iter().flat_map(Config::sections).map(Section::name);
        let back = back.filter(|name| plan.given_back.contains_key(name));
        let mut seen = BTreeSet::new();
        let sections = in_documents
            .chain(others)
            .chain(back)
            .filter(|name| seen.insert(*name))
            .map(|name| {
                let outcome = outcome(name);
                let source = outcome.source(plan.local.contains_key(name));
                SectionChange { name: name.to_owned(), outcome, source }
            })
            .collect();
        let (sent_twice, superseded) = (self.sent_twice(plan), self.superseded(plan));
        MergeReport { sections, sent_twice, superseded }
    }

    /// What rule 5.4 does not keep.
    fn superseded(&self, plan: &Plan<'_>) -> Vec<String> {
        let displaced = self.displaced.map(first_by_name).unwrap_or_default();
        let is_lost = |section: &Section<'_>| {
            displaced.get(section.name()).is_some_and(|earlier| {
                let theirs = plan.provisioned.get(section.name());
                with_lf(*section) != with_lf(*earlier)
                    && theirs.is_none_or(|(theirs, _)| with_lf(*section) != with_lf(*theirs))
            })
        };
        self.local.sections().filter(is_lost).map(|section| section.name().to_owned()).collect()
    }
}

/// What each section's fate depends on, by name.
struct Plan<'a> {
    local: BTreeMap<&'a str, Section<'a>>,
    remote: BTreeMap<&'a str, Section<'a>>,
    significant: BTreeSet<&'a str>,
    /// R's sections that are in S (rule 4.1), with their texts as they are in L.
    provisioned: BTreeMap<&'a str, Put<'a>>,
    /// Those that L has not, in R's order (rule 4.5).
    added: Vec<Section<'a>>,
    /// D's sections that are not provisioned (rule 4.2), likewise.
    given_back: BTreeMap<&'a str, Put<'a>>,
    /// Rule 4.7.
    line_end: &'static str,
}

/// What is put into L: a section, and its text with L's line ends.
type Put<'a> = (Section<'a>, Cow<'a, str>);

impl<'a> Plan<'a> {
    fn new(merge: &Merge<'a>) -> Self {
        let local = first_by_name(merge.local);
        let remote = first_by_name(merge.remote);
        let significant: BTreeSet<_> = merge.sections.iter().map(SectionName::as_str).collect();
        let mut provisioned = remote.clone();
        provisioned.retain(|name, _| significant.contains(name));

        let mut added: Vec<_> =
            provisioned.values().filter(|section| !local.contains_key(section.name())).collect();
        added.sort_by_key(|section| section.span());
        let added = added.into_iter().copied().collect();

        let mut given_back = merge.displaced.map(first_by_name).unwrap_or_default();
        given_back.retain(|name, _| !provisioned.contains_key(name));
        let is_replaced =
            |name: &str| provisioned.contains_key(name) || given_back.contains_key(name);
        let line_end = layout::line_end(merge.local, is_replaced);
        let put = |sections: BTreeMap<&'a str, Section<'a>>| {
            let put =
                |section: Section<'a>| (section, layout::with_line_ends(section.text(), line_end));
            sections.into_iter().map(|(name, section)| (name, put(section))).collect()
        };
        let (provisioned, given_back) = (put(provisioned), put(given_back));
        Self { local, remote, significant, provisioned, added, given_back, line_end }
    }
}

/// Removes the element at `place` by rule 4.7.
pub(crate) fn remove<'t>(edits: &mut Edits<'t>, text: &str, place: Span, line_end: &'t str) {
    let place = layout::with_line_break(text, place);
    let joins_brackets = text[..place.range().start].ends_with(']');
    edits.replace(place, if joins_brackets { line_end } else { "" });
}

/// Appends sections by rule 4.7.
pub(crate) fn append<'t>(
    edits: &mut Edits<'t>,
    config: &'t Config,
    sections: impl Iterator<Item = Section<'t>>,
    line_end: &'t str,
) {
    let mut sections = sections.peekable();
    if sections.peek().is_none() {
        return;
    }
    let indentation = layout::indentation(config);
    let root = config.root_span().range();
    let is_self_closing = config.root_form() == ElementForm::SelfClosing;
    let place = if is_self_closing {
        let tag = config.text()[root.clone()].trim_end_matches("/>").trim_ascii_end();
        edits.replace(Span::new(root.start + tag.len(), root.end), ">");
        root.end
    } else {
        layout::end_of_content(config.text(), config.content_span())
    };
    for section in sections {
        edits.insert(place, line_end);
        edits.insert(place, indentation);
        edits.insert(place, layout::with_line_ends(section.text(), line_end));
    }
    if is_self_closing {
        edits.insert(place, line_end);
        edits.insert(place, "</options>");
    }
}

/// The edited configuration, parsed again (rule 4.10) and not too large to be read from a file. Without an edit it is the
/// one that was parsed before.
pub(crate) fn result(config: &Config, edits: Edits<'_>) -> Result<Config, MergeError> {
    if edits.is_empty() {
        return Ok(config.clone());
    }
    let source = config.source().with_text(edits.apply(config.text())?);
    let is_narrow = matches!(source.encoding(), Encoding::Latin1 | Encoding::Ascii);
    // No encoding makes more than two bytes of one of UTF-8, and a byte order mark.
    let may_be_too_large = source.text().len() > (Source::FILE_LIMIT - MARK_LIMIT) / 2;
    if is_narrow || may_be_too_large {
        let bytes = source.to_bytes().map_err(MergeError::Unencodable)?;
        if bytes.len() > Source::FILE_LIMIT {
            return Err(MergeError::TooLarge);
        }
    }
    Config::from_source(source).map(|reading| reading.value).map_err(MergeError::Invalid)
}

fn with_lf(section: Section<'_>) -> Cow<'_, str> {
    layout::with_line_ends(section.text(), "\n")
}

pub(crate) fn first_by_name(config: &Config) -> BTreeMap<&str, Section<'_>> {
    // From the end, so that the first one of a name stays.
    config.sections().rev().map(|section| (section.name(), section)).collect()
}

/// A byte order mark has no more bytes.
const MARK_LIMIT: usize = 3;

#[cfg(test)]
mod tests;

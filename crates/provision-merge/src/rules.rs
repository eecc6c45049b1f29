//! The rules of the merge.
//!
//! L is the local configuration, R the server's, S the significant sections, D what provisioning
//! displaced before. The numbers are those of the specification.
//!
//! - 4.1 A section in S and R is provisioned: R's stands whole in place of L's.
//! - 4.2 A section in S and not in R: L's stays. If L has none and D has, D's is appended.
//! - 4.3 A section in R and not in S is ignored.
//! - 4.4 A section of R that is empty is provisioned as empty.
//! - 4.5 Effective: L with every provisioned section replaced in its place, new ones appended in R's
//!   order.
//! - 4.6 Stored: L without the provisioned sections. Displaced: L without all others.
//! - 4.7 Every other byte is L's own. R's line ends become L's first one. With a removed section
//!   goes the line break before it and the blanks between; an appended one gets L's line break and
//!   the indentation of L's first section (two spaces if that does not begin a line), and stands
//!   behind everything in the root that is not white space. `<options/>` is opened up when something
//!   is appended. The result is in L's encoding, with L's byte order mark.
//! - 4.8 A section that stands twice: R's first counts; L's are replaced or removed together.
//! - 4.10 Equal inputs give equal bytes; the results are parsed again before they are returned.

use std::collections::{HashMap, HashSet};

use provision_format::{
    Config, ElementForm, Encoding, Section, SectionName, SignificantSections, Span,
};

use crate::edit::Edits;
use crate::layout;
use crate::{MergeError, MergeReport, SectionChange, SectionOutcome};

/// What is merged.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a> {
    /// The phone's own configuration.
    pub local: &'a Config,
    /// The server's.
    pub remote: &'a Config,
    /// The sections that the server owns.
    pub sections: &'a SignificantSections,
    /// The local sections that earlier provisioning took out, if any were kept.
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
    /// The local sections that gave way to provisioned ones, as a configuration of their own; none if
    /// no section did.
    pub displaced: Option<Config>,
    /// What happened to each section.
    pub report: MergeReport,
}

impl Merge<'_> {
    /// Merges, by the rules 4.1 to 4.8 of the specification.
    ///
    /// # Errors
    ///
    /// When the local configuration's encoding cannot express what the server sent.
    pub fn run(&self) -> Result<Merged, MergeError> {
        let remote = first_by_name(self.remote);
        let local: HashSet<&str> = self.local.sections().map(Section::name).collect();
        let provisioned = |name: &str| {
            remote.get(name).copied().filter(|section| self.sections.contains(section.name()))
        };
        let given_back: Vec<_> = self
            .sections
            .iter()
            .map(SectionName::as_str)
            .filter(|name| !remote.contains_key(name) && !local.contains(name))
            .filter_map(|name| self.displaced?.section(name))
            .collect();
        let added = self.remote.sections().filter(|section| {
            let is_first =
                remote.get(section.name()).map(|first| first.span()) == Some(section.span());
            is_first && self.sections.contains(section.name()) && !local.contains(section.name())
        });

        let mut effective = Edits::default();
        let mut stored = Edits::default();
        let mut displaced = Edits::default();
        let mut displaces = false;
        let mut placed = HashSet::new();
        for section in self.local.sections() {
            let with_line_break = layout::with_line_break(self.local.text(), section);
            let Some(remote) = provisioned(section.name()) else {
                displaced.remove(with_line_break);
                continue;
            };
            displaces = true;
            stored.remove(with_line_break);
            if placed.insert(section.name()) {
                effective.replace(section.span(), self.in_local_layout(remote));
            } else {
                effective.remove(with_line_break);
            }
        }
        self.append(&mut effective, added.chain(given_back.iter().copied()));
        self.append(&mut stored, given_back.iter().copied());

        Ok(Merged {
            effective: self.result(effective)?,
            stored: self.result(stored)?,
            displaced: if displaces { Some(self.result(displaced)?) } else { None },
            report: self.report(&remote, &given_back),
        })
    }

    /// A section's text with L's line ends.
    fn in_local_layout(&self, section: Section<'_>) -> String {
        layout::with_line_ends(section.text(), layout::line_end(self.local.text()))
    }

    fn append<'s>(&self, edits: &mut Edits, sections: impl Iterator<Item = Section<'s>>) {
        let line_end = layout::line_end(self.local.text());
        let indentation = layout::indentation(self.local);
        let text: String = sections
            .map(|section| format!("{line_end}{indentation}{}", self.in_local_layout(section)))
            .collect();
        if text.is_empty() {
            return;
        }
        if self.local.root_form() == ElementForm::Paired {
            edits.insert(layout::end_of_content(self.local), text);
            return;
        }
        let root = self.local.root_span().range();
        let tag = self.local.text()[root.clone()].trim_end_matches("/>").trim_ascii_end();
        let slash = Span::new(root.start + tag.len(), root.end);
        edits.replace(slash, format!(">{text}{line_end}</options>"));
    }

    fn result(&self, edits: Edits) -> Result<Config, MergeError> {
        let text = edits.apply(self.local.text())?;
        let source = self.local.source().with_text(text);
        if matches!(source.encoding(), Encoding::Latin1 | Encoding::Ascii) {
            source.to_bytes().map_err(MergeError::Unencodable)?;
        }
        Config::from_source(source).map(|reading| reading.value).map_err(MergeError::Invalid)
    }

    fn sent_twice(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut twice = Vec::new();
        let names = self.remote.sections().map(Section::name);
        for name in names.filter(|name| self.sections.contains(name)) {
            if !seen.insert(name) && !twice.iter().any(|known| known == name) {
                twice.push(name.to_owned());
            }
        }
        twice
    }

    fn report(
        &self,
        remote: &HashMap<&str, Section<'_>>,
        given_back: &[Section<'_>],
    ) -> MergeReport {
        let local = first_by_name(self.local);
        let outcome = |name: &str| match (local.get(name), remote.get(name)) {
            (_, Some(_)) if !self.sections.contains(name) => SectionOutcome::Ignored,
            (_, Some(theirs)) if theirs.is_empty() => SectionOutcome::Emptied,
            (None, Some(_)) => SectionOutcome::Added,
            (Some(ours), Some(theirs)) if ours.text() == self.in_local_layout(*theirs) => {
                SectionOutcome::Unchanged
            }
            (Some(_), Some(_)) => SectionOutcome::Replaced,
            (_, None) if given_back.iter().any(|back| back.name() == name) => {
                SectionOutcome::GivenBack
            }
            (_, None) if self.sections.contains(name) => SectionOutcome::Missing,
            (_, None) => SectionOutcome::Kept,
        };
        let in_documents = self.local.sections().chain(self.remote.sections()).map(Section::name);
        let names = in_documents.chain(self.sections.iter().map(SectionName::as_str));
        let mut seen = HashSet::new();
        let sections = names
            .filter(|name| seen.insert(*name))
            .map(|name| SectionChange { name: name.to_owned(), outcome: outcome(name) })
            .collect();
        MergeReport { sections, sent_twice: self.sent_twice() }
    }
}

fn first_by_name(config: &Config) -> HashMap<&str, Section<'_>> {
    // From the end, so that the first one of a name stays.
    config.sections().rev().map(|section| (section.name(), section)).collect()
}

#[cfg(test)]
mod tests;

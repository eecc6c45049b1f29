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
//!   server's, stored by a phone against 4.6. It is always in UTF-8, and its sections
//!   keep their line ends. So that nothing is lost whenever a
//!   crash comes, there is a D to be written before L is, which still has what is given back. What L
//!   loses all the same is reported as superseded.

mod plan;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;

use provision_format::{Config, ElementForm, Encoding, Section, SignificantSections, Source, Span};

use crate::edit::Edits;
use crate::layout;
use crate::{MergeError, MergeReport, Reversal};
use plan::Plan;

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
        for (section, named) in plan.local() {
            let Some(text) = named.text.as_deref() else { continue };
            let in_stored = (!named.is_provisioned()).then_some(text);
            for (edits, text) in [(&mut effective, Some(text)), (&mut stored, in_stored)] {
                match text.filter(|_| named.is_first_in_local(section)) {
                    Some(text) => edits.replace(section.span(), text),
                    None => remove(edits, self.local.text(), section.span(), line_end),
                }
            }
        }
        let back: Vec<_> = plan.given_back_without_a_place().collect();
        let back = || back.iter().map(|text| &**text);
        append(&mut effective, self.local, plan.added().chain(back()), line_end);
        append(&mut stored, self.local, back(), line_end);

        let stored = result(self.local, stored)?;
        Ok(Merged {
            effective: result(self.local, effective)?,
            reversal: Reversal::new(self.local, &stored),
            stored,
            displaced: self.displaced(&plan)?,
            report: plan.report(),
        })
    }

    /// Rule 5.4.
    fn displaced(&self, plan: &Plan<'_>) -> Result<Option<Displaced>, MergeError> {
        let mut newly = plan.newly_displaced().peekable();
        let kept = match self.displaced {
            Some(kept) => kept.clone(),
            None if newly.peek().is_none() => return Ok(None),
            None => Config::empty(),
        };
        let line_end = layout::line_end(&kept, iter::empty());
        let mut edits = Edits::default();
        append(&mut edits, &kept, newly.map(Section::text), line_end);
        let before = result(&kept, edits)?;
        let mut edits = Edits::default();
        for section in before.sections() {
            if plan.is_given_back(section.name()) {
                remove(&mut edits, before.text(), section.span(), line_end);
            }
        }
        let after = result(&before, edits)?;
        Ok(Some(Displaced { before, after }))
    }
}

/// Removes the element at `place` by rule 4.7.
pub(crate) fn remove<'t>(edits: &mut Edits<'t>, text: &str, place: Span, line_end: &'t str) {
    let place = layout::with_line_break(text, place);
    let joins_brackets = text[..place.range().start].ends_with(']');
    edits.replace(place, if joins_brackets { line_end } else { "" });
}

/// Appends sections by rule 4.7; their texts have the line ends that they shall have.
pub(crate) fn append<'t, T: Into<Cow<'t, str>>>(
    edits: &mut Edits<'t>,
    config: &'t Config,
    sections: impl Iterator<Item = T>,
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
        edits.insert(place, section);
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

pub(crate) fn first_by_name(config: &Config) -> BTreeMap<&str, Section<'_>> {
    // From the end, so that the first one of a name stays.
    config.sections().rev().map(|section| (section.name(), section)).collect()
}

/// A byte order mark has no more bytes.
const MARK_LIMIT: usize = 3;

#[cfg(test)]
mod tests;

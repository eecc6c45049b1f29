//! Which rules a merge goes by.

use std::iter;

use provision_format::{Config, ProvisionFile, SignificantSections};

use crate::edit::Edits;
use crate::rules::{Displaced, remove, result};
use crate::{
    Beforehand, Merge, MergeError, Merged, Overlay, SectionOutcome, Source, layout, restore,
};

/// Section by section, or key by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The server owns these sections whole: [`Merge`].
    Sections(SignificantSections),
    /// The server's keys are laid over the local ones: [`Overlay`].
    Overlay(Beforehand),
}

impl Mode {
    /// As a provisioning file says (spec 1.8).
    pub fn of(file: &ProvisionFile) -> Self {
        match &file.significant_sections {
            Some(sections) => Self::Sections(sections.clone()),
            None => Self::Overlay(Beforehand {
                delete_accounts: file.options.delete_accounts_beforehand,
                delete_contact_services: file.options.delete_contact_services_beforehand,
            }),
        }
    }

    /// Merges by these rules. `displaced` is what earlier merges took out of the local configuration,
    /// [`Displaced::after`]. An overlay takes nothing out, so it gives all of that back first.
    ///
    /// # Errors
    ///
    /// When the local configuration's encoding cannot express what is put into it, or a result would be more than is read.
    pub fn merge(
        &self,
        local: &Config,
        remote: &Config,
        displaced: Option<&Config>,
    ) -> Result<Merged, MergeError> {
        match (self, displaced) {
            (Self::Sections(sections), _) => Merge { local, remote, sections, displaced }.run(),
            (Self::Overlay(beforehand), None) => {
                Overlay { local, remote, beforehand: *beforehand }.run()
            }
            (Self::Overlay(beforehand), Some(displaced)) => {
                let whole = restore(local, displaced)?;
                let overlay = Overlay { local: &whole, remote, beforehand: *beforehand };
                let mut merged = overlay.run()?;
                for change in &mut merged.report.sections {
                    let is_kept = change.outcome == SectionOutcome::Kept;
                    if is_kept && local.section(&change.name).is_none() {
                        change.outcome = SectionOutcome::GivenBack;
                        change.source = Source::Displaced;
                    }
                }
                let (before, after) = (displaced.clone(), without_restored(displaced, local)?);
                merged.displaced = Some(Displaced { before, after });
                Ok(merged)
            }
        }
    }
}

/// What of `displaced` is not given back, since `local` has another of that name.
fn without_restored(displaced: &Config, local: &Config) -> Result<Config, MergeError> {
    let line_end = layout::line_end(displaced, iter::empty());
    let mut edits = Edits::default();
    for section in displaced.sections().filter(|one| local.section(one.name()).is_none()) {
        remove(&mut edits, displaced.text(), section.span(), line_end);
    }
    result(displaced, edits)
}

#[cfg(test)]
mod tests {
    use provision_format::Section;

    use super::*;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect(text).value
    }

    #[test]
    fn an_overlay_gives_back_what_was_displaced() {
        let local = config("<options><a>1</a></options>");
        let remote = config("<options><b><x>2</x></b></options>");
        let displaced = config("<options>\n <a>0</a>\n <b><y>3</y></b>\n <c/>\n</options>");
        let merged = Mode::Overlay(Beforehand::default())
            .merge(&local, &remote, Some(&displaced))
            .expect("it can be laid over");
        let sections: Vec<_> = merged.effective.sections().map(Section::text).collect();
        assert_eq!(
            sections,
            ["<a>1</a>", "<b><y>3</y>\n    <x>2</x>\n  </b>", "<c/>"],
            "{}",
            merged.effective.text()
        );
        let outcomes: Vec<_> = merged.report.sections.iter().map(|change| change.outcome).collect();
        assert_eq!(
            outcomes,
            [SectionOutcome::Kept, SectionOutcome::Overlaid, SectionOutcome::GivenBack]
        );
        // The other `a` is not in Config.xml, and stays where it is.
        let displaced = merged.displaced.expect("there was some");
        assert_eq!(displaced.after.text(), "<options>\n <a>0</a>\n</options>");
    }
}

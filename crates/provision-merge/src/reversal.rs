//! Undoing what a merge took out of the local configuration (spec 5.4).

use std::{fmt, iter};

use provision_format::Config;

use crate::edit::Edits;
use crate::rules::result;
use crate::{MergeError, layout, rules};

/// How a stored configuration becomes the one that was there before, to the byte.
///
/// It keeps both, which costs no copy of either; `Debug` shows none of their text.
#[derive(Clone)]
pub struct Reversal {
    local: Config,
    stored: Config,
}

impl Reversal {
    /// That of the merge that made `stored` of `local`.
    pub(crate) fn new(local: &Config, stored: &Config) -> Self {
        Self { local: local.clone(), stored: stored.clone() }
    }

    /// The configuration before the merge: to the byte, if `stored` is still what the merge gave. If it is not, since the
    /// phone has written it anew, the sections of `displaced` that are not in it are appended (spec 4.7).
    ///
    /// # Errors
    ///
    /// When the encoding of `stored` cannot express what comes back, or there would be more than is read.
    pub fn undo(&self, stored: &Config, displaced: &Config) -> Result<Config, MergeError> {
        if stored.text() == self.stored.text() {
            return Ok(self.local.clone());
        }
        restore(stored, displaced)
    }
}

/// `stored` with the sections of `displaced` that are not in it, appended by rule 4.7.
///
/// # Errors
///
/// When the encoding of `stored` cannot express what comes back, or there would be more than is read.
pub fn restore(stored: &Config, displaced: &Config) -> Result<Config, MergeError> {
    let missing = displaced.sections().filter(|section| stored.section(section.name()).is_none());
    let line_end = layout::line_end(stored, iter::empty());
    let mut edits = Edits::default();
    let missing = missing.map(|section| layout::with_line_ends(section.text(), line_end));
    rules::append(&mut edits, stored, missing, line_end);
    result(stored, edits)
}

impl fmt::Debug for Reversal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reversal(to {:?})", self.local)
    }
}

#[cfg(test)]
mod tests {
    use provision_format::{SectionName, SignificantSections};

    use super::*;
    use crate::Merge;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect(text).value
    }

    #[test]
    fn what_was_taken_out_comes_back_to_its_place() {
        let text = "<options>\r\n <a>1</a>\r\n\r\n <!-- b --><b/><b>2</b>\n <c/>\r\n</options>\r\n";
        let (local, remote) = (config(text), config("<options><b/><a/><d/></options>"));
        let names = ["a", "b", "d"];
        let sections: SignificantSections =
            names.iter().filter_map(|name| SectionName::new(name)).collect();
        let merge = Merge { local: &local, remote: &remote, sections: &sections, displaced: None };
        let merged = merge.run().expect("it can be merged");
        assert_eq!(merged.stored.text(), "<options>\r\n\r\n <!-- b -->\n <c/>\r\n</options>\r\n");
        let displaced = merged.displaced.expect("two gave way").after;
        let undone = merged.reversal.undo(&merged.stored, &displaced).expect("it can be undone");
        assert_eq!(undone.text(), text);

        // A phone that has written its file anew gets them all the same.
        let anew = config("<options>\n  <c>3</c>\n</options>\n");
        let undone = merged.reversal.undo(&anew, &displaced).expect("it can be undone");
        assert_eq!(
            undone.text(),
            "<options>\n  <c>3</c>\n  <a>1</a>\n  <b/>\n  <b>2</b>\n</options>\n"
        );
    }
}

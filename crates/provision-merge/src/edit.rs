//! Changes to a text: sorted, disjoint, everything else untouched.

use std::borrow::Cow;

use provision_format::Span;

use crate::MergeError;

/// A list of replacements in one text. They are borrowed where they can be: a section can have most of a document. It has no
/// `Debug`, which would show them.
#[derive(Default)]
pub(crate) struct Edits<'t> {
    edits: Vec<(Span, Cow<'t, str>)>,
}

impl<'t> Edits<'t> {
    /// Puts `text` in place of what stands at `place`.
    pub(crate) fn replace(&mut self, place: Span, text: impl Into<Cow<'t, str>>) {
        self.edits.push((place, text.into()));
    }

    /// Puts `text` in front of what stands at `offset`, behind what was inserted there before.
    pub(crate) fn insert(&mut self, offset: usize, text: impl Into<Cow<'t, str>>) {
        self.replace(Span::at(offset), text);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether the text stays as it is.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// `text` with all replacements made.
    ///
    /// # Errors
    ///
    /// When two of them overlap.
    pub(crate) fn apply(mut self, text: &str) -> Result<String, MergeError> {
        // The sort is stable: insertions at one place stay in their order, and stand behind a
        // replacement that ends there.
        self.edits.sort_by_key(|(place, _)| *place);
        let added: usize = self.edits.iter().map(|(_, replacement)| replacement.len()).sum();
        let removed: usize = self.edits.iter().map(|(place, _)| place.len()).sum();
        let mut out = String::with_capacity((text.len() + added).saturating_sub(removed));
        let mut done = 0;
        for (place, replacement) in &self.edits {
            let place = place.range();
            if place.start < done {
                return Err(MergeError::Overlap);
            }
            out.push_str(&text[done..place.start]);
            out.push_str(replacement);
            done = place.end;
        }
        out.push_str(&text[done..]);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_may_be_added_in_any_order() {
        let mut edits = Edits::default();
        edits.insert(3, "X");
        edits.replace(Span::new(4, 5), "");
        edits.insert(3, "Y");
        edits.replace(Span::new(1, 3), "_");
        assert_eq!(edits.apply("abcdef"), Ok("a_XYdf".to_owned()));
    }

    #[test]
    fn an_overlap_is_an_error() {
        let mut edits = Edits::default();
        edits.replace(Span::new(0, 3), "");
        edits.replace(Span::new(2, 4), "");
        assert_eq!(edits.apply("abcdef"), Err(MergeError::Overlap));
    }
}

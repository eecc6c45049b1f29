//! A text that roxmltree may see: it has passed the gate, and what roxmltree does not know or gets
//! wrong is written in another way.

use crate::diagnostic::Diagnostic;
use crate::{Code, Span};

/// The text with `&amp;` for every bare `&` and LF for every lone CR, and the way back to the places in the original.
pub(crate) struct Repaired {
    text: String,
    /// Offsets of the bare `&` in the original, ascending.
    ampersands: Vec<usize>,
}

/// What is put behind a bare `&`.
const INSERTED: &str = "amp;";

impl Repaired {
    pub(crate) fn new(original: &str, ampersands: Vec<usize>) -> Self {
        let mut text = String::with_capacity(original.len() + ampersands.len() * INSERTED.len());
        let mut done = 0;
        for at in &ampersands {
            text.push_str(&original[done..=*at]);
            text.push_str(INSERTED);
            done = at + 1;
        }
        text.push_str(&original[done..]);
        Self { text: without_lone_returns(text), ampersands }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The tree of the text, or the finding that roxmltree does not agree with the gate.
    pub(crate) fn tree(&self) -> Result<roxmltree::Document<'_>, Diagnostic> {
        roxmltree::Document::parse(&self.text).map_err(|_| {
            // Its message could quote any part of the document.
            let message = "the document was judged good and could not be read";
            Diagnostic::error(Code::ParserDisagreement, Span::at(0), message)
                .with_help("please report this with the document, without its passwords")
        })
    }

    /// The place in the original of a place in the repaired text.
    pub(crate) fn original(&self, place: std::ops::Range<usize>) -> Span {
        Span::new(self.original_offset(place.start), self.original_offset(place.end))
    }

    fn original_offset(&self, offset: usize) -> usize {
        let insertion = |(index, at): (usize, &usize)| at + 1 + index * INSERTED.len();
        let before = self
            .ampersands
            .iter()
            .enumerate()
            .take_while(|(index, at)| insertion((*index, at)) < offset)
            .count();
        match before.checked_sub(1) {
            // Inside of what was inserted: the `&` itself.
            Some(last) if offset < insertion((last, &self.ampersands[last])) + INSERTED.len() => {
                self.ampersands[last] + 1
            }
            _ => offset - before * INSERTED.len(),
        }
    }
}

/// A CR alone is a line end and reads as LF (XML 1.0 §2.11), which roxmltree forgets before a
/// reference. One byte for one, so places stay.
fn without_lone_returns(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    let ends_line = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    text.char_indices()
        .map(|(at, character)| if character == '\r' && ends_line(at) { '\n' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_the_original() {
        let original = "A&B&&C";
        let ampersands = vec![1, 3, 4];
        let repaired = Repaired::new(original, ampersands);
        assert_eq!(repaired.text(), "A&amp;B&amp;&amp;C");
        for (offset, character) in repaired.text().char_indices() {
            if "ABC".contains(character) {
                let there = repaired.original(offset..offset + 1);
                assert_eq!(&original[there.range()], character.to_string());
            }
        }
        assert_eq!(repaired.original(0..repaired.text().len()).range(), 0..original.len());
    }
}

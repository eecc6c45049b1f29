//! A text with its faults mended, so that what stands behind them can still be looked at.

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::{Code, Span};

/// What is put in place of a fault so that the text can be read on.
///
/// The gate forgives a bare `&` (spec 1.5). Every other repair belongs to an error: the document is
/// refused, and the repair only lets the reader find the next mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) span: Span,
    pub(crate) text: Cow<'static, str>,
}

/// The text with every repair made, and the way back to the places in the original.
pub(crate) struct Repaired<'a> {
    text: Cow<'a, str>,
    /// What was replaced: in the original and in the text, in their order.
    replaced: Vec<(Range<usize>, Range<usize>)>,
}

impl<'a> Repaired<'a> {
    /// `repairs` are in the order of their places; one that lies inside of an earlier one is left out.
    pub(crate) fn new(original: &'a str, repairs: &[Repair]) -> Self {
        if repairs.is_empty() {
            return Self { text: Cow::Borrowed(original), replaced: Vec::new() };
        }
        let inserted: usize = repairs.iter().map(|repair| repair.text.len()).sum();
        let mut text = String::with_capacity(original.len() + inserted);
        let mut replaced = Vec::with_capacity(repairs.len());
        let mut done = 0;
        for repair in repairs {
            let place = repair.span.range();
            if place.start < done {
                continue;
            }
            text.push_str(&original[done..place.start]);
            let start = text.len();
            text.push_str(&repair.text);
            done = place.end;
            replaced.push((place, start..text.len()));
        }
        text.push_str(&original[done..]);
        Self { text: Cow::Owned(text), replaced }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text as roxmltree is to see it: it forgets a CR alone, which reads as LF (XML 1.0 §2.11),
    /// before a reference. One byte stands for one, so places stay.
    pub(crate) fn for_tree(&self) -> Cow<'_, str> {
        let text = self.text();
        let is_alone = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
        if !memchr::memchr_iter(b'\r', text.as_bytes()).any(is_alone) {
            return Cow::Borrowed(text);
        }
        let characters = text.char_indices();
        Cow::Owned(
            characters.map(|(at, c)| if c == '\r' && is_alone(at) { '\n' } else { c }).collect(),
        )
    }

    /// The place in the original of a place in the text. What lies in a repair is the whole of what
    /// was repaired.
    pub(crate) fn original(&self, place: Range<usize>) -> Span {
        let start = self.original_offset(place.start).start;
        let end = self.original_offset(place.end).end;
        Span::new(start, end.max(start))
    }

    fn original_offset(&self, offset: usize) -> Range<usize> {
        let after = self.replaced.partition_point(|(_, inserted)| inserted.end <= offset);
        let moved = match after.checked_sub(1).map(|last| &self.replaced[last]) {
            Some((place, inserted)) => place.end + (offset - inserted.end),
            None => offset,
        };
        match self.replaced.get(after) {
            Some((place, inserted)) if inserted.start < offset => place.clone(),
            _ => moved..moved,
        }
    }
}

/// The tree of a text that has passed the gate, or the finding that roxmltree does not agree with it.
pub(crate) fn tree(text: &str) -> Result<roxmltree::Document<'_>, Diagnostic> {
    roxmltree::Document::parse(text).map_err(|_| {
        // Its message could quote any part of the document.
        let message = "the document was judged good and could not be read";
        Diagnostic::error(Code::ParserDisagreement, Span::at(0), message)
            .with_help("please report this with the document, without its passwords")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repair(start: usize, end: usize, text: &'static str) -> Repair {
        Repair { span: Span::new(start, end), text: text.into() }
    }

    #[test]
    fn places_lead_back_to_the_original() {
        let original = "A&B&&C<D>E";
        let repairs = [
            repair(2, 2, "amp;"),
            repair(4, 4, "amp;"),
            repair(5, 5, "amp;"),
            repair(6, 9, ""),
            repair(7, 8, "inside another one"),
        ];
        let repaired = Repaired::new(original, &repairs);
        assert_eq!(repaired.text(), "A&amp;B&amp;&amp;CE");
        for (offset, character) in repaired.text().char_indices() {
            if "ABCE".contains(character) {
                let there = repaired.original(offset..offset + 1);
                assert!(original[there.range()].starts_with(character), "{offset}: {there:?}");
            }
        }
        assert_eq!(repaired.original(0..repaired.text().len()).range(), 0..original.len());
    }

    #[test]
    fn a_lone_return_becomes_a_line_feed() {
        let repaired = Repaired::new("a\r\nb\rc\r", &[]);
        assert_eq!(repaired.for_tree(), "a\r\nb\nc\n");
        assert!(matches!(Repaired::new("a\r\n", &[]).for_tree(), Cow::Borrowed(_)));
    }
}

//! Line and column of an offset, computed only where something is shown.

use crate::Span;

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters (Unicode scalar values), from 1. A byte order mark is not counted.
    pub column: usize,
}

/// The starts of a text's lines.
///
/// A line ends with LF, CR LF or a CR alone, as in XML (XML 1.0 §2.11).
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`, which is shorter than 4 GiB, in one pass.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (offset, byte) in bytes.iter().enumerate() {
            let ends_line =
                *byte == b'\n' || (*byte == b'\r' && bytes.get(offset + 1) != Some(&b'\n'));
            if ends_line {
                starts.push(Span::at(offset + 1).start);
            }
        }
        Self { starts }
    }

    /// Where `offset` lies in `text`, the text that was indexed. An offset inside a character counts
    /// as that character, one beyond the end as the end.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = self.starts[line - 1] as usize;
        Position { line, column: text[start..offset].chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = "a\r\nb\rc\nd";
        let index = LineIndex::new(text);
        let lines: Vec<_> = (0..=text.len()).map(|at| index.position(text, at).line).collect();
        assert_eq!(lines, [1, 1, 1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn columns_are_characters() {
        let text = "é€😀x";
        let index = LineIndex::new(text);
        let x = text.find('x').expect("the text has an x");
        assert_eq!(index.position(text, x), Position { line: 1, column: 4 });
        assert_eq!(index.position(text, 1), Position { line: 1, column: 1 });
        assert_eq!(index.position(text, 999), Position { line: 1, column: 5 });
    }
}

//! What a mend changes, as a unified diff that shows no password.

use std::ops::Range;
use std::time::{Duration, Instant};

use clap::builder::styling::{AnsiColor, Style};
use provision::format::{Masked, Source, Span};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

use crate::excerpt::visible_text;

/// The differences between two texts of the document that is called `name`, with three lines around
/// each; empty if there are none.
///
/// Lines are compared as they are and shown as they may be: where only a secret differs, both look the
/// same.
pub(crate) fn unified(before: &Source, after: &Source, name: &str) -> String {
    let (old, new) = (Lines::new(before), Lines::new(after));
    let deadline = Instant::now() + PATIENCE;
    let operations =
        capture_diff_slices_deadline(Algorithm::Myers, &old.texts(), &new.texts(), Some(deadline));
    let mut out = String::new();
    for group in group_diff_ops(operations, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if out.is_empty() {
            out = format!("--- {name}\n+++ {name}\n");
        }
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        out += &format!("@@ -{} +{} @@\n", in_header(&old_range), in_header(&new_range));
        for operation in &group {
            show(operation, &old, &new, &mut out);
        }
    }
    out
}

/// The same with colours: what goes, what comes, and where.
pub(crate) fn coloured(differences: &str) -> String {
    let lines = differences.split_inclusive('\n').enumerate().map(|(index, line)| {
        let text = line.trim_end_matches(['\r', '\n']);
        let style = match text.bytes().next() {
            // The names of both.
            _ if index < 2 => Style::new().bold(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'+') => AnsiColor::Green.on_default(),
            _ => return line.to_owned(),
        };
        format!("{style}{text}{style:#}{}", &line[text.len()..])
    });
    lines.collect()
}

fn show(operation: &DiffOp, old: &Lines<'_>, new: &Lines<'_>, out: &mut String) {
    if operation.tag() == DiffTag::Equal {
        for index in operation.old_range() {
            old.show(' ', index, out);
        }
        return;
    }
    for index in operation.old_range() {
        old.show('-', index, out);
    }
    for index in operation.new_range() {
        new.show('+', index, out);
    }
}

/// Lines as the header of a hunk counts them: from 1, with their number unless it is 1.
fn in_header(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// The lines of a document.
struct Lines<'a> {
    text: &'a str,
    masked: Masked,
    /// Without their line breaks.
    ranges: Vec<Range<usize>>,
}

impl<'a> Lines<'a> {
    fn new(source: &'a Source) -> Self {
        let text = source.text();
        let mut ranges = Vec::new();
        let mut start = 0;
        for (at, found) in text.match_indices(['\r', '\n']) {
            if found == "\n" && at > 0 && text.as_bytes()[at - 1] == b'\r' {
                // The second half of CR LF.
                start = at + 1;
            } else {
                ranges.push(start..at);
                start = at + 1;
            }
        }
        if start < text.len() {
            ranges.push(start..text.len());
        }
        Self { text, masked: source.masked(), ranges }
    }

    /// Each with its line break.
    fn texts(&self) -> Vec<&'a str> {
        let texts = self.ranges.iter().map(|range| {
            let end = range.end + self.line_break(range).len();
            &self.text[range.start..end]
        });
        texts.collect()
    }

    fn line_break(&self, range: &Range<usize>) -> &'a str {
        let rest = &self.text[range.end..];
        let length = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
        &rest[..length]
    }

    fn show(&self, sign: char, index: usize, out: &mut String) {
        let range = &self.ranges[index];
        let shown = &self.masked.text()[self.masked.range(Span::new(range.start, range.end))];
        out.push(sign);
        for (index, piece) in shown.split('\t').enumerate() {
            if index > 0 {
                out.push('\t');
            }
            out.push_str(&visible_text(piece));
        }
        out.push_str(match self.line_break(range) {
            "" => "\n\\ No newline at end of file\n",
            // A carriage return alone would draw the next line over this one.
            "\r" => "\n",
            line_break => line_break,
        });
    }
}

/// Lines shown before and behind a difference.
const CONTEXT: usize = 3;

/// From then on the differences are true, but not the smallest.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        unified(&Source::from(before.to_owned()), &Source::from(after.to_owned()), "a.xml")
    }

    #[test]
    fn a_change_stands_between_three_lines() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace('5', "five\n5b");
        assert_eq!(
            diff(before, &after),
            "--- a.xml\n+++ a.xml\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+5b\n 6\n 7\n 8\n"
        );
        assert_eq!(diff(before, before), "");
    }

    #[test]
    fn line_ends_are_kept_or_named() {
        assert_eq!(
            diff("a\r\nb", "a\r\nc"),
            "--- a.xml\n+++ a.xml\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("a\rb\r", "a\rc\r"), "--- a.xml\n+++ a.xml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert_eq!(diff("", "a\n"), "--- a.xml\n+++ a.xml\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn a_secret_does_not_show_even_where_it_changes() {
        let text = "<a>\n<password>hunt\ner&2</password>\n</a>\n";
        let shown = diff(text, &text.replace('&', "&amp;"));
        assert!(!shown.contains("hunt") && !shown.contains("er&"), "{shown}");
        assert!(shown.contains("-[masked]</password>\n+[masked]</password>\n"), "{shown}");
    }

    #[test]
    fn what_goes_and_what_comes_has_a_colour() {
        let coloured = coloured(&diff("a\r\n--\r\n", "a\r\nb\r\n"));
        let expected = [
            "[1m--- a.xml[0m\n",
            "[1m+++ a.xml[0m\n",
            "[36m@@ -1,2 +1,2 @@[0m\n",
            " a\r\n",
            "[31m---[0m\r\n",
            "[32m+b[0m\r\n",
        ];
        assert_eq!(coloured, expected.concat().replace('[', "\u{1b}["));
    }

    #[test]
    fn controls_are_written_out_and_tabs_are_not() {
        let shown = diff("\ta\u{9b}\n", "\tb\u{202e}\n");
        assert!(shown.ends_with("-\ta\\u{9b}\n+\tb\\u{202e}\n"), "{shown}");
    }
}

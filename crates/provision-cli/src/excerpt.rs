//! The lines of a document that something is to be said about, as they may be shown: without
//! passwords, no wider than asked, and without anything that a terminal would take for a command.
//!
//! Nothing here costs more than the width, however long the document's lines are.

use std::ops::Range;

use provision::format::{Fix, LineIndex, Masked, Position, Source, Span, shown};
use unicode_width::UnicodeWidthChar;

/// A document, ready to show parts of it.
pub(crate) struct Page<'a> {
    text: &'a str,
    masked: Masked,
    lines: LineIndex,
}

/// Some lines that follow upon each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The number of the first one.
    pub(crate) first_line: usize,
    /// The lines, each with a line feed at its end.
    pub(crate) text: String,
    /// What is marked in them.
    pub(crate) marks: Vec<Mark>,
}

/// A place in an [`Excerpt`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which of the places that were asked for it is.
    pub(crate) place: usize,
    /// Where in the text of the excerpt it is.
    pub(crate) range: Range<usize>,
    /// The line in which it ends, if it is too long to be shown whole.
    pub(crate) goes_on_to: Option<usize>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { text: source.text(), masked: source.masked(), lines: source.line_index() }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Line and column in the document.
    pub(crate) fn position(&self, offset: u32) -> Position {
        self.lines.position(self.text, offset as usize)
    }

    /// Whether something of a place may not be shown.
    pub(crate) fn is_masked(&self, span: Span) -> bool {
        self.masked.text()[self.masked.range(span)] != self.text[span.range()]
    }

    /// The lines around some places, in their order, at most `width` columns wide.
    pub(crate) fn excerpts(&self, places: &[Span], width: usize) -> Vec<Excerpt> {
        match self.lines_around(places, width, Extent::Whole) {
            Some(lines) => self.joined(lines, width),
            None => {
                let lines = self.lines_around(places, width, Extent::FirstLine);
                self.joined(lines.unwrap_or_default(), width)
            }
        }
    }

    /// The lines that a fix changes, with the one mark where it does, and what it puts there. None if
    /// that cannot be shown exactly: because it is secret, or long.
    pub(crate) fn patch(&self, fix: &Fix, width: usize) -> Option<(Excerpt, String)> {
        let limit = reach(width);
        if self.is_masked(fix.span) || fix.replacement.len() > limit || fix.span.len() > limit {
            return None;
        }
        // The line is cut as it is, and becomes longer by this.
        let growth = fix.replacement.chars().count().saturating_sub(fix.span.len());
        let width = width.saturating_sub(growth).max(width / 2);
        let lines = self.lines_around(&[fix.span], width, Extent::Whole)?;
        // A line that goes on beyond what is looked at goes on behind the fix.
        let line_end = lines.last()?.end.unwrap_or(self.text.len());
        let is_cut = lines.iter().any(|line| line.is_cut);
        let mut excerpts = self.joined(lines, width);
        let mut excerpt = excerpts.pop().filter(|_| excerpts.is_empty())?;
        let [mark] = excerpt.marks.as_mut_slice() else { return None };
        // None within CR LF, which is no place for a fix.
        let start = fix.span.start as usize;
        let replaced = self.text.get(start..line_end.min(fix.span.end as usize))?;
        if is_cut && excerpt.text[mark.range.clone()] != visible_text(replaced) {
            return None;
        }
        if line_end < fix.span.end as usize {
            // The line break goes as well.
            if excerpt.text.as_bytes().get(mark.range.end) != Some(&b'\n') {
                return None;
            }
            mark.range.end += 1;
        }
        let lines =
            fix.replacement.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
                Some(line) => visible_text(line.strip_suffix('\r').unwrap_or(line)) + "\n",
                None => visible_text(line),
            });
        Some((excerpt, lines.collect()))
    }

    /// The lines with a part of a place in them. None if they cannot be shown to the `extent`.
    fn lines_around(&self, places: &[Span], width: usize, extent: Extent) -> Option<Vec<Line>> {
        let mut parts = Vec::new();
        for (place, span) in places.iter().enumerate() {
            parts.extend(self.parts(place, *span, width, extent)?);
        }
        parts.sort_by_key(|part| (part.line, part.range.start));
        let mut lines = Vec::new();
        for parts in parts.chunk_by(|one, other| one.line == other.line) {
            let line = self.line(parts, width);
            if !line.is_cut {
                lines.push(line);
            } else if parts.iter().any(|part| part.is_one_of_many) {
                return None;
            } else {
                lines.extend(near_each_other(parts, width).map(|near| self.line(near, width)));
            }
        }
        Some(lines)
    }

    /// The parts of a place by lines.
    fn parts(&self, place: usize, span: Span, width: usize, extent: Extent) -> Option<Vec<Part>> {
        let Range { start, end } = span.range();
        let first = self.position(span.start).line;
        // A line break at the end of a place belongs to the line before it.
        let last = self.position(if span.is_empty() { span.start } else { span.end - 1 }).line;
        let part = |line, range, goes_on_to| Part {
            place,
            line,
            range,
            goes_on_to,
            is_one_of_many: first != last && extent == Extent::Whole,
        };
        if extent == Extent::Whole && last - first >= MOST_LINES {
            return None;
        }
        if first == last || extent == Extent::FirstLine {
            let shown_end = match self.line_end(start, reach(width)) {
                Some(line_end) => line_end.clamp(start, end),
                None => self.floor(end.min(start + reach(width))),
            };
            let goes_on_to = (first != last).then_some(last);
            return Some(vec![part(first, start..shown_end, goes_on_to)]);
        }
        let mut parts = Vec::new();
        let mut at = start;
        for line in first..=last {
            let line_end = self.line_end(at, reach(width))?;
            parts.push(part(line, at..line_end.clamp(at, end), None));
            at = self.behind_line_break(line_end);
        }
        Some(parts)
    }

    /// One line, or the window of it that has the parts.
    fn line(&self, parts: &[Part], width: usize) -> Line {
        let first = parts.iter().map(|part| part.range.start).min().unwrap_or(0);
        let last = parts.iter().map(|part| part.range.end).max().unwrap_or(0);
        let start = self.line_start(first, reach(width));
        let end = self.line_end(last, reach(width));
        let window_start = start.unwrap_or_else(|| self.floor(first - reach(width)));
        let window_end = end.unwrap_or_else(|| self.floor(last + reach(width)));
        let window = self.masked.range(Span::new(window_start, window_end));
        let within = |range: Range<usize>| {
            let range = self.masked.range(Span::new(range.start, range.end));
            let clamped = |offset: usize| offset.clamp(window.start, window.end) - window.start;
            clamped(range.start)..clamped(range.end)
        };
        let strip = Strip {
            is_cut_before: start.is_none(),
            is_cut_behind: end.is_none(),
            ..Strip::new(&self.masked.text()[window.clone()])
        };
        let view = strip.view(within(first..last), width);
        Line {
            number: parts.first().map_or(1, |part| part.line),
            marks: parts
                .iter()
                .map(|part| {
                    let range = within(part.range.clone());
                    let range = view.place(range.start)..view.place(range.end);
                    Mark { place: part.place, range, goes_on_to: part.goes_on_to }
                })
                .collect(),
            is_cut: view.is_cut,
            end,
            text: view.text,
        }
    }

    /// Lines that follow upon each other, put together; a single one between two of them is shown too.
    fn joined(&self, lines: Vec<Line>, width: usize) -> Vec<Excerpt> {
        let mut excerpts: Vec<Excerpt> = Vec::new();
        let mut before: Option<(usize, Option<usize>)> = None;
        for line in lines {
            let number = line.number;
            let end = line.end;
            match (before, excerpts.last_mut()) {
                (Some((last, _)), Some(excerpt)) if last + 1 == number => excerpt.add(line),
                (Some((last, Some(last_end))), Some(excerpt)) if last + 2 == number => {
                    let at = self.behind_line_break(last_end);
                    excerpt.text += &self.line(&[Part::at(at)], width).text;
                    excerpt.text.push('\n');
                    excerpt.add(line);
                }
                _ => {
                    let mut excerpt =
                        Excerpt { first_line: number, text: String::new(), marks: Vec::new() };
                    excerpt.add(line);
                    excerpts.push(excerpt);
                }
            }
            before = Some((number, end));
        }
        excerpts
    }

    /// Where the line begins that `offset` is in, if that is not too far away.
    fn line_start(&self, offset: usize, limit: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let earliest = offset.saturating_sub(limit);
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        match (earliest..offset).rev().find(|at| is_end(*at)) {
            Some(at) => Some(at + 1),
            None => (earliest == 0).then_some(0),
        }
    }

    /// Where the line ends that `offset` is in, before its line break, if that is not too far away.
    fn line_end(&self, offset: usize, limit: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[offset..];
        match rest.iter().take(limit).position(|byte| matches!(byte, b'\n' | b'\r')) {
            // In the middle of CR LF.
            Some(0) if rest[0] == b'\n' && self.text[..offset].ends_with('\r') => Some(offset - 1),
            Some(at) => Some(offset + at),
            None => (rest.len() <= limit).then_some(self.text.len()),
        }
    }

    fn behind_line_break(&self, line_end: usize) -> usize {
        let rest = &self.text[line_end..];
        line_end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
    }

    /// The nearest offset before `offset` where a character begins.
    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

impl Excerpt {
    fn add(&mut self, line: Line) {
        let start = self.text.len();
        for mark in line.marks {
            let range = start + mark.range.start..start + mark.range.end;
            match self.marks.iter_mut().find(|known| known.place == mark.place) {
                Some(known) => known.range.end = range.end,
                None => self.marks.push(Mark { range, ..mark }),
            }
        }
        self.text += &line.text;
        self.text.push('\n');
    }
}

/// How much of a place is shown that goes over several lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    FirstLine,
}

/// What of a place lies in one line.
struct Part {
    place: usize,
    line: usize,
    range: Range<usize>,
    goes_on_to: Option<usize>,
    is_one_of_many: bool,
}

impl Part {
    fn at(offset: usize) -> Self {
        Self { place: 0, line: 0, range: offset..offset, goes_on_to: None, is_one_of_many: false }
    }
}

/// A line as it is shown.
struct Line {
    number: usize,
    text: String,
    marks: Vec<Mark>,
    is_cut: bool,
    /// Where it ends in the document, if that is near.
    end: Option<usize>,
}

/// A piece of a line, every character made visible.
struct Strip {
    text: String,
    /// The characters: each with its offset in the piece, in `text`, and its column; and the end.
    characters: Vec<Character>,
    /// Whether the line goes on before and behind the piece.
    is_cut_before: bool,
    is_cut_behind: bool,
}

#[derive(Clone, Copy)]
struct Character {
    from: usize,
    to: usize,
    column: usize,
}

impl Strip {
    fn new(line: &str) -> Self {
        let mut text = String::with_capacity(line.len());
        let mut characters = Vec::with_capacity(line.len() + 1);
        let mut column = 0;
        for (from, character) in line.char_indices() {
            let to = text.len();
            characters.push(Character { from, to, column });
            push_visible(character, &mut text);
            column += text[to..].chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        }
        characters.push(Character { from: line.len(), to: text.len(), column });
        Self { text, characters, is_cut_before: false, is_cut_behind: false }
    }

    /// The index of the character at an offset of the piece.
    fn index(&self, offset: usize) -> usize {
        let index = self.characters.partition_point(|character| character.from < offset);
        index.min(self.characters.len() - 1)
    }

    /// The first character that begins at `column` or behind it.
    fn at_column(&self, column: usize) -> usize {
        let index = self.characters.partition_point(|character| character.column < column);
        index.min(self.characters.len() - 1)
    }

    /// The window of `width` columns around `place`; there can be more before and behind the piece.
    fn view(self, place: Range<usize>, width: usize) -> View {
        let end = self.characters.len() - 1;
        let total = self.characters[end].column;
        let mut first = 0;
        if self.is_cut_before || total > width {
            let column = |offset: usize| self.characters[self.index(offset)].column;
            let (start, stop) = (column(place.start), column(place.end));
            let room = width.saturating_sub(2 * ELLIPSIS.len());
            // Of a place that is too long itself, the beginning.
            let length = (stop - start).min(room * 2 / 3);
            if self.is_cut_before || start + length > room {
                // A third of the window before the place, more if the line ends soon behind it.
                let before = (room - length).min(room / 3);
                let wanted = start.saturating_sub(before);
                let latest = if self.is_cut_behind { wanted } else { total.saturating_sub(room) };
                first = self.at_column(wanted.min(latest));
            }
        }
        let before = if self.is_cut_before || first > 0 { ELLIPSIS } else { "" };
        let room = width.saturating_sub(before.len());
        let rest = total - self.characters[first].column;
        let last = match self.is_cut_behind || rest > room {
            true => {
                let until = self.characters[first].column + room.saturating_sub(ELLIPSIS.len());
                self.characters.partition_point(|character| character.column <= until) - 1
            }
            false => end,
        };
        let behind = if self.is_cut_behind || last < end { ELLIPSIS } else { "" };
        let part = &self.text[self.characters[first].to..self.characters[last].to];
        View {
            text: format!("{before}{part}{behind}"),
            first,
            last,
            before: before.len(),
            is_cut: !before.is_empty() || !behind.is_empty(),
            strip: self,
        }
    }
}

/// A window of a [`Strip`].
struct View {
    text: String,
    strip: Strip,
    first: usize,
    last: usize,
    /// The length of what stands before the first character.
    before: usize,
    is_cut: bool,
}

impl View {
    /// Where in the window an offset of the piece is.
    fn place(&self, offset: usize) -> usize {
        let index = self.strip.index(offset).clamp(self.first, self.last);
        let characters = &self.strip.characters;
        self.before + characters[index].to - characters[self.first].to
    }
}

/// The parts of one line in runs that fit into a window each.
fn near_each_other(parts: &[Part], width: usize) -> impl Iterator<Item = &[Part]> {
    let mut first = parts.first().map_or(0, |part| part.range.start);
    parts.chunk_by(move |_, next| {
        let fits = next.range.end <= first + width / 2;
        if !fits {
            first = next.range.start;
        }
        fits
    })
}

/// A text on one line in which every character is visible.
pub(crate) fn visible_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push_visible(character, &mut out);
    }
    out
}

/// Controls, and other characters that nobody sees, are written out; a tab is four spaces.
fn push_visible(character: char, out: &mut String) {
    match character {
        '\t' => out.push_str("    "),
        ' '..='~' => out.push(character),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            out.extend(character.escape_unicode());
        }
        other => {
            let start = out.len();
            out.push(other);
            // Spec 7.1 says what must not be shown as it is.
            if shown(&out[start..]) != out[start..] {
                out.truncate(start);
                out.extend(other.escape_unicode());
            }
        }
    }
}

/// How many bytes are looked at on both sides of a place: enough to fill a line.
fn reach(width: usize) -> usize {
    4 * width
}

/// Stands where a line goes on.
const ELLIPSIS: &str = "...";

/// A place that goes over more lines than these is shown by its first one.
const MOST_LINES: usize = 8;

#[cfg(test)]
mod tests;

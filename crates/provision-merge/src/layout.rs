//! Line ends and indentation of a configuration (spec 4.7).

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};
use provision_format::{Config, Span};

/// The indentation of a section where the configuration shows none.
pub(crate) const INDENTATION: &str = "  ";

/// The configuration's line end: the first one that stays when what is at the places that are `going` is gone, else the
/// first one anywhere, else LF. What goes must not decide: the next merge would find it gone and decide in another way.
pub(crate) fn line_end(config: &Config, going: impl IntoIterator<Item = Span>) -> &'static str {
    let text = config.text();
    let mut from = 0;
    for place in going {
        let place = place.range();
        if let Some(found) = first_line_end(text, from..place.start) {
            return found;
        }
        from = place.end;
    }
    first_line_end(text, from..text.len())
        .or_else(|| first_line_end(text, 0..text.len()))
        .unwrap_or("\n")
}

/// The first line end that begins in `range`; its LF may lie behind.
fn first_line_end(text: &str, range: Range<usize>) -> Option<&'static str> {
    let at = range.start + memchr2(b'\r', b'\n', text[range].as_bytes())?;
    Some(match &text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => "\r\n",
        [b'\r', ..] => "\r",
        _ => "\n",
    })
}

/// `text` with every line end turned into `line_end`; the text itself, if they are of that kind.
pub(crate) fn with_line_ends<'t>(text: &'t str, line_end: &str) -> Cow<'t, str> {
    if has_line_ends(text.as_bytes(), line_end) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr2(b'\r', b'\n', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(line_end);
        let ended = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[at + ended..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether every line end is `line_end`.
fn has_line_ends(text: &[u8], line_end: &str) -> bool {
    match line_end {
        "\n" => memchr(b'\r', text).is_none(),
        "\r" => memchr(b'\n', text).is_none(),
        _ => has_only_crlf(text),
    }
}

/// Whether an LF stands behind every CR, and nowhere else.
fn has_only_crlf(text: &[u8]) -> bool {
    let has_feed = |at: usize| text.get(at + 1) == Some(&b'\n');
    let pairs = memchr_iter(b'\r', text).try_fold(0, |count, at| has_feed(at).then_some(count + 1));
    pairs == Some(memchr_iter(b'\n', text).count())
}

/// What stands between the line break before the first section and its start tag.
pub(crate) fn indentation(config: &Config) -> &str {
    let first = config.sections().next();
    first.and_then(|section| own_indentation(config.text(), section.span())).unwrap_or(INDENTATION)
}

/// An element with the line break before it and the blanks between, if nothing else stands there.
pub(crate) fn with_line_break(text: &str, place: Span) -> Span {
    let element = place.range();
    let blanks = own_indentation(text, place).map_or(0, str::len);
    let before = &text[..element.start - blanks];
    let line_break = match before.as_bytes() {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => return place,
    };
    Span::new(before.len() - line_break, element.end)
}

/// The spaces and tabs before an element that begins its line.
pub(crate) fn own_indentation(text: &str, place: Span) -> Option<&str> {
    let before = &text[..place.range().start];
    let line = before.trim_end_matches([' ', '\t']);
    line.ends_with(['\r', '\n']).then(|| &before[line.len()..])
}

/// Where something is appended to what stands at `content`: behind everything that is not white space.
pub(crate) fn end_of_content(text: &str, content: Span) -> usize {
    let content = content.range();
    let filled = text[content.clone()].trim_end_matches([' ', '\t', '\r', '\n']);
    content.start + filled.len()
}

#[cfg(test)]
mod tests {
    use provision_format::Section;

    use super::*;

    #[test]
    fn line_ends_are_turned_into_the_other_kind() {
        for line_end in ["\n", "\r\n", "\r"] {
            let expected = format!("a{line_end}b{line_end}{line_end}c{line_end}");
            assert_eq!(with_line_ends("a\r\nb\n\rc\r", line_end), expected);
            assert!(matches!(with_line_ends(&expected, line_end), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn the_line_end_is_the_first_one_that_stays() {
        for (text, expected) in [
            ("<options>\r\n<a/>\n</options>", "\r\n"),
            ("<options>\r<a/>\n</options>", "\r"),
            ("<options><a>\r</a>\n</options>", "\n"),
            ("<options><a>\r</a></options>", "\r"),
            ("<options><a/>\r<a/>\n</options>", "\n"),
            ("<options/>", "\n"),
        ] {
            let config = Config::read(text.as_bytes()).expect("valid").value;
            let mut places = config.sections().map(Section::span);
            let first = places.next();
            let others = places.map(|place| with_line_break(text, place));
            let going = first.into_iter().chain(others);
            assert_eq!(line_end(&config, going), expected, "{text:?}");
        }
    }
}

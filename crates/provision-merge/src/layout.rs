//! Line ends and indentation of a configuration (spec 4.7).

use std::collections::HashSet;
use std::ops::Range;

use provision_format::{Config, Section, Span};

/// The indentation of a section where the configuration shows none.
const INDENTATION: &str = "  ";

/// The configuration's line end: the first one that stays when the sections that `are_replaced` are,
/// else the first one anywhere, else LF. What goes must not decide: the next merge would find it gone
/// and decide in another way.
pub(crate) fn line_end(config: &Config, are_replaced: impl Fn(&str) -> bool) -> &'static str {
    let text = config.text();
    let mut from = 0;
    let mut seen = HashSet::new();
    for section in config.sections().filter(|section| are_replaced(section.name())) {
        // Of a section that stands twice, the second goes with its line break (spec 4.8).
        let is_first = seen.insert(section.name());
        let place = if is_first { section.span() } else { with_line_break(text, section) }.range();
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
    let at = range.start + text[range].find(['\r', '\n'])?;
    Some(match &text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => "\r\n",
        [b'\r', ..] => "\r",
        _ => "\n",
    })
}

/// `text` with every line end turned into `line_end`.
pub(crate) fn with_line_ends(text: &str, line_end: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        out.push_str(&rest[..at]);
        out.push_str(line_end);
        let ended = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[at + ended..];
    }
    out.push_str(rest);
    out
}

/// What stands between the line break before the first section and its start tag.
pub(crate) fn indentation(config: &Config) -> &str {
    let first = config.sections().next();
    first.and_then(|section| own_indentation(config.text(), section)).unwrap_or(INDENTATION)
}

/// The section with the line break before it and the blanks between, if nothing else stands there.
pub(crate) fn with_line_break(text: &str, section: Section<'_>) -> Span {
    let element = section.span().range();
    let blanks = own_indentation(text, section).map_or(0, str::len);
    let before = &text[..element.start - blanks];
    let line_break = match before.as_bytes() {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => return section.span(),
    };
    Span::new(before.len() - line_break, element.end)
}

/// The spaces and tabs before a section that begins its line.
fn own_indentation<'a>(text: &'a str, section: Section<'_>) -> Option<&'a str> {
    let before = &text[..section.span().range().start];
    let line = before.trim_end_matches([' ', '\t']);
    line.ends_with(['\r', '\n']).then(|| &before[line.len()..])
}

/// Where a section is appended: behind everything in the root that is not white space.
pub(crate) fn end_of_content(config: &Config) -> usize {
    let content = config.content_span().range();
    let filled = config.text()[content.clone()].trim_end_matches([' ', '\t', '\r', '\n']);
    content.start + filled.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_turned_into_the_other_kind() {
        for line_end in ["\n", "\r\n", "\r"] {
            let expected = format!("a{line_end}b{line_end}{line_end}c{line_end}");
            assert_eq!(with_line_ends("a\r\nb\n\rc\r", line_end), expected);
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
            assert_eq!(line_end(&config, |name| name == "a"), expected, "{text:?}");
        }
    }
}

//! Line ends and indentation of a configuration (spec 4.7).

use provision_format::{Config, Section, Span};

/// The indentation of a section where the configuration shows none.
const INDENTATION: &str = "  ";

/// The first line end in `text`; LF if it has none.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find(['\r', '\n']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
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
        assert_eq!(line_end("a\r\nb\n"), "\r\n");
        assert_eq!(line_end("a\rb\n"), "\r");
        assert_eq!(line_end("a"), "\n");
    }
}

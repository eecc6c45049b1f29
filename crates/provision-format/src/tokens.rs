//! Markup that has passed the gate, piece by piece. Nothing is checked again.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::Span;

/// One piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `<name …>` or `<name …/>`
    Start { name: Span, self_closing: bool },
    /// `</name>`
    End,
    /// Character data with references.
    Text,
    /// `<![CDATA[…]]>`; the span lies between the brackets.
    Cdata(Span),
    /// `<!--…-->`
    Comment,
    /// The XML declaration, or what is refused and was left out of account.
    Other,
}

/// The tokens of a piece of a text, each with the place of the whole of it.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Tokens<'a> {
    /// The tokens of `text` inside `place`, which begins and ends between two tokens.
    pub(crate) fn new(text: &'a str, place: Span) -> Self {
        Self { text, at: place.start as usize, end: place.end as usize }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..self.end]
    }

    /// The token that begins here, and its length.
    fn token(&self) -> (Token, usize) {
        let rest = self.rest();
        if rest[0] != b'<' {
            return (Token::Text, memchr(b'<', rest).unwrap_or(rest.len()));
        }
        let until = |mark: &str, from: usize| {
            let behind = &rest[from.min(rest.len())..];
            let found = match mark.as_bytes() {
                // What looks for more than one byte has to be made ready first, and tags are short.
                [byte] => memchr(*byte, behind),
                mark => memmem::find(behind, mark),
            };
            found.map_or(rest.len(), |length| from + length + mark.len())
        };
        match rest.get(1) {
            Some(b'/') => (Token::End, until(">", 2)),
            Some(b'!') if rest.starts_with(b"<!--") => (Token::Comment, until("-->", 4)),
            Some(b'!') if rest.starts_with(b"<![CDATA[") => {
                // One without an end is what a repair has cut off.
                let found = memmem::find(&rest[9..], b"]]>").map(|length| 9 + length);
                let (end, length) = found.map_or((rest.len(), rest.len()), |end| (end, end + 3));
                (Token::Cdata(Span::new(self.at + 9, self.at + end)), length)
            }
            Some(b'?') => (Token::Other, until("?>", 2)),
            Some(b'!') => (Token::Other, until(">", 2)),
            _ => {
                let length = tag_length(rest);
                let name = Span::new(self.at + 1, self.at + 1 + name_length(&rest[1..]));
                let self_closing = rest[..length].ends_with(b"/>");
                (Token::Start { name, self_closing }, length)
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Span);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let (token, length) = self.token();
        let place = Span::new(self.at, self.at + length);
        self.at += length;
        Some((token, place))
    }
}

/// The length of a name at the beginning of `markup`.
pub(crate) fn name_length(markup: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>' | b'<' | b'=');
    markup.iter().position(ends).unwrap_or(markup.len())
}

/// The length of the tag at the beginning of `markup`: a `>` in a quoted value does not end it.
pub(crate) fn tag_length(markup: &[u8]) -> usize {
    let mut at = 0;
    while at < markup.len() {
        match markup[at] {
            b'>' => return at + 1,
            quote @ (b'"' | b'\'') => {
                at += 1;
                at += memchr(quote, &markup[at..]).unwrap_or(markup.len() - at);
            }
            _ => {}
        }
        at += 1;
    }
    markup.len()
}

/// What `raw` character data reads as: references stand for their characters, line ends are LF (XML
/// 1.0 §2.11); a bare `&` stands for itself (spec 1.5).
pub(crate) fn decoded(raw: &str) -> Cow<'_, str> {
    if memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    push_decoded(&mut out, raw, usize::MAX);
    Cow::Owned(out)
}

/// What the `raw` value of an attribute reads as: like [`decoded`], and white space that stands there
/// as such is a space (XML 1.0 §3.3.3).
pub(crate) fn decoded_value(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['&', '\r', '\n', '\t']) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let spaced = raw.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
    push_decoded(&mut out, &spaced, usize::MAX);
    Cow::Owned(out)
}

/// Adds what character data reads as, until `out` has about `limit` bytes.
pub(crate) fn push_decoded(out: &mut String, raw: &str, limit: usize) {
    let mut rest = raw;
    while !rest.is_empty() && out.len() < limit {
        let plain = memchr2(b'&', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        push_plain(out, &rest[..plain], limit);
        rest = &rest[plain..];
        if let Some(behind) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = behind.strip_prefix('\n').unwrap_or(behind);
        } else if let Some(reference) = rest.strip_prefix('&') {
            let end = reference.find(|c: char| c != '#' && !c.is_ascii_alphanumeric());
            let known = end.and_then(|end| {
                let behind = reference[end..].strip_prefix(';')?;
                Some((referenced(&reference[..end])?, behind))
            });
            let (character, behind) = known.unwrap_or(('&', reference));
            out.push(character);
            rest = behind;
        }
    }
}

/// Adds CDATA, in which only line ends read as something else.
pub(crate) fn push_cdata(out: &mut String, raw: &str, limit: usize) {
    let mut rest = raw;
    while !rest.is_empty() && out.len() < limit {
        let plain = memchr(b'\r', rest.as_bytes()).unwrap_or(rest.len());
        push_plain(out, &rest[..plain], limit);
        rest = &rest[plain..];
        if let Some(behind) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = behind.strip_prefix('\n').unwrap_or(behind);
        }
    }
}

fn push_plain(out: &mut String, plain: &str, limit: usize) {
    let mut end = plain.len().min(limit.saturating_sub(out.len()));
    while !plain.is_char_boundary(end) {
        end += 1;
    }
    out.push_str(&plain[..end]);
}

/// What a reference stands for, by what is between `&` and `;`.
fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_markup_is_a_token() {
        let text = "a<b x='>'>&lt;</b><!-- <c> --><![CDATA[<d>]]><e/>f";
        let pieces: Vec<_> = Tokens::new(text, Span::new(0, text.len()))
            .map(|(token, place)| (token, &text[place.range()]))
            .collect();
        let start = |at, end, self_closing| Token::Start { name: Span::new(at, end), self_closing };
        assert_eq!(
            pieces,
            [
                (Token::Text, "a"),
                (start(2, 3, false), "<b x='>'>"),
                (Token::Text, "&lt;"),
                (Token::End, "</b>"),
                (Token::Comment, "<!-- <c> -->"),
                (Token::Cdata(Span::new(39, 42)), "<![CDATA[<d>]]>"),
                (start(46, 47, true), "<e/>"),
                (Token::Text, "f"),
            ]
        );
    }

    #[test]
    fn references_and_line_ends_read_as_what_they_stand_for() {
        assert_eq!(decoded("a\r\nb\rc&lt;&#x41;&#66;&amp;amp; & d &x;"), "a\nb\nc<AB&amp; & d &x;");
        assert_eq!(decoded("&#13;&#xD;\n"), "\r\r\n");
        assert_eq!(decoded_value("a\r\n\tb&#10;c\r"), "a  b\nc ");
        assert!(matches!(decoded("plain é"), Cow::Borrowed(_)));
    }

    #[test]
    fn no_more_is_decoded_than_wanted() {
        let mut out = String::new();
        push_decoded(&mut out, &"é".repeat(1_000_000), 9);
        assert_eq!(out, "é".repeat(5));
    }
}

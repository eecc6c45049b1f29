//! Start tags and their attributes.

use std::cell::Cell;
use std::cmp::Ordering;

use memchr::{memchr, memchr2};

use crate::diagnostic::Diagnostic;
use crate::outline::Attribute;
use crate::{Code, Span};

use super::character::{self, NAME, VALUE};
use super::{ATTRIBUTE_LIMIT, DEPTH_LIMIT, NAME_LIMIT, Open, Scanner, Step, TOKEN_LIMIT};

/// How a start tag ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TagEnd {
    /// `>`
    Open,
    /// `/>`
    SelfClosing,
}

impl Scanner<'_> {
    #[inline]
    pub(super) fn start_tag(&mut self) -> Step {
        let start = self.at;
        self.at += 1;
        let Some((name, prefix)) = self.name()? else {
            return self.no_tag(start);
        };
        if self.open.len() == DEPTH_LIMIT {
            return self.too_deep(name);
        }
        let open = Open {
            name,
            start: start as u32,
            content: u32::MAX,
            prefix,
            empty: true,
            leaf: true,
            holds: Cell::new(None),
        };
        self.opened(open);
        let end = if self.bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
            TagEnd::Open
        } else {
            self.attributes()?
        };
        if let Some(open) = self.open.last_mut() {
            open.content = self.at as u32;
        }
        match end {
            TagEnd::Open => Ok(()),
            TagEnd::SelfClosing => self.closed(self.at),
        }
    }

    #[cold]
    fn too_deep(&mut self, name: Span) -> Step {
        let message = format!("elements are nested more than {DEPTH_LIMIT} deep");
        self.stop(Diagnostic::error(Code::TooComplex, name, message))
    }

    /// `<` begins no tag: it is a character of the text.
    #[cold]
    fn no_tag(&mut self, start: usize) -> Step {
        let place = self.span(start, start + 1);
        let message = "an element's name must follow `<`";
        let mut finding = Diagnostic::error(Code::BadMarkup, place, message);
        if !self.open.is_empty() {
            self.mark_filled();
            finding =
                finding.with_help("write `&lt;` if a `<` itself is meant").with_fix(place, "&lt;");
        }
        self.fault(finding, place, "&lt;")
    }

    /// What stands in a start tag behind the name, up to its end. Most tags have nothing there, and are not to pay for
    /// the room that this needs.
    #[inline(never)]
    fn attributes(&mut self) -> Step<TagEnd> {
        self.attributes.clear();
        let end = loop {
            let before = self.at;
            self.skip_space();
            match self.bytes.get(self.at) {
                None => {
                    let place = self.here();
                    let message = "the document ends inside a tag";
                    let mut finding = Diagnostic::error(Code::Unclosed, place, message);
                    if let Some(open) = self.open.last() {
                        finding = finding.with_label(open.name, "this tag");
                    }
                    return self.stop(finding.with_help("the document was cut short"));
                }
                Some(b'>') => {
                    self.at += 1;
                    break TagEnd::Open;
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    break TagEnd::SelfClosing;
                }
                Some(b'<') => {
                    let name = self.open.last().map_or(Span::at(before), |open| open.name);
                    let message = "this tag has no end";
                    let finding = Diagnostic::error(Code::BadMarkup, name, message)
                        .with_label(self.here(), "the next one begins here")
                        .with_help("write `>` at its end");
                    self.fault(finding, self.span(before, self.at), ">")?;
                    break TagEnd::Open;
                }
                Some(_) => {}
            }
            if self.at == before && character::is_name_start(self.current()) {
                let place = self.span(self.at, self.at);
                let message = "white space must stand before an attribute";
                self.fault(Diagnostic::error(Code::BadMarkup, self.here(), message), place, " ")?;
            }
            if self.attributes.len() == ATTRIBUTE_LIMIT {
                let message = format!("an element has more than {ATTRIBUTE_LIMIT} attributes");
                return self.stop(Diagnostic::error(Code::TooComplex, self.here(), message));
            }
            match self.attribute()? {
                Found::Attribute(attribute) => {
                    let key = self.beginning_of(attribute.name);
                    self.attributes.push((key, attribute));
                }
                Found::Nothing => {}
                Found::End(end) => break end,
            }
        };
        self.keep_attributes()?;
        Ok(end)
    }

    /// `name="value"`
    fn attribute(&mut self) -> Step<Found> {
        let start = self.at;
        let Some((name, prefix)) = self.name()? else {
            self.skip_junk();
            let message = "an attribute or the end of the tag is expected here";
            let junk = self.span(start, self.at);
            return self.no_attribute(Diagnostic::error(Code::BadMarkup, junk, message), start);
        };
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'=') {
            self.at = name.end as usize;
            let message = "an attribute needs `=` and a value in quotes";
            return self.no_attribute(Diagnostic::error(Code::BadMarkup, name, message), start);
        }
        self.at += 1;
        self.skip_space();
        let Some(&quote @ (b'"' | b'\'')) = self.bytes.get(self.at) else {
            let value = self.at;
            self.skip_junk();
            let message = "an attribute's value must stand in quotes";
            let place = self.span(value, self.at);
            return self.no_attribute(Diagnostic::error(Code::BadMarkup, place, message), start);
        };
        let value = self.at + 1;
        self.at += 1;
        self.attribute = Some(name);
        let ended = self.attribute_value(start, value, quote);
        self.attribute = None;
        if let Some(end) = ended? {
            return Ok(Found::End(end));
        }
        if prefix > 0 || &self.text[name.range()] == "xmlns" {
            let whole = self.span(start, self.at);
            // A name with a prefix was reported when it was read.
            if prefix == 0 {
                let message = "namespaces are not supported: `xmlns`";
                let finding = Diagnostic::error(Code::Namespace, name, message);
                self.findings.add(finding.with_help("remove the attribute"));
            }
            self.repair(whole, "")?;
        }
        Ok(Found::Attribute(Attribute { name, value: self.span(value, self.at - 1) }))
    }

    /// What was read since `start` is no attribute and is left out.
    fn no_attribute(&mut self, finding: Diagnostic, start: usize) -> Step<Found> {
        self.fault(finding, self.span(start, self.at), "")?;
        Ok(Found::Nothing)
    }

    /// Goes on to where the next attribute or the end of the tag may be.
    fn skip_junk(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            let ends_tag = byte == b'/' && self.bytes.get(self.at + 1) == Some(&b'>');
            if character::is_space(byte) || matches!(byte, b'<' | b'>') || ends_tag {
                break;
            }
            self.at += 1;
        }
    }

    /// The value at `value` of the attribute at `name`, and the quote that ends it. If that is missing,
    /// how the tag ends without it.
    fn attribute_value(&mut self, name: usize, value: usize, quote: u8) -> Step<Option<TagEnd>> {
        let mut closes_before_tag_end = false;
        loop {
            self.skip_class(VALUE);
            match self.bytes.get(self.at) {
                None => {
                    let message = "the document ends inside an attribute's value";
                    let finding = Diagnostic::error(Code::Unclosed, self.here(), message)
                        .with_label(self.span(value - 1, value), "the value begins here");
                    return self.stop(finding.with_help("a closing quote is missing"));
                }
                Some(&byte) if byte == quote => break,
                Some(b'"' | b'\'') => self.at += 1,
                Some(b'<') => {
                    let place = self.here();
                    if closes_before_tag_end {
                        self.repair(place, "&lt;")?;
                    } else if self.quote_comes_first(quote) {
                        closes_before_tag_end = true;
                        let message = "`<` must not stand in an attribute's value";
                        let finding = Diagnostic::error(Code::BadMarkup, place, message)
                            .with_label(self.span(value - 1, value), "the value begins here")
                            .with_help("write `&lt;`")
                            .with_fix(place, "&lt;");
                        self.fault(finding, place, "&lt;")?;
                    } else {
                        return self.unended_value(name, value).map(Some);
                    }
                    self.at += 1;
                }
                Some(b'&') => self.reference()?,
                Some(_) => self.character()?,
            }
        }
        if self.at - value > TOKEN_LIMIT {
            return self.too_long(value);
        }
        self.at += 1;
        Ok(None)
    }

    fn quote_comes_first(&self, quote: u8) -> bool {
        let rest = &self.bytes[self.at..];
        memchr2(quote, b'>', rest).is_some_and(|at| rest[at] == quote)
    }

    /// The value at `value` has no closing quote before the next tag begins, which is here. The tag
    /// ends at its first `>`, or else here.
    fn unended_value(&mut self, name: usize, value: usize) -> Step<TagEnd> {
        let next = self.here();
        let ended = memchr(b'>', &self.bytes[value..self.at]).map(|at| value + at);
        let end = match ended {
            Some(end) if self.bytes[end - 1] == b'/' => TagEnd::SelfClosing,
            _ => TagEnd::Open,
        };
        self.at = ended.map_or(self.at, |end| end + 1);
        let place = self.span(value - 1, value);
        let finding = Diagnostic::error(Code::BadMarkup, place, "this value has no closing quote")
            .with_label(next, "the next tag begins here")
            .with_help("write the quote at its end");
        if self.attribute.is_some_and(|name| self.may_hold_secret(name)) {
            // What seems to be markup may be a piece of the value.
            return self.stop(finding);
        }
        let tag = self.span(name, self.at);
        // What was repaired behind the tag's end will be met again as text.
        self.repairs.retain(|repair| repair.span.start < tag.start);
        self.findings.forget_from(tag.end);
        self.fault(finding, tag, if end == TagEnd::SelfClosing { "/>" } else { ">" })?;
        Ok(end)
    }

    /// Reports attributes that stand twice, and keeps those of the root. Sorting keeps the cost of many
    /// attributes low, and comparing numbers that of sorting.
    fn keep_attributes(&mut self) -> Step {
        let mut attributes = std::mem::take(&mut self.attributes);
        if attributes.len() > 1 {
            attributes.sort_unstable_by(|(key, attribute), (other_key, other)| {
                let names = || {
                    let [name, other_name] = [attribute.name, other.name].map(Span::range);
                    self.bytes[name].cmp(&self.bytes[other_name])
                };
                let is_whole = attribute.name.len() <= KEY_LENGTH && other.name.len() <= KEY_LENGTH;
                let rest = || if is_whole { Ordering::Equal } else { names() };
                key.cmp(other_key).then_with(rest).then(attribute.name.cmp(&other.name))
            });
            for pair in attributes.windows(2) {
                let [(key, first), (other_key, second)] = [pair[0], pair[1]];
                if key == other_key && self.same_name(first.name, second.name) {
                    self.repeated_attribute(first.name, second)?;
                }
            }
        }
        if self.open.len() == 1 {
            let places = attributes.iter().map(|(_, attribute)| *attribute);
            self.outline.root_attributes = places.collect();
        }
        self.attributes = attributes;
        Ok(())
    }

    fn repeated_attribute(&mut self, first: Span, second: Attribute) -> Step {
        let message = format!("the attribute {} stands twice", self.quote(second.name));
        let finding = Diagnostic::error(Code::RepeatedAttribute, second.name, message)
            .with_label(first, "it stands here as well");
        let whole = self.span(second.name.start as usize, second.value.end as usize + 1);
        self.fault(finding, whole, "")
    }

    /// The first letters of a name as a number, which for a short name is the whole of it: no name has a
    /// NUL.
    fn beginning_of(&self, name: Span) -> u64 {
        let name = &self.bytes[name.range()];
        let mut letters = [0; KEY_LENGTH];
        let length = name.len().min(KEY_LENGTH);
        letters[..length].copy_from_slice(&name[..length]);
        u64::from_be_bytes(letters)
    }

    /// A name, and how much of it is a prefix, which is reported; none if no name begins here.
    #[inline]
    pub(super) fn name(&mut self) -> Step<Option<(Span, u32)>> {
        let start = self.at;
        self.skip_class(NAME);
        let begins =
            self.bytes.get(start).is_some_and(|b| character::is_class(*b, character::NAME_START));
        let is_whole = self.bytes.get(self.at).is_some_and(|b| b.is_ascii() && *b != b':');
        if begins && is_whole && self.at - start <= NAME_LIMIT {
            return Ok(Some((self.span(start, self.at), 0)));
        }
        self.at = start;
        self.unusual_name()
    }

    /// A name with characters beyond ASCII or a colon, a name at the end of the text, one that is too
    /// long, or none.
    #[cold]
    fn unusual_name(&mut self) -> Step<Option<(Span, u32)>> {
        let start = self.at;
        let begins = self.text[start..].chars().next();
        if !begins.is_some_and(|c| c == ':' || character::is_name_start(c)) {
            return Ok(None);
        }
        let mut prefix = 0;
        while let Some(&byte) = self.bytes.get(self.at) {
            if character::is_class(byte, NAME) {
                self.at += 1;
            } else if byte == b':' {
                self.at += 1;
                prefix = (self.at - start) as u32;
            } else if byte >= 0x80 && character::is_name(self.current()) {
                self.at += self.current().len_utf8();
            } else {
                break;
            }
            if self.at - start > NAME_LIMIT {
                let place = Span::at(start);
                let message = format!("a name has more than {NAME_LIMIT} bytes");
                return self.stop(Diagnostic::error(Code::TooComplex, place, message));
            }
        }
        let name = self.span(start, self.at);
        // Of an end tag the start tag has spoken.
        let is_end_tag = self.bytes.get(start.wrapping_sub(1)) == Some(&b'/');
        if prefix > 0 && !is_end_tag {
            let message = format!("namespaces are not supported: {}", self.quote(name));
            let finding = Diagnostic::error(Code::Namespace, name, message)
                .with_help("remove the prefix and its colon");
            self.fault(finding, self.span(start, start + prefix as usize), "")?;
        }
        Ok(Some((name, prefix)))
    }
}

const KEY_LENGTH: usize = 8;

/// What stands where an attribute may stand.
enum Found {
    Attribute(Attribute),
    /// Something that is none and was reported.
    Nothing,
    /// The end of the tag, inside of a value without its end.
    End(TagEnd),
}

//! Tags, comments, CDATA, the declaration, and what is refused.

use crate::diagnostic::Diagnostic;
use crate::outline::Attribute;
use crate::section_names::XML_SPACE;
use crate::{Code, Span};

use super::character::{self, NAME, VALUE};
use super::{
    ATTRIBUTE_LIMIT, DECLARATION_LIMIT, DEPTH_LIMIT, NAME_LIMIT, Open, Scanner, Step, TOKEN_LIMIT,
};

impl Scanner<'_> {
    /// `<?xml version="1.0" encoding="…" standalone="…"?>` at the beginning.
    pub(super) fn declaration(&mut self) -> Step {
        let length = self.text.find("?>").map(|length| length + 2);
        let Some(length) = length.filter(|length| *length <= DECLARATION_LIMIT) else {
            let message =
                format!("the XML declaration does not end within {DECLARATION_LIMIT} bytes");
            return self.stop(Diagnostic::error(Code::BadDeclaration, Span::new(0, 5), message));
        };
        self.at = length;
        if let Err(message) = check_declaration(&self.text[5..length - 2]) {
            let finding = Diagnostic::error(Code::BadDeclaration, Span::new(0, length), message)
                .with_help("write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`");
            self.findings.add(finding);
        }
        Ok(())
    }

    pub(super) fn start_tag(&mut self) -> Step {
        let start = self.at;
        self.at += 1;
        let name = self.name("an element's name must follow `<`")?;
        if self.open.len() == DEPTH_LIMIT {
            let message = format!("elements are nested more than {DEPTH_LIMIT} deep");
            return self.stop(Diagnostic::error(Code::TooComplex, name, message));
        }
        self.opened(Open { name, start, content: usize::MAX, empty: true });
        let self_closing = self.attributes()?;
        if let Some(open) = self.open.last_mut() {
            open.content = self.at;
        }
        if self_closing {
            self.closed(self.at);
        }
        Ok(())
    }

    /// What stands in a start tag behind the name, up to its end; whether that is `/>`.
    fn attributes(&mut self) -> Step<bool> {
        let mut attributes: Vec<Attribute> = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            match self.bytes.get(self.at) {
                None => {
                    let place = Span::at(self.at);
                    let message = "the document ends inside a tag";
                    let mut finding = Diagnostic::error(Code::Unclosed, place, message);
                    if let Some(open) = self.open.last() {
                        finding = finding.with_label(open.name, "this tag");
                    }
                    return self.stop(finding.with_help("the document was cut short"));
                }
                Some(b'>') => {
                    self.at += 1;
                    self.keep_attributes(attributes);
                    return Ok(false);
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    self.keep_attributes(attributes);
                    return Ok(true);
                }
                Some(_) => {}
            }
            if self.at == before {
                let message = "white space must stand before an attribute";
                return self.stop(Diagnostic::error(Code::BadMarkup, self.here(), message));
            }
            if attributes.len() == ATTRIBUTE_LIMIT {
                let message = format!("an element has more than {ATTRIBUTE_LIMIT} attributes");
                return self.stop(Diagnostic::error(Code::TooComplex, self.here(), message));
            }
            attributes.push(self.attribute()?);
        }
    }

    /// `name="value"`
    fn attribute(&mut self) -> Step<Attribute> {
        let name = self.name("an attribute or the end of the tag is expected here")?;
        if &self.text[name.range()] == "xmlns" {
            let message = "namespaces are not supported: `xmlns`";
            let finding = Diagnostic::error(Code::Namespace, name, message);
            self.findings.add(finding.with_help("remove the attribute"));
        }
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'=') {
            let message = "an attribute needs `=` and a value in quotes";
            return self.stop(Diagnostic::error(Code::BadMarkup, self.here(), message));
        }
        self.at += 1;
        self.skip_space();
        let Some(&quote @ (b'"' | b'\'')) = self.bytes.get(self.at) else {
            let message = "an attribute's value must stand in quotes";
            return self.stop(Diagnostic::error(Code::BadMarkup, self.here(), message));
        };
        let start = self.at;
        self.at += 1;
        self.secret_value = self.is_secret(name);
        self.attribute_value(start, quote)?;
        self.secret_value = false;
        Ok(Attribute { name, value: Span::new(start + 1, self.at - 1) })
    }

    /// The value behind the `quote` at `start`, and the quote that ends it.
    fn attribute_value(&mut self, start: usize, quote: u8) -> Step {
        loop {
            match self.bytes.get(self.at) {
                None => {
                    let message = "the document ends inside an attribute's value";
                    let finding = Diagnostic::error(Code::Unclosed, Span::at(self.at), message)
                        .with_label(Span::new(start, start + 1), "the value begins here");
                    return self.stop(finding.with_help("a closing quote is missing"));
                }
                Some(&byte) if character::is_class(byte, VALUE) => self.at += 1,
                Some(&byte) if byte == quote => break,
                Some(b'"' | b'\'') => self.at += 1,
                Some(b'<') => {
                    let message = "`<` must not stand in an attribute's value";
                    let finding = Diagnostic::error(Code::BadMarkup, self.here(), message)
                        .with_label(Span::new(start, start + 1), "the value begins here");
                    return self.stop(finding.with_help("write `&lt;`, or close the quote"));
                }
                Some(b'&') => self.reference()?,
                Some(_) => self.character(),
            }
        }
        if self.at - start > TOKEN_LIMIT + 1 {
            return self.too_long(start);
        }
        self.at += 1;
        Ok(())
    }

    /// Reports attributes that stand twice, and keeps those of the root. Sorting keeps the cost of
    /// many attributes low.
    fn keep_attributes(&mut self, mut attributes: Vec<Attribute>) {
        attributes.sort_unstable_by_key(|attribute| {
            (&self.text[attribute.name.range()], attribute.name.start)
        });
        for pair in attributes.windows(2) {
            let [first, second] = [pair[0].name, pair[1].name];
            if self.text[first.range()] == self.text[second.range()] {
                let message = format!("the attribute {} stands twice", self.quote(second));
                let finding = Diagnostic::error(Code::RepeatedAttribute, second, message)
                    .with_label(first, "it stands here as well");
                self.findings.add(finding);
            }
        }
        if self.open.len() == 1 {
            self.outline.root_attributes = attributes;
        }
    }

    pub(super) fn end_tag(&mut self) -> Step {
        let content_end = self.at;
        self.at += 2;
        let name = self.name("an element's name must follow `</`")?;
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'>') {
            let message = "an end tag must end with `>`";
            return self.stop(Diagnostic::error(Code::BadMarkup, self.here(), message));
        }
        self.at += 1;
        if let Some(open) = self.open.last() {
            if self.text[open.name.range()] != self.text[name.range()] {
                let expected = self.quote(open.name);
                let found = self.quote(name);
                let message = format!("this end tag is for {found}, but {expected} is open");
                let finding = Diagnostic::error(Code::MismatchedTag, name, message)
                    .with_label(open.name, "the element that is open");
                return self.stop(finding.with_help("close the inner element first"));
            }
        }
        self.closed(content_end);
        Ok(())
    }

    /// A name without a colon; `expected` is said where there is none.
    fn name(&mut self, expected: &'static str) -> Step<Span> {
        let start = self.at;
        let begins = self.text[start..].chars().next();
        if !begins.is_some_and(|c| c == ':' || character::is_name_start(c)) {
            let mut finding = Diagnostic::error(Code::BadMarkup, self.here(), expected);
            if self.bytes.get(start.wrapping_sub(1)) == Some(&b'<') {
                finding = finding.with_help("write `&lt;` if a `<` itself is meant");
            }
            return self.stop(finding);
        }
        let mut colon = None;
        while let Some(&byte) = self.bytes.get(self.at) {
            if character::is_class(byte, NAME) {
                self.at += 1;
            } else if byte == b':' {
                colon.get_or_insert(self.at);
                self.at += 1;
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
        let name = Span::new(start, self.at);
        if colon.is_some() {
            let message = format!("namespaces are not supported: {}", self.quote(name));
            let finding = Diagnostic::error(Code::Namespace, name, message);
            self.findings.add(finding.with_help("remove the prefix and its colon"));
        }
        Ok(name)
    }

    pub(super) fn comment(&mut self) -> Step {
        let start = self.at;
        self.at += "<!--".len();
        let body = self.at;
        let Some(length) = self.text[body..].find("--") else {
            return self.unended(start, "comment", "-->");
        };
        if length > TOKEN_LIMIT {
            return self.too_long(start);
        }
        self.characters_until(body + length);
        self.at += 2;
        if self.bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
            return Ok(());
        }
        let message = "`--` must not stand inside a comment";
        let place = Span::new(self.at - 2, self.at);
        self.findings.add(Diagnostic::error(Code::BadMarkup, place, message));
        // The second hyphen may be the first one of the end.
        let rest = self.at - 1;
        match self.text[rest..].find("-->") {
            Some(length) => {
                self.characters_until(rest + length);
                self.at = rest + length + "-->".len();
                Ok(())
            }
            None => self.unended(start, "comment", "-->"),
        }
    }

    pub(super) fn cdata(&mut self) -> Step {
        let start = self.at;
        self.at += "<![CDATA[".len();
        self.mark_filled();
        let Some(length) = self.text[self.at..].find("]]>") else {
            return self.unended(start, "CDATA section", "]]>");
        };
        if length > TOKEN_LIMIT {
            return self.too_long(start);
        }
        self.characters_until(self.at + length);
        self.at += "]]>".len();
        Ok(())
    }

    pub(super) fn processing_instruction(&mut self) -> Step {
        let start = self.at;
        let Some(length) = self.text[start..].find("?>") else {
            return self.unended(start, "processing instruction", "?>");
        };
        self.at = start + length + "?>".len();
        let place = Span::new(start, self.at);
        let is_declaration = self.text[start + 2..].starts_with("xml")
            && self.bytes.get(start + 5).is_some_and(|byte| character::is_space(*byte));
        let finding = if is_declaration {
            let message = "an XML declaration must stand at the very beginning";
            Diagnostic::error(Code::BadDeclaration, place, message)
        } else {
            let message = "processing instructions are not supported";
            Diagnostic::error(Code::ProcessingInstruction, place, message)
        };
        self.findings.add(finding.with_help("remove it"));
        Ok(())
    }

    /// `<!` that begins neither a comment nor CDATA: nothing behind it can be trusted.
    pub(super) fn document_type(&mut self) -> Step {
        let place = Span::new(self.at, self.at + 2);
        let finding = if self.sees("<!DOCTYPE") {
            let message = "document types are not supported";
            Diagnostic::error(Code::DocumentType, place, message)
                .with_help("remove the `<!DOCTYPE …>`")
        } else {
            Diagnostic::error(Code::BadMarkup, place, "`<!` begins nothing that is known")
        };
        self.stop(finding)
    }

    /// A text, comment, CDATA section or value that began at `start` is longer than libxml2 takes.
    pub(super) fn too_long(&mut self, start: usize) -> Step {
        let message = format!("more than {TOKEN_LIMIT} bytes without any markup");
        self.stop(Diagnostic::error(Code::TooComplex, Span::at(start), message))
    }

    fn unended(&mut self, start: usize, what: &str, end: &str) -> Step {
        let message = format!("the document ends inside a {what}");
        let finding = Diagnostic::error(Code::Unclosed, Span::at(self.bytes.len()), message)
            .with_label(Span::at(start), "it begins here")
            .with_help(format!("`{end}` is missing"));
        self.stop(finding)
    }

    /// Looks at every character up to `end`, where only their being characters counts.
    fn characters_until(&mut self, end: usize) {
        while self.at < end {
            let byte = self.bytes[self.at];
            if character::is_class(byte, VALUE) || byte.is_ascii_graphic() {
                self.at += 1;
            } else {
                self.character();
            }
        }
    }
}

/// Checks what stands between `<?xml` and `?>`.
fn check_declaration(attributes: &str) -> Result<(), String> {
    let mut rest = attributes;
    match pseudo_attribute(&mut rest, "version") {
        None => return Err("the XML declaration must begin with `version=\"1.0\"`".to_owned()),
        Some("1.0") => {}
        Some(other) => {
            let shown = crate::shown::quoted(other);
            return Err(format!("XML version {shown} is not supported, only `1.0`"));
        }
    }
    // Which encodings are good was judged when the bytes were decoded.
    let encoding = pseudo_attribute(&mut rest, "encoding");
    if encoding.is_some_and(|name| !name.starts_with(|first: char| first.is_ascii_alphabetic())) {
        return Err("the XML declaration's encoding has no name".to_owned());
    }
    if !matches!(pseudo_attribute(&mut rest, "standalone"), None | Some("yes" | "no")) {
        return Err("`standalone` in the XML declaration must be `yes` or `no`".to_owned());
    }
    if rest.trim_matches(XML_SPACE).is_empty() {
        Ok(())
    } else {
        Err("the XML declaration holds something that does not belong there".to_owned())
    }
}

/// Takes ` name="value"` from the beginning of `rest`.
fn pseudo_attribute<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let after = rest.strip_prefix(XML_SPACE)?.trim_start_matches(XML_SPACE);
    let after = after.strip_prefix(name)?.trim_start_matches(XML_SPACE).strip_prefix('=')?;
    let after = after.trim_start_matches(XML_SPACE);
    let quote = after.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (value, after) = after[1..].split_once(quote)?;
    *rest = after;
    Some(value)
}

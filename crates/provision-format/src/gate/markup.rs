//! Comments, CDATA, the declaration, and what is refused.

use memchr::{memchr, memchr_iter, memchr2, memmem};

use crate::diagnostic::Diagnostic;
use crate::section_names::XML_SPACE;
use crate::{Code, Span};

use super::character::{self, VALUE};
use super::{DECLARATION_LIMIT, Scanner, Step, TOKEN_LIMIT};

impl Scanner<'_> {
    /// `<?xml version="1.0" encoding="…" standalone="…"?>` at the beginning.
    pub(super) fn declaration(&mut self) -> Step {
        let window = &self.bytes[..self.bytes.len().min(DECLARATION_LIMIT)];
        let Some(length) = memmem::find(window, b"?>").map(|length| length + 2) else {
            let message =
                format!("the XML declaration does not end within {DECLARATION_LIMIT} bytes");
            return self.stop(Diagnostic::error(Code::BadDeclaration, Span::new(0, 5), message));
        };
        self.at = length;
        match check_declaration(&self.text[5..length - 2]) {
            Ok(()) => Ok(()),
            Err(message) => {
                let place = self.span(0, length);
                let finding = Diagnostic::error(Code::BadDeclaration, place, message)
                    .with_help("write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`");
                self.fault(finding, place, "")
            }
        }
    }

    pub(super) fn comment(&mut self) -> Step {
        let start = self.at;
        self.at += "<!--".len();
        let body = self.at;
        let rest = &self.bytes[body..];
        let is_double = |at: &usize| rest.get(at + 1) == Some(&b'-');
        let Some(length) = memchr_iter(b'-', rest).find(is_double) else {
            return self.unended(start, "comment", "-->");
        };
        if length > TOKEN_LIMIT {
            return self.too_long(start);
        }
        self.characters_until(body + length)?;
        self.at += 2;
        if self.bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
            return Ok(());
        }
        let message = "`--` must not stand inside a comment";
        let finding = Diagnostic::error(Code::BadMarkup, self.span(self.at - 2, self.at), message)
            .with_label(self.span(start, body), "the comment begins here")
            .with_help("write `- -`");
        // The second hyphen may be the first one of the end.
        let rest = self.at - 1;
        match self.find_end(rest, "--") {
            Some(length) => {
                self.characters_until(rest + length)?;
                self.fault(finding, self.span(start, self.at), "")
            }
            None => {
                self.findings.add(finding);
                self.unended(start, "comment", "-->")
            }
        }
    }

    pub(super) fn cdata(&mut self) -> Step {
        let start = self.at;
        self.at += "<![CDATA[".len();
        self.mark_filled();
        let Some(length) = self.find_end(self.at, "]]") else {
            return self.unended(start, "CDATA section", "]]>");
        };
        if length > TOKEN_LIMIT + "]]>".len() {
            return self.too_long(start);
        }
        self.characters_until(self.at + length)
    }

    pub(super) fn processing_instruction(&mut self) -> Step {
        let start = self.at;
        let Some(length) = self.find_end(start + "<?".len(), "?") else {
            return self.unended(start, "processing instruction", "?>");
        };
        self.at = start + "<?".len() + length;
        let place = self.span(start, self.at);
        let is_declaration = self.text[start + 2..].starts_with("xml")
            && self.bytes.get(start + 5).is_some_and(|byte| character::is_space(*byte));
        let finding = if is_declaration {
            let message = "an XML declaration must stand at the very beginning";
            Diagnostic::error(Code::BadDeclaration, place, message)
        } else {
            let message = "processing instructions are not supported";
            Diagnostic::error(Code::ProcessingInstruction, place, message)
        };
        self.fault(finding.with_help("remove it"), place, "")
    }

    /// `<!` that begins neither a comment nor CDATA.
    pub(super) fn document_type(&mut self) -> Step {
        let start = self.at;
        let place = self.span(start, start + 2);
        let finding = if self.sees("<!DOCTYPE") {
            let message = "document types are not supported";
            Diagnostic::error(Code::DocumentType, place, message)
                .with_help("remove the `<!DOCTYPE …>`")
        } else {
            Diagnostic::error(Code::BadMarkup, place, "`<!` begins nothing that is known")
        };
        self.at += 2;
        if self.skip_declaration() {
            self.fault(finding, self.span(start, self.at), "")
        } else {
            self.stop(finding)
        }
    }

    /// Goes behind the `>` that ends what `<!` began, and behind an internal subset `[…]` in it.
    fn skip_declaration(&mut self) -> bool {
        let rest = &self.bytes[self.at..];
        let Some(mut length) = memchr2(b'[', b'>', rest) else { return false };
        if rest[length] == b'[' {
            let Some(subset) = memchr(b']', &rest[length..]) else { return false };
            length += subset;
            let Some(end) = memchr(b'>', &rest[length..]) else { return false };
            length += end;
        }
        self.at += length + 1;
        true
    }

    /// A text, comment, CDATA section or value that began at `start` is longer than libxml2 takes.
    pub(super) fn too_long<T>(&mut self, start: usize) -> Step<T> {
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
    fn characters_until(&mut self, end: usize) -> Step {
        while self.at < end {
            let byte = self.bytes[self.at];
            if character::is_class(byte, VALUE) || byte.is_ascii_graphic() {
                self.at += 1;
            } else {
                self.character()?;
            }
        }
        Ok(())
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

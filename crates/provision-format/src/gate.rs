//! The strict subset of XML that every document must keep to (spec 1.6).
//!
//! One pass over the text judges it and indexes the root's children, before any tree is built. The
//! pass goes on behind a fault wherever the text stays readable, so one run reports them together.
//! Its time grows with the text and with nothing else: every byte is looked at a bounded number of
//! times.

mod character;
mod markup;
mod reference;

use crate::diagnostic::Diagnostic;
use crate::findings::Findings;
use crate::outline::{Child, Outline, Places};
use crate::secret_name;
use crate::{Code, Span};

use character::{NAME, TEXT};

pub(crate) use character::is_allowed as is_allowed_character;

/// Elements may stand in each other this deep; the root is 1.
const DEPTH_LIMIT: usize = 64;
/// An element may have so many attributes.
const ATTRIBUTE_LIMIT: usize = 256;
/// A name may have so many bytes.
const NAME_LIMIT: usize = 1024;
/// An XML declaration may have so many bytes; the encoding is looked for within them.
const DECLARATION_LIMIT: usize = 256;
/// A text, comment, CDATA section or value of an attribute may have so many bytes; libxml2 takes no
/// more.
const TOKEN_LIMIT: usize = 10_000_000;
/// The root may have so many children. Phones have about twenty sections.
const CHILD_LIMIT: usize = 10_000;
/// So many bare `&` are forgiven in one document.
const AMPERSAND_LIMIT: usize = 1000;

/// What the gate has to say of a text.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// The places of the root and its children; none if the text could not be read to its end.
    pub(crate) outline: Option<Outline>,
    /// The findings, in the order in which they were made.
    pub(crate) findings: Findings,
    /// Where a bare `&` was forgiven (spec 1.5).
    pub(crate) ampersands: Vec<usize>,
}

impl Judgement {
    /// The name of the root element of `text`, the text that was judged.
    pub(crate) fn root_name<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.outline.as_ref().map(|outline| &text[outline.root.name.range()])
    }
}

/// Judges `text`.
pub(crate) fn judge(text: &str) -> Judgement {
    let mut scanner = Scanner::new(text);
    let read_to_end = scanner.document().is_ok();
    Judgement {
        outline: read_to_end.then_some(scanner.outline),
        findings: scanner.findings,
        ampersands: scanner.ampersands,
    }
}

/// The text cannot be read on; the reason is among the findings.
struct Stop;

type Step<T = ()> = Result<T, Stop>;

/// An element whose end tag has not come.
struct Open {
    name: Span,
    /// Offset of its `<`.
    start: usize,
    /// Offset behind its start tag.
    content: usize,
    empty: bool,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The offset that is looked at.
    at: usize,
    open: Vec<Open>,
    outline: Outline,
    findings: Findings,
    ampersands: Vec<usize>,
    forgives_ampersands: bool,
    /// Whether the value of an attribute such as `password` is being looked at.
    secret_value: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            outline: Outline::default(),
            findings: Findings::default(),
            ampersands: Vec::new(),
            forgives_ampersands: false,
            secret_value: false,
        }
    }

    fn document(&mut self) -> Step {
        if u32::try_from(self.bytes.len()).is_err() {
            let message = "the document is larger than 4 GiB";
            return self.stop(Diagnostic::error(Code::TooLarge, Span::at(0), message));
        }
        if self.looks_like_web_page() {
            let place = Span::at(self.at);
            let message = "this is a web page, not a document for a phone";
            let help = "a login page, a captive portal or an error page answered; open the address in a browser to see which";
            return self.stop(Diagnostic::error(Code::WebPage, place, message).with_help(help));
        }
        self.at = 0;
        if self.sees("<?xml") && self.bytes.get(5).is_some_and(|byte| character::is_space(*byte)) {
            self.declaration()?;
        }
        self.outside_root()?;
        if self.at == self.bytes.len() {
            let message = "there is no root element";
            return self.stop(Diagnostic::error(Code::BadMarkup, Span::at(self.at), message));
        }
        self.start_tag()?;
        while !self.open.is_empty() {
            self.content()?;
            if self.outline.children.len() > CHILD_LIMIT {
                let message = format!("the root has more than {CHILD_LIMIT} children");
                return self.stop(Diagnostic::error(Code::TooComplex, self.here(), message));
            }
        }
        self.outside_root()?;
        if self.at < self.bytes.len() {
            let root = self.quote(self.outline.root.name);
            let message = format!("something follows the end of the root element {root}");
            let finding = Diagnostic::error(Code::OutsideRoot, self.here(), message);
            return self.stop(finding.with_label(self.outline.root.name, "the root element"));
        }
        Ok(())
    }

    /// A document type or a root of HTML, in any case, behind white space, comments and a
    /// declaration.
    fn looks_like_web_page(&mut self) -> bool {
        loop {
            self.skip_space();
            let end = if self.sees("<!--") {
                "-->"
            } else if self.sees("<?") {
                "?>"
            } else {
                break;
            };
            let Some(length) = self.text[self.at..].find(end) else {
                break;
            };
            self.at += length + end.len();
        }
        let begins = |prefix: &str| {
            let window = self.bytes.get(self.at..self.at + prefix.len());
            let next = self.bytes.get(self.at + prefix.len());
            window.is_some_and(|window| window.eq_ignore_ascii_case(prefix.as_bytes()))
                && next.is_none_or(|byte| !character::is_class(*byte, NAME))
        };
        begins("<!doctype html") || begins("<html")
    }

    /// White space, comments and what is refused there, up to an element or the end.
    fn outside_root(&mut self) -> Step {
        loop {
            self.skip_space();
            if self.sees("<!--") {
                self.comment()?;
            } else if self.sees("<?") {
                self.processing_instruction()?;
            } else if self.sees("<!") {
                return self.document_type();
            } else if self.at == self.bytes.len() || self.bytes[self.at] == b'<' {
                return Ok(());
            } else {
                let start = self.at;
                let length = self.text[start..].find('<').unwrap_or(self.bytes.len() - start);
                let end = start + self.text[start..start + length].trim_ascii_end().len();
                let message = "text stands outside the root element";
                let finding = Diagnostic::error(Code::OutsideRoot, Span::new(start, end), message);
                self.findings.add(finding);
                self.at = start + length;
            }
        }
    }

    /// One run of text or one piece of markup inside an element.
    fn content(&mut self) -> Step {
        self.character_data()?;
        match self.bytes.get(self.at + 1) {
            _ if self.at == self.bytes.len() => self.unclosed(),
            Some(b'/') => self.end_tag(),
            Some(b'!') if self.sees("<!--") => self.comment(),
            Some(b'!') if self.sees("<![CDATA[") => self.cdata(),
            Some(b'!') => self.document_type(),
            Some(b'?') => self.processing_instruction(),
            _ => self.start_tag(),
        }
    }

    /// Text up to the next `<`.
    fn character_data(&mut self) -> Step {
        let start = self.at;
        self.skip_space();
        if self.bytes.get(self.at).is_some_and(|byte| *byte != b'<') {
            self.mark_filled();
        }
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                _ if character::is_class(byte, TEXT) => self.at += 1,
                b'<' => break,
                b'&' => self.reference()?,
                b']' => {
                    if self.sees("]]>") {
                        let place = Span::new(self.at, self.at + 3);
                        let message = "`]]>` must not stand in text";
                        let finding = Diagnostic::error(Code::BadMarkup, place, message)
                            .with_help("write `]]&gt;`")
                            .with_fix(place, "]]&gt;");
                        self.findings.add(finding);
                    }
                    self.at += 1;
                }
                _ => self.character(),
            }
        }
        if self.at - start > TOKEN_LIMIT { self.too_long(start) } else { Ok(()) }
    }

    /// A character that is not one of its class's common ones: good, or reported.
    fn character(&mut self) {
        let character = self.current();
        let length = character.len_utf8();
        if !character::is_allowed(character) {
            let code_point = u32::from(character);
            let message = format!("XML cannot carry the character U+{code_point:04X}");
            let place = Span::new(self.at, self.at + length);
            let finding = Diagnostic::error(Code::BadCharacter, place, message);
            self.findings.add(finding.with_help("remove it"));
        }
        self.at += length;
    }

    fn unclosed(&mut self) -> Step {
        let end = Span::at(self.bytes.len());
        let Some(innermost) = self.open.last() else {
            return Ok(());
        };
        let name = self.quote(innermost.name);
        let message = format!("the document ends inside {name}");
        let mut finding = Diagnostic::error(Code::Unclosed, end, message)
            .with_help("the document was cut short, or an end tag is missing");
        for open in self.open.iter().rev().take(4) {
            finding = finding.with_label(open.name, "opened here");
        }
        self.stop(finding)
    }

    // The places that the index keeps.

    fn opened(&mut self, open: Open) {
        if let Some(parent) = self.open.last_mut() {
            parent.empty = false;
        } else {
            let root = &self.text[open.name.range()];
            self.forgives_ampersands = matches!(root, "provision" | "error");
            self.outline.root.name = open.name;
        }
        self.open.push(open);
    }

    /// The innermost element ends at `self.at`; its content ended at `content_end`.
    fn closed(&mut self, content_end: usize) {
        let Some(open) = self.open.pop() else { return };
        let element = Places {
            whole: Span::new(open.start, self.at),
            name: open.name,
            content: Span::new(open.content, content_end),
        };
        match self.open.len() {
            0 => self.outline.root = element,
            1 => self.outline.children.push(Child { element, empty: open.empty }),
            _ => {}
        }
    }

    fn mark_filled(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.empty = false;
        }
    }

    // Looking at the text.

    fn sees(&self, prefix: &str) -> bool {
        self.bytes[self.at..].starts_with(prefix.as_bytes())
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|byte| character::is_space(*byte)) {
            self.at += 1;
        }
    }

    /// The character at `self.at`, which lies on a boundary before the end.
    fn current(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('\0')
    }

    /// The character at `self.at` as a place; empty at the end.
    fn here(&self) -> Span {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + length)
    }

    fn stop<T>(&mut self, finding: Diagnostic) -> Step<T> {
        self.findings.add(finding);
        Err(Stop)
    }

    /// What stands at `span`, for a message; inside a password not even a piece of it, nor inside an
    /// address, where one may have been pasted.
    fn quote(&self, span: Span) -> String {
        if !self.findings.takes_an_error() {
            return String::new();
        }
        let text = &self.text[span.range()];
        if self.is_inside_secret(span.start as usize) && !secret_name::is_public(text) {
            "(not shown)".to_owned()
        } else {
            crate::shown::quoted(text)
        }
    }

    fn is_inside_secret(&self, offset: usize) -> bool {
        // A start tag that has not ended has no content yet; its attributes are the element's own.
        let is_around = |open: &Open| {
            secret_name::may_hold_secret(&self.text[open.name.range()])
                && (open.content <= offset || open.content == usize::MAX)
        };
        self.secret_value || self.open.iter().any(is_around)
    }

    fn is_secret(&self, name: Span) -> bool {
        secret_name::is_secret(&self.text[name.range()])
    }
}

#[cfg(test)]
mod tests;

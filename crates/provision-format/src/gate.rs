//! The strict subset of XML that every document must keep to (spec 1.6).
//!
//! One pass over the text judges it and indexes the root's children, before any tree is built. Its time
//! grows with the text and with nothing else: every byte is looked at a bounded number of times.
//!
//! The pass goes on behind a fault: each fault has a *repair*, what the text would be without it, so
//! that one run finds all mistakes together and what a document means can be looked at in spite of them.
//! After a thousand faults it stops.

mod character;
mod markup;
mod recovery;
mod reference;
mod tag;

use std::cell::Cell;

use memchr::{memchr, memchr_iter};

use crate::diagnostic::Diagnostic;
use crate::findings::Findings;
use crate::outline::{Attribute, Child, Outline, Places};
use crate::repaired::Repair;
use crate::root::{ERROR, PROVISION};
use crate::secret_name::{self, Holds};
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
/// Behind so many faults nothing is looked at any more; so many bare `&` are forgiven.
const FAULT_LIMIT: usize = 1000;

/// What the gate has to say of a text.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// The places of the root and its children; none if the text could not be read to its end.
    pub(crate) outline: Option<Outline>,
    /// The findings, in the order in which they were made.
    pub(crate) findings: Findings,
    /// What makes the text acceptable, in the order of their places. If no finding is an error, these
    /// are the bare `&` that were forgiven (spec 1.5).
    pub(crate) repairs: Vec<Repair>,
}

impl Judgement {
    /// The name of the root element of `text`, the text that was judged.
    pub(crate) fn root_name<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.outline.as_ref().map(|outline| &text[outline.root.name.range()])
    }
}

/// Judges `text`, and forgives a bare `&` where its root says so (spec 1.5).
pub(crate) fn judge(text: &str) -> Judgement {
    scan(Scanner::new(text))
}

/// Judges `text` by the accepted XML alone; nothing is forgiven.
pub(crate) fn judge_strictly(text: &str) -> Judgement {
    scan(Scanner { forgiving_roots: &[], ..Scanner::new(text) })
}

/// Whether `text` is acceptable as it stands. A repaired text may not be: without a character that XML
/// cannot carry, what stood around it can be markup.
pub(crate) fn passes(text: &str) -> bool {
    !judge_strictly(text).findings.have_errors()
}

fn scan(mut scanner: Scanner<'_>) -> Judgement {
    let read_to_end = scanner.document().is_ok();
    scanner.repairs.sort_by_key(|repair| repair.span);
    Judgement {
        outline: read_to_end.then_some(scanner.outline),
        findings: scanner.findings,
        repairs: scanner.repairs,
    }
}

/// The text cannot be read on; the reason is among the findings.
struct Stop;

type Step<T = ()> = Result<T, Stop>;

/// An element whose end tag has not come.
struct Open {
    name: Span,
    /// Offset of its `<`.
    start: u32,
    /// Offset behind its start tag; the largest one while that has not ended.
    content: u32,
    /// How much of the name is a prefix with its colon, which is no part of the repaired one.
    prefix: u32,
    /// Nothing but white space and comments stands in it.
    empty: bool,
    /// No element stands in it.
    leaf: bool,
    /// What its name says that it holds, once that was asked for.
    holds: Cell<Option<Holds>>,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The offset that is looked at.
    at: usize,
    open: Vec<Open>,
    outline: Outline,
    findings: Findings,
    repairs: Vec<Repair>,
    faults: usize,
    /// The roots of documents in which a bare `&` is forgiven.
    forgiving_roots: &'static [&'static str],
    forgives_ampersands: bool,
    /// The name of the last element that was closed by the end tag of one around it.
    closed_early: Option<Span>,
    /// The name of the attribute whose value is being looked at.
    attribute: Option<Span>,
    /// The attributes of one element, each with the beginning of its name as a number. Kept here so that
    /// the memory is used again.
    attributes: Vec<(u64, Attribute)>,
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
            repairs: Vec::new(),
            faults: 0,
            forgiving_roots: &[PROVISION, ERROR],
            forgives_ampersands: false,
            closed_early: None,
            attribute: None,
            attributes: Vec::new(),
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
        if self.open.is_empty() && self.outline.root.name.is_empty() {
            // What stood there was no tag, and there is no root to go on with.
            return Err(Stop);
        }
        while !self.open.is_empty() {
            self.content()?;
        }
        self.outside_root()?;
        if self.at < self.bytes.len() {
            let root = self.quote(self.outline.root.name);
            let message = format!("something follows the end of the root element {root}");
            let finding = Diagnostic::error(Code::OutsideRoot, self.here(), message)
                .with_label(self.outline.root.name, "the root element");
            let rest = self.span(self.at, self.bytes.len());
            self.at = self.bytes.len();
            self.fault(finding, rest, "")?;
        }
        Ok(())
    }

    /// A document type or a root of HTML, in any case, behind white space, comments and a
    /// declaration.
    fn looks_like_web_page(&mut self) -> bool {
        loop {
            self.skip_space();
            let end = if self.sees("<!--") {
                "--"
            } else if self.sees("<?") {
                "?"
            } else {
                break;
            };
            let Some(length) = self.find_end(self.at, end) else {
                break;
            };
            self.at += length;
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
                self.document_type()?;
            } else if self.at == self.bytes.len() || self.bytes[self.at] == b'<' {
                return Ok(());
            } else {
                let start = self.at;
                self.at += memchr(b'<', &self.bytes[start..]).unwrap_or(self.bytes.len() - start);
                let end = start + self.text[start..self.at].trim_ascii_end().len();
                let message = "text stands outside the root element";
                let place = self.span(start, end);
                let finding = Diagnostic::error(Code::OutsideRoot, place, message);
                self.fault(finding, place, "")?;
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
    #[inline]
    fn character_data(&mut self) -> Step {
        let start = self.at;
        self.skip_space();
        if self.bytes.get(self.at).is_some_and(|byte| *byte != b'<') {
            self.mark_filled();
            self.text()?;
        }
        if self.at - start > TOKEN_LIMIT { self.too_long(start) } else { Ok(()) }
    }

    /// Text that is more than white space.
    fn text(&mut self) -> Step {
        loop {
            self.skip_class(TEXT);
            match self.bytes.get(self.at) {
                None | Some(b'<') => return Ok(()),
                Some(b'&') => self.reference()?,
                Some(b']') => {
                    if self.sees("]]>") {
                        let place = self.span(self.at, self.at + 3);
                        let message = "`]]>` must not stand in text";
                        let finding = Diagnostic::error(Code::BadMarkup, place, message)
                            .with_help("write `]]&gt;`")
                            .with_fix(place, "]]&gt;");
                        self.at += 2;
                        self.fault(finding, place, "]]&gt;")?;
                    }
                    self.at += 1;
                }
                Some(_) => self.character()?,
            }
        }
    }

    /// A character that is not one of its class's common ones: good, or reported.
    fn character(&mut self) -> Step {
        let character = self.current();
        let place = self.here();
        self.at = place.end as usize;
        if character::is_allowed(character) {
            return Ok(());
        }
        let code_point = u32::from(character);
        let message = format!("XML cannot carry the character U+{code_point:04X}");
        let finding = Diagnostic::error(Code::BadCharacter, place, message);
        self.fault(finding.with_help("remove it"), place, "")
    }

    // The places that the index keeps.

    fn opened(&mut self, open: Open) {
        if let Some(parent) = self.open.last_mut() {
            parent.empty = false;
            parent.leaf = false;
        } else {
            let root = &self.text[open.name.range()];
            self.forgives_ampersands = self.forgiving_roots.contains(&root);
            self.outline.root.name = open.name;
        }
        self.open.push(open);
    }

    /// The innermost element ends at `self.at`; its content ended at `content_end`.
    #[inline]
    fn closed(&mut self, content_end: usize) -> Step {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if self.open.len() > 1 {
            return Ok(());
        }
        let element = Places {
            whole: self.span(open.start as usize, self.at),
            name: open.name,
            content: self.span(open.content as usize, content_end),
        };
        if self.open.is_empty() {
            self.outline.root = element;
        } else if self.outline.children.len() < CHILD_LIMIT {
            self.outline.children.push(Child { element, empty: open.empty });
        } else {
            return self.too_many_children(open.name);
        }
        Ok(())
    }

    #[cold]
    fn too_many_children(&mut self, name: Span) -> Step {
        let message = format!("the root has more than {CHILD_LIMIT} children");
        self.stop(Diagnostic::error(Code::TooComplex, name, message))
    }

    #[inline]
    fn mark_filled(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.empty = false;
        }
    }

    // Looking at the text.

    #[inline]
    fn sees(&self, prefix: &str) -> bool {
        self.bytes[self.at..].starts_with(prefix.as_bytes())
    }

    #[inline]
    fn skip_space(&mut self) {
        let rest = self.bytes[self.at..].iter();
        self.at += rest.take_while(|byte| character::is_space(**byte)).count();
    }

    #[inline]
    fn skip_class(&mut self, class: u8) {
        let rest = self.bytes[self.at..].iter();
        self.at += rest.take_while(|byte| character::is_class(**byte, class)).count();
    }

    /// The length of what begins at `from` and ends with `mark` and `>`.
    fn find_end(&self, from: usize, mark: &str) -> Option<usize> {
        let rest = &self.bytes[from..];
        let ends = |at: &usize| rest[..*at].ends_with(mark.as_bytes());
        memchr_iter(b'>', rest).find(ends).map(|at| at + 1)
    }

    /// The character at `self.at`, which lies on a boundary before the end.
    fn current(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('\0')
    }

    /// The character at `self.at` as a place; empty at the end.
    fn here(&self) -> Span {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        self.span(self.at, self.at + length)
    }

    /// A place in the text, which was found to be shorter than 4 GiB.
    #[inline]
    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    // Findings.

    /// Nothing behind this can be read.
    fn stop<T>(&mut self, finding: Diagnostic) -> Step<T> {
        self.findings.add(finding);
        Err(Stop)
    }

    /// Something is wrong and is read as if `repair` stood at `span`. Repairs inside of it, made a moment
    /// ago, are void.
    fn fault(
        &mut self,
        finding: Diagnostic,
        span: Span,
        repair: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Step {
        self.findings.add(finding);
        self.repair(span, repair)
    }

    /// A repair without a finding of its own.
    fn repair(&mut self, span: Span, repair: impl Into<std::borrow::Cow<'static, str>>) -> Step {
        let is_inside = |last: &Repair| last.span.end > span.start && last.span.end <= span.end;
        while self.repairs.last().is_some_and(is_inside) {
            self.repairs.pop();
        }
        self.repairs.push(Repair { span, text: repair.into() });
        self.faults += 1;
        if self.faults > FAULT_LIMIT { Err(Stop) } else { Ok(()) }
    }

    /// What stands at `span`, for a message; inside a password not even a piece of it, nor inside an
    /// address, where one may have been pasted.
    fn quote(&self, span: Span) -> String {
        if !self.findings.takes_an_error() {
            return String::new();
        }
        let text = &self.text[span.range()];
        if self.is_inside_secret(span.start) && !secret_name::is_public(text) {
            "(not shown)".to_owned()
        } else {
            crate::shown::quoted(text)
        }
    }

    fn is_inside_secret(&self, offset: u32) -> bool {
        // A start tag that has not ended has no content yet; its attributes are the element's own.
        let is_around = |open: &Open| {
            self.holds(open) != Holds::Open && (open.content <= offset || open.content == u32::MAX)
        };
        self.attribute.is_some_and(|name| self.may_hold_secret(name))
            || self.open.iter().any(is_around)
    }

    fn may_hold_secret(&self, name: Span) -> bool {
        secret_name::may_hold_secret(&self.text[name.range()])
    }

    /// What the name of an open element says that it holds. It costs a look at every letter, so it is
    /// not done for each fault anew.
    fn holds(&self, open: &Open) -> Holds {
        let holds = open.holds.get();
        let holds = holds.unwrap_or_else(|| secret_name::holds(&self.text[open.name.range()]));
        open.holds.set(Some(holds));
        holds
    }
}

#[cfg(test)]
mod tests;

//! End tags, and elements that have none or another one.

use memchr::memchr2;

use crate::diagnostic::Diagnostic;
use crate::secret_name::Holds;
use crate::suggestion::nearest;
use crate::{Code, Span};

use super::{Open, Scanner, Step};

/// So many of the open elements are pointed at where the document ends inside of them.
const SHOWN_OPEN: usize = 4;

impl Scanner<'_> {
    /// `</name>`
    pub(super) fn end_tag(&mut self) -> Step {
        let tag = self.at;
        if let Some(open) = self.open.last() {
            let name = &self.bytes[open.name.range()];
            let rest = &self.bytes[tag + 2..];
            if open.prefix == 0 && rest.starts_with(name) && rest.get(name.len()) == Some(&b'>') {
                self.at = tag + 2 + name.len() + 1;
                return self.closed(tag);
            }
        }
        self.unusual_end_tag(tag)
    }

    /// An end tag with white space in it, with a prefix, or one that does not fit.
    #[cold]
    fn unusual_end_tag(&mut self, tag: usize) -> Step {
        self.at = tag + 2;
        let Some((name, _)) = self.name()? else {
            return self.nameless_end_tag(tag);
        };
        self.skip_space();
        let mut is_mended = false;
        if self.bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
        } else {
            let message = "an end tag must end with `>`";
            let finding = Diagnostic::error(Code::BadMarkup, self.here(), message)
                .with_label(name, "this end tag");
            self.skip_to_tag_end();
            self.findings.add(finding);
            is_mended = true;
        }
        let Some(innermost) = self.open.last() else { return Ok(()) };
        if self.same_name(innermost.name, name) {
            if is_mended || innermost.prefix > 0 {
                let end_tag = self.end_tag_of(innermost);
                self.repair(self.span(tag, self.at), end_tag)?;
            }
            return self.closed(tag);
        }
        match self.open.iter().rposition(|open| self.same_name(open.name, name)) {
            Some(index) => self.close_down_to(index, tag, name),
            None => self.misnamed_end_tag(tag, name),
        }
    }

    /// `</>` or `</ name>`: taken for the end tag of the innermost element, unless it may be a piece of a
    /// secret.
    fn nameless_end_tag(&mut self, tag: usize) -> Step {
        self.skip_to_tag_end();
        let place = self.span(tag, self.at);
        let mut finding =
            Diagnostic::error(Code::BadMarkup, place, "an element's name must follow `</`");
        let Some(open) = self.open.last() else { return Ok(()) };
        finding = finding.with_label(open.name, "the element that is open");
        if self.holds(open) == Holds::Secret {
            return self.fault(finding, place, "");
        }
        let end_tag = self.end_tag_of(open);
        self.fault(finding, place, end_tag)?;
        self.closed(tag)
    }

    /// The end tag at `tag` is for the element at `index` of those that are open: the ones inside of it
    /// have no end tag.
    fn close_down_to(&mut self, index: usize, tag: usize, name: Span) -> Step {
        let after = self.at;
        while let Some(open) = self.open.last().filter(|_| self.open.len() > index + 1) {
            let unclosed = self.quote(open.name);
            let around = self.quote(name);
            let finding = Diagnostic::error(
                Code::Unclosed,
                open.name,
                format!("{unclosed} is not closed before {around} ends"),
            )
            .with_label(self.span(tag, after), "it must be closed before this")
            .with_help("write its end tag");
            let end_tag = self.end_tag_of(open);
            self.closed_early = Some(open.name);
            self.at = tag;
            self.fault(finding, Span::at(tag), end_tag)?;
            self.closed(tag)?;
        }
        self.at = after;
        if let Some(open) = self.open.last() {
            let end_tag = self.end_tag_of(open);
            // Written anew, behind the inserted ones, if it is not right as it stands.
            if end_tag != self.text[tag..after] {
                self.repair(self.span(tag, after), end_tag)?;
            }
        }
        self.closed(tag)
    }

    /// No element of the name at `name` is open. Where the innermost one holds neither an element nor a
    /// secret, or is named nearly so, the name is taken for a misspelt one; else the end tag is one too
    /// many.
    fn misnamed_end_tag(&mut self, tag: usize, name: Span) -> Step {
        let Some(open) = self.open.last() else { return Ok(()) };
        let written = &self.text[name.range()];
        if self.closed_early.take().is_some_and(|early| self.same_name(early, name)) {
            // Two end tags in the wrong order are one mistake, which was reported at the first one.
            return self.repair(self.span(tag, self.at), "");
        }
        let found = self.quote(name);
        let expected = self.quote(open.name);
        let place = self.span(tag, self.at);
        let may_end_here = open.leaf && self.holds(open) != Holds::Secret;
        if may_end_here || nearest(written, [&self.text[open.name.range()]]).is_some() {
            let message = format!("this end tag is for {found}, but {expected} is open");
            let finding = Diagnostic::error(Code::MismatchedTag, name, message)
                .with_label(open.name, "the element that is open")
                .with_help("write the same name in both tags");
            let end_tag = self.end_tag_of(open);
            self.fault(finding, place, end_tag)?;
            return self.closed(tag);
        }
        let message = format!("this end tag is for {found}, which is not open");
        let finding = Diagnostic::error(Code::MismatchedTag, name, message)
            .with_label(open.name, format!("{expected} is open"))
            .with_help("remove it, or write the start tag that is missing");
        self.fault(finding, place, "")
    }

    /// The document ends inside of an element.
    pub(super) fn unclosed(&mut self) -> Step {
        let end = self.bytes.len();
        let Some(innermost) = self.open.last() else { return Ok(()) };
        let name = self.quote(innermost.name);
        let message = format!("the document ends inside {name}");
        let mut finding = Diagnostic::error(Code::Unclosed, Span::at(end), message)
            .with_help("the document was cut short, or an end tag is missing");
        for open in self.open.iter().rev().take(SHOWN_OPEN) {
            finding = finding.with_label(open.name, "opened here");
        }
        self.findings.add(finding);
        while let Some(open) = self.open.last() {
            let end_tag = self.end_tag_of(open);
            self.repair(Span::at(end), end_tag)?;
            self.closed(end)?;
        }
        Ok(())
    }

    pub(super) fn same_name(&self, one: Span, other: Span) -> bool {
        self.text[one.range()] == self.text[other.range()]
    }

    /// The end tag that fits an open element as it was repaired.
    fn end_tag_of(&self, open: &Open) -> String {
        let name = &self.text[open.name.range()][open.prefix as usize..];
        format!("</{name}>")
    }

    /// Goes behind the next `>`, or to the next `<` if that comes first.
    pub(super) fn skip_to_tag_end(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = memchr2(b'<', b'>', rest).unwrap_or(rest.len());
        self.at += length + usize::from(rest.get(length) == Some(&b'>'));
    }
}

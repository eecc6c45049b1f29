//! A phone's configuration.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::diagnostic::{Diagnostic, Reading, Report};
use crate::element::{Element, Leaves};
use crate::findings::Findings;
use crate::gate::Judgement;
use crate::outline::{Child, ElementForm, Outline};
use crate::root::{CONFIGURATION, wrong_root};
use crate::shown::quoted;
use crate::{Code, Source, Span, gate};

/// A configuration, `Config.xml` or a server's: a text that has passed the gate (spec 1.6), with the
/// places of its sections, the children of its root `options`.
///
/// It may hold passwords, so `Debug` shows only the sections' names.
#[derive(Clone)]
pub struct Config {
    source: Source,
    outline: Outline,
}

impl Config {
    /// Reads a configuration of at most 64 MiB. A vector of UTF-8 is kept as it is; anything else is copied.
    ///
    /// # Errors
    ///
    /// The report, when the bytes are no text, the text is outside the accepted XML, or its root is
    /// not `options`.
    pub fn read<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Reading<Self>, Report> {
        Self::from_source(Source::decode(bytes, Source::FILE_LIMIT)?)
    }

    /// Reads a configuration from text that was decoded before.
    ///
    /// # Errors
    ///
    /// As for [`Config::read`].
    pub fn from_source(source: Source) -> Result<Reading<Self>, Report> {
        let judgement = gate::judge(source.text());
        Self::judged(source, judgement, &[CONFIGURATION])
    }

    /// Reads what the gate has judged; `expected` are the roots that could have been there.
    pub(crate) fn judged(
        source: Source,
        judgement: Judgement,
        expected: &[&str],
    ) -> Result<Reading<Self>, Report> {
        let mut findings = judgement.findings;
        let config = judgement.outline.map(|outline| Self { source: source.clone(), outline });
        if let Some(config) = &config {
            let place = config.outline.root.name;
            match &source.text()[place.range()] {
                CONFIGURATION => config.report_repeated_sections(&mut findings),
                other => {
                    findings.drop_warnings();
                    findings.add(wrong_root(other, place, expected));
                }
            }
        }
        Reading::unless_errors(config, Report::new(source, findings))
    }

    /// A configuration without any section, as a phone has it that was never started.
    ///
    /// # Panics
    ///
    /// Never; the text is a constant that a test reads.
    pub fn empty() -> Self {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<options>\n</options>\n".to_owned();
        Self::from_source(Source::from(text)).expect("the constant text is valid").value
    }

    /// The document.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text of the document.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The sections in their order; a name may come twice.
    pub fn sections(&self) -> impl DoubleEndedIterator<Item = Section<'_>> {
        self.outline.children.iter().map(|child| Section { text: self.text(), child })
    }

    /// The section of this name; the first one if there are several (spec 4.8).
    pub fn section(&self, name: &str) -> Option<Section<'_>> {
        self.sections().find(|section| section.name() == name)
    }

    /// The root element, to look into.
    pub fn root(&self) -> Element<'_> {
        Element::new(self.text(), self.outline.root)
    }

    /// The root element, from the `<` of its start tag to the `>` that ends it.
    pub fn root_span(&self) -> Span {
        self.outline.root.whole
    }

    /// What lies between the root's tags; empty, behind its `/>`, if it is self-closing.
    pub fn content_span(&self) -> Span {
        self.outline.root.content
    }

    /// How the root element is written.
    pub fn root_form(&self) -> ElementForm {
        self.outline.root.form()
    }

    fn report_repeated_sections(&self, findings: &mut Findings) {
        if !self.may_repeat_a_section() {
            return;
        }
        let mut first = HashMap::with_capacity(self.outline.children.len());
        for child in &self.outline.children {
            let place = child.element.name;
            let name = &self.text()[place.range()];
            let seen = *first.entry(name).or_insert(place);
            if seen != place && !findings.has_room() {
                findings.leave_out();
            } else if seen != place {
                let message =
                    format!("the section {} stands twice; the first counts", quoted(name));
                let finding = Diagnostic::warning(Code::RepeatedSection, place, message);
                findings.add(finding.with_label(seen, "the first one"));
            }
        }
    }

    /// A phone has about twenty sections, of which no two have a name. That is seen sooner by comparing each with each
    /// than by a table; of many more it is not.
    fn may_repeat_a_section(&self) -> bool {
        let children = &self.outline.children;
        let name = |child: &Child| &self.text()[child.element.name.range()];
        let is_repeated = |(place, child): (usize, &Child)| {
            children[..place].iter().any(|earlier| name(earlier) == name(child))
        };
        children.len() > FEW_SECTIONS || children.iter().enumerate().any(is_repeated)
    }
}

/// So many are compared each with each.
const FEW_SECTIONS: usize = 32;

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sections().take(64).map(Section::name);
        f.write_str("Config ")?;
        f.debug_list().entries(names).finish()
    }
}

/// A section of a configuration: a child element of its root.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    text: &'a str,
    child: &'a Child,
}

impl<'a> Section<'a> {
    /// The element's name.
    pub fn name(self) -> &'a str {
        &self.text[self.child.element.name.range()]
    }

    /// The section as an element, to look into.
    pub fn element(self) -> Element<'a> {
        Element::new(self.text, self.child.element)
    }

    /// The leaves inside, in their order, with their paths below the section; none if the section
    /// itself is a leaf.
    pub fn leaves(self) -> Leaves<'a> {
        Leaves::inside(self.element())
    }

    /// The whole element with its tags.
    pub fn text(self) -> &'a str {
        &self.text[self.span().range()]
    }

    /// Where the whole element stands.
    pub fn span(self) -> Span {
        self.child.element.whole
    }

    /// Where its content stands, between the tags.
    pub fn content_span(self) -> Span {
        self.child.element.content
    }

    /// Whether it is present and empty: nothing in it but white space and comments (spec 4.4).
    pub fn is_empty(self) -> bool {
        self.child.empty
    }
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({} at {:?})", self.name(), self.span())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_name() {
        let read = Config::read(b"<options><a>1</a><b/><a>2</a></options>").expect("valid");
        let names: Vec<_> = read.value.sections().map(Section::name).collect();
        assert_eq!(names, ["a", "b", "a"]);
        assert_eq!(read.value.section("a").map(Section::text), Some("<a>1</a>"));
        assert_eq!(read.report.diagnostics()[0].code, Code::RepeatedSection);
        assert!(read.value.section("b").is_some_and(Section::is_empty));
    }

    #[test]
    fn an_empty_configuration_is_valid() {
        assert_eq!(Config::empty().sections().count(), 0);
    }

    #[test]
    fn debug_shows_no_values() {
        let read = Config::read(b"<options><a><password>hunter2</password></a></options>");
        assert!(!format!("{read:?}").contains("hunter2"));
        let failed = Config::read(b"<option><a><password>hunter2</password></a></option>");
        assert!(!format!("{failed:?}").contains("hunter2"));
    }
}

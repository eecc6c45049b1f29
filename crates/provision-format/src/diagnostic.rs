//! What is wrong with a document, where, and how it is mended.

use std::fmt;

use crate::findings::Findings;
use crate::{Code, Position, Source, Span};

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document can be used as it was understood.
    Warning,
    /// The document cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A second place that a [`Diagnostic`] speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// A change that mends the document without a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// One finding about a document.
///
/// Messages are at most 1 KiB long. What they quote of the document is bounded, and never the value
/// of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What was found: a sentence without its full stop.
    pub message: String,
    /// The place.
    pub span: Span,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// The mend, where a machine can make it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    pub(crate) fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message.into())
    }

    pub(crate) fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message.into())
    }

    fn new(severity: Severity, code: Code, span: Span, message: String) -> Self {
        Self { code, severity, message, span, labels: Vec::new(), help: None, fix: None }
    }

    pub(crate) fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn with_fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }
}

/// All findings about one document, with the text they point into.
///
/// As an error it displays its first error, with line and column.
#[derive(Clone, Debug)]
pub struct Report {
    source: Source,
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
}

impl Report {
    /// A report about `source`; findings are put in the order of their places.
    pub(crate) fn new(source: Source, findings: Findings) -> Self {
        let (mut diagnostics, left_out) = findings.into_parts();
        diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        Self { source, diagnostics, left_out }
    }

    /// The report with more findings about the same document.
    pub(crate) fn with(mut self, findings: Findings) -> Self {
        let (more, left_out) = findings.into_parts();
        self.diagnostics.extend(more);
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        self.left_out += left_out;
        self
    }

    /// The findings, in the order of their places.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many findings were made and left out, because a hundred are enough; after very many the
    /// reader stops looking for more.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The errors among the findings.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// The document.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The document with every fix applied; none if there is nothing that a machine can mend.
    pub fn fixed(&self) -> Option<Source> {
        let original = self.source.text();
        let mut text = String::with_capacity(original.len());
        let mut done = 0;
        // In the order of their places; of two that overlap, the first.
        let mut fixes: Vec<_> = self.diagnostics.iter().filter_map(|d| d.fix.as_ref()).collect();
        fixes.sort_by_key(|fix| fix.span);
        for fix in &fixes {
            let place = fix.span.range();
            if place.start >= done {
                text.push_str(&original[done..place.start]);
                text.push_str(&fix.replacement);
                done = place.end;
            }
        }
        text.push_str(&original[done..]);
        (!fixes.is_empty()).then(|| self.source.with_text(text))
    }

    /// Line and column of the start of `span`. To ask for many, keep the
    /// [`Source::line_index`].
    pub fn position(&self, span: Span) -> Position {
        self.source.line_index().position(self.source.text(), span.start as usize)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.errors().count();
        match self.errors().next() {
            None => write!(f, "no errors, {} warnings", self.diagnostics.len()),
            Some(first) => {
                let Position { line, column } = self.position(first.span);
                write!(f, "line {line}, column {column}: {}", first.message)?;
                match errors - 1 {
                    0 => Ok(()),
                    more => write!(f, " (and {more} more errors)"),
                }
            }
        }
    }
}

impl std::error::Error for Report {}

/// A document that was understood, with the warnings about it.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// What the document says.
    pub value: T,
    /// What is remarkable about it; no errors.
    pub report: Report,
}

impl<T> Reading<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        Reading { value: change(self.value), report: self.report }
    }

    /// `value` if nothing that was found is an error, else the report.
    pub(crate) fn unless_errors(value: Option<T>, report: Report) -> Result<Self, Report> {
        match value {
            Some(value) if !report.has_errors() => Ok(Self { value, report }),
            _ => Err(report),
        }
    }
}

//! One document: read, mended where that is wanted, and put into words.

use std::io;

use provision::format::{Checked, Diagnostic, DocumentKind, Report, Severity};
use provision::{Mended, check_file, check_stream, mended, replace_file};

use crate::check::description::{description, found};
use crate::check::json;
use crate::check::targets::Target;
use crate::console::{Verbosity, path};
use crate::diff;
use crate::output::{Format, Screen};
use crate::rendering::{Detail, Rendering};

/// What is done with every document.
pub(super) struct Checkup {
    /// What it is read as; by its root if none.
    pub(super) kind: Option<DocumentKind>,
    pub(super) writing: Writing,
    pub(super) format: Format,
    pub(super) screen: Screen,
    pub(super) verbosity: Verbosity,
}

/// What becomes of the fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    Nothing,
    /// They go into the file.
    Fixes,
    /// They are shown.
    Difference,
}

/// What came of one document. The document itself is not kept: there can be thousands.
#[derive(Debug)]
pub(super) struct Document {
    /// As it is shown.
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// The findings as people read them, each with its lines.
    pub(super) findings: Vec<String>,
    /// What the document is, and what was found; one line. Empty where nobody sees it.
    pub(super) line: String,
    /// What the fixes would change.
    pub(super) difference: String,
    /// How many of the findings `--fix` can mend.
    pub(super) mendable: usize,
    /// How many fixes were written.
    pub(super) fixes: usize,
    pub(super) json: Option<json::File>,
}

/// The worst that is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Warnings,
    /// There are errors; with the first one in words.
    Errors(String),
    /// It cannot be read, or not written; with the reason in words.
    Inaccessible(String),
}

impl Checkup {
    pub(super) fn document(&self, target: &Target) -> Document {
        let name = match target {
            Target::StandardInput => "standard input".to_owned(),
            other => path(other.path()),
        };
        let read = match target {
            Target::StandardInput => check_stream(io::stdin().lock(), self.kind),
            Target::File(path) => check_file(path, self.kind),
            Target::Unusable { error, .. } => Err(io::Error::new(error.kind(), error.to_string())),
        };
        match read {
            Ok(checked) => self.examined(target, name, checked),
            Err(error) => Self::unreadable(target, name, &error),
        }
    }

    fn unreadable(target: &Target, name: String, error: &io::Error) -> Document {
        let reason = format!("{name} cannot be read: {error}");
        Document {
            line: format!("error: {reason}"),
            json: Some(json::File::unreadable(target.path(), &reason)),
            verdict: Verdict::Inaccessible(reason),
            findings: Vec::new(),
            difference: String::new(),
            mendable: 0,
            fixes: 0,
            name,
        }
    }

    fn examined(&self, target: &Target, name: String, checked: Checked) -> Document {
        let mut checked = checked;
        let mut fixes = 0;
        let mut difference = String::new();
        let mut unwritten = None;
        match self.writing {
            Writing::Nothing => {}
            Writing::Difference => {
                let before = checked.report.source().clone();
                difference = diff::unified(&before, mended(checked.clone()).source(), &name);
            }
            Writing::Fixes => {
                let after = mended(checked.clone());
                match write(&after, target) {
                    Ok(()) => (checked, fixes) = (after.checked, after.fixes),
                    Err(error) => unwritten = Some(format!("{name} cannot be written: {error}")),
                }
            }
        }
        let report = &checked.report;
        let line = match &unwritten {
            Some(reason) => format!("error: {reason}"),
            None if self.tells_good_news() => {
                let found = found(report, fixes);
                format!("{name}: {}: {found}", description(&checked, self.detail()))
            }
            // To say how much a configuration has takes as long as to judge it.
            None => String::new(),
        };
        let json = (self.format == Format::Json)
            .then(|| json::File::new(target.path(), &checked, fixes, unwritten.as_deref()));
        let findings = match self.format {
            Format::Human => self.rendered(report, &name),
            Format::Json => Vec::new(),
        };
        let mendable = match target {
            Target::File(_) if unwritten.is_none() => {
                report.diagnostics().iter().filter(|found| found.fix.is_some()).count()
            }
            _ => 0,
        };
        let verdict = match unwritten {
            Some(reason) => Verdict::Inaccessible(reason),
            None => verdict(report),
        };
        Document { name, verdict, findings, line, difference, mendable, fixes, json }
    }

    fn rendered(&self, report: &Report, name: &str) -> Vec<String> {
        let is_wanted = |finding: &&Diagnostic| {
            finding.severity == Severity::Error || self.verbosity > Verbosity::Quiet
        };
        let mut wanted = report.diagnostics().iter().filter(is_wanted).peekable();
        if wanted.peek().is_none() {
            return Vec::new();
        }
        let rendering = Rendering::new(report, name, self.screen, self.detail());
        wanted.map(|finding| rendering.finding(finding)).collect()
    }

    /// Whether anyone will see the line about a document that was read.
    fn tells_good_news(&self) -> bool {
        self.format == Format::Human && self.verbosity > Verbosity::Quiet
    }

    fn detail(&self) -> Detail {
        if self.verbosity == Verbosity::Trace { Detail::Explained } else { Detail::Short }
    }
}

/// Puts the mended document where the document was, if anything was mended.
fn write(mended: &Mended, target: &Target) -> io::Result<()> {
    if mended.fixes > 0 {
        let bytes = mended.source().to_bytes().map_err(io::Error::other)?;
        replace_file(target.path(), &bytes)?;
    }
    Ok(())
}

fn verdict(report: &Report) -> Verdict {
    match report.errors().next() {
        Some(first) => {
            let place = report.position(first.span);
            let words = format!("line {}, column {}: {}", place.line, place.column, first.message);
            Verdict::Errors(words)
        }
        None if report.diagnostics().is_empty() => Verdict::Good,
        None => Verdict::Warnings,
    }
}

#[cfg(test)]
mod tests;

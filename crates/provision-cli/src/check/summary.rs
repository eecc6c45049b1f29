//! What came of all files together.

use crate::check::description::counted;
use crate::check::document::{Checkup, Document, Verdict, Writing};
use crate::check::json;
use crate::console::{Console, Verbosity};
use crate::exit::Exit;

/// Counts documents by what is to be said about them, and tells each.
#[derive(Debug, Default)]
pub(super) struct Summary {
    good: usize,
    with_warnings: usize,
    with_errors: usize,
    inaccessible: usize,
    mendable: usize,
    fixes: usize,
    /// The first document with errors: its name, and the first of them.
    first_error: Option<(String, String)>,
    /// Why the first document could not be read or written.
    first_inaccessible: Option<String>,
    /// Whether the next finding needs a line between it and what was told before.
    told_something: bool,
}

impl Summary {
    pub(super) fn add(&mut self, document: Document) {
        self.mendable += document.mendable;
        self.fixes += document.fixes;
        match document.verdict {
            Verdict::Good => self.good += 1,
            Verdict::Warnings => self.with_warnings += 1,
            Verdict::Errors(first) => {
                self.with_errors += 1;
                self.first_error.get_or_insert((document.name, first));
            }
            Verdict::Inaccessible(reason) => {
                self.inaccessible += 1;
                self.first_inaccessible.get_or_insert(reason);
            }
        }
    }

    fn files(&self) -> usize {
        self.good + self.with_warnings + self.with_errors + self.inaccessible
    }

    /// The findings about a document, and the line about it; `files` are checked in all.
    pub(super) fn tell(&mut self, document: &Document, files: usize, console: &mut Console) {
        for finding in &document.findings {
            if self.told_something {
                console.error("");
            }
            console.error(finding);
            self.told_something = true;
        }
        if !document.findings.is_empty() {
            console.say("");
        }
        match document.verdict {
            // The last line says it if there is only this one.
            Verdict::Inaccessible(_) if files == 1 => {}
            Verdict::Inaccessible(_) => console.error(&document.line),
            _ => console.say(&document.line),
        }
        self.told_something |= console.verbosity() > Verbosity::Quiet;
    }

    /// What is to be said behind the last document.
    pub(super) fn tell_all(&self, checkup: &Checkup, console: &mut Console) {
        if self.told_something && checkup.verbosity == Verbosity::Quiet {
            console.error("");
        }
        if self.files() > 1 {
            let counts = [
                (self.inaccessible, "inaccessible"),
                (self.with_errors, "with errors"),
                (self.with_warnings, "with warnings"),
                (self.good, "good"),
            ];
            let counts = counts.iter().filter(|(count, _)| *count > 0);
            let counts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
            console.say(format!(
                "checked {}: {}",
                counted(self.files(), "file"),
                counts.join(", ")
            ));
        }
        let findings = counted(self.mendable, "finding");
        match checkup.writing {
            _ if self.mendable == 0 => {}
            Writing::Nothing => {
                console.say(format!("help: --fix mends {findings}, --diff shows how"));
            }
            Writing::Fixes => console.say(format!("help: --fix mends {findings} more next time")),
            Writing::Difference => {}
        }
    }

    /// The exit status, and for a failure the line that is fit for a ticket (spec 8.5, 8.6).
    pub(super) fn ending(&self) -> (Exit, Option<String>) {
        let of_all = |count: usize| {
            let are = if count == 1 { "is" } else { "are" };
            format!("{count} of {} {are}", counted(self.files(), "file"))
        };
        if let Some(reason) = &self.first_inaccessible {
            let ticket = match self.files() {
                1 => reason.clone(),
                _ => format!("{} inaccessible, the first: {reason}", of_all(self.inaccessible)),
            };
            return (Exit::LocalFiles, Some(ticket));
        }
        let Some((name, first)) = &self.first_error else {
            return (Exit::Done, None);
        };
        let ticket = match self.files() {
            1 => format!("{name} is not valid: {first}"),
            _ => {
                format!("{} not valid, the first: {name}: {first}", of_all(self.with_errors))
            }
        };
        (Exit::Findings, Some(ticket))
    }

    pub(super) fn counts(&self, exit: Exit, failure: Option<&str>) -> json::Summary {
        json::Summary {
            files: self.files(),
            good: self.good,
            with_warnings: self.with_warnings,
            with_errors: self.with_errors,
            inaccessible: self.inaccessible,
            fixed: self.fixes,
            exit_status: exit as u8,
            failure: failure.map(str::to_owned),
        }
    }
}

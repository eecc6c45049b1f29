//! A bounded list of findings.

use crate::diagnostic::Diagnostic;

/// More findings than this help nobody.
const FINDING_LIMIT: usize = 100;

/// Findings in the order in which they are made, of which a hostile document could have a million.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    diagnostics: Vec<Diagnostic>,
    /// An error must not be lost behind a hundred warnings.
    errors: usize,
    left_out: usize,
}

impl Findings {
    pub(crate) fn add(&mut self, finding: Diagnostic) {
        let is_error = finding.severity == crate::Severity::Error;
        if self.has_room() || (is_error && self.takes_an_error()) {
            self.errors += usize::from(is_error);
            self.diagnostics.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Forgets what was found from `offset` on, which will be looked at again.
    pub(crate) fn forget_from(&mut self, offset: u32) {
        self.diagnostics.retain(|finding| finding.span.start < offset);
        let is_error = |finding: &&Diagnostic| finding.severity == crate::Severity::Error;
        self.errors = self.diagnostics.iter().filter(is_error).count();
    }

    /// Counts a finding that was not made.
    pub(crate) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Whether one more error would be kept. Its message need not be made if not.
    pub(crate) fn takes_an_error(&self) -> bool {
        self.has_room() || self.errors == 0
    }

    pub(crate) fn has_room(&self) -> bool {
        self.diagnostics.len() < FINDING_LIMIT
    }

    /// The document is another one than was expected: what is remarkable about it is no help.
    pub(crate) fn drop_warnings(&mut self) {
        self.diagnostics.retain(|finding| finding.severity == crate::Severity::Error);
    }

    pub(crate) fn have_errors(&self) -> bool {
        self.errors > 0
    }

    /// The findings, and how many more there were.
    pub(crate) fn into_parts(self) -> (Vec<Diagnostic>, usize) {
        (self.diagnostics, self.left_out)
    }
}

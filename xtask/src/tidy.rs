//! `cargo xtask tidy`: the rules of the architecture and of the files, checked against what is there.
//!
//! Every rule is a function from text to findings. All findings are shown at once.

mod arrows;
mod layout;
mod manifests;
mod purity;
mod signatures;
mod source;
mod text;
mod words;

use std::fmt;

use crate::failure::Failure;
use crate::workspace::Workspace;

use self::source::Source;

/// Prints every finding, and fails if there is one.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let findings = findings(workspace)?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::Untidy { findings: findings.len() }) }
}

/// A broken rule: where, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1.
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.message)
    }
}

fn findings(workspace: &Workspace) -> Result<Vec<Finding>, Failure> {
    let packages = workspace.packages()?;
    let files = workspace.files()?;

    let mut findings = arrows::check(&packages);
    findings.extend(layout::check_files(&files));
    findings.extend(purity::check_table(&files));
    findings.extend(signatures::check_table(&packages));
    for path in &files {
        let Some(text) = workspace.text(path)? else {
            continue;
        };
        findings.extend(text::check(path, &text));
        findings.extend(manifests::check_text(path, &text));
        if is_ours(path) {
            let source = Source::new(path, &text);
            findings.extend(layout::check_source(&source));
            findings.extend(purity::check(&source));
            findings.extend(signatures::check(&source));
            findings.extend(words::check(&source));
        }
    }
    findings.extend(manifests::check_packages(&packages, &files));
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(findings)
}

/// Rust sources of the workspace's members, and of fuzzing.
fn is_ours(path: &str) -> bool {
    path.ends_with(".rs")
        && ["crates/", "fuzz/", "tests/", "xtask/"].iter().any(|top| path.starts_with(top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let findings = findings(&Workspace::here()).expect("cargo and git are here");
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }

    #[test]
    fn a_finding_is_a_place_and_what_to_do() {
        let finding = Finding::new("crates/a/src/lib.rs", 3, "do that instead");
        assert_eq!(finding.to_string(), "crates/a/src/lib.rs:3: do that instead");
    }
}

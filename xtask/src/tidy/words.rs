//! Calls and attributes that have no place in the sources, or in one crate only.

use super::Finding;
use super::source::{Source, has_words};

/// A word that is forbidden, and what to do instead.
struct Rule {
    words: &'static [&'static str],
    forbidden_in: fn(&str) -> bool,
    advice: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        words: &["todo!(", "unimplemented!("],
        forbidden_in: |_| true,
        advice: "finish it, or return an error that says what is missing",
    },
    Rule {
        words: &["#[ignore"],
        forbidden_in: |_| true,
        advice: "a test that does not run proves nothing: mend it or remove it",
    },
    Rule {
        words: &["#[allow(", "#![allow("],
        forbidden_in: |_| true,
        advice: "write `#[expect(…, reason = \"…\")]`, which complains once it is not needed",
    },
    Rule {
        // Stable since Rust 1.88; clippy watches the library's floor, not the language's.
        words: &["&& let "],
        forbidden_in: |_| true,
        advice: "a chain of conditions with `let` needs a newer Rust than `rust-version`: nest them",
    },
    Rule {
        words: &["println!(", "eprintln!(", "print!(", "eprint!(", "process::exit"],
        forbidden_in: is_library,
        advice: "only the command prints and exits: return a value or send an event",
    },
];

/// Sources of the library crates, without their examples and benches.
pub(super) fn is_library(path: &str) -> bool {
    path.starts_with("crates/")
        && path.contains("/src/")
        && !path.starts_with("crates/provision-cli/")
}

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.forbidden_in)(&source.path)) {
        for (number, line) in (1..).zip(&source.lines) {
            for word in rule.words.iter().filter(|word| has_words(line, word)) {
                let message = format!("`{}`: {}", word.trim_end_matches('('), rule.advice);
                findings.push(Finding::new(&source.path, number, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_code_is_found() {
        let text =
            "fn f() { todo!() }\n#[ignore = \"slow\"]\n#![allow(dead_code)]\n#[allow(dead_code)]\n";
        assert_eq!(lines("tests/it/a.rs", text), [1, 2, 3, 4]);
        assert_eq!(
            lines("tests/it/a.rs", "// todo!()\nlet s = \"#[allow(x)]\";\n#[expect(x)]\n"),
            [0; 0]
        );
    }

    #[test]
    fn let_chains_are_newer_than_the_floor() {
        assert_eq!(lines("xtask/src/a.rs", "if a && let Some(b) = c {}\nif a && letter {}\n"), [1]);
        assert_eq!(lines("xtask/src/a.rs", "    if a\n        && let Some(b) = c\n    {}\n"), [2]);
    }

    #[test]
    fn only_the_command_prints() {
        let text = "println!(\"x\");\nstd::process::exit(1);\nwriteln!(out);\n";
        assert_eq!(lines("crates/provision/src/run.rs", text), [1, 2]);
        assert_eq!(lines("crates/provision/examples/embed.rs", text), [0; 0]);
        assert_eq!(lines("crates/provision-cli/src/main.rs", text), [0; 0]);
        assert_eq!(lines("xtask/src/main.rs", text), [0; 0]);
    }
}

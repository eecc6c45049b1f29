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
    findings.extend(let_chains(source));
    findings
}

/// Conditions that chain a `let`: stable since Rust 1.88. Clippy watches the library's floor, not the language's.
fn let_chains(source: &Source) -> Vec<Finding> {
    let code = source.lines.join("\n");
    let starts = code.match_indices("let ").filter(|(at, _)| {
        let before = code[..*at].trim_end();
        ["if", "while", "&&"].iter().any(|word| before.ends_with(word))
    });
    let chains = starts.filter(|(at, _)| {
        let joins_another = code[..*at].trim_end().ends_with("&&");
        joins_another || goes_on(&code[*at..])
    });
    chains
        .map(|(at, _)| {
            let line = code[..at].matches('\n').count() + 1;
            let message = "a chain of conditions with `let` needs a newer Rust than `rust-version`: nest them";
            Finding::new(&source.path, line, message)
        })
        .collect()
}

/// Whether `&&` stands beside, not inside, the expression of the `let PATTERN = EXPRESSION` at the start.
fn goes_on(code: &str) -> bool {
    let Some((_, expression)) = code.split_once(" = ") else { return false };
    let mut depth = 0_usize;
    for (at, character) in expression.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return false,
            '&' if depth == 0 && expression[at..].starts_with("&& ") => return true,
            _ => {}
        }
    }
    false
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
        for chain in [
            "if a && let Some(b) = c {}",
            "if let Some(b) = c && d {}",
            "while let Some(S { b }) = f(|x| x && y)\n    && d\n{}",
            "if a\n    && let Some(b) = c\n{}",
        ] {
            assert!(!lines("xtask/src/a.rs", chain).is_empty(), "{chain}");
        }
        for plain in [
            "if let Some(b) = c { if d && e {} }",
            "if let Some(b) = (c && d) {}",
            "let x = a && b;",
            "let Some(x) = y else { return a && b };",
            "if a && letter {}",
        ] {
            assert_eq!(lines("xtask/src/a.rs", plain), [0; 0], "{plain}");
        }
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

//! How long a file may be, and which names say nothing.

use super::Finding;
use super::source::Source;

const MAX_CODE_LINES: usize = 600;
const MAX_LIB_LINES: usize = 80;

/// Names that say where code was put and not what it is.
const EMPTY_NAMES: &[&str] = &["common", "helpers", "prelude", "types", "utils"];

pub(super) fn check_files(files: &[String]) -> Vec<Finding> {
    let is_empty_name = |path: &str| {
        let module = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs"));
        module.is_some_and(|module| {
            EMPTY_NAMES.iter().any(|name| module.ends_with(&format!("/{name}")))
        })
    };
    files
        .iter()
        .filter(|path| is_empty_name(path))
        .map(|path| Finding::new(path, 1, "name the module after the thing it holds"))
        .collect()
}

pub(super) fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let code = source.lines.iter().filter(|line| !line.trim().is_empty()).count();
    if code > MAX_CODE_LINES {
        let message =
            format!("{code} lines of code, at most {MAX_CODE_LINES}: split it by its ideas");
        findings.push(Finding::new(&source.path, 1, message));
    }
    let all = source.lines.len();
    if source.path.starts_with("crates/")
        && source.path.ends_with("/src/lib.rs")
        && all > MAX_LIB_LINES
    {
        let message = format!(
            "{all} lines, at most {MAX_LIB_LINES}: a crate's root is its documentation and its re-exports"
        );
        findings.push(Finding::new(&source.path, MAX_LIB_LINES + 1, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<usize> {
        check_source(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn only_code_counts() {
        let comments = "// why\n\n/* how */\n".repeat(MAX_CODE_LINES);
        let code = "fn f() {}\n".repeat(MAX_CODE_LINES);
        assert_eq!(check("crates/a/src/b.rs", &format!("{comments}{code}")), [0; 0]);
        assert_eq!(check("crates/a/src/b.rs", &format!("{code}fn g() {{}}\n")), [1]);
    }

    #[test]
    fn a_crate_root_is_short() {
        let text = "//! Documentation.\n".repeat(MAX_LIB_LINES);
        assert_eq!(check("crates/a/src/lib.rs", &text), [0; 0]);
        assert_eq!(check("crates/a/src/lib.rs", &format!("{text}\n")), [MAX_LIB_LINES + 1]);
        assert_eq!(check("crates/a/src/main.rs", &format!("{text}\n")), [0; 0]);
    }

    #[test]
    fn modules_have_names_that_say_something() {
        let files = ["crates/a/src/utils.rs", "tests/it/common/mod.rs", "crates/a/src/span.rs"];
        let findings = check_files(&files.map(str::to_owned));
        let paths: Vec<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, [files[0], files[1]]);
    }
}

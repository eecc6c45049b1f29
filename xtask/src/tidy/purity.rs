//! Code that does no input or output, and takes the time as a parameter.

use super::Finding;
use super::source::Source;

/// What a part of the workspace must not reach, and why.
struct Pure {
    crate_source: &'static str,
    modules: Modules,
    forbidden: &'static [&'static str],
    reason: &'static str,
}

/// Modules of a crate, each a file or a folder.
enum Modules {
    /// All, their tests too.
    All,
    /// All but these, which drive the others; tests may look at the clock, since a time cannot be had otherwise.
    AllBut(&'static [&'static str]),
    /// These, but for their tests.
    Only(&'static [&'static str]),
}

const PURE: &[Pure] = &[
    Pure {
        crate_source: "crates/provision-format/src/",
        modules: Modules::All,
        forbidden: OUTSIDE_WORLD,
        reason: "this crate is about what documents say; the caller brings the text",
    },
    Pure {
        crate_source: "crates/provision-merge/src/",
        modules: Modules::All,
        forbidden: OUTSIDE_WORLD,
        reason: "a merge is a function of its documents; the caller brings them",
    },
    Pure {
        crate_source: "crates/provision-fetch/src/",
        modules: Modules::AllBut(&["driver", "transport"]),
        forbidden: INPUT_AND_OUTPUT,
        reason: "this module decides; the driver moves bytes and tells it the time",
    },
    Pure {
        crate_source: "crates/provision/src/",
        modules: Modules::Only(&["authentication", "judge", "refresh", "run"]),
        forbidden: INPUT_AND_OUTPUT,
        reason: "this module decides or orders the steps; its neighbours touch files and clocks",
    },
];

const OUTSIDE_WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "hyper",
    "tempfile",
    "tokio",
];

const INPUT_AND_OUTPUT: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::process",
    "std::thread",
    "tokio::fs",
    "tokio::net",
    "tokio::process",
    "tokio::spawn",
    "tokio::time::interval",
    "tokio::time::sleep",
    "tokio::time::sleep_until",
    "tokio::time::timeout",
    "tokio::time::timeout_at",
    "time::sleep",
    "time::timeout",
    "Instant::now",
    "SystemTime::now",
];

impl Pure {
    fn covers(&self, path: &str) -> bool {
        path.strip_prefix(self.crate_source).is_some_and(|rest| match self.modules {
            Modules::All => true,
            Modules::AllBut(modules) => !modules.iter().any(|module| is_module(rest, module)),
            Modules::Only(modules) => modules.iter().any(|module| is_module(rest, module)),
        })
    }

    fn covers_tests(&self) -> bool {
        matches!(self.modules, Modules::All)
    }

    fn named_modules(&self) -> &'static [&'static str] {
        match self.modules {
            Modules::All => &[],
            Modules::AllBut(modules) | Modules::Only(modules) => modules,
        }
    }
}

fn is_module(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pure in PURE.iter().filter(|pure| pure.covers(&source.path)) {
        let end = if pure.covers_tests() { usize::MAX } else { source.first_test_line() };
        for path in pure.forbidden {
            for line in source.uses(path).into_iter().filter(|line| *line < end) {
                findings.push(Finding::new(
                    &source.path,
                    line,
                    format!("`{path}`: {}", pure.reason),
                ));
            }
        }
    }
    findings
}

/// Each module that the table names must exist: a rename would switch a rule off, or leave an exception open, without
/// a word.
pub(super) fn check_table(files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pure in PURE {
        for module in pure.named_modules() {
            let is_there = |file: &String| {
                file.strip_prefix(pure.crate_source).is_some_and(|rest| is_module(rest, module))
            };
            if !files.iter().any(is_there) {
                let path = format!("{}{module}.rs", pure.crate_source);
                let message =
                    "`tidy` has a rule on this module, but it is not there: follow its new name";
                findings.push(Finding::new(&path, 1, message));
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
    fn pure_crates_reach_nothing() {
        let text = "use std::{fmt, fs};\nuse std::time::{Duration, Instant};\nuse tokio;\n//! no std::fs here\n";
        assert_eq!(lines("crates/provision-format/src/reader/tree.rs", text), [1, 2, 3]);
        assert_eq!(lines("crates/provision-merge/src/rules.rs", text), [1, 2, 3]);
        assert_eq!(lines("crates/provision-fetch/src/transport.rs", text), [0; 0]);
    }

    #[test]
    fn pure_modules_take_the_time_as_a_parameter() {
        let text = "use std::time::Instant;\nfn f(now: Instant) {}\nlet now = Instant::now();\n";
        assert_eq!(lines("crates/provision-fetch/src/failover.rs", text), [3]);
        assert_eq!(lines("crates/provision-fetch/src/failover/gap.rs", text), [3]);
        assert_eq!(lines("crates/provision-fetch/src/fetcher.rs", text), [3]);
        assert_eq!(lines("crates/provision-fetch/src/transport/tls.rs", text), [0; 0]);
        assert_eq!(lines("crates/provision/src/run.rs", text), [3]);
        assert_eq!(lines("crates/provision/src/store.rs", text), [0; 0]);
    }

    #[test]
    fn tests_of_pure_modules_may_look_at_the_clock() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() { Instant::now(); }\n}\n";
        assert_eq!(lines("crates/provision-fetch/src/failover.rs", text), [0; 0]);
        assert_eq!(
            lines("crates/provision-fetch/src/failover/tests.rs", "Instant::now();\n"),
            [0; 0]
        );
        let text = "#[cfg(test)]\nuse std::fs;\n";
        assert_eq!(lines("crates/provision-fetch/src/failover.rs", text), [2]);
        assert_eq!(lines("crates/provision-merge/src/rules/tests.rs", text), [2]);
    }

    #[test]
    fn a_pure_module_that_is_gone_is_found() {
        let there: Vec<String> = PURE
            .iter()
            .flat_map(|pure| {
                pure.named_modules()
                    .iter()
                    .map(|module| format!("{}{module}.rs", pure.crate_source))
            })
            .collect();
        assert_eq!(check_table(&there), []);
        assert_eq!(check_table(&there[1..]).len(), 1);
    }
}

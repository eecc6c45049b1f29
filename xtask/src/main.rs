//! The workspace's chores: every one is a `cargo xtask …`.
//!
//! It needs nothing but Rust, git and a C compiler; what of [`ci`] and [`fuzz`] needs other tools installs
//! them, at the versions pinned in [`tools`].
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore tells the person at the terminal what it does"
)]

mod bench;
mod ci;
mod command;
mod crash;
mod demo;
mod dist;
mod failure;
mod fixtures;
mod fuzz;
mod hostile;
mod package;
mod program;
mod properties;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  demo [ARGUMENT…]   builds the `provision` command and shows a whole run against servers on this machine
  test [ARGUMENT…]   builds the `provision` command and runs every test; the arguments go to `cargo test`
  hostile [--port N] [WORD…]
                     serves every misbehaviour of `fixtures/http` to any client, and prints the table
  crash [KILLS]      kills the released command at every system call, KILLS times (16,000), lets every call on its files fail,
                     and looks at the files; then runs two at a time on one profile, 1,000 times; Linux, a quarter of an
                     hour, not part of the gate
  bench [--quick]    runs every benchmark, prints a table of all goals and writes docs/performance.md with its data and chart;
                     fails if a goal is missed. --quick: a tenth of the effort, into `target/bench`; not part of the gate
  bench NAME [WORD…] runs a benchmark (`format`, `fetch`, `merge`, `run`, `check`, `size`), or its rows with these words
  bench --compare REVISION [WORD…]
                     counts the instructions of the command as it is and as it was at REVISION; needs valgrind
  bench --install-peers
                     installs what the benchmarks compare with and measure by, where there is apt
  fixtures           writes what comes out as what is expected: reports, merges, texts, the schema, docs/diagnostics.md
  properties [CASES] runs the tests of properties with so many cases each, 100000 if not told
  pages              writes the man pages and the completions of the command
  dist               builds the archive of a release for this machine (on Linux for any), and runs the command from it
  tidy               checks the rules of the architecture and of the files; changes nothing
  ci [STEP…]         the whole gate, or only the named steps
  fuzz format [--executions N]
                     runs the targets of `fuzz/`, N inputs each (10,000,000); not part of the gate
  help               prints this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            if let Failure::Usage { .. } = failure {
                eprint!("\n{USAGE}\n{}", ci::step_list());
            }
            failure.exit_code()
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(Failure::usage("a command is missing"));
    };
    let workspace = Workspace::here();
    match command.as_str() {
        "demo" => demo::run(&workspace, rest),
        "test" => test::run(&workspace, rest),
        "hostile" => hostile::run(&workspace, rest),
        "crash" => crash::run(&workspace, rest),
        "bench" => bench::run(&workspace, rest),
        "fixtures" if rest.is_empty() => fixtures::run(&workspace),
        "fixtures" => Err(Failure::usage("`fixtures` takes no argument")),
        "properties" => properties::run(&workspace, rest),
        "ci" => ci::run(&workspace, rest),
        "fuzz" => fuzz::run(&workspace, rest),
        "pages" if rest.is_empty() => dist::pages(&workspace),
        "dist" if rest.is_empty() => dist::run(&workspace),
        "pages" | "dist" => Err(Failure::usage(format!("`{command}` takes no argument"))),
        "tidy" if rest.is_empty() => tidy::run(&workspace),
        "tidy" => Err(Failure::usage("`tidy` takes no argument")),
        "help" | "--help" | "-h" => {
            print!("{USAGE}\n{}", ci::step_list());
            Ok(())
        }
        unknown => Err(Failure::usage(format!("there is no command `{unknown}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage_error(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match dispatch(&arguments) {
            Err(failure @ Failure::Usage { .. }) => failure.to_string(),
            other => panic!("not a usage error: {other:?}"),
        }
    }

    #[test]
    fn wrong_usage_names_what_is_wrong() {
        assert_eq!(usage_error(&[]), "a command is missing");
        assert_eq!(usage_error(&["tydi"]), "there is no command `tydi`");
        assert_eq!(usage_error(&["tidy", "now"]), "`tidy` takes no argument");
        assert_eq!(usage_error(&["dist", "now"]), "`dist` takes no argument");
        assert_eq!(usage_error(&["fixtures", "now"]), "`fixtures` takes no argument");
        assert_eq!(usage_error(&["properties", "all"]), "`all` is no number of cases");
        assert_eq!(
            usage_error(&["crash", "often"]),
            "`crash` takes the number of kills, and nothing else"
        );
        assert_eq!(usage_error(&["ci", "fmt", "clipy"]), "there is no step `clipy`");
        assert_eq!(usage_error(&["fuzz", "fetch"]), "`fetch` cannot be fuzzed");
    }
}

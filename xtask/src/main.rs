//! The workspace's chores: every one is a `cargo xtask …`.
//!
//! It needs nothing but Rust, git and a C compiler; the steps of [`ci`] that need other tools install them,
//! at the versions pinned in [`tools`].
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore tells the person at the terminal what it does"
)]

mod bench;
mod ci;
mod command;
mod demo;
mod failure;
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
  bench NAME [WORD…] runs a benchmark (`format`), or its rows with these words, and fails if a goal is missed
  tidy               checks the rules of the architecture and of the files; changes nothing
  ci [STEP…]         the whole gate, or only the named steps
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
        "bench" => bench::run(&workspace, rest),
        "ci" => ci::run(&workspace, rest),
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
        assert_eq!(usage_error(&["bench"]), "`bench` needs a name: `format`");
        assert_eq!(usage_error(&["bench", "fromat"]), "there is no benchmark `fromat`: `format`");
        assert_eq!(usage_error(&["ci", "fmt", "clipy"]), "there is no step `clipy`");
    }
}

//! The command `provision`, for its binary and for what is made of its command line: the man pages and the
//! completions. What it can do, a program can do with one call of the crate `provision`.

mod arguments;
mod check;
mod clock;
mod codes;
mod console;
mod credentials;
mod dialogue;
mod diff;
mod doctor;
mod excerpt;
mod exit;
mod explain;
mod failure;
mod fetch;
mod findings;
mod forget;
mod init;
mod json;
mod lines;
mod merge;
mod narrator;
mod output;
mod password;
mod plan;
mod rendering;
mod run;
mod session;
mod shell;
mod signals;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::arguments::{Arguments, Command};
use crate::console::Console;

/// Does what the arguments of this process say.
pub fn main() -> ExitCode {
    // Prints its own errors and help; wrong usage ends with 2.
    let mut command = command();
    let matches = command.get_matches_mut();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.format(&mut command).exit(),
    };
    let mut console = Console::new(arguments.verbosity(), arguments.command.color());
    let exit = match arguments.command {
        Command::Run(arguments) => run::run(&arguments, &mut console),
        Command::Watch(arguments) => watch::watch(&arguments, &mut console),
        Command::Forget(arguments) => forget::forget(&arguments, &mut console),
        Command::Fetch(arguments) => fetch::fetch(&arguments, &mut console),
        Command::Merge(arguments) => merge::merge(&arguments, &mut console),
        Command::Init(arguments) => init::init(&arguments, &mut console),
        Command::Doctor(arguments) => doctor::doctor(&arguments, &mut console),
        Command::Check(arguments) => check::check(&arguments, &mut console),
        Command::Explain(arguments) => explain::explain(&arguments, &mut console),
    };
    exit.into()
}

/// The command line, as clap has it.
pub fn command() -> clap::Command {
    arguments::command()
}

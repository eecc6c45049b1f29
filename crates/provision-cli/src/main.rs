//! The command `provision`. What it can do, a program can do with one call of the crate `provision`.

mod arguments;
mod check;
mod console;
mod diff;
mod excerpt;
mod exit;
mod explain;
mod failure;
mod fetch;
mod findings;
mod json;
mod merge;
mod narrator;
mod output;
mod password;
mod rendering;
mod run;
mod session;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::console::Console;

fn main() -> ExitCode {
    // Prints its own errors and help; wrong usage ends with 2.
    let arguments = Arguments::parse();
    let mut console = Console::new(arguments.verbosity());
    let exit = match arguments.command {
        Command::Run(arguments) => run::run(&arguments, &mut console),
        Command::Fetch(arguments) => fetch::fetch(&arguments, &mut console),
        Command::Merge(arguments) => merge::merge(&arguments, &mut console),
        Command::Check(arguments) => check::check(&arguments, &mut console),
        Command::Explain(arguments) => explain::explain(&arguments, &mut console),
    };
    exit.into()
}

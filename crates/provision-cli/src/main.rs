//! The command `provision`. What it can do, a program can do with one call of the crate `provision`.

mod arguments;
mod console;
mod exit;
mod findings;
mod narrator;
mod password;
mod run;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::console::Console;

fn main() -> ExitCode {
    // Prints its own errors and help; wrong usage ends with 2.
    let arguments = Arguments::parse();
    let mut console = Console::new(arguments.verbosity());
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments, &mut console).into(),
    }
}

//! How long it takes to get a configuration past servers that do not have one, and how the command compares with `curl`:
//! `cargo xtask bench fetch`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table. All servers are on this machine.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is for the person at the terminal"
)]

mod command;
mod dead;
mod failover;
mod hyperfine;
mod peak;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use provision_tests::measuring::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(all_met) if all_met => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fetch: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every goal is met.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    // `cargo bench` says so; `cargo test --all-targets` starts this program as well, without optimisation.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `--bench`; `cargo xtask bench fetch` gives it.");
        return Ok(true);
    }
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--bench").collect();
    let mut table = Table::new(words);
    failover::measure(&mut table)?;
    command::measure(&mut table)?;
    Ok(table.end())
}

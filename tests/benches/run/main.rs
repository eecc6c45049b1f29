//! What a whole run costs (spec 6.1), from the start of its process to its end, beside the least that it can cost and
//! beside a shell script: `cargo xtask bench run`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table. All servers are on this machine.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is for the person at the terminal"
)]

mod candidate;
mod inside;
mod phone;
mod place;
mod rows;
mod situations;

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
            eprintln!("run: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every goal is met.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    // `cargo bench` says so; `cargo test --all-targets` starts this program as well, without optimisation.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `--bench`; `cargo xtask bench run` gives it.");
        return Ok(true);
    }
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--bench").collect();
    let mut table = Table::new(words);
    let programs = candidate::Programs::find()?;
    for place in place::all()? {
        situations::measure(&mut table, &programs, &place)?;
    }
    inside::measure(&mut table, &programs)?;
    Ok(table.end())
}

//! How long `provision-format` takes and how much memory, against goals: `cargo xtask bench format`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is for the person at the terminal"
)]

mod bounds;
mod memory;
mod reader;
mod shapes;
mod speed;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use provision_tests::measuring::Table;

use crate::reader::Reader;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(all_met) if all_met => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("format: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every goal is met.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    if let [first, reader, size] = arguments {
        if first == memory::CHILD {
            let reader = Reader::named(reader).ok_or("there is no such reader")?;
            println!("{}", memory::measure(reader, size.parse()?)?);
            return Ok(true);
        }
    }
    // `cargo bench` says so; `cargo test --all-targets` starts this program as well, without optimisation.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `--bench`; `cargo xtask bench format` gives it.");
        return Ok(true);
    }
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--bench").collect();
    let mut table = Table::new(words);
    speed::measure(&mut table)?;
    bounds::measure(&mut table)?;
    Ok(table.end())
}

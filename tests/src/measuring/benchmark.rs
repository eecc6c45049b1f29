//! How a benchmark begins and ends.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use super::Table;

/// Measures what the words behind `--bench` pick among `arguments`: the rows with one of them in their name, or all. It
/// fails if a goal is missed, behind the whole table, and with 2 if `measure` cannot go on.
///
/// Where a variable names a file, the rows are written to it as well.
pub fn benchmark(
    name: &str,
    arguments: &[String],
    measure: impl FnOnce(&mut Table) -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    // `cargo bench` says so; `cargo test --all-targets` starts such a program as well, without optimisation.
    if !arguments.iter().any(|argument| argument == BENCH) {
        println!("Nothing is measured without `{BENCH}`; `cargo xtask bench {name}` gives it.");
        return ExitCode::SUCCESS;
    }
    let words = arguments.iter().map(String::as_str).filter(|argument| *argument != BENCH);
    let mut table = Table::new(words.collect());
    let measured = measure(&mut table).and_then(|()| match env::var_os(ROWS_VARIABLE) {
        Some(file) => Ok(table.write(name, Path::new(&file))?),
        None => Ok(()),
    });
    match measured {
        Ok(()) if table.end() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => failed(name, &*error),
    }
}

/// Says why a benchmark, or a process of one, cannot go on.
pub fn failed(name: &str, error: &dyn Error) -> ExitCode {
    eprintln!("{name}: {error}");
    ExitCode::from(2)
}

const BENCH: &str = "--bench";

/// Names the file for the rows.
const ROWS_VARIABLE: &str = "BENCHMARK_ROWS";

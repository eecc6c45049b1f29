//! How long `provision-format` takes and how much memory, against goals: `cargo xtask bench format`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table.
#![expect(clippy::print_stdout, reason = "a process of its own gives back what it measured")]

mod bounds;
mod memory;
mod reader;
mod shapes;
mod speed;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use provision_tests::measuring::{benchmark, failed};

use crate::reader::Reader;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match measured_alone(&arguments) {
        Some(Ok(line)) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Some(Err(error)) => failed("format", &*error),
        None => benchmark("format", &arguments, |table| {
            speed::measure(table)?;
            bounds::measure(table)?;
            Ok(())
        }),
    }
}

/// What this process measures for another one that has started it.
fn measured_alone(arguments: &[String]) -> Option<Result<String, Box<dyn Error>>> {
    match arguments {
        [first, reader, size] if first == memory::CHILD => Some(peak(reader, size)),
        _ => None,
    }
}

fn peak(reader: &str, size: &str) -> Result<String, Box<dyn Error>> {
    let reader = Reader::named(reader).ok_or("there is no such reader")?;
    Ok(memory::measure(reader, size.parse()?)?.to_string())
}

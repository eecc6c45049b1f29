//! How long a merge takes and how much memory, against goals: `cargo xtask bench merge`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table.
#![expect(clippy::print_stdout, reason = "a process of its own gives back what it measured")]

mod companies;
mod lxml;
mod pairs;
mod phones;
mod processes;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use provision_tests::measuring::{benchmark, failed};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match measured_alone(&arguments) {
        Some(Ok(line)) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Some(Err(error)) => failed("merge", &*error),
        None => benchmark("merge", &arguments, |table| {
            phones::measure(table)?;
            processes::measure(table)?;
            companies::measure(table)?;
            Ok(())
        }),
    }
}

/// What this process measures for another one that has started it.
fn measured_alone(arguments: &[String]) -> Option<Result<String, Box<dyn Error>>> {
    match arguments {
        [first, folder] if first == companies::CHILD => {
            Some(companies::merge_files(Path::new(folder)))
        }
        [first, folder] if first == companies::TREES => {
            Some(companies::parse_files(Path::new(folder)))
        }
        [first, folder] if first == companies::UNREAD => {
            Some(companies::copy_unread(Path::new(folder)))
        }
        _ => None,
    }
}

//! How long it takes to get a configuration past servers that do not have one, and how the command compares with `curl`:
//! `cargo xtask bench fetch`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table. All servers are on this machine.

mod command;
mod course;
mod dead;
mod failover;
mod hyperfine;

use std::env;
use std::process::ExitCode;

use provision_tests::measuring::benchmark;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    benchmark("fetch", &arguments, |table| {
        failover::measure(table)?;
        command::measure(table)?;
        Ok(())
    })
}

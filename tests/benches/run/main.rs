//! What a whole run costs (spec 6.1), from the start of its process to its end, beside the least that it can cost and
//! beside a shell script: `cargo xtask bench run`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table. All servers are on this machine.

mod candidate;
mod inside;
mod place;
mod situations;

use std::env;
use std::process::ExitCode;

use provision_tests::measuring::benchmark;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    benchmark("run", &arguments, |table| {
        let programs = candidate::Programs::find()?;
        for place in place::all()? {
            situations::measure(table, &programs, &place)?;
        }
        inside::measure(table, &programs)?;
        Ok(())
    })
}

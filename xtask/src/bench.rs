//! `cargo xtask bench`: what takes how long and how much memory, against goals. No part of the gate, for the times are
//! those of the machine and of what else it does.

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

/// Benchmarks of the package `provision-tests`.
const BENCHMARKS: &[&str] = &["format", "fetch", "merge", "run"];

/// Builds a benchmark as a release is built and runs it; the first of `arguments` is its name, the others go to it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let (name, rest) = chosen(arguments)?;
    let mut bench = workspace.cargo();
    bench.args(["bench", "--quiet", "--locked", "--package", "provision-tests", "--bench", name]);
    bench.arg("--").args(rest);
    // These measure the command too: beside other programs as people get it, and beside one of ours as that is linked.
    let program = match name {
        "fetch" => Some(Profile::Shipped),
        "run" => Some(Profile::Release),
        _ => None,
    };
    if let Some(profile) = program {
        bench.env(PROGRAM_VARIABLE, built_program(workspace, profile)?);
    }
    command::run(&mut bench, "The table above marks the goals that are missed.")
}

fn chosen(arguments: &[String]) -> Result<(&str, &[String]), Failure> {
    let names = BENCHMARKS.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Failure::usage(format!("`bench` needs a name: {names}")));
    };
    if !BENCHMARKS.contains(&name.as_str()) {
        return Err(Failure::usage(format!("there is no benchmark `{name}`: {names}")));
    }
    Ok((name, rest))
}

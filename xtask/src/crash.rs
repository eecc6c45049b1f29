//! `cargo xtask crash`: the released command is killed at every instant and its calls fail, and its files are whole. Then
//! two of it are started on one profile at a time, again and again. Needs Linux; it takes some minutes, so it is no part of
//! the gate.

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

/// Builds the command and runs the campaign; `arguments` say how many kills there are. Then come the two runs on one
/// profile.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    if let [first, more @ ..] = arguments {
        if first.parse::<usize>().is_err() || !more.is_empty() {
            return Err(Failure::usage("`crash` takes the number of kills, and nothing else"));
        }
    }
    let program = built_program(workspace, Profile::Release)?;
    let mut crash = workspace.cargo();
    crash
        .args(["run", "--quiet", "--locked", "--package", "provision-tests"])
        .args(["--bin", "crash", "--"])
        .args(arguments)
        .env(PROGRAM_VARIABLE, &program);
    command::run(&mut crash, "The campaign says above what it found, or why it does not run.")?;

    let mut two_runs = workspace.cargo();
    two_runs
        .args(["test", "--quiet", "--locked", "--package", "provision-tests", "--test", "it"])
        .arg(TWO_RUNS)
        .env(ROUNDS_VARIABLE, ROUNDS)
        .env(PROGRAM_VARIABLE, program);
    command::run(&mut two_runs, "The test shows above what the two made of the profile together.")
}

/// The test in which two processes provision one profile, and how it is told how often.
const TWO_RUNS: &str = "two_runs::";
const ROUNDS_VARIABLE: &str = "ROUNDS";
const ROUNDS: &str = "1000";

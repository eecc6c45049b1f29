//! `cargo xtask demo`: a whole run, shown.

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

/// Builds the command and runs the demonstration with it; `arguments` go to the demonstration.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let program = built_program(workspace, Profile::Development)?;
    let mut demo = workspace.cargo();
    demo.args([
        "run",
        "--quiet",
        "--locked",
        "--package",
        "provision-tests",
        "--bin",
        "demo",
        "--",
    ])
    .args(arguments)
    .env(PROGRAM_VARIABLE, program);
    command::run(&mut demo, "The demonstration says above what it did not get.")
}

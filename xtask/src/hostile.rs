//! `cargo xtask hostile`: serves every misbehaviour of `fixtures/http` to any client, until it is interrupted.

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Builds and runs the server; `arguments` go to it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let mut hostile = workspace.cargo();
    hostile
        .args(["run", "--quiet", "--locked", "--package", "provision-tests"])
        .args(["--bin", "hostile", "--"])
        .args(arguments);
    command::run(&mut hostile, "The server says above why it does not run.")
}

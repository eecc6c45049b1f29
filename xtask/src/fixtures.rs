//! `cargo xtask fixtures`: writes what comes out as what is expected.

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

/// Runs the tests that compare files, with the variable that makes them write the files first. What the
/// command says is among them.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let program = built_program(workspace, Profile::Development)?;
    let mut test = workspace.cargo();
    test.args(["test", "--quiet", "--locked", "--package", "provision-tests", "--test", "it"]);
    test.args(["--", "golden::", "command::check"]);
    test.env("UPDATE_FIXTURES", "1").env(PROGRAM_VARIABLE, program);
    command::run(
        &mut test,
        "What fails even so is no difference between files: a document is not as good or as faulty as its folder says.",
    )?;
    println!(
        "The expected files are written. `git diff` shows what has changed; commit only what is meant so."
    );
    Ok(())
}

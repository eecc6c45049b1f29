//! `cargo xtask test`: unit tests, doc tests and the tests across crates.

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

/// Builds the command, since tests run it, then every test; `arguments` go to `cargo test`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let program = built_program(workspace, Profile::Development)?;
    let mut test = workspace.cargo();
    test.args(["test", "--workspace", "--locked"]).args(arguments).env(PROGRAM_VARIABLE, program);
    // The servers are on this machine, where no proxy would find them.
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        test.env_remove(name).env_remove(name.to_uppercase());
    }
    command::run(
        &mut test,
        "The failing tests are listed above; `cargo xtask test NAME` runs one alone.",
    )
}

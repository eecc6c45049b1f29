//! `cargo xtask bench --compare`: the instructions of the command as it is and as it was.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::{GIT_ADVICE, Workspace};

use super::cargo_bench;

/// Builds both commands and lets the benchmark `compare` count.
pub(super) fn run(workspace: &Workspace, revision: &str, words: &[String]) -> Result<(), Failure> {
    let commit = commit(workspace, revision)?;
    let before = Checkout::of(workspace, &commit)?;
    let program_before = before.built_program()?;
    let program = built_program(workspace, Profile::Release)?;
    let mut bench = cargo_bench(workspace, "compare");
    bench.args(words);
    bench.env(PROGRAM_VARIABLE, program);
    bench.env(BEFORE_VARIABLE, program_before);
    bench.env(REVISION_VARIABLE, revision);
    command::run(&mut bench, "It says above why it cannot count.")
}

/// The commit that a revision names, so that nothing else that git takes for an argument gets further.
fn commit(workspace: &Workspace, revision: &str) -> Result<String, Failure> {
    let mut parse = workspace.git();
    parse.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
    parse.arg(format!("{revision}^{{commit}}"));
    match command::capture(&mut parse, GIT_ADVICE) {
        Ok(commit) => Ok(commit.trim().to_owned()),
        Err(Failure::Ended { .. }) => {
            Err(Failure::usage(format!("git knows no revision `{revision}`")))
        }
        Err(other) => Err(other),
    }
}

/// Another commit, in a folder that is gone with the value.
struct Checkout<'a> {
    workspace: &'a Workspace,
    folder: TempDir,
}

impl<'a> Checkout<'a> {
    fn of(workspace: &'a Workspace, commit: &str) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()
            .map_err(|source| Failure::Write { path: "a temporary folder".into(), source })?;
        let checkout = Self { workspace, folder };
        let mut add = workspace.git();
        add.args(["worktree", "add", "--quiet", "--detach"]).arg(checkout.root()).arg(commit);
        command::run(&mut add, GIT_ADVICE)?;
        Ok(checkout)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    /// In a folder of its own: elsewhere it would replace, or be replaced by, what is built of the workspace.
    fn built_program(&self) -> Result<PathBuf, Failure> {
        let target = self.folder.path().join("target");
        let mut build = Workspace::at(self.root()).cargo();
        build.args(["build", "--release", "--locked", "--package", "provision-cli"]);
        build.arg("--target-dir").arg(&target);
        command::run(&mut build, "The command of that revision does not build here.")?;
        Ok(program_in(&target))
    }
}

impl Drop for Checkout<'_> {
    fn drop(&mut self) {
        let mut remove = self.workspace.git();
        remove.args(["worktree", "remove", "--force"]).arg(self.root());
        quietly(&mut remove);
    }
}

/// What git still remembers of a folder that is gone, it forgets by itself in time.
fn quietly(command: &mut Command) {
    if command.output().is_err() {
        eprintln!("xtask: `{}` cannot be started", command::shown(command));
    }
}

fn program_in(target: &Path) -> PathBuf {
    target.join("release").join(format!("provision{}", std::env::consts::EXE_SUFFIX))
}

/// Names the other command.
const BEFORE_VARIABLE: &str = "PROVISION_BIN_BEFORE";
/// Says which one it is, for the table.
const REVISION_VARIABLE: &str = "PROVISION_REVISION";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_commit() {
        let workspace = Workspace::here();
        let head = commit(&workspace, "HEAD").expect("there is a commit");
        assert!(head.len() >= 40 && head.bytes().all(|byte| byte.is_ascii_hexdigit()), "{head}");
        for wrong in ["no-such-revision", "--help", "HEAD:README.md"] {
            let failure = commit(&workspace, wrong).expect_err("it is no commit");
            assert_eq!(failure.to_string(), format!("git knows no revision `{wrong}`"));
        }
    }
}

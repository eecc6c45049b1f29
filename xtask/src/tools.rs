//! The tools that the gate and fuzzing need beyond Rust's own, each at one version.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Instrumented builds, and libFuzzer around them.
pub(crate) const CARGO_FUZZ: Tool =
    Tool { package: "cargo-fuzz", program: "cargo-fuzz", version: "0.13.2" };
/// Licences, banned crates and sources of dependencies.
pub(crate) const CARGO_DENY: Tool =
    Tool { package: "cargo-deny", program: "cargo-deny", version: "0.20.2" };
/// Spelling.
pub(crate) const TYPOS: Tool = Tool { package: "typos-cli", program: "typos", version: "1.52.0" };

/// A tool that `cargo install` builds.
#[derive(Debug)]
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
}

impl Tool {
    /// A command of the pinned version, to be run in the workspace's root; installs that version where it is not
    /// there.
    pub(crate) fn command(&self, workspace: &Workspace) -> Result<Command, Failure> {
        if self.find().is_none() {
            let mut install = workspace.cargo();
            install.args(["install", "--locked", self.package, "--version", self.version]);
            command::run(&mut install, INSTALL_ADVICE)?;
        }
        let program = self.find().ok_or_else(|| Failure::Output {
            command: format!("{} --version", self.program),
            message: format!(
                "version {} was installed but is not what is found; take the other one out of PATH",
                self.version
            ),
        })?;
        let mut tool = Command::new(program);
        tool.current_dir(workspace.root());
        Ok(tool)
    }

    /// Where the pinned version lies: in PATH, or where cargo installs, which need not be in PATH.
    fn find(&self) -> Option<PathBuf> {
        let in_path = Some(PathBuf::from(self.program));
        let installed = install_folder().map(|folder| folder.join(self.program));
        [in_path, installed].into_iter().flatten().find(|program| {
            let output = Command::new(program).arg("--version").stderr(Stdio::null()).output();
            output.is_ok_and(|output| self.is_pinned(&String::from_utf8_lossy(&output.stdout)))
        })
    }

    fn is_pinned(&self, version_line: &str) -> bool {
        version_line.split_whitespace().last() == Some(self.version)
    }
}

fn install_folder() -> Option<PathBuf> {
    let root = env::var_os("CARGO_INSTALL_ROOT").or_else(|| env::var_os("CARGO_HOME"));
    let root = root.map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    root.map(|root| root.join("bin"))
}

const INSTALL_ADVICE: &str = "The step needs this tool at this version and is not skipped: mend the installation and run it again.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_will_do() {
        assert!(TYPOS.is_pinned("typos-cli 1.52.0\n"));
        assert!(!TYPOS.is_pinned("typos-cli 1.52.1\n"));
        assert!(!TYPOS.is_pinned("typos-cli 11.52.0\n"));
        assert!(!TYPOS.is_pinned(""));
    }
}

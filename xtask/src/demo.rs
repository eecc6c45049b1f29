//! `cargo xtask demo`, and the built command that it shows.

use std::path::PathBuf;

use serde_json::Value;

use crate::command;
use crate::failure::Failure;
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

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Development,
    Release,
}

/// Builds the `provision` command; where it lies is cargo's to say.
pub(crate) fn built_program(workspace: &Workspace, profile: Profile) -> Result<PathBuf, Failure> {
    let mut build = workspace.cargo();
    build.args(["build", "--locked", "--package", "provision-cli"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    build.arg("--message-format=json-render-diagnostics");
    eprintln!("$ {}", command::shown(&build));
    let messages = command::capture(&mut build, "Mend what the compiler names above.")?;
    messages.lines().find_map(executable).ok_or_else(|| Failure::Output {
        command: command::shown(&build),
        message: "no binary named `provision` was built".into(),
    })
}

/// The variable by which tests and the demonstration learn where the command lies.
pub(crate) const PROGRAM_VARIABLE: &str = "PROVISION_BIN";

fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_the_program = message["reason"] == "compiler-artifact"
        && message["target"]["name"] == "provision"
        && message["target"]["kind"].as_array()?.iter().any(|kind| kind == "bin");
    if is_the_program { message["executable"].as_str().map(PathBuf::from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_binary_is_taken() {
        let library = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"provision"},"executable":null}"#;
        let binary = r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"provision"},"executable":"t/provision"}"#;
        assert_eq!(executable(library), None);
        assert_eq!(executable(binary), Some(PathBuf::from("t/provision")));
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(executable("text of a build script"), None);
    }
}

//! The built command `provision`, for those who run or pack it.

mod layout;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Profile {
    /// For tests.
    Development,
    /// For speed, for this machine.
    Release,
    /// As a release has it: on Linux with all of the C library in it, so that it runs on any, and with the functions
    /// of its usual course beside each other ([`layout`]), both so that it starts sooner and takes less memory;
    /// elsewhere as `Release`.
    Shipped,
}

/// Builds the `provision` command; where it lies is cargo's to say.
pub(crate) fn built_program(workspace: &Workspace, profile: Profile) -> Result<PathBuf, Failure> {
    if profile == Profile::Shipped {
        if let Some(target) = static_target(&host()?) {
            let folder = workspace.target_folder()?;
            return layout::laid_out(workspace, &folder, |build| build_for(build, &target));
        }
    }
    let mut build = workspace.cargo();
    build.args(["build", "--locked", "--package", "provision-cli"]);
    if profile != Profile::Development {
        build.arg("--release");
    }
    build.arg("--message-format=json-render-diagnostics");
    built(&mut build)
}

/// Has cargo build, and says where the command lies.
fn built(build: &mut Command) -> Result<PathBuf, Failure> {
    eprintln!("$ {}", command::shown(build));
    let messages = command::capture(build, "Mend what the compiler names above.")?;
    messages.lines().find_map(executable).ok_or_else(|| Failure::Output {
        command: command::shown(build),
        message: "no binary named `provision` was built".into(),
    })
}

/// What a release of this machine is built for.
pub(crate) fn shipped_target() -> Result<String, Failure> {
    let host = host()?;
    Ok(static_target(&host).unwrap_or(host))
}

/// The target of the same processor whose C library is in the program.
fn static_target(host: &str) -> Option<String> {
    let processor = host.strip_suffix("-unknown-linux-gnu")?;
    ["x86_64", "aarch64"].contains(&processor).then(|| format!("{processor}-unknown-linux-musl"))
}

/// Lets cargo build for `target`, with Rust's library for it installed.
fn build_for(build: &mut Command, target: &str) -> Result<(), Failure> {
    let mut add = Command::new("rustup");
    add.args(["target", "add", target]);
    command::run(&mut add, "Install Rust with rustup, which has the libraries of other targets.")?;
    // What little C there is needs nothing of a C library, so the machine's own compiler will do. What some
    // distributions have it add does need one.
    let suffix = target.replace('-', "_");
    for (variable, value) in [("CC", "cc"), ("CFLAGS", "-U_FORTIFY_SOURCE")] {
        let name = format!("{variable}_{suffix}");
        if env::var_os(&name).is_none() {
            build.env(name, value);
        }
    }
    build.args(["--target", target]);
    Ok(())
}

/// The machine that the compiler builds for.
fn host() -> Result<String, Failure> {
    let mut rustc = rustc();
    rustc.arg("-vV");
    let text = command::capture(&mut rustc, "Install Rust.")?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::Output {
        command: command::shown(&rustc),
        message: "it names no host".into(),
    })
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
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
    fn linux_gets_a_program_that_runs_on_any() {
        let musl = Some("x86_64-unknown-linux-musl".to_owned());
        assert_eq!(static_target("x86_64-unknown-linux-gnu"), musl);
        for other in ["x86_64-unknown-linux-musl", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
        {
            assert_eq!(static_target(other), None);
        }
    }

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

//! Running a program: what is run is shown, its output streams through, and a failure says what to do.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// A cargo command in the folder `root`, by the cargo that runs this chore.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    forget_this_package(&mut command);
    command
}

/// Takes out of the command's variables those that describe this crate.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
}

/// Runs to the end with the terminal's own streams.
pub(crate) fn run(command: &mut Command, advice: &'static str) -> Result<(), Failure> {
    let shown = shown(command);
    eprintln!("$ {shown}");
    let status = command.status().map_err(|source| not_started(command, source, advice))?;
    if status.success() { Ok(()) } else { Err(Failure::Ended { command: shown, status, advice }) }
}

/// Runs to the end and returns standard output; standard error streams through.
pub(crate) fn capture(command: &mut Command, advice: &'static str) -> Result<String, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| not_started(command, source, advice))?;
    if !output.status.success() {
        return Err(Failure::Ended { command: shown(command), status: output.status, advice });
    }
    String::from_utf8(output.stdout).map_err(|error| Failure::Output {
        command: shown(command),
        message: format!("not UTF-8 after {} bytes", error.utf8_error().valid_up_to()),
    })
}

/// The command as one would type it: the variables that it sets, its name without the folder, its arguments.
pub(crate) fn shown(command: &Command) -> String {
    let mut words: Vec<String> = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), word(value?))))
        .collect();
    let program = Path::new(command.get_program());
    words.push(word(program.file_stem().unwrap_or(program.as_os_str())));
    words.extend(command.get_args().map(word));
    words.join(" ")
}

fn word(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    if text.contains(char::is_whitespace) || text.is_empty() {
        format!("'{text}'")
    } else {
        text.into_owned()
    }
}

fn not_started(command: &Command, source: std::io::Error, advice: &'static str) -> Failure {
    let program = command.get_program().to_string_lossy().into_owned();
    Failure::Start { program, source, advice }
}

/// Variables that `cargo run` sets for this program. Passed on, they would make build scripts that watch them
/// (ring's, for one) run again in every other build.
fn describes_this_package(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
        || ["CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("some/folder/cargo");
        command
            .arg("doc")
            .arg("--no-deps")
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("OUT_DIR");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[test]
    fn a_failure_carries_status_and_advice() {
        let mut command = cargo(Path::new("."));
        command.arg("--no-such-flag").stderr(Stdio::null());
        let failure = run(&mut command, "do this instead").expect_err("the flag is unknown");
        let text = failure.to_string();
        assert!(text.contains("`cargo --no-such-flag` failed"), "{text}");
        assert!(text.ends_with("do this instead"), "{text}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let mut command = Command::new("no-such-program-here");
        let failure = capture(&mut command, "install it").expect_err("it does not exist");
        assert!(failure.to_string().starts_with("`no-such-program-here` cannot be started"));
    }
}

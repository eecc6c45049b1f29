//! `cargo xtask crash`: the command is killed at every instant, and its files are whole. Needs Linux.
#![expect(clippy::print_stderr, reason = "whoever runs it is told why it does not run")]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == provision_tests::crash::LAUNCH).is_some() {
        let Some(program) = arguments.next() else { return ExitCode::from(2) };
        let shown = program.to_string_lossy().into_owned();
        let error = provision_tests::crash::become_traced(program, arguments);
        eprintln!("crash: {shown} cannot be run under ptrace here: {error}");
        return ExitCode::from(2);
    }
    match linux::setup(arguments) {
        Ok(setup) => match provision_tests::crash::campaign(&setup) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("crash: {error}");
                ExitCode::FAILURE
            }
        },
        Err(message) => {
            eprintln!("crash: {message}\nUsage: cargo xtask crash [KILLS [STRIDE]]");
            ExitCode::from(2)
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::ffi::OsString;

    use provision_tests::crash::{Setup, folder};

    pub(super) fn setup(mut arguments: impl Iterator<Item = OsString>) -> Result<Setup, String> {
        let mut number = |otherwise: usize| match arguments.next() {
            Some(word) => {
                let number = word.to_str().and_then(|word| word.parse().ok());
                let number = number.filter(|number| *number > 0);
                number.ok_or_else(|| format!("`{}` is no number above 0", word.to_string_lossy()))
            }
            None => Ok(otherwise),
        };
        let (kills, stride) = (number(KILLS)?, number(1)?);
        if let Some(word) = arguments.next() {
            return Err(format!("`{}` is one argument too many", word.to_string_lossy()));
        }
        let program = env::var_os("PROVISION_BIN")
            .ok_or("PROVISION_BIN does not name the command; `cargo xtask crash` sets it")?;
        let launcher = env::current_exe().map_err(|error| format!("who am I? {error}"))?;
        Ok(Setup { program: program.into(), launcher, folder: folder(), kills, stride })
    }

    /// Enough for every stop of every scenario to have its turn more than once.
    const KILLS: usize = 16_000;
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("crash: the campaign needs Linux: it traces and kills by ptrace");
    ExitCode::FAILURE
}

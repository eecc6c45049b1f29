//! Programs that are measured as whole processes: what they put out, how long they take, their most memory and their
//! instructions.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::io;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{Measure, Unit, timed};

/// A program with its arguments, and with all the variables that it has beside `PATH`.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program first.
    pub words: Vec<OsString>,
    /// Beside `PATH`.
    pub variables: Vec<(&'static str, OsString)>,
}

impl Program {
    /// Without variables.
    pub fn new<W: Into<OsString>>(words: impl IntoIterator<Item = W>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), variables: Vec::new() }
    }

    /// With one more argument.
    #[must_use]
    pub fn with(mut self, word: impl Into<OsString>) -> Self {
        self.words.push(word.into());
        self
    }

    /// As it is.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        self.dress(command.args(&self.words[1..]));
        command
    }

    /// With another program before it, which watches it and has its variables too.
    pub fn command_behind(&self, before: &[&str]) -> Command {
        let mut command = Command::new(before[0]);
        self.dress(command.args(&before[1..]).args(&self.words));
        command
    }

    /// Gives `command` the variables of this one.
    pub fn dress(&self, command: &mut Command) {
        // Cargo names folders of libraries, in which every process here would look first.
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null());
    }

    /// Run once.
    ///
    /// # Errors
    ///
    /// If it cannot be started or fails.
    pub fn output(&self) -> Result<Output, Box<dyn Error>> {
        succeeded(self.command().output(), &self.words[0])
    }

    /// From the start of the process to its end. Nobody sees what it says.
    ///
    /// # Panics
    ///
    /// If it does not succeed.
    pub fn turn(&self) -> Duration {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        timed(|| assert!(command.status().is_ok_and(|status| status.success()), "{command:?}"))
    }

    /// The most memory that it has at once in each of some runs, as GNU time tells it (`ru_maxrss`).
    ///
    /// A process counts from its fork on, so what starts it must be small: GNU time is, this one is not.
    ///
    /// # Errors
    ///
    /// If it cannot be started or fails, or GNU time is missing.
    pub fn peak(&self, runs: usize) -> Result<Measure, Box<dyn Error>> {
        let mut peaks = Vec::new();
        for _ in 0..runs {
            let mut command = self.command_behind(&[TIME, "-f", "%M"]);
            let output = succeeded(command.stdout(Stdio::null()).output(), &self.words[0])?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let kibibytes: f64 = said.lines().last().unwrap_or_default().trim().parse()?;
            peaks.push(kibibytes * 1024.0);
        }
        Ok(Measure::several(Unit::Bytes, peaks))
    }

    /// The instructions of the process itself, without those of the system, as callgrind counts them. Unlike times they do
    /// not depend on what else the machine does.
    ///
    /// # Errors
    ///
    /// If it cannot be started or fails, or valgrind is missing.
    pub fn instructions(&self) -> Result<Measure, Box<dyn Error>> {
        let mut command = self.command_behind(&CALLGRIND);
        let output = succeeded(command.stdout(Stdio::null()).output(), &self.words[0])?;
        let said = String::from_utf8_lossy(&output.stderr);
        let count = said.lines().find_map(|line| line.split_once("Collected : "));
        let (_, count) = count.ok_or_else(|| format!("callgrind counts nothing: {said}"))?;
        let count = count.split_whitespace().next().unwrap_or_default();
        Ok(Measure::once(Unit::Instructions, count.parse()?))
    }
}

fn succeeded(output: io::Result<Output>, program: &OsString) -> Result<Output, Box<dyn Error>> {
    let program = program.to_string_lossy();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{program} ended with {}: {said}", output.status).into())
}

/// Whether the system has a program of this name, or a file if the name is a path.
pub fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// GNU time. Shells have a `time` of their own, which does not tell memory.
pub const TIME: &str = "/usr/bin/time";

/// What counts instructions.
pub const CALLGRIND: [&str; 3] = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];

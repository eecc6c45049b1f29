//! Two commands side by side, by <https://github.com/sharkdp/hyperfine>.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, io};

use provision_tests::measuring::Times;

/// A program with its arguments, and with all the variables that it has beside `PATH`.
pub(crate) struct Words {
    pub(crate) words: Vec<OsString>,
    pub(crate) variables: Vec<(&'static str, OsString)>,
}

impl Words {
    /// Run as it is.
    pub(crate) fn output(&self) -> io::Result<Output> {
        self.output_of(Command::new(&self.words[0]).args(&self.words[1..]))
    }

    /// Run by another program, which has its variables too.
    pub(crate) fn output_of(&self, command: &mut Command) -> io::Result<Output> {
        // Cargo names folders of libraries, in which every process here would look first.
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null()).output()
    }

    /// As hyperfine splits it again; no word of ours has an apostrophe.
    fn joined(&self) -> String {
        let words: Vec<String> =
            self.words.iter().map(|word| format!("'{}'", word.to_string_lossy())).collect();
        words.join(" ")
    }
}

/// The first line of what it says about its version, if it is there.
pub(crate) fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or(program).to_owned())
}

/// The median of each command in each of so many rounds; in a round the commands come one after the other. Both have the
/// same variables.
pub(crate) fn medians(
    commands: [&Words; 2],
    rounds: usize,
    folder: &Path,
) -> Result<[Times; 2], Box<dyn Error>> {
    let mut times = [Vec::new(), Vec::new()];
    let export = folder.join("hyperfine.json");
    for _ in 0..rounds {
        let mut hyperfine = Command::new("hyperfine");
        // No shell, whose start would be most of what is measured.
        hyperfine.args(["-N", "--style", "none", "--warmup", "5", "--runs", "40", "--export-json"]);
        hyperfine.arg(&export).args(commands.map(Words::joined));
        let output = commands[0].output_of(&mut hyperfine)?;
        if !output.status.success() {
            return Err(format!("hyperfine: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let report: serde_json::Value = serde_json::from_slice(&fs::read(&export)?)?;
        for (index, times) in times.iter_mut().enumerate() {
            let median = report["results"][index]["median"].as_f64();
            times.push(Duration::from_secs_f64(median.ok_or("hyperfine gave no median")?));
        }
    }
    Ok(times.map(Times))
}

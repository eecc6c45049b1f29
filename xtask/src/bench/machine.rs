//! On what was measured: the machine, the compiler and the peers.

use std::env;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::workspace::Workspace;

use super::peers::PEERS;

/// Every line is a name and what it is here.
#[derive(Debug)]
pub(super) struct Machine {
    lines: Vec<(&'static str, String)>,
}

impl Machine {
    pub(super) fn here(workspace: &Workspace) -> Result<Self, Failure> {
        let packages = workspace.packages()?;
        let ours = packages.iter().find(|package| package.name == "provision-cli");
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut lines = vec![
            ("provision", ours.map_or_else(unknown, |package| package.version.clone())),
            ("processor", processor(&read("/proc/cpuinfo")).unwrap_or_else(unknown)),
            (
                "cores",
                thread::available_parallelism().map_or_else(|_| unknown(), |n| n.to_string()),
            ),
            ("memory", memory(&read("/proc/meminfo")).unwrap_or_else(unknown)),
            ("system", first_line("uname", &["-s", "-r", "-m"]).unwrap_or_else(unknown)),
            ("rustc", first_line(&rustc(), &["--version"]).unwrap_or_else(unknown)),
        ];
        lines.extend(
            PEERS
                .iter()
                .map(|peer| (peer.name, peer.version().unwrap_or_else(|| "missing".to_owned()))),
        );
        Ok(Self { lines })
    }

    pub(super) fn json(&self) -> Value {
        self.lines.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    }
}

fn rustc() -> String {
    env::var("RUSTC").unwrap_or_else(|_| "rustc".into())
}

fn unknown() -> String {
    "unknown".into()
}

/// The first line that a program says, on either stream.
pub(super) fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let line = said.lines().map(str::trim).find(|line| !line.is_empty());
    line.filter(|_| output.status.success()).map(str::to_owned)
}

fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory(meminfo: &str) -> Option<String> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.1} GiB", kibibytes as f64 / (1024.0 * 1024.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_what_it_runs_on() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some Processor @ 2.00GHz\nflags\t: a b\n";
        assert_eq!(processor(cpuinfo).as_deref(), Some("Some Processor @ 2.00GHz"));
        assert_eq!(
            memory("MemTotal:       25165824 kB\nMemFree: 1 kB\n").as_deref(),
            Some("24.0 GiB")
        );
        assert_eq!((processor(""), memory("")), (None, None));
    }

    #[test]
    fn a_program_says_its_version() {
        let version = first_line(&rustc(), &["--version"]).expect("rustc is here");
        assert!(version.starts_with("rustc 1."), "{version}");
        assert_eq!(first_line("no-such-program-here", &[]), None);
        assert_eq!(first_line(&rustc(), &["--no-such-option"]), None);
    }
}

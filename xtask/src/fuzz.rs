//! `cargo xtask fuzz`: inputs that nobody thought of, for the targets of `fuzz/`. It runs for as long as it is told to
//! and finds something else each time, so it is no step of the gate; the inputs that a run should not lose are
//! committed in `fuzz/corpus`, and the tests replay them.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use crate::command;
use crate::failure::Failure;
use crate::tools;
use crate::workspace::Workspace;

/// Runs every target of the named group; the first finding ends it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let (targets, executions) = selection(arguments)?;
    build(workspace)?;
    let mut done = Vec::new();
    for target in targets {
        eprintln!("\n=== {}: {}", target.name, target.about);
        let outcome = run_target(workspace, target, executions);
        if let Ok(figures) = outcome {
            done.push((target.name, figures));
        } else {
            eprint!("\n{}", summary(&done));
            outcome?;
        }
    }
    eprint!("\n{}", summary(&done));
    Ok(())
}

/// A target with the longest input that is tried: long enough for every rule, and short, for speed.
struct Target {
    name: &'static str,
    about: &'static str,
    longest_input: usize,
}

const FORMAT: &[Target] = &[
    Target {
        name: "gate",
        about: "what passes the gate, other parsers read the same",
        longest_input: 4096,
    },
    Target {
        name: "models",
        about: "readers return, and reports keep their promises",
        longest_input: 512,
    },
    Target {
        name: "write",
        about: "what is written reads back equal, everywhere",
        longest_input: 256,
    },
];

/// Executions of each target, if the command line does not say.
const EXECUTIONS: u64 = 10_000_000;

fn selection(arguments: &[String]) -> Result<(&'static [Target], u64), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let executions = match words[..] {
        ["format"] => Some(EXECUTIONS),
        ["format", "--executions", number] => number.parse().ok().filter(|number| *number > 0),
        [] => return Err(Failure::usage("what is to be fuzzed is missing: `format`")),
        ["format", other, ..] => {
            return Err(Failure::usage(format!("`fuzz` does not know `{other}`")));
        }
        [other, ..] => return Err(Failure::usage(format!("`{other}` cannot be fuzzed"))),
    };
    match executions {
        Some(executions) => Ok((FORMAT, executions)),
        None => Err(Failure::usage("`--executions` needs a number of at least 1")),
    }
}

/// Without a sanitizer: safe Rust gives it nothing to find, and any toolchain will do then. Without a look at what the
/// code compares: the dictionary knows the words, and looking costs more than half the time. The profile of `fuzz/`
/// adds the assertions and the checks for overflow.
const BUILD: [&str; 4] = ["--release", "--sanitizer", "none", "--no-trace-compares"];

fn build(workspace: &Workspace) -> Result<(), Failure> {
    let mut build = tools::CARGO_FUZZ.command(workspace)?;
    command::forget_this_package(&mut build);
    build.arg("build").args(BUILD);
    command::run(&mut build, "Mend what the compiler names above.")
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figures {
    executions: u64,
    taken: Duration,
}

fn run_target(workspace: &Workspace, target: &Target, executions: u64) -> Result<Figures, Failure> {
    let root = workspace.root();
    // What is found lies beside the build, where it makes the next run better; what is committed stays as it is.
    let grown = format!("fuzz/target/corpus/{}", target.name);
    let committed = format!("fuzz/corpus/{}", target.name);
    for folder in [&grown, &committed] {
        fs::create_dir_all(root.join(folder))
            .map_err(|source| Failure::Read { path: folder.clone(), source })?;
    }
    let mut fuzz = tools::CARGO_FUZZ.command(workspace)?;
    command::forget_this_package(&mut fuzz);
    fuzz.arg("run").args(BUILD).args([target.name, &grown, &committed, "--"]);
    fuzz.args(["-dict=fuzz/xml.dict", "-timeout=20", "-print_final_stats=1"]);
    fuzz.arg(format!("-runs={executions}")).arg(format!("-max_len={}", target.longest_input));
    fuzz.stderr(Stdio::piped());

    let shown = command::shown(&fuzz);
    eprintln!("$ {shown}");
    let start = Instant::now();
    let not_started = |source| Failure::Start {
        program: "cargo-fuzz".into(),
        source,
        advice: "Run the command that is shown above by hand.",
    };
    let mut child = fuzz.spawn().map_err(not_started)?;
    let output = child.stderr.take().map(listen).transpose().map_err(not_started)?;
    let status = child.wait().map_err(not_started)?;
    let output = output.unwrap_or_default();
    if !status.success() {
        return Err(found(target, root, status, output));
    }
    let executions = output.executions.ok_or_else(|| Failure::Output {
        command: shown,
        message: "the number of executions is missing".into(),
    })?;
    Ok(Figures { executions, taken: start.elapsed() })
}

/// What is kept of the output.
#[derive(Debug, Default)]
struct Output {
    last: VecDeque<String>,
    executions: Option<u64>,
    finding: Option<String>,
}

/// Reads to the end. The lines in which libFuzzer says how far it is are shown; there are few of them.
fn listen(stream: impl Read) -> io::Result<Output> {
    let mut output = Output::default();
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if text.contains("\tpulse") || text.contains("\tINITED") || text.contains("\tDONE") {
            eprintln!("{text}");
        }
        output.keep(text);
        line.clear();
    }
    Ok(output)
}

impl Output {
    /// So many lines are enough for a panic's message and what libFuzzer says about it.
    const KEPT_LINES: usize = 60;

    fn keep(&mut self, line: String) {
        let behind = |mark: &str| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned());
        if let Some(number) = behind("stat::number_of_executed_units:") {
            self.executions = number.parse().ok();
        }
        if let Some(path) = behind("Test unit written to ") {
            self.finding.get_or_insert(path);
        }
        if self.last.len() == Self::KEPT_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

/// The failure, after its explanation is printed.
fn found(target: &Target, root: &Path, status: ExitStatus, output: Output) -> Failure {
    for line in &output.last {
        eprintln!("{line}");
    }
    let Some(path) = output.finding else {
        let command = format!("cargo fuzz run {}", target.name);
        return Failure::Ended {
            command,
            status,
            advice: "It says above why; no input was found that breaks the target.",
        };
    };
    let path =
        Path::new(&path).strip_prefix(root).unwrap_or(Path::new(&path)).display().to_string();
    Failure::Found { target: target.name, path }
}

fn summary(done: &[(&str, Figures)]) -> String {
    let lines = done.iter().map(|(name, figures)| {
        let seconds = figures.taken.as_secs_f64();
        let speed = figures.executions as f64 / seconds.max(0.001);
        format!("{name:<8} {:>12} executions {speed:>9.0}/s {seconds:>9.1} s\n", figures.executions)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(arguments: &[&str]) -> Result<u64, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match selection(&arguments) {
            Ok((_, executions)) => Ok(executions),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn a_group_and_a_number_are_taken() {
        assert_eq!(selected(&["format"]), Ok(10_000_000));
        assert_eq!(selected(&["format", "--executions", "5"]), Ok(5));
        for (wrong, message) in [
            (&[][..], "what is to be fuzzed is missing: `format`"),
            (&["fetch"], "`fetch` cannot be fuzzed"),
            (&["format", "--runs", "5"], "`fuzz` does not know `--runs`"),
            (&["format", "--executions"], "`fuzz` does not know `--executions`"),
            (&["format", "--executions", "0"], "`--executions` needs a number of at least 1"),
            (&["format", "--executions", "many"], "`--executions` needs a number of at least 1"),
        ] {
            assert_eq!(selected(wrong), Err(message.to_owned()));
        }
    }

    #[test]
    fn every_target_of_the_manifest_is_run() {
        let manifest = Workspace::here().text("fuzz/Cargo.toml").expect("it is there");
        let manifest = manifest.expect("it is text");
        let listed = manifest.split("[[bin]]\nname = \"").skip(1);
        let listed: Vec<_> = listed.filter_map(|bin| bin.split('"').next()).collect();
        let run: Vec<_> = FORMAT.iter().map(|target| target.name).collect();
        assert_eq!(listed, run);
    }

    #[test]
    fn figures_and_findings_are_read_from_the_output() {
        let text = "#8\tpulse  cov: 1\nthread panicked\n\
                    artifact_prefix='/a/'; Test unit written to /a/crash-1\n\
                    stat::number_of_executed_units: 77\nMinimise: Test unit written to /a/other\n";
        let output = listen(text.as_bytes()).expect("it reads");
        assert_eq!(output.executions, Some(77));
        assert_eq!(output.finding.as_deref(), Some("/a/crash-1"));
        assert_eq!(output.last.len(), 5);
        let output = listen("x\n".repeat(1000).as_bytes()).expect("it reads");
        assert_eq!(output.last.len(), Output::KEPT_LINES);
    }

    #[test]
    fn the_summary_has_the_speed() {
        let figures = Figures { executions: 3000, taken: Duration::from_millis(1500) };
        assert_eq!(
            summary(&[("gate", figures)]),
            "gate             3000 executions      2000/s       1.5 s\n"
        );
    }
}

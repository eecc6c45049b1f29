//! `cargo xtask bench`: what takes how long and how much memory, against goals. No part of the gate, for the times are
//! those of the machine and of what else it does.

mod chart;
mod compare;
mod machine;
mod page;
mod peers;
mod summary;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::command;
use crate::failure::Failure;
use crate::program::{PROGRAM_VARIABLE, Profile, built_program};
use crate::workspace::Workspace;

use self::machine::Machine;
use self::summary::Summary;

/// A benchmark of the package `provision-tests`.
struct Benchmark {
    name: &'static str,
    /// How the command is built that it measures: as people get it.
    command: Option<Profile>,
}

const BENCHMARKS: &[Benchmark] = &[
    Benchmark { name: "format", command: None },
    Benchmark { name: "fetch", command: Some(Profile::Shipped) },
    Benchmark { name: "merge", command: Some(Profile::Shipped) },
    Benchmark { name: "run", command: Some(Profile::Shipped) },
    Benchmark { name: "check", command: Some(Profile::Shipped) },
    Benchmark { name: "size", command: Some(Profile::Shipped) },
];

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
enum Order<'a> {
    All(Effort),
    One { name: &'a str, words: &'a [String] },
    Compare { revision: &'a str, words: &'a [String] },
    InstallPeers,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// As often as figures need that are kept.
    Full,
    /// A tenth of it, to see that everything runs.
    Quick,
}

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    match order(arguments)? {
        Order::All(effort) => all(workspace, effort),
        Order::One { name, words } => {
            let benchmark = named(name)?;
            let mut bench = cargo_bench(workspace, benchmark.name);
            bench.args(words);
            if let Some(profile) = benchmark.command {
                bench.env(PROGRAM_VARIABLE, built_program(workspace, profile)?);
            }
            command::run(&mut bench, "The table above marks the goals that are missed.")
        }
        Order::Compare { revision, words } => compare::run(workspace, revision, words),
        Order::InstallPeers => peers::install(),
    }
}

fn order(arguments: &[String]) -> Result<Order<'_>, Failure> {
    let Some((first, rest)) = arguments.split_first() else {
        return Ok(Order::All(Effort::Full));
    };
    match (first.as_str(), rest) {
        ("--quick", []) => Ok(Order::All(Effort::Quick)),
        ("--install-peers", []) => Ok(Order::InstallPeers),
        ("--quick" | "--install-peers", _) => {
            Err(Failure::usage(format!("`{first}` takes no further argument")))
        }
        ("--compare", [revision, words @ ..]) => Ok(Order::Compare { revision, words }),
        ("--compare", []) => Err(Failure::usage("`--compare` needs a revision, `HEAD~1` say")),
        (name, words) => named(name).map(|benchmark| Order::One { name: benchmark.name, words }),
    }
}

fn named(name: &str) -> Result<&'static Benchmark, Failure> {
    BENCHMARKS.iter().find(|benchmark| benchmark.name == name).ok_or_else(|| {
        let names: Vec<String> =
            BENCHMARKS.iter().map(|benchmark| format!("`{}`", benchmark.name)).collect();
        Failure::usage(format!("there is no benchmark `{name}`: {}", names.join(", ")))
    })
}

/// A benchmark, built as a release is; its arguments come behind.
fn cargo_bench(workspace: &Workspace, name: &str) -> std::process::Command {
    let mut bench = workspace.cargo();
    bench.args(["bench", "--quiet", "--locked", "--package", "provision-tests", "--bench", name]);
    bench.arg("--");
    bench
}

/// Runs every benchmark, and makes of what they found one table, the page about it, and its data and chart.
fn all(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    let folder = workspace.target_folder()?.join("bench");
    let write =
        |source, path: &PathBuf| Failure::Write { path: path.display().to_string(), source };
    fs::create_dir_all(&folder).map_err(|source| write(source, &folder))?;
    let mut measured = Vec::new();
    let mut broken = None;
    // Built once each: the shipped one is linked anew whenever it is asked for.
    let mut programs = BTreeMap::new();
    for benchmark in BENCHMARKS {
        if let Some(profile) = benchmark.command {
            if let Entry::Vacant(program) = programs.entry(profile) {
                program.insert(built_program(workspace, profile)?);
            }
        }
        let rows = folder.join(format!("{}.json", benchmark.name));
        // What an earlier run has left would be taken for what this one found.
        if rows.exists() {
            fs::remove_file(&rows)
                .map_err(|source| Failure::Remove { path: rows.display().to_string(), source })?;
        }
        let mut bench = cargo_bench(workspace, benchmark.name);
        bench.env(ROWS_VARIABLE, &rows);
        if let Some(program) = benchmark.command.and_then(|profile| programs.get(&profile)) {
            bench.env(PROGRAM_VARIABLE, program);
        }
        if effort == Effort::Quick {
            bench.env(QUICK_VARIABLE, "1");
        }
        let outcome = command::run(&mut bench, "It says above why it cannot go on.");
        // A benchmark that came to its end has written its rows, whether its goals are met or not.
        match (fs::read_to_string(&rows), outcome) {
            (Ok(text), _) => measured.push(json_of(&rows.display().to_string(), &text)?),
            (Err(_), Err(failure)) => {
                eprintln!("xtask: {failure}");
                broken.get_or_insert(failure);
            }
            (Err(source), Ok(())) => {
                return Err(Failure::Read { path: rows.display().to_string(), source });
            }
        }
    }
    let machine = Machine::here(workspace)?;
    let data = json!({ "machine": machine.json(), "benchmarks": measured });
    let summary = Summary::of(&data).ok_or_else(|| Failure::Output {
        command: "cargo bench".into(),
        message: "the rows of a benchmark are not what they should be".into(),
    })?;
    print!("\n{}", summary.text());
    if let Some(failure) = broken {
        // Half the figures would replace all of an earlier run.
        return Err(failure);
    }
    let target = match effort {
        Effort::Full => workspace.root().join("docs"),
        Effort::Quick => folder,
    };
    page::write(workspace, &target, &data, &summary)?;
    match summary.missed() {
        0 => Ok(()),
        missed => Err(Failure::Missed { missed, goals: summary.goals() }),
    }
}

fn json_of(path: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::Output { command: path.to_owned(), message: error.to_string() })
}

/// Names the file to which a benchmark writes its rows.
const ROWS_VARIABLE: &str = "BENCHMARK_ROWS";
/// Is there where a tenth of the effort will do.
const QUICK_VARIABLE: &str = "BENCHMARK_QUICK";

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_arguments_say_what_is_measured() {
        assert_eq!(order(&[]).expect("all"), Order::All(Effort::Full));
        let arguments = words(&["--quick"]);
        assert_eq!(order(&arguments).expect("all"), Order::All(Effort::Quick));
        let arguments = words(&["fetch", "refused", "reset"]);
        let expected = Order::One { name: "fetch", words: &arguments[1..] };
        assert_eq!(order(&arguments).expect("one"), expected);
        let arguments = words(&["--compare", "HEAD~1", "merge"]);
        let expected = Order::Compare { revision: "HEAD~1", words: &arguments[2..] };
        assert_eq!(order(&arguments).expect("two builds"), expected);
        assert_eq!(order(&words(&["--install-peers"])).expect("peers"), Order::InstallPeers);
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (arguments, expected) in [
            (vec!["--compare"], "`--compare` needs a revision, `HEAD~1` say"),
            (vec!["--quick", "fetch"], "`--quick` takes no further argument"),
            (vec!["--install-peers", "curl"], "`--install-peers` takes no further argument"),
            (
                vec!["forge"],
                "there is no benchmark `forge`: `format`, `fetch`, `merge`, `run`, `check`, `size`",
            ),
        ] {
            let failure = order(&words(&arguments)).expect_err("it is wrong");
            assert_eq!(failure.to_string(), expected);
        }
    }
}

//! How fast `provision check` reads and judges what a company has, beside `xmllint --noout`, which says only whether a
//! document is well-formed: `cargo xtask bench check`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use provision_tests::measuring::{
    CALLGRIND, Comparison, Effort, Goal, Measure, Program, Quartiles, TIME, Table, Times, Unit,
    benchmark, interleaved, is_there, rounds, zoiper3,
};

/// Of the files per second of xmllint, which has one thread.
const GOALS: [(usize, Goal); 2] = [(1, Goal::AtLeast(5.0)), (2, Goal::AtLeast(8.0))];

const FILES: usize = 10_000;
const SIZE: usize = 20_000;

const EFFORT: Effort = Effort { rounds: 15, budget: Duration::from_secs(30) };
const RUNS_FOR_MEMORY: usize = 3;

/// As many files as callgrind counts the instructions of; each has the same.
const COUNTED: usize = 100;

const XMLLINT: &str = "xmllint --noout";
const XMLSTARLET: &str = "xmlstarlet val -w";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    benchmark("check", &arguments, measure)
}

fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let files = rounds(FILES);
    let title = format!("{files} configurations of 20 KB");
    if !table.wants(&title) {
        return Ok(());
    }
    let command = env::var_os("PROVISION_BIN")
        .ok_or("the command is not named: `cargo xtask bench check` builds it and names it")?;
    let folder = tempfile::tempdir()?;
    let paths = filled(folder.path(), files)?;
    let told = Program::new([command]).with("check");
    let check = told.clone().with("-q");
    let all = check.clone().with(folder.path());
    // As many threads as the process may use processors.
    let on = |threads: usize| {
        let mut words = Program::new(["taskset", "-c", &format!("0-{}", threads - 1)]).words;
        words.extend(all.words.iter().cloned());
        Program::new(words)
    };
    let [one, two] = [on(1), on(2)];
    let with_paths = |words: &[&str]| {
        let mut program = Program::new(words);
        program.words.extend(paths.iter().map(Into::into));
        program
    };
    let xmllint = with_paths(&["xmllint", "--noout"]);
    let xmlstarlet = with_paths(&["xmlstarlet", "val", "-q", "-w"]);
    let there = ["taskset", "xmllint", "xmlstarlet"].map(is_there);
    let [has_taskset, has_xmllint, has_xmlstarlet] = there;

    // The first one brings the files into memory.
    let output = told.with(folder.path()).output()?;
    if !String::from_utf8_lossy(&output.stderr).contains(&format!("{files} good")) {
        return Err("there is something to be said about a configuration".into());
    }
    let turn = |program: &Program, is_there: bool| {
        if is_there { program.turn() } else { Duration::ZERO }
    };
    let times = interleaved(
        [
            &|| turn(&one, has_taskset),
            &|| turn(&two, has_taskset),
            &|| turn(&xmllint, has_xmllint),
            &|| turn(&xmlstarlet, has_xmlstarlet),
        ],
        &EFFORT,
    );
    table.title(&title, "whole process");
    let [ours @ .., linted, validated] = &times;
    let peers = [(XMLLINT, linted, has_xmllint), (XMLSTARLET, validated, has_xmlstarlet)];
    for (peer, times, is_there) in peers {
        match is_there {
            true => table.measured(peer, per_second(times, files), None),
            false => table.missing(peer, "it is missing", None),
        }
    }
    for ((threads, goal), times) in GOALS.into_iter().zip(ours) {
        let name =
            format!("provision check, {threads} thread{}", if threads > 1 { "s" } else { "" });
        if !has_taskset || !has_xmllint {
            let reason = "taskset or xmllint is missing";
            table.missing(&name, reason, Some((goal, Unit::Ratio)));
            continue;
        }
        let rate = per_second(times, files);
        table.measured(&name, rate, None);
        for (peer, theirs, _) in peers.into_iter().filter(|(.., is_there)| *is_there) {
            let comparison = Comparison {
                name: &format!("{name}, of the files per second of {peer}"),
                ours: rate,
                peer,
                theirs: per_second(theirs, files),
                // Files per second, so the other way round.
                ratios: theirs.ratios(times),
            };
            table.compared(&comparison, (peer == XMLLINT).then_some(goal));
        }
    }
    memory(table, &[("provision check", &all, true), (XMLLINT, &xmllint, has_xmllint)])?;
    let counted = paths.iter().take(COUNTED.min(files));
    let counted: Vec<&PathBuf> = counted.collect();
    instructions(table, &counted, &check, has_xmllint)
}

fn memory(table: &mut Table, programs: &[(&str, &Program, bool)]) -> Result<(), Box<dyn Error>> {
    if !Path::new(TIME).exists() {
        table.missing("most memory", "GNU time is missing", None);
        return Ok(());
    }
    for (name, program, _) in programs.iter().filter(|(.., is_there)| *is_there) {
        table.measured(&format!("{name}, most memory"), program.peak(RUNS_FOR_MEMORY)?, None);
    }
    Ok(())
}

fn instructions(
    table: &mut Table,
    paths: &[&PathBuf],
    check: &Program,
    has_xmllint: bool,
) -> Result<(), Box<dyn Error>> {
    if !is_there(CALLGRIND[0]) {
        table.missing("instructions", "valgrind is missing", None);
        return Ok(());
    }
    let xmllint = Program::new(["xmllint", "--noout"]);
    let programs = [("provision check", check, true), (XMLLINT, &xmllint, has_xmllint)];
    for (name, program, _) in programs.into_iter().filter(|(.., is_there)| *is_there) {
        let mut program = program.clone();
        program.words.extend(paths.iter().map(Into::into));
        let count = program.instructions()?;
        table.measured(&format!("{name}, instructions for {} files", paths.len()), count, None);
    }
    Ok(())
}

/// Configurations such as phones write, no two the same, in folders of a hundred. There is nothing to be said about any.
fn filled(folder: &Path, files: usize) -> std::io::Result<Vec<PathBuf>> {
    let first = format!("{:032x}", 0);
    // The default account has to be one that is there.
    let configuration = zoiper3(SIZE).replacen(DEFAULT_ACCOUNT, &first, 1);
    let mut paths = Vec::new();
    for number in 0..files {
        let folder = folder.join(format!("{:04}", number / 100));
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{number:05}.xml"));
        let name = format!("{:032x}", (number + 1) << 32);
        fs::write(&path, configuration.replace(&first, &name))?;
        paths.push(path);
    }
    Ok(paths)
}

/// As the configuration names it from which the others are made.
const DEFAULT_ACCOUNT: &str = "Local line";

fn per_second(times: &Times, files: usize) -> Measure {
    let Quartiles { lower, median, upper } = times.quartiles();
    let rate = |time: Duration| files as f64 / time.as_secs_f64();
    let quartiles = Quartiles { lower: rate(upper), median: rate(median), upper: rate(lower) };
    Measure { unit: Unit::FilesPerSecond, quartiles }
}

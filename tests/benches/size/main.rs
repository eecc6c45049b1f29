//! How large the command is as people get it, how soon it has started, and what memory that takes: `cargo xtask bench size`.
//!
//! The words behind the name pick rows: those with one of them in their name. It fails if a goal is missed, behind the
//! whole table.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use provision_tests::measuring::{
    CALLGRIND, Comparison, Effort, Goal, Measure, Program, TIME, Table, Unit, benchmark,
    interleaved, is_there,
};

const SIZE: Goal = Goal::AtMost(4e6);

const EFFORT: Effort = Effort { rounds: 501, budget: Duration::from_secs(10) };
const RUNS_FOR_MEMORY: usize = 7;

const OURS: &str = "provision --version";
const CURL: &str = "curl --version";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    benchmark("size", &arguments, measure)
}

fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let command = env::var_os("PROVISION_BIN")
        .ok_or("the command is not named: `cargo xtask bench size` builds it and names it")?;
    if table.wants("the command as shipped") {
        table.title("the command as shipped", "one file");
        let bytes = fs::metadata(&command)?.len();
        table.measured("its size", Measure::once(Unit::Bytes, bytes as f64), Some(SIZE));
    }
    if !table.wants("its start") {
        return Ok(());
    }
    table.title("its start", "whole process");
    let ours = Program::new([command]).with("--version");
    let curl = Program::new(["curl", "-q", "--version"]);
    let has_curl = is_there("curl");
    let curl_turn = || if has_curl { curl.turn() } else { Duration::ZERO };
    ours.output()?;
    let [times, others] = interleaved([&|| ours.turn(), &curl_turn], &EFFORT);
    table.measured(OURS, Measure::times(&times), None);
    if has_curl {
        table.measured(CURL, Measure::times(&others), None);
        let comparison = Comparison {
            name: "provision --version, of the time of curl --version",
            ours: Measure::times(&times),
            peer: CURL,
            theirs: Measure::times(&others),
            ratios: times.ratios(&others),
        };
        table.compared(&comparison, None);
    } else {
        table.missing(CURL, "curl is missing", None);
    }
    let programs = [(OURS, &ours, true), (CURL, &curl, has_curl)];
    for (name, program, _) in programs.into_iter().filter(|(.., is_there)| *is_there) {
        if Path::new(TIME).exists() {
            table.measured(&format!("{name}, most memory"), program.peak(RUNS_FOR_MEMORY)?, None);
        } else {
            table.missing(&format!("{name}, most memory"), "GNU time is missing", None);
        }
        if is_there(CALLGRIND[0]) {
            table.measured(&format!("{name}, instructions"), program.instructions()?, None);
        } else {
            table.missing(&format!("{name}, instructions"), "valgrind is missing", None);
        }
    }
    Ok(())
}

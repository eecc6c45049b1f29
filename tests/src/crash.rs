//! The crash campaign: the command is killed at every instant, and every call on a phone's files fails once. The files are
//! whole after each of them, and the next run makes them right (spec 5.1 to 5.4).
//!
//! The command runs under ptrace. Kills test the order of the calls and what they leave, not the disk: nothing here pulls a
//! plug, so that the folders may lie in memory. That what must be on a disk is synced, and in which order, is seen from
//! the calls themselves; that part, and that of the failing calls, knows the registers of x86-64 only.
#![expect(clippy::print_stdout, reason = "a table is for the person at the terminal")]

#[cfg(target_arch = "x86_64")]
mod calls;
mod clean;
#[cfg(target_arch = "x86_64")]
mod failures;
mod kills;
#[cfg(target_arch = "x86_64")]
mod order;
mod random;
mod row;
mod scenario;
mod snapshot;
mod stage;
mod tracer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use self::clean::Clean;
use self::kills::kills;
use self::row::Row;
use self::scenario::{SCENARIOS, Scenario};
use self::stage::Stage;
pub use self::tracer::become_traced;

/// What the campaign runs, and how much of it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The command `provision`.
    pub program: PathBuf,
    /// The program that becomes another one by [`become_traced`] when its first argument is [`LAUNCH`].
    pub launcher: PathBuf,
    /// Where folders are made: a file system in memory, if there is one.
    pub folder: PathBuf,
    /// How many kills there are in all, about.
    pub kills: usize,
    /// One of so many failing calls is played; 1 for all. A number that 5 does not divide meets every error.
    pub stride: usize,
}

/// The first argument by which a launcher knows that it is one.
pub const LAUNCH: &str = "--become-traced";

/// So many of a hundred kills have to strike.
const MOST: usize = 95;

/// The file system in memory, or the folder for temporary files.
pub fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    match tempfile::tempdir_in(memory) {
        Ok(_) => memory.to_owned(),
        Err(_) => std::env::temp_dir(),
    }
}

/// Plays everything and prints the table. Whether there is no finding, and enough of the kills struck.
///
/// # Errors
///
/// That the command cannot be run or traced here, or does not succeed when it is left alone.
pub fn campaign(setup: &Setup) -> io::Result<bool> {
    let begun = Instant::now();
    println!("{} under ptrace, in {}", setup.program.display(), setup.folder.display());
    if cfg!(not(target_arch = "x86_64")) {
        println!("The order of the calls and the failing calls are looked at on x86-64 only.");
    }
    println!("\n{}", Row::HEADING);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let scenarios = Mutex::new(SCENARIOS.iter().enumerate());
    let next = || scenarios.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let stage = Stage::new(setup)?;
        let mut sum = Row::new("all");
        while let Some((number, scenario)) = next() {
            let row = play(setup, &stage, scenario, number)?;
            println!("{row}");
            sum.add(row);
        }
        Ok(sum)
    };
    let sums: io::Result<Vec<Row>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let panicked = || io::Error::other("a worker panicked");
        workers.into_iter().map(|worker| worker.join().map_err(|_| panicked())?).collect()
    });
    let mut sum = Row::new("all");
    for worker in sums? {
        sum.add(worker);
    }
    println!("{sum}");
    for finding in sum.findings() {
        println!("\n{finding}");
    }
    if sum.leaves > 0 {
        println!("\nWhat a fetch leaves behind stays, since no lock tells whose it is.");
    }
    let is_enough = sum.struck * 100 >= sum.kills * MOST;
    if !is_enough {
        println!("\nToo few kills struck: {} of {}.", sum.struck, sum.kills);
    }
    println!("\n{} kinds of findings, {:.1} s", sum.kinds(), begun.elapsed().as_secs_f64());
    Ok(is_enough && sum.kinds() == 0)
}

/// The scenario of a number, from the run that is left alone to the last failing call.
fn play(setup: &Setup, stage: &Stage<'_>, scenario: &Scenario, number: usize) -> io::Result<Row> {
    let in_row = |error| io::Error::other(format!("{}: {error}", scenario.name));
    let mut row = Row::new(scenario.name);
    let clean = Clean::new(stage, scenario).map_err(in_row)?;
    row.clean(scenario, stage, &clean);
    let share = setup.kills.div_ceil(SCENARIOS.len());
    // Every scenario begins at another place, so that all together meet every part of a run even if each has few.
    let begin = number * 7 % SCENARIOS.len() * clean.stops / SCENARIOS.len();
    for kill in kills(share, clean.stops, begin) {
        let struck = kill.strike(stage, scenario, &clean).map_err(in_row)?;
        row.kill(stage, kill, &struck);
    }
    // A small campaign has its few from the middle, where files are replaced.
    #[cfg(target_arch = "x86_64")]
    for failing in
        failures::cases(&clean, stage.profile()).skip(setup.stride / 2).step_by(setup.stride)
    {
        let failed = failing.play(stage, scenario, &clean).map_err(in_row)?;
        row.failure(stage, &failed);
    }
    Ok(row)
}

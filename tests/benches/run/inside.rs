//! What the programs do, as other programs see it: their system calls, and their instructions. Neither depends on what
//! else the machine does.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use provision_tests::measuring::{
    Authentication, CALLGRIND, CHANGING, Comparison, Configurations, Goal, Measure, Phone, SAME,
    Table, Unit, is_there,
};

use crate::candidate::{Candidate, Programs};

/// Calls that change something in the phone's folder, where the server has nothing new.
const NONE: Goal = Goal::AtMost(0.0);

const CALLS: &str = "system calls";
const INSTRUCTIONS: &str = "instructions";

const FLOOR: &str = "floor program";
const CHANGED: &str = "provision run, something new";
const UNCHANGED: &str = "provision run, nothing new";

pub(crate) fn measure(table: &mut Table, programs: &Programs) -> Result<(), Box<dyn Error>> {
    if ![CALLS, INSTRUCTIONS].iter().any(|name| table.wants(name)) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let configurations = Configurations::start();
    let phone = |path: &str, kind| {
        let url = configurations.server.url(path);
        Phone::new(folder.path(), &url, kind)
    };
    let address = configurations.server.address().to_string();
    let floor = programs.floor(phone(CHANGING, Authentication::Off)?, &address, CHANGING);
    let changed = programs.run(phone(CHANGING, Authentication::Url)?, &[]);
    let unchanged = programs.run(phone(SAME, Authentication::Url)?, &[]);
    for _ in 0..3 {
        for candidate in [&floor, &changed, &unchanged] {
            candidate.turn();
        }
    }
    let candidates =
        [(FLOOR, &floor, None), (CHANGED, &changed, None), (UNCHANGED, &unchanged, Some(NONE))];
    if table.wants(CALLS) {
        table.title(CALLS, "as strace sees them");
        if is_there("strace") {
            for (name, candidate, goal) in candidates {
                let calls = Calls::of(candidate, folder.path())?;
                let count = |count: u64| Measure::once(Unit::Count, count as f64);
                table.measured(name, count(calls.all), None);
                let changing = format!("{name}: those that change the folder");
                table.measured(&changing, count(calls.changing), goal);
                table.measured(&format!("{name}: syncs among them"), count(calls.syncs), None);
            }
        } else {
            let goal = Some((NONE, Unit::Count));
            table.missing("calls that change the folder", "strace is missing", goal);
        }
    }
    if table.wants(INSTRUCTIONS) {
        table.title(INSTRUCTIONS, "of the process itself, as callgrind counts them");
        if is_there(CALLGRIND[0]) {
            let floor = floor.program.instructions()?;
            table.measured(FLOOR, floor, None);
            for (name, candidate) in [(CHANGED, &changed), (UNCHANGED, &unchanged)] {
                let ours = candidate.program.instructions()?;
                table.measured(name, ours, None);
                let ratios = ours.ratios(&floor);
                let name = format!("{name}, of the floor's");
                let comparison =
                    Comparison { name: &name, ours, peer: FLOOR, theirs: floor, ratios };
                table.compared(&comparison, None);
            }
        } else {
            table.missing("of all", "valgrind is missing", None);
        }
    }
    Ok(())
}

/// What a process asks of the system.
struct Calls {
    all: u64,
    /// Those that change something in the phone's folder, or put it on the disk.
    changing: u64,
    syncs: u64,
}

impl Calls {
    fn of(candidate: &Candidate, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let trace = folder.join("trace");
        // With `-y` a descriptor has its path beside it.
        let strace = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", &trace.to_string_lossy()];
        let mut command = candidate.program.command_behind(&strace);
        if !command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            return Err("strace does not run the command here".into());
        }
        let profile = candidate.phone.profile.canonicalize()?;
        let profile = profile.to_string_lossy();
        let mut calls = Self { all: 0, changing: 0, syncs: 0 };
        for line in fs::read_to_string(&trace)?.lines() {
            // The number of the thread, the call, and what it is given.
            let Some((name, rest)) = line.split_once('(') else { continue };
            let name = name.split_ascii_whitespace().last().unwrap_or_default();
            let is_sync = SYNCS.contains(&name);
            let is_changing = is_sync || CHANGING_CALLS.contains(&name);
            calls.all += 1;
            calls.syncs += u64::from(is_sync);
            calls.changing += u64::from(is_changing && rest.contains(&*profile));
        }
        Ok(calls)
    }
}

const SYNCS: &[&str] = &["fsync", "fdatasync", "sync", "syncfs", "sync_file_range"];
const CHANGING_CALLS: &[&str] = &[
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "ftruncate",
    "truncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "fchownat",
    "utimensat",
    "setxattr",
    "fsetxattr",
];

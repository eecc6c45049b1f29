//! What the programs do, as other programs see it: their system calls, and their instructions. Neither depends on what
//! else the machine does.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use provision_tests::measuring::{Goal, Table};

use crate::candidate::{Candidate, Programs, is_there};
use crate::phone::{Authentication, CHANGING, Configurations, Phone, SAME};
use crate::rows;

/// Calls that change something in the phone's folder, where the server has nothing new.
const NONE: Goal = Goal::AtMost(0.0);

const CALLS: &str = "system calls";
const INSTRUCTIONS: &str = "instructions";

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
    let candidates = [
        ("floor program", &floor, None),
        ("provision run, something new", &changed, None),
        ("provision run, nothing new", &unchanged, Some(NONE)),
    ];
    if table.wants(CALLS) {
        table.heading(format!("{CALLS}, as strace sees them"));
        if is_there("strace") {
            for (name, candidate, goal) in candidates {
                let calls = Calls::of(candidate, folder.path())?;
                rows::count(table, name, calls.all, None);
                rows::count(table, "  that change something in the folder", calls.changing, goal);
                rows::count(table, "  syncs among them", calls.syncs, None);
            }
        } else {
            table.row("  strace is missing; `cargo xtask crash` watches the calls by itself");
        }
    }
    if table.wants(INSTRUCTIONS) {
        table.heading(format!("{INSTRUCTIONS} of the process itself, as callgrind counts them"));
        if is_there("valgrind") {
            for (name, candidate, _) in candidates {
                rows::count(table, name, instructions(candidate)?, None);
            }
        } else {
            table.row("  valgrind is missing");
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
        let mut command = candidate.command(&strace);
        if !command.stderr(Stdio::null()).status()?.success() {
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

fn instructions(candidate: &Candidate) -> Result<u64, Box<dyn Error>> {
    let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = candidate.command(&valgrind).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.ok_or_else(|| format!("callgrind counts nothing: {said}"))?;
    Ok(count.trim().parse()?)
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

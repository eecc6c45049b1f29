//! The largest pair that a phone reads, from files to files, against copying the local file with `cp`, parsing both with
//! roxmltree or `xmllint`, and the same merge with lxml.
//!
//! All are processes of their own. The time is that from the start of a process to its end. One of them handles the same
//! bytes without a look at them, which tells what of a merge is not the merge's.

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use provision_format::{Config, SignificantSections, Source};
use provision_tests::measuring::{
    Effort, Goal, Measure, Meter, Program, TIME, Table, Times, Unit, interleaved, is_there, timed,
};

use crate::lxml;
use crate::pairs::{Pair, SECTIONS, merged};
use crate::phones::{MERGE, TREES as TREES_ROW, compared, timing_row};
use crate::processes::xmllint;

/// Of the time of `cp`.
const AGAINST_COPY: Goal = Goal::AtMost(5.0);
/// Of the bytes of both documents.
const MEMORY: Goal = Goal::AtMost(2.5);

const ACCOUNTS: usize = 30_000_000;
const ADDRESS_BOOK: usize = 35_000_000;

const EFFORT: Effort = Effort { rounds: 15, budget: Duration::from_secs(30) };

const FEW: Effort = Effort { rounds: 5, budget: Duration::from_secs(15) };
const ONCE: Effort = Effort { rounds: 1, budget: Duration::ZERO };

/// The arguments by which this program starts itself.
pub(crate) const CHILD: &str = "--child";
pub(crate) const TREES: &str = "--trees";
pub(crate) const UNREAD: &str = "--unread";

const CP: &str = "cp of the local one";
const UNREAD_ROW: &str = "the same bytes from files to files, unread";

const NOT_MEASURED: &str = "not measured";

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let name = "65 MB and 30 MB, from files to files";
    if !table.wants(name) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let pair = Pair::of_a_company(ACCOUNTS, ADDRESS_BOOK);
    let size = pair.local.len() + pair.remote.len();
    assert!(pair.local.len() <= Source::FILE_LIMIT, "a phone reads it");
    fs::write(folder.join(LOCAL), &pair.local)?;
    fs::write(folder.join(REMOTE), &pair.remote)?;

    let peaks = RefCell::new(Vec::new());
    let merge = || {
        remove(folder, &[EFFECTIVE, STORED]);
        let mut peak = String::new();
        let time = timed(|| peak = child(folder).expect("it can be merged"));
        peaks.borrow_mut().push(peak);
        time
    };
    let copy = || {
        remove(folder, &[COPY]);
        let copy = Program::new(["cp"]).with(folder.join(LOCAL)).with(folder.join(COPY));
        copy.turn()
    };
    // The first ones bring the files and the programs into memory.
    copy();
    merge();
    let unread = || {
        remove(folder, &[EFFECTIVE, STORED]);
        Program::new([env::current_exe().expect("it runs")]).with(UNREAD).with(folder).turn()
    };
    let [ours, copies, unread] = interleaved([&merge, &copy, &unread], &EFFORT);

    table.title(name, &pair.sizes());
    timing_row(table, MERGE, &ours);
    timing_row(table, CP, &copies);
    compared(table, (MERGE, &ours), (CP, &copies), Some(AGAINST_COPY));
    timing_row(table, UNREAD_ROW, &unread);
    compared(table, (UNREAD_ROW, &unread), (CP, &copies), None);
    parsers(table, folder, &merge)?;
    memory_row(table, &peaks.into_inner(), size)
}

/// Those that build trees. They take so long that a few rounds say enough.
fn parsers(
    table: &mut Table,
    folder: &Path,
    merge: &dyn Fn() -> Duration,
) -> Result<(), Box<dyn Error>> {
    let path = |name: &str| folder.join(name);
    let trees = Program::new([env::current_exe()?]).with(TREES).with(folder);
    let xmllint = xmllint(path(LOCAL), path(REMOTE));
    fs::write(path(SCRIPT), lxml::SCRIPT)?;
    let lxml = Program::new(["python3".into(), path(SCRIPT)])
        .with(path(LOCAL))
        .with(path(REMOTE))
        .with(SECTIONS)
        .with(path(EFFECTIVE))
        .with(path(STORED));
    let peers = [
        (TREES_ROW, trees, None),
        (
            "xmllint --noout of both",
            xmllint,
            (!is_there("xmllint")).then_some("xmllint is missing"),
        ),
        ("lxml", lxml, (!lxml::is_there()).then_some(lxml::MISSING)),
    ];
    let turn = |index: usize| {
        let (_, program, missing) = &peers[index];
        if missing.is_some() { Duration::ZERO } else { program.turn() }
    };
    let [ours, trees, linted] = interleaved([merge, &|| turn(0), &|| turn(1)], &FEW);
    // It takes longer than all others together.
    let [ours_beside_lxml, lxml] = interleaved([merge, &|| turn(2)], &ONCE);
    let rounds = [(&ours, &trees), (&ours, &linted), (&ours_beside_lxml, &lxml)];
    let is_telling = Path::new(TIME).exists();
    for ((name, program, missing), (ours, times)) in peers.iter().zip(rounds) {
        match missing {
            Some(missing) => table.missing(name, missing, None),
            None => peer_rows(table, (name, times), program, ours, is_telling)?,
        }
    }
    if !is_telling {
        table.missing("most memory of the peers", "GNU time is missing", None);
    }
    Ok(())
}

fn peer_rows(
    table: &mut Table,
    (name, times): (&str, &Times),
    program: &Program,
    ours: &Times,
    is_telling: bool,
) -> Result<(), Box<dyn Error>> {
    timing_row(table, name, times);
    compared(table, (MERGE, ours), (name, times), None);
    if is_telling {
        table.measured(&format!("{name}, most memory"), program.peak(1)?, None);
    }
    Ok(())
}

fn memory_row(table: &mut Table, peaks: &[String], size: usize) -> Result<(), Box<dyn Error>> {
    let name = "merge, most memory, in the bytes of both";
    if peaks.iter().any(|peak| peak == NOT_MEASURED) {
        table.missing(name, "this system does not tell it", Some((MEMORY, Unit::Ratio)));
        return Ok(());
    }
    let mut ratios = Vec::new();
    for peak in peaks {
        ratios.push(peak.parse::<u64>()? as f64 / size as f64);
    }
    table.measured(name, Measure::several(Unit::Ratio, ratios), Some(MEMORY));
    Ok(())
}

fn remove(folder: &Path, names: &[&str]) {
    for name in names {
        // The first time there is none.
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Merges the files of a folder in a process of its own; what that says.
fn child(folder: &Path) -> Result<String, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?)
        .arg(CHILD)
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the merge failed: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What the child does; its peak of memory.
pub(crate) fn merge_files(folder: &Path) -> Result<String, Box<dyn Error>> {
    let meter = Meter::start();
    let read = |name: &str| -> Result<Config, Box<dyn Error>> {
        Ok(Config::read(fs::read(folder.join(name))?)?.value)
    };
    let (local, remote) = (read(LOCAL)?, read(REMOTE)?);
    let merged = merged(&local, &remote, &SignificantSections::from_list(SECTIONS));
    for (name, config) in [(EFFECTIVE, &merged.effective), (STORED, &merged.stored)] {
        fs::write(folder.join(name), config.source().to_bytes()?)?;
    }
    Ok(meter.peak().map_or_else(|| NOT_MEASURED.to_owned(), |peak| peak.to_string()))
}

/// What no merge can do without: both files read, the three texts that it makes put together, and two of them written.
pub(crate) fn copy_unread(folder: &Path) -> Result<String, Box<dyn Error>> {
    let local = fs::read(folder.join(LOCAL))?;
    let remote = fs::read(folder.join(REMOTE))?;
    let (displaced, stays) = local.split_at(local.len() - ADDRESS_BOOK);
    let (effective, stored) = ([remote.as_slice(), stays].concat(), stays.to_vec());
    let displaced = black_box(displaced.to_vec());
    fs::write(folder.join(EFFECTIVE), &effective)?;
    fs::write(folder.join(STORED), &stored)?;
    Ok(format!("{} bytes", effective.len() + stored.len() + displaced.len()))
}

/// What the other child does: two trees, and nothing with them.
pub(crate) fn parse_files(folder: &Path) -> Result<String, Box<dyn Error>> {
    let texts = [LOCAL, REMOTE].map(|name| fs::read_to_string(folder.join(name)));
    let [local, remote] = texts;
    let (local, remote) = (local?, remote?);
    let trees = [roxmltree::Document::parse(&local)?, roxmltree::Document::parse(&remote)?];
    Ok(format!("{} trees", trees.len()))
}

const LOCAL: &str = "local.xml";
const REMOTE: &str = "remote.xml";
const EFFECTIVE: &str = "effective.xml";
const STORED: &str = "stored.xml";
const COPY: &str = "copy.xml";
const SCRIPT: &str = "merge.py";

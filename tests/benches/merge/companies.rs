//! The largest pair that a phone reads, from files to files, against copying the local file with `cp`.
//!
//! Both are processes of their own. The time is that from the start of a process to its end.

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use provision_format::{Config, SignificantSections, Source};
use provision_tests::measuring::{Effort, Goal, Meter, Table, interleaved, timed, verdict};

use crate::pairs::{Pair, SECTIONS, merged};
use crate::phones::{ratio_row, timing_row};

/// Of the time of `cp`.
const AGAINST_COPY: Goal = Goal::AtMost(5.0);
/// Of the bytes of both documents.
const MEMORY: Goal = Goal::AtMost(2.5);

const ACCOUNTS: usize = 30_000_000;
const ADDRESS_BOOK: usize = 35_000_000;

const EFFORT: Effort = Effort { rounds: 15, budget: Duration::from_secs(30) };

/// The argument by which this program starts itself.
pub(crate) const CHILD: &str = "--child";

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
        let mut copy = Command::new("cp");
        copy.arg(folder.join(LOCAL)).arg(folder.join(COPY));
        timed(|| assert!(copy.status().is_ok_and(|status| status.success()), "`cp` copies"))
    };
    // The first ones bring the files and the programs into memory.
    copy();
    merge();
    let [merge, copy] = interleaved([&merge, &copy], &EFFORT);

    let title =
        format!("{name}: {} bytes local, {} bytes remote", pair.local.len(), pair.remote.len());
    table.heading(format!(
        "{title}\n{:<48}{:>12}  {:<25} {:<10}",
        "", "median", "quartiles", "goal"
    ));
    timing_row(table, "merge", &merge);
    timing_row(table, "cp of the local file", &copy);
    ratio_row(table, "  merge against it", merge.ratios(&copy), AGAINST_COPY);
    memory_row(table, &peaks.into_inner(), size)
}

fn memory_row(table: &mut Table, peaks: &[String], size: usize) -> Result<(), Box<dyn Error>> {
    let name = "peak of memory, in the bytes of both";
    if peaks.iter().any(|peak| peak == NOT_MEASURED) {
        table.row(&format!("  {name:<46}{NOT_MEASURED:>12}"));
        return Ok(());
    }
    let mut ratios = Vec::new();
    for peak in peaks {
        ratios.push(peak.parse::<u64>()? as f64 / size as f64);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    let (least, median, most) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    let verdict = verdict(table.check(MEMORY, median));
    let spread = format!("{least:.3} .. {most:.3}");
    table.row(&format!("  {name:<46}{median:>12.3}  {spread:<25} {MEMORY:<10}{verdict}"));
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

const LOCAL: &str = "local.xml";
const REMOTE: &str = "remote.xml";
const EFFECTIVE: &str = "effective.xml";
const STORED: &str = "stored.xml";
const COPY: &str = "copy.xml";

//! The same merge by the command, from files to files, beside programs that people have: `xmllint`, which parses both
//! documents and writes nothing, and `cp` of the local one. It shows what the start of a process is in all this.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use provision_tests::measuring::{Comparison, Effort, Program, TIME, Table, interleaved, is_there};

use crate::pairs::{Pair, SECTIONS};
use crate::phones::{compared, timing_row};

const EFFORT: Effort = Effort { rounds: 101, budget: Duration::from_secs(5) };
const RUNS_FOR_MEMORY: usize = 5;

const OURS: &str = "provision merge";
const XMLLINT: &str = "xmllint --noout of both";
const CP: &str = "cp of the local one";

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    for (name, pair) in Pair::of_phones() {
        let name = format!("{name}, whole process");
        if table.wants(&name) {
            measure_pair(table, &name, &pair)?;
        }
    }
    Ok(())
}

fn measure_pair(table: &mut Table, name: &str, pair: &Pair) -> Result<(), Box<dyn Error>> {
    let command = env::var_os("PROVISION_BIN")
        .ok_or("the command is not named: `cargo xtask bench merge` builds it and names it")?;
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).into_os_string();
    let (local, remote) = (path("local.xml"), path("remote.xml"));
    fs::write(&local, &pair.local)?;
    fs::write(&remote, &pair.remote)?;
    let ours = Program::new([command, "merge".into(), "-q".into()])
        .with("--local")
        .with(&local)
        .with("--remote")
        .with(&remote)
        .with("--sections")
        .with(SECTIONS)
        .with("--effective")
        .with(path("effective.xml"))
        .with("--stored")
        .with(path("stored.xml"));
    let xmllint = xmllint(&local, &remote);
    let cp = Program::new(["cp".into(), local, path("copy.xml")]);

    table.title(name, &pair.sizes());
    for program in [&ours, &cp] {
        program.output()?;
    }
    let has_xmllint = is_there("xmllint");
    let xmllint_turn = || if has_xmllint { xmllint.turn() } else { Duration::ZERO };
    let [times, others, copies] =
        interleaved([&|| ours.turn(), &xmllint_turn, &|| cp.turn()], &EFFORT);
    timing_row(table, OURS, &times);
    if has_xmllint {
        timing_row(table, XMLLINT, &others);
        compared(table, (OURS, &times), (XMLLINT, &others), None);
    } else {
        table.missing(XMLLINT, "xmllint is missing", None);
    }
    timing_row(table, CP, &copies);
    compared(table, (OURS, &times), (CP, &copies), None);
    if !Path::new(TIME).exists() {
        table.missing("most memory", "GNU time is missing", None);
        return Ok(());
    }
    let memory = ours.peak(RUNS_FOR_MEMORY)?;
    table.measured(&format!("{OURS}, most memory"), memory, None);
    let peers = [(XMLLINT, &xmllint, has_xmllint), (CP, &cp, true)];
    for (peer, program, _) in peers.into_iter().filter(|(.., is_there)| *is_there) {
        let theirs = program.peak(RUNS_FOR_MEMORY)?;
        table.measured(&format!("{peer}, most memory"), theirs, None);
        let name = format!("{OURS}, of the memory of {peer}");
        let ratios = memory.ratios(&theirs);
        table.compared(&Comparison { name: &name, ours: memory, peer, theirs, ratios }, None);
    }
    Ok(())
}

/// It parses both documents and says nothing.
pub(crate) fn xmllint(local: impl AsRef<Path>, remote: impl AsRef<Path>) -> Program {
    let program = Program::new(["xmllint", "--noout", "--huge"]);
    program.with(local.as_ref()).with(remote.as_ref())
}

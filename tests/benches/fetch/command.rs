//! The command, from its start to its end, beside `curl` and `wget`.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use provision_tests::measuring::{
    CALLGRIND, Comparison, Goal, Measure, Program, Quartiles, TIME, Table, Unit, is_there,
};
use provision_tests::{Answer, Server, TestCa};

use crate::hyperfine::medians;

/// What the command may take of curl's time and memory.
struct Goals {
    time: Goal,
    memory: Option<Goal>,
}

const HTTP: Goals = Goals { time: Goal::AtMost(0.30), memory: Some(Goal::AtMost(0.25)) };
const HTTPS: Goals = Goals { time: Goal::AtMost(0.35), memory: None };

const ROUNDS: usize = 7;
const RUNS_FOR_MEMORY: usize = 7;
const SIZE: usize = 20_000;

const NAMES: [&str; 2] = ["20 KB by http", "20 KB by https"];

const OURS: &str = "provision fetch -q";
const CURL: &str = "curl";
const WGET: &str = "wget";

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let [http, https] = NAMES;
    if !NAMES.iter().any(|name| table.wants(name)) {
        return Ok(());
    }
    let program = env::var_os("PROVISION_BIN")
        .ok_or("the command is not named: `cargo xtask bench fetch` builds it and names it")?;
    let folder = tempfile::tempdir()?;
    let document = document();
    if table.wants(http) {
        let server = Server::http(Answer::ok(document.clone()));
        let candidates = Candidates::new(&program, &server, folder.path(), None)?;
        candidates.measure(table, http, &document, &HTTP, folder.path())?;
    }
    if table.wants(https) {
        let Some(bundle) = BUNDLES.iter().map(Path::new).find(|bundle| bundle.exists()) else {
            let goal = Some((HTTPS.time, Unit::Ratio));
            table.missing(https, "the system's authorities are not found", goal);
            return Ok(());
        };
        let ca = TestCa::new();
        let server = Server::https(Answer::ok(document.clone()), &ca.certificate());
        let bundle = with_test_ca(bundle, &ca, folder.path())?;
        let candidates = Candidates::new(&program, &server, folder.path(), Some(&bundle))?;
        candidates.measure(table, https, &document, &HTTPS, folder.path())?;
    }
    Ok(())
}

/// The commands that get the same document from the same server.
struct Candidates {
    ours: Program,
    peers: [(&'static str, Program); 2],
}

impl Candidates {
    /// `bundle` holds whom all trust, in place of the system's file, and all read it whole and verify.
    fn new(
        program: &OsString,
        server: &Server,
        folder: &Path,
        bundle: Option<&Path>,
    ) -> Result<Self, Box<dyn Error>> {
        let file = folder.join("Provision.xml");
        let url = server.url("/provision/");
        let urls = format!("<base_urls><base_url>{url}</base_url></base_urls>");
        fs::write(&file, format!("<provision>{urls}</provision>"))?;
        let mut ours =
            Program::new([program]).with("fetch").with("-q").with("--provision").with(file);
        // `-q` and `--no-config` keep them from looking for settings of their own.
        let mut curl = Program::new([CURL, "-q", "-sSf"]);
        let mut wget = Program::new([WGET, "--no-config", "-q", "-O", "-"]);
        if let Some(bundle) = bundle {
            curl = curl.with("--cacert").with(bundle);
            wget = wget.with("--ca-certificate").with(bundle);
        }
        (curl, wget) = (curl.with(&url), wget.with(&url));
        for program in [&mut ours, &mut curl, &mut wget] {
            program.variables.push(("no_proxy", "*".into()));
            program.variables.extend(bundle.map(|bundle| ("SSL_CERT_FILE", bundle.into())));
        }
        Ok(Self { ours, peers: [(CURL, curl), (WGET, wget)] })
    }

    fn measure(
        &self,
        table: &mut Table,
        name: &str,
        document: &str,
        goals: &Goals,
        folder: &Path,
    ) -> Result<(), Box<dyn Error>> {
        table.title(name, &format!("whole process, {ROUNDS} rounds"));
        let (peers, missing): (Vec<_>, Vec<_>) =
            self.peers.iter().partition(|(name, _)| is_there(name));
        for (peer, _) in missing {
            not_measured(table, goals, peer, &format!("{peer} is missing"));
        }
        let mut programs = vec![(OURS, &self.ours)];
        programs.extend(peers.iter().map(|(name, program)| (*name, program)));
        for (program_name, program) in &programs {
            if program.output()?.stdout != document.as_bytes() {
                return Err(format!("{name}: another document came by {program_name}").into());
            }
        }
        if is_there("hyperfine") {
            let only: Vec<&Program> = programs.iter().map(|(_, program)| *program).collect();
            let times = medians(&only, ROUNDS, folder)?;
            let rows = programs.iter().zip(&times).map(|((name, _), theirs)| Row {
                name,
                measure: Measure::times(theirs),
                ratios: times[0].ratios(theirs),
            });
            rows_of(table, "time", &rows.collect::<Vec<_>>(), Some(goals.time));
        } else {
            not_measured(table, goals, CURL, "hyperfine is missing");
        }
        if Path::new(TIME).exists() {
            let rows = one_by_one(&programs, |program| program.peak(RUNS_FOR_MEMORY))?;
            rows_of(table, "memory", &rows, goals.memory);
        } else {
            let goal = goals.memory.map(|goal| (goal, Unit::Ratio));
            table.missing("most memory", "GNU time is missing", goal);
        }
        if is_there(CALLGRIND[0]) {
            let rows = one_by_one(&programs, Program::instructions)?;
            rows_of(table, "instructions", &rows, None);
        } else {
            table.missing("instructions", "valgrind is missing", None);
        }
        Ok(())
    }
}

/// What cannot be compared is a goal that is not met.
fn not_measured(table: &mut Table, goals: &Goals, peer: &str, reason: &str) {
    let goals = [("time", Some(goals.time)), ("memory", goals.memory)];
    for (what, goal) in goals {
        let goal = goal.filter(|_| peer == CURL).map(|goal| (goal, Unit::Ratio));
        table.missing(&format!("{OURS}, of the {what} of {peer}"), reason, goal);
    }
}

/// A program's part of a comparison.
struct Row<'a> {
    name: &'a str,
    measure: Measure,
    /// How often it goes into ours.
    ratios: Quartiles<f64>,
}

/// The first of the programs is ours.
fn one_by_one<'a>(
    programs: &[(&'a str, &Program)],
    measure: impl Fn(&Program) -> Result<Measure, Box<dyn Error>>,
) -> Result<Vec<Row<'a>>, Box<dyn Error>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for (name, program) in programs {
        let measure = measure(program)?;
        let ratios = rows.first().map_or(measure, |ours| ours.measure).ratios(&measure);
        rows.push(Row { name, measure, ratios });
    }
    Ok(rows)
}

/// The first row is ours; the goal is for what it takes of curl's.
fn rows_of(table: &mut Table, what: &str, rows: &[Row<'_>], goal: Option<Goal>) {
    for row in rows {
        table.measured(&format!("{}, {what}", row.name), row.measure, None);
    }
    let Some((ours, peers)) = rows.split_first() else { return };
    for peer in peers {
        let comparison = Comparison {
            name: &format!("{OURS}, of the {what} of {}", peer.name),
            ours: ours.measure,
            peer: peer.name,
            theirs: peer.measure,
            ratios: peer.ratios,
        };
        table.compared(&comparison, goal.filter(|_| peer.name == CURL));
    }
}

/// The system's authorities and the one of these servers.
fn with_test_ca(bundle: &Path, ca: &TestCa, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut pem = fs::read_to_string(bundle)?;
    pem.push_str(&fs::read_to_string(ca.write_pem(folder)?)?);
    let path = folder.join("bundle.pem");
    fs::write(&path, pem)?;
    Ok(path)
}

/// A configuration of about 20 KB, as phones have it.
fn document() -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<options>\n  <accounts>\n".to_owned();
    let mut number = 0;
    while text.len() < SIZE {
        number += 1;
        text.push_str(&format!(
            "    <account>\n      <ident>{number:08}</ident>\n      <name>Office {number}</name>\n      \
             <SIP_domain>pbx.example.com</SIP_domain>\n      <register_on_startup>1</register_on_startup>\n    \
             </account>\n"
        ));
    }
    text + "  </accounts>\n</options>\n"
}

/// Where systems keep their authorities in one file.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

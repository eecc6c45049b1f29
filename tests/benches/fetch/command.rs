//! The command, from its start to its end, beside `curl`.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use provision_tests::measuring::{Goal, Quartiles, Shown, Table, Times, verdict};
use provision_tests::{Answer, Server, TestCa};

use crate::hyperfine::{Words, medians, version};
use crate::peak::{TIME, peak};

/// Of curl's time and of its memory.
const HTTP_TIME: Goal = Goal::AtMost(0.30);
const HTTP_MEMORY: Goal = Goal::AtMost(0.25);
const HTTPS_TIME: Goal = Goal::AtMost(0.35);

const ROUNDS: usize = 7;
const RUNS_FOR_MEMORY: usize = 7;
const SIZE: usize = 20_000;

const NAMES: [&str; 2] = ["20 KB by http", "20 KB by https"];

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let [http, https] = NAMES;
    if !NAMES.iter().any(|name| table.wants(name)) {
        return Ok(());
    }
    let program = env::var_os("PROVISION_BIN")
        .ok_or("the command is not named: `cargo xtask bench fetch` builds it and names it")?;
    for needed in ["curl", "hyperfine", TIME] {
        if version(needed).is_none() {
            not_measured(table, "the command beside curl", &format!("{needed} is missing"));
            return Ok(());
        }
    }
    let folder = tempfile::tempdir()?;
    let document = document();
    if table.wants(http) {
        let server = Server::http(Answer::ok(document.clone()));
        let pair = Pair::new(&program, &server, folder.path(), None)?;
        pair.measure(table, http, &document, HTTP_TIME, Some(HTTP_MEMORY), folder.path())?;
    }
    if table.wants(https) {
        let Some(bundle) = BUNDLES.iter().map(Path::new).find(|bundle| bundle.exists()) else {
            not_measured(table, https, "the system's authorities are not found");
            return Ok(());
        };
        let ca = TestCa::new();
        let server = Server::https(Answer::ok(document.clone()), &ca.certificate());
        let bundle = with_test_ca(bundle, &ca, folder.path())?;
        let pair = Pair::new(&program, &server, folder.path(), Some(&bundle))?;
        pair.measure(table, https, &document, HTTPS_TIME, None, folder.path())?;
    }
    Ok(())
}

/// What cannot be compared is a goal that is not met.
fn not_measured(table: &mut Table, name: &str, reason: &str) {
    let verdict = verdict(table.check(HTTP_TIME, f64::INFINITY));
    table.row(&format!("{name}: not measured, {reason}  {verdict}"));
}

/// The two commands that get the same document from the same server.
struct Pair {
    ours: Words,
    curl: Words,
}

impl Pair {
    /// `bundle` holds whom both trust, in place of the system's file, and both read it whole and verify.
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
        let word = |word: &str| OsString::from(word);
        let mut variables = vec![("no_proxy", word("*"))];
        let ours = vec![
            program.clone(),
            word("fetch"),
            word("-q"),
            word("--provision"),
            file.into_os_string(),
        ];
        // `-q` keeps curl from looking for settings of its own.
        let mut curl = vec![word("curl"), word("-q"), word("-sSf")];
        if let Some(bundle) = bundle {
            variables.push(("SSL_CERT_FILE", bundle.into()));
            curl.extend([word("--cacert"), bundle.into()]);
        }
        curl.push(word(&url));
        Ok(Self {
            ours: Words { words: ours, variables: variables.clone() },
            curl: Words { words: curl, variables },
        })
    }

    fn measure(
        &self,
        table: &mut Table,
        name: &str,
        document: &str,
        time_goal: Goal,
        memory_goal: Option<Goal>,
        folder: &Path,
    ) -> Result<(), Box<dyn Error>> {
        for words in [&self.ours, &self.curl] {
            let output = words.output()?;
            if output.stdout != document.as_bytes() {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(format!("{name}: another document came: {said}").into());
            }
        }
        let [ours, curl] = medians([&self.ours, &self.curl], ROUNDS, folder)?;
        let heading = format!("{name}: whole process, {ROUNDS} rounds");
        table.heading(format!("{heading:<38}{:>12}  {:<25} {:<10}", "median", "quartiles", "goal"));
        time_row(table, "curl", &curl);
        time_row(table, "provision fetch -q", &ours);
        let Quartiles { lower, median, upper } = ours.ratios(&curl);
        let spread = format!("{lower:.3} .. {upper:.3}");
        ratio_row(table, "  of curl's time", median, &spread, Some(time_goal));

        let [ours, curl] = [peak(&self.ours, RUNS_FOR_MEMORY)?, peak(&self.curl, RUNS_FOR_MEMORY)?];
        for (who, bytes) in [("curl", curl), ("provision fetch -q", ours)] {
            let name = format!("{who}, most memory");
            let size = format!("{} KiB", bytes / 1024);
            table.row(&format!("  {name:<36}{size:>12}"));
        }
        let ratio = ours as f64 / curl as f64;
        ratio_row(table, "  of curl's memory", ratio, "", memory_goal);
        Ok(())
    }
}

fn time_row(table: &mut Table, name: &str, times: &Times) {
    let Quartiles { lower, median, upper } = times.quartiles();
    let spread = format!("{} .. {}", Shown(lower), Shown(upper));
    table.row(&format!("  {name:<36}{:>12}  {spread}", Shown(median)));
}

fn ratio_row(table: &mut Table, name: &str, ratio: f64, spread: &str, goal: Option<Goal>) {
    let (goal, verdict) = match goal {
        Some(goal) => (goal.to_string(), verdict(table.check(goal, ratio))),
        None => Default::default(),
    };
    table.row(&format!("  {name:<36}{ratio:>12.3}  {spread:<25} {goal:<10}{verdict}"));
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

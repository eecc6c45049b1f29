//! How long it takes to come to the first good server behind some that are dead.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use provision::fetch::{self, Proxies};
use provision::{CredentialSource, Discovery, FetchOptions, FetchOutcome, fetch_document};
use provision_tests::measuring::{
    Effort, Goal, Quartiles, Shown, Table, interleaved, timed, verdict,
};
use provision_tests::{Answer, Server, TestCa};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::dead::Dead;

/// Milliseconds past servers that fail at once.
const QUICK: Goal = Goal::Under(10.0);
/// Milliseconds past servers that say neither yes nor no: 3 s and what the machine needs.
const SLOW: Goal = Goal::AtMost(3050.0);

/// What a server can do in place of sending a configuration.
struct Kind {
    name: &'static str,
    dead: fn() -> Dead,
    scheme: Scheme,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

const QUICK_KINDS: [Kind; 5] = [
    Kind { name: "refused", dead: Dead::refusing, scheme: Scheme::Http },
    Kind { name: "reset", dead: Dead::resetting, scheme: Scheme::Http },
    Kind { name: "status 503", dead: Dead::busy, scheme: Scheme::Http },
    Kind { name: "web page under 200", dead: Dead::portal, scheme: Scheme::Http },
    Kind { name: "truncated body", dead: Dead::truncating, scheme: Scheme::Http },
];

const SLOW_KINDS: [Kind; 4] = [
    Kind { name: "silent", dead: Dead::silent, scheme: Scheme::Http },
    Kind { name: "dripping header", dead: Dead::dripping, scheme: Scheme::Http },
    Kind { name: "stalled TLS handshake", dead: Dead::silent, scheme: Scheme::Https },
    Kind { name: "black hole", dead: Dead::black_hole, scheme: Scheme::Http },
];

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let quick = Effort { rounds: 51, budget: Duration::from_secs(10) };
    measure_kinds(table, "At once", &QUICK_KINDS, &[1, 3, 10], QUICK, &quick)?;
    let slow = Effort { rounds: 3, budget: Duration::from_secs(5) };
    measure_kinds(table, "Slow", &SLOW_KINDS, &[1, 3, 10, 15], SLOW, &slow)
}

fn measure_kinds(
    table: &mut Table,
    what: &str,
    kinds: &[Kind],
    counts: &[usize],
    goal: Goal,
    effort: &Effort,
) -> Result<(), Box<dyn Error>> {
    let heading = format!("{what}: dead URLs before a good one");
    table.heading(format!("{heading:<38}{:>12}  {:<25} {:<10}", "median", "quartiles", "goal, ms"));
    for kind in kinds {
        for count in counts {
            let name = format!("{count} {}", kind.name);
            if table.wants(&name) {
                let course = Course::new(kind, *count)?;
                let [times] = interleaved([&|| course.run()], effort);
                let Quartiles { lower, median, upper } = times.quartiles();
                let spread = format!("{} .. {}", Shown(lower), Shown(upper));
                let verdict = verdict(table.check(goal, median.as_secs_f64() * 1e3));
                let median = Shown(median);
                table.row(&format!("  {name:<36}{median:>12}  {spread:<25} {goal:<10}{verdict}"));
            }
        }
    }
    Ok(())
}

/// A provisioning file with dead URLs and a good one at the end, and what a phone needs to fetch by it.
struct Course {
    options: FetchOptions,
    runtime: Runtime,
    expected: usize,
    _folder: TempDir,
    _dead: Dead,
    _good: Server,
}

impl Course {
    fn new(kind: &Kind, count: usize) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let dead = (kind.dead)();
        let answer = Answer::ok("<options><accounts/></options>");
        let mut ca_files: Vec<PathBuf> = Vec::new();
        let (scheme, good) = match kind.scheme {
            Scheme::Http => ("http", Server::http(answer)),
            Scheme::Https => {
                let ca = TestCa::new();
                ca_files.push(ca.write_pem(folder.path())?);
                ("https", Server::https(answer, &ca.certificate()))
            }
        };
        let dead_urls = (0..count).map(|number| format!("{scheme}://{}/{number}", dead.address()));
        let urls = dead_urls.chain([good.url("/")]);
        let urls: String = urls.map(|url| format!("<base_url>{url}</base_url>")).collect();
        let file = folder.path().join("Provision.xml");
        fs::write(&file, format!("<provision><base_urls>{urls}</base_urls></provision>"))?;
        let fetch = fetch::Options {
            extra_ca_files: ca_files,
            proxies: Proxies::Direct,
            ..fetch::Options::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            options: FetchOptions {
                discovery: Discovery::File(file),
                fetch,
                ..FetchOptions::default()
            },
            runtime,
            expected: count,
            _folder: folder,
            _dead: dead,
            _good: good,
        })
    }

    /// Until the configuration is there.
    fn run(&self) -> Duration {
        let mut outcome = None;
        let taken = timed(|| {
            let call = fetch_document(CredentialSource::Preset, &self.options, |_| {});
            outcome = Some(self.runtime.block_on(call));
        });
        match outcome {
            Some(Ok(FetchOutcome::Fetched(fetched))) => {
                assert_eq!(fetched.url_index, self.expected, "a dead URL cannot win");
            }
            other => panic!("the last URL is good: {other:?}"),
        }
        taken
    }
}

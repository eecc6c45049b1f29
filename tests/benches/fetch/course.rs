//! Dead servers with a good one behind them, and the ways to come past them.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use provision::fetch::{self, Order, Proxies};
use provision::{CredentialSource, Discovery, FetchOptions, FetchOutcome, fetch_document};
use provision_tests::measuring::{Program, timed};
use provision_tests::{Answer, Server, TestCa};
use tempfile::TempDir;

use crate::dead::Dead;

/// What a server can do in place of sending a configuration.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) dead: fn() -> Dead,
    pub(crate) scheme: Scheme,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// A provisioning file with dead URLs and a good one at the end, and what a phone needs to fetch by it.
pub(crate) struct Course {
    options: FetchOptions,
    expected: usize,
    script: Program,
    _folder: TempDir,
    _dead: Dead,
    _good: Server,
}

impl Course {
    pub(crate) fn new(kind: &Kind, count: usize) -> Result<Self, Box<dyn Error>> {
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
        let urls: Vec<String> = dead_urls.chain([good.url("/")]).collect();
        let script = script(&folder, &urls, ca_files.first());
        let elements: String =
            urls.iter().map(|url| format!("<base_url>{url}</base_url>")).collect();
        let file = folder.path().join("Provision.xml");
        fs::write(&file, format!("<provision><base_urls>{elements}</base_urls></provision>"))?;
        let fetch = fetch::Options {
            extra_ca_files: ca_files,
            proxies: Proxies::Direct,
            ..fetch::Options::default()
        };
        Ok(Self {
            options: FetchOptions {
                discovery: Discovery::File(file),
                fetch,
                ..FetchOptions::default()
            },
            expected: count,
            script,
            _folder: folder,
            _dead: dead,
            _good: good,
        })
    }

    /// Until the configuration is there.
    pub(crate) fn run(&self) -> Duration {
        Self::timed(&self.options, self.expected)
    }

    /// The same, asking one server after the other.
    pub(crate) fn run_in_strict_order(&self) -> Duration {
        let mut options = self.options.clone();
        options.fetch.order = Order::Sequential;
        Self::timed(&options, self.expected)
    }

    fn timed(options: &FetchOptions, expected: usize) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a process can have a runtime");
        let mut outcome = None;
        let taken = timed(|| {
            let call = fetch_document(CredentialSource::Preset, options, |_| {});
            outcome = Some(runtime.block_on(call));
        });
        match outcome {
            Some(Ok(FetchOutcome::Fetched(fetched))) => {
                assert_eq!(fetched.url_index, expected, "a dead URL cannot win");
            }
            other => panic!("the last URL is good: {other:?}"),
        }
        taken
    }

    /// As an operator would write it, with curl.
    pub(crate) fn run_script(&self) -> Duration {
        self.script.turn()
    }
}

fn script(folder: &TempDir, urls: &[String], ca_file: Option<&PathBuf>) -> Program {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/fetch/failover.sh");
    let authority = ca_file.map(|file| file.as_os_str().to_owned()).unwrap_or_default();
    let mut program =
        Program::new(["sh"]).with(script).with(folder.path().join("answer.xml")).with(authority);
    program.words.extend(urls.iter().map(Into::into));
    program.variables.push(("no_proxy", "*".into()));
    program
}

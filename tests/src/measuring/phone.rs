//! The phones that are provisioned, and the server that they ask.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{answer3, zoiper3};
use crate::{Answer, Server};

/// How a phone says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// It does not.
    Off,
    /// In a header.
    Basic,
    /// In the URL.
    Url,
}

/// A phone's folder, with a `Provision.xml` of its own beside it.
#[derive(Debug)]
pub struct Phone {
    /// Its `Provision.xml`.
    pub provision: PathBuf,
    /// Its folder.
    pub profile: PathBuf,
}

impl Phone {
    /// Of the phone's configuration and of the server's, in bytes.
    pub const SIZE: usize = 20_000;

    /// One in a new folder, as it is before it is provisioned.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn new(folder: &Path, url: &str, kind: Authentication) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("phone-").tempdir_in(folder)?.keep();
        let phone =
            Self { provision: folder.join("Provision.xml"), profile: folder.join("Zoiper") };
        fs::write(&phone.provision, provision_file(url, kind))?;
        phone.reset()?;
        Ok(phone)
    }

    /// Takes everything away that runs have made.
    ///
    /// # Errors
    ///
    /// If its files cannot be removed or written.
    pub fn reset(&self) -> io::Result<()> {
        if self.profile.exists() {
            fs::remove_dir_all(&self.profile)?;
        }
        fs::create_dir(&self.profile)?;
        fs::write(self.config(), zoiper3(Self::SIZE))
    }

    /// The configuration that it reads.
    pub fn config(&self) -> PathBuf {
        self.profile.join("Config.xml")
    }

    /// Where a run is told to write the effective one.
    pub fn effective(&self) -> PathBuf {
        self.profile.join("effective.xml")
    }

    /// What a run keeps of the server's answer.
    pub fn last_good(&self) -> PathBuf {
        self.profile.join("provision-last-good.xml")
    }
}

fn provision_file(url: &str, kind: Authentication) -> String {
    let (query, options) = match kind {
        Authentication::Off => ("", "<use_authentication>0</use_authentication>".to_owned()),
        Authentication::Basic => ("", preset("basic")),
        Authentication::Url => ("?username=[user]&amp;password=[pass]", preset("url")),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<provision>
  <base_urls>
    <base_url>{url}{query}</base_url>
  </base_urls>
  <options>
    {options}
  </options>
  <significant_sections>accounts,codecs</significant_sections>
</provision>
"
    )
}

fn preset(kind: &str) -> String {
    format!(
        "<use_authentication>1</use_authentication>
    <authentication_type>{kind}</authentication_type>
    <user>alice</user>
    <password>correct horse battery staple</password>"
    )
}

/// A server with a configuration that is another one at every request, or always the same.
pub struct Configurations {
    /// The server.
    pub server: Server,
    sent: Arc<AtomicU64>,
}

/// The path of what is another one each time.
pub const CHANGING: &str = "/changing";
/// The path of what stays.
pub const SAME: &str = "/same";

impl Configurations {
    /// Starts it.
    pub fn start() -> Self {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let same = Answer::ok(answer3(Phone::SIZE));
        let server = Server::answering(move |request| match request.path() {
            CHANGING => Answer::ok(answer(counter.fetch_add(1, Ordering::SeqCst) + 1)),
            _ => same.clone(),
        });
        Self { server, sent }
    }

    /// A name that stands in what was sent last under `path`, and in nothing before.
    pub fn last_name(&self, path: &str) -> String {
        let number = if path == CHANGING { self.sent.load(Ordering::SeqCst) } else { 0 };
        account_name(number)
    }
}

/// The answer of this number, always of the same length.
fn answer(number: u64) -> String {
    answer3(Phone::SIZE).replacen(&account_name(0), &account_name(number), 1)
}

/// That of the first account.
fn account_name(number: u64) -> String {
    // Beyond the numbers of the other accounts.
    let name = u128::from(number) << 64;
    format!("<name>{name:032x}</name>")
}

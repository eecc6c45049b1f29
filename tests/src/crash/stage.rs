//! A phone's folders, a server, and the command that is interrupted.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::Setup;
use super::scenario::{CONFIG, LOCAL, PASSWORD, PROFILE, SECTIONS, Scenario, Served, Step, USER};
use super::snapshot::{Kept, Snapshot};
use crate::{Answer, Server};

/// Where one case after the other is played.
pub(crate) struct Stage<'a> {
    setup: &'a Setup,
    folder: PathBuf,
    profile: PathBuf,
    served: Arc<Mutex<Served>>,
    _server: Server,
    _folder: TempDir,
}

/// How a run ended that nobody interrupted.
#[derive(Debug)]
pub(crate) struct Ran {
    /// None if it was ended by a signal.
    pub(crate) status: Option<i32>,
    pub(crate) stderr: String,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(setup: &'a Setup) -> io::Result<Self> {
        let owner = tempfile::Builder::new().prefix("crash-").tempdir_in(&setup.folder)?;
        let folder = owner.path().canonicalize()?;
        let served = Arc::new(Mutex::new(Served::First));
        let answer = {
            let served = Arc::clone(&served);
            move |_: &_| answer(&served)
        };
        let server = Server::answering(answer);
        let stage = Self {
            setup,
            profile: folder.join("profile"),
            folder,
            served,
            _server: server,
            _folder: owner,
        };
        let port = stage._server.address().port();
        let sections = format!("<significant_sections>{SECTIONS}</significant_sections>");
        for (name, sections) in [("Provision.xml", sections.as_str()), ("Overlay.xml", "")] {
            fs::write(stage.folder.join(name), provisioning_file(port, sections))?;
        }
        Ok(stage)
    }

    pub(crate) fn profile(&self) -> &Path {
        &self.profile
    }

    /// Brings the phone to where a scenario begins, and tells what its folder holds then.
    pub(crate) fn begin(&self, scenario: &Scenario) -> io::Result<Snapshot> {
        let mut begin = Snapshot::default();
        begin.files.insert(CONFIG.to_owned(), config(LOCAL));
        begin.restore(&self.profile)?;
        for step in scenario.before {
            match step {
                Step::Command(..) => {
                    let ran = self.run(step)?;
                    if ran.status != Some(0) {
                        let message = format!("what goes before does not succeed: {}", ran.stderr);
                        return Err(io::Error::other(message));
                    }
                }
                Step::Rewritten(text) => {
                    let mut now = Snapshot::of(&self.profile)?;
                    now.files.insert(CONFIG.to_owned(), config(text));
                    now.restore(&self.profile)?;
                }
                Step::Absent => fs::remove_file(self.profile.join(CONFIG))?,
            }
        }
        Snapshot::of(&self.profile)
    }

    /// Runs a step to its end.
    pub(crate) fn run(&self, step: &Step) -> io::Result<Ran> {
        let mut command = Command::new(&self.setup.program);
        self.dress(&mut command, step)?;
        let status = command.status()?;
        Ok(Ran {
            status: status.code().filter(|_| status.signal().is_none()),
            stderr: self.stderr()?,
        })
    }

    /// The same step to be traced.
    pub(crate) fn traced(&self, step: &Step) -> io::Result<Command> {
        let mut command = Command::new(&self.setup.launcher);
        command.arg(super::LAUNCH).arg(&self.setup.program);
        self.dress(&mut command, step)?;
        Ok(command)
    }

    /// What the last run said.
    pub(crate) fn stderr(&self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.folder.join(STDERR))?).into_owned())
    }

    /// Arguments, environment and streams of a run.
    fn dress(&self, command: &mut Command, step: &Step) -> io::Result<()> {
        let Step::Command(words, served) = step else {
            return Err(io::Error::other("only a command can be run"));
        };
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = *served;
        let profile = self.profile.to_string_lossy();
        command
            .args(words.iter().map(|word| word.replace(PROFILE, &profile)))
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(self.folder.join(STDERR))?);
        Ok(())
    }
}

const STDERR: &str = "stderr.txt";

fn answer(served: &Mutex<Served>) -> Answer {
    served.lock().unwrap_or_else(PoisonError::into_inner).answer()
}

/// A `Config.xml` as a phone writes it, for everybody to read.
pub(crate) fn config(text: &str) -> Kept {
    Kept { bytes: text.into(), mode: 0o644 }
}

/// The server has a name, so that a thread resolves it.
fn provisioning_file(port: u16, sections: &str) -> String {
    format!(
        "<provision>
  <base_urls>
    <base_url>http://localhost:{port}/provision/?username=[user]&amp;password=[pass]</base_url>
  </base_urls>
  <options>
    <use_authentication>1</use_authentication>
    <user>{USER}</user>
    <password>{PASSWORD}</password>
  </options>
  {sections}
</provision>
"
    )
}

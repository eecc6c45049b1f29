//! The programs that provision a phone, each as a whole process.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use provision_tests::measuring::timed;

use crate::phone::Phone;

/// What the candidates are made of.
pub(crate) struct Programs {
    provision: OsString,
    /// Programs that the script needs and this system does not have.
    pub(crate) missing: Vec<&'static str>,
    /// The script's way to merge: `xsltproc`, or `cat` where that is missing.
    pub(crate) merge: &'static str,
}

impl Programs {
    pub(crate) fn find() -> Result<Self, Box<dyn Error>> {
        let provision = env::var_os("PROVISION_BIN")
            .ok_or("the command is not named: `cargo xtask bench run` builds it and names it")?;
        let missing = ["sh", "curl", "sed", "cmp", "sync", "mv"];
        let missing = missing.into_iter().filter(|program| !is_there(program)).collect();
        let merge = if is_there("xsltproc") { "xsltproc" } else { "cat" };
        Ok(Self { provision, missing, merge })
    }

    /// `provision run`, with more words behind it.
    pub(crate) fn run(&self, phone: Phone, more: &[&str]) -> Candidate {
        let words = ["run", "--provision"].map(OsString::from).into_iter();
        let words = words.chain([phone.provision.clone().into(), "--profile".into()]);
        let words = words.chain([phone.profile.clone().into()]).chain(more.iter().map(Into::into));
        let words = words.collect();
        let result = phone.last_good();
        Candidate { program: self.provision.clone(), words, phone, result, begin: Begin::AsItIs }
    }

    /// The same, writing the effective configuration too.
    pub(crate) fn run_with_effective(&self, phone: Phone) -> Candidate {
        let effective = phone.effective();
        let mut candidate = self.run(phone, &["--effective"]);
        candidate.words.push(effective.clone().into());
        candidate.result = effective;
        candidate
    }

    /// The least that it can cost: it asks for `path` at `address`.
    pub(crate) fn floor(&self, phone: Phone, address: &str, path: &str) -> Candidate {
        let result = phone.effective();
        let words = vec![
            address.into(),
            path.into(),
            phone.provision.clone().into(),
            phone.config().into(),
            result.clone().into(),
        ];
        let program = env!("CARGO_BIN_EXE_floor").into();
        Candidate { program, words, phone, result, begin: Begin::AsItIs }
    }

    /// A shell script with curl.
    pub(crate) fn script(&self, phone: Phone) -> Candidate {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/run");
        let result = phone.effective();
        let words = vec![
            folder.join("script.sh").into(),
            self.merge.into(),
            folder.join("merge.xsl").into(),
            phone.provision.clone().into(),
            phone.config().into(),
            result.clone().into(),
        ];
        Candidate { program: "sh".into(), words, phone, result, begin: Begin::AsItIs }
    }
}

/// What a phone has when a turn begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// What the last turn left.
    AsItIs,
    /// Its own `Config.xml` alone.
    New,
}

/// A command that provisions a phone of its own.
pub(crate) struct Candidate {
    program: OsString,
    words: Vec<OsString>,
    pub(crate) phone: Phone,
    /// The file in which the server's answer ends up.
    result: PathBuf,
    begin: Begin,
}

impl Candidate {
    /// Every turn begins with a new phone.
    pub(crate) fn on_a_new_phone(self) -> Self {
        Self { begin: Begin::New, ..self }
    }

    /// The command; `before` it stands another program that watches it.
    pub(crate) fn command(&self, before: &[&str]) -> Command {
        let mut words = before.iter().map(OsString::from).chain([self.program.clone()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(&self.words);
        // Cargo names folders of libraries, in which every process here would look first.
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("no_proxy", "*");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Once, from the start of the process to its end.
    ///
    /// # Panics
    ///
    /// If it does not succeed.
    pub(crate) fn turn(&self) -> Duration {
        if self.begin == Begin::New {
            self.phone.reset().expect("the phone's folder is writable");
        }
        let mut command = self.command(&[]);
        command.stderr(Stdio::null());
        timed(|| assert!(command.status().is_ok_and(|status| status.success()), "{command:?}"))
    }

    /// Refuses one that does not do what it should: `name` has to be in its result.
    pub(crate) fn check(&self, name: &str) -> Result<(), Box<dyn Error>> {
        if fs::read_to_string(&self.result)?.contains(name) {
            return Ok(());
        }
        let program = self.program.to_string_lossy();
        Err(format!("{program} did not bring {name} to {}", self.result.display()).into())
    }

    /// Puts there what an earlier turn would have.
    pub(crate) fn has_brought(&self, document: &str) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(&self.result, document)?)
    }
}

/// Whether the system has a program.
pub(crate) fn is_there(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

//! The programs that provision a phone, each as a whole process.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use provision_tests::measuring::{Phone, Program, is_there};

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
        let merge = if is_there(XSLTPROC) { XSLTPROC } else { "cat" };
        Ok(Self { provision, missing, merge })
    }

    /// `provision run`, with more words behind it.
    pub(crate) fn run(&self, phone: Phone, more: &[&str]) -> Candidate {
        let words = ["run", "--provision"].map(OsString::from).into_iter();
        let words = words.chain([phone.provision.clone().into(), "--profile".into()]);
        let words = words.chain([phone.profile.clone().into()]).chain(more.iter().map(Into::into));
        let words = words.collect();
        let result = phone.last_good();
        Candidate::new(self.provision.clone(), words, phone, result)
    }

    /// The same, writing the effective configuration too.
    pub(crate) fn run_with_effective(&self, phone: Phone) -> Candidate {
        let effective = phone.effective();
        let Candidate { program, phone, begin, .. } = self.run(phone, &["--effective"]);
        Candidate { program: program.with(&effective), phone, result: effective, begin }
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
        Candidate::new(program, words, phone, result)
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
        Candidate::new("sh".into(), words, phone, result)
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
    pub(crate) program: Program,
    pub(crate) phone: Phone,
    /// The file in which the server's answer ends up.
    result: PathBuf,
    begin: Begin,
}

impl Candidate {
    fn new(program: OsString, words: Vec<OsString>, phone: Phone, result: PathBuf) -> Self {
        let mut program = Program::new([program].into_iter().chain(words));
        program.variables.push(("no_proxy", "*".into()));
        Self { program, phone, result, begin: Begin::AsItIs }
    }

    /// Every turn begins with a new phone.
    pub(crate) fn on_a_new_phone(self) -> Self {
        Self { begin: Begin::New, ..self }
    }

    pub(crate) fn command(&self) -> Command {
        self.program.command()
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
        self.program.turn()
    }

    /// Refuses one that does not do what it should: `name` has to be in its result.
    pub(crate) fn check(&self, name: &str) -> Result<(), Box<dyn Error>> {
        if fs::read_to_string(&self.result)?.contains(name) {
            return Ok(());
        }
        let program = self.program.words[0].to_string_lossy();
        Err(format!("{program} did not bring {name} to {}", self.result.display()).into())
    }

    /// Puts there what an earlier turn would have.
    pub(crate) fn has_brought(&self, document: &str) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(&self.result, document)?)
    }
}

/// What merges in the script, where it is there.
pub(crate) const XSLTPROC: &str = "xsltproc";

//! What an examination finds.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use provision_fetch::{Attempt, PlatformTrust, Reach, ServerClock};
use provision_format::{AuthenticationType, Dialect, Severity};

use crate::code::Code;
use crate::discovery::LookedAt;
use crate::error::RunError;
use crate::event::Note;
use crate::judge::as_part;

/// What would happen here, part by part, and what is wrong with it. Nothing in it is a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Checkup {
    /// Every place that was looked at for the provisioning file, in order; empty if it was given.
    pub looked_at: Vec<LookedAt>,
    /// The provisioning file; none if provisioning is off.
    pub file: Option<ExaminedFile>,
    /// Which credentials would be sent.
    pub credentials: Sending,
    /// The phone's folder.
    pub profile: ExaminedProfile,
    /// Whom the platform trusts; none if no server is asked over https.
    pub trust: Option<PlatformTrust>,
    /// What became of asking each server, in the order of the file; empty if none was. Good is one that has a
    /// configuration, or with [`Reach::Connection`] one that could be asked.
    pub servers: Vec<Attempt>,
    /// The server that a run would be provisioned from, by its place in the list, from 0; none if none would do, or none was
    /// asked.
    pub supplier: Option<usize>,
    /// How far the servers were asked; none if they were not.
    pub reach: Option<Reach>,
    /// What the clock says.
    pub clock: ExaminedClock,
    /// What is wrong or doubtful, part by part.
    pub findings: Vec<CheckupFinding>,
}

/// A provisioning file, as far as it could be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExaminedFile {
    /// Its path.
    pub path: PathBuf,
    /// How it says what is provisioned; none if it is not valid.
    pub dialect: Option<Dialect>,
    /// Its refresh rate in seconds; 0 is at start only.
    pub refresh_rate: u32,
}

/// Which credentials would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sending {
    /// Nobody knows: there is no valid provisioning file.
    Unknown,
    /// None, as the file says.
    Nothing,
    /// These, the password being known.
    #[non_exhaustive]
    Credentials {
        /// The user name.
        user: String,
        /// Who has them.
        holder: Holder,
        /// How they travel.
        authentication_type: AuthenticationType,
    },
    /// Some are needed, and there are none or none that can be sent.
    Missing,
}

/// Who has credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The provisioning file.
    File,
    /// The program, or its user.
    Program,
}

/// A phone's folder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExaminedProfile {
    /// The folder.
    pub folder: PathBuf,
    /// What this process may do in it.
    pub access: FolderAccess,
    /// How many sections the phone's own configuration has; none if there is none, or it is not valid.
    pub sections: Option<usize>,
    /// Whether a run is at work on it.
    pub lock: LockState,
    /// The phone's configuration and what is kept beside it, as far as it is there.
    pub files: Vec<ProfileFile>,
    /// What is kept for a start without a server.
    pub last_good: Option<ExaminedLastGood>,
    /// Whether `Config.xml` can be put back to the byte; none if nothing is kept to that end.
    pub goes_back_to_the_byte: Option<bool>,
}

/// What a process may do in a folder, as far as the system tells without trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderAccess {
    /// It can replace files.
    Writable,
    /// It can look at them only.
    ReadOnly,
    /// There is no such folder, or it cannot be looked into.
    Missing,
    /// This platform does not tell.
    Unknown,
}

/// Whether a run is at work on a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockState {
    /// None is.
    Free,
    /// One is, at this moment.
    Held,
    /// It cannot be told.
    Unknown,
}

/// A file in a phone's folder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProfileFile {
    /// What it is for.
    pub role: ProfileRole,
    /// Its path.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its permissions, such as `0o600`; none where files have no such thing.
    pub mode: Option<u32>,
}

impl ProfileFile {
    /// Whether others than its owner can read it.
    pub fn is_exposed(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o077 != 0)
    }
}

/// What a file in a phone's folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProfileRole {
    /// The phone's configuration.
    Config,
    /// The phone's own sections that gave way to the server's.
    Displaced,
    /// `Config.xml` as it was before a run that did not keep all of it.
    Superseded,
    /// `Config.xml` before provisioning.
    Original,
    /// What a server sent last.
    LastGood,
    /// What the server's last change replaced.
    Previous,
    /// What keeps two runs apart.
    Lock,
}

/// What is kept for a start without a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExaminedLastGood {
    /// How long ago a server first sent it as it is; nothing if it is damaged.
    pub age: Duration,
    /// Whether it would be used.
    pub fitness: Fitness,
}

/// Whether something kept for a start without a server would be used there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fitness {
    /// It would.
    Fit,
    /// It is for another user, other servers or other sections.
    NotOurs,
    /// Somebody has damaged it.
    Damaged,
    /// Nobody knows for whom it would have to be: there are no credentials, or no valid provisioning file.
    Unknown,
}

/// What the clock of this machine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExaminedClock {
    /// When it was looked at.
    pub now: SystemTime,
    /// The server's clock that agrees best with it, by the server's place in the list; none if none told.
    pub server: Option<(usize, ServerClock)>,
}

impl ExaminedClock {
    /// How far this clock is from the server's.
    pub fn difference(&self) -> Option<Duration> {
        self.server.map(|(_, clock)| apart(&clock))
    }
}

/// How far two clocks are apart.
pub(super) fn apart(clock: &ServerClock) -> Duration {
    let behind = clock.said.duration_since(clock.here);
    behind.unwrap_or_else(|ahead| ahead.duration())
}

/// Something that is wrong, or doubtful.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckupFinding {
    /// Where.
    pub part: Part,
    /// Its stable name in kebab case: a [`Code`], or that of a document's finding or a server's failure.
    pub code: &'static str,
    /// An error makes a run fail.
    pub severity: Severity,
    /// Whether it is a local file that cannot be read.
    pub is_unreadable: bool,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The parts of an examination, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// Where the provisioning file is looked for.
    Discovery,
    /// The provisioning file.
    File,
    /// The credentials.
    Credentials,
    /// The phone's folder.
    Profile,
    /// Whom servers have to be vouched for by.
    Trust,
    /// A server, by its place in the list, from 0.
    Server(usize),
    /// The clock.
    Clock,
}

impl Checkup {
    /// Whether a run would fail.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// What was found in a part.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &CheckupFinding> {
        self.findings.iter().filter(move |finding| finding.part == part)
    }

    /// Whether a run would get a configuration from a server.
    pub fn is_served(&self) -> bool {
        self.supplier.is_some()
    }

    /// How old what a run would go on with is, if no server has a configuration now: none has refused us, and
    /// what one sent earlier fits (spec 5.3).
    pub fn fallback(&self) -> Option<Duration> {
        let is_refusal = |server: &Attempt| {
            server.outcome.as_ref().is_err_and(|failure| failure.is_authentication)
        };
        let is_silence = self.reach == Some(Reach::Answer)
            && !self.servers.is_empty()
            && !self.is_served()
            && !self.servers.iter().any(is_refusal);
        let fit = self.profile.last_good.filter(|kept| kept.fitness == Fitness::Fit);
        fit.filter(|_| is_silence).map(|kept| kept.age)
    }
}

/// Findings as they are made.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<CheckupFinding>);

impl Findings {
    pub(super) fn push(
        &mut self,
        part: Part,
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let message = message.into();
        let is_unreadable = false;
        self.0.push(CheckupFinding { part, code, severity, is_unreadable, message, help });
    }

    /// By a code of ours, whose mend is what is to be done.
    pub(super) fn warn(&mut self, part: Part, code: Code, message: impl Into<String>) {
        let help = Some(as_part(code.mend()));
        self.push(part, Severity::Warning, code.as_str(), message, help);
    }

    pub(super) fn note(&mut self, part: Part, note: Note) {
        let code = Code::from(note);
        self.warn(part, code, as_part(code.meaning()));
    }

    /// What a run would end with.
    pub(super) fn fail(&mut self, part: Part, error: &RunError) {
        if let RunError::InvalidFile { report, .. } | RunError::InvalidDisplaced { report, .. } =
            error
        {
            self.report(part, report);
            return;
        }
        let cause = std::error::Error::source(error);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        self.push(part, Severity::Error, error.code(), format!("{error}{cause}"), error.help());
        if let RunError::ReadFile { .. }
        | RunError::ProfileFolder { .. }
        | RunError::LockUnusable { .. } = error
        {
            self.last_is_unreadable();
        }
    }

    /// Everything that is said about a document.
    pub(super) fn report(&mut self, part: Part, report: &provision_format::Report) {
        for found in report.diagnostics() {
            let place = report.position(found.span);
            let message =
                format!("line {}, column {}: {}", place.line, place.column, found.message);
            self.push(part, found.severity, found.code.as_str(), message, found.help.clone());
        }
    }

    /// What was found in a part makes no run fail.
    pub(super) fn soften(&mut self, part: Part) {
        for found in self.0.iter_mut().filter(|found| found.part == part) {
            found.severity = Severity::Warning;
        }
    }

    /// The last one is about a file that cannot be read.
    pub(super) fn last_is_unreadable(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.is_unreadable = true;
        }
    }
}

//! Every call that concerns the phone's folder fails once, with every error that a disk or a system may have.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::calls::{Call, answer, suppress};
use super::clean::{Clean, last_line};
use super::order::name;
use super::scenario::{LOCK, Scenario};
use super::snapshot::{Snapshot, is_leftover};
use super::stage::Stage;
use super::tracer::{Moment, Status, Then, Timing, trace};

/// A call that fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    /// Its number among those that concern the folder, from 0.
    pub(crate) number: usize,
    pub(crate) error: Errno,
}

/// What came of a failing call.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Which call failed, and how; none if the run made no such call.
    pub(crate) call: Option<String>,
    /// Whether the command ended as if nothing had failed.
    pub(crate) is_survived: bool,
    /// Whether something was left behind that the next run did not remove.
    pub(crate) leaves: bool,
    pub(crate) wrong: Vec<String>,
}

/// Every call of a clean run with every error, but for the end of reading a folder: Rust's own library panics where
/// that fails, and no system lets it fail.
pub(crate) fn cases(clean: &Clean, folder: &Path) -> impl Iterator<Item = Failing> {
    let ends_reading = move |call: &Call| call.name == "close" && call.file == folder;
    let calls = clean.calls.iter().enumerate().filter(move |(_, done)| !ends_reading(&done.call));
    calls.flat_map(|(number, _)| ERRORS.map(|error| Failing { number, error }))
}

impl Failing {
    pub(crate) fn play(
        self,
        stage: &Stage<'_>,
        scenario: &Scenario,
        clean: &Clean,
    ) -> io::Result<Failed> {
        clean.before.restore(stage.profile())?;
        let mut seen = 0;
        let mut failing = None;
        let mut failed: Option<Call> = None;
        let traced = &mut stage.traced(&scenario.run)?;
        let ended = trace(traced, &mut Timing::Natural, |stop| {
            match stop.moment {
                Moment::Entry if failed.is_none() => {
                    if let Some(call) = Call::at(stop.thread, stage.profile())? {
                        if seen == self.number {
                            suppress(stop.thread)?;
                            failing = Some(stop.thread);
                            failed = Some(call);
                        }
                        seen += 1;
                    }
                }
                Moment::Exit if failing == Some(stop.thread) => {
                    answer(stop.thread, self.error)?;
                    failing = None;
                }
                _ => {}
            }
            Ok(Then::GoOn)
        })?;
        let said = stage.stderr()?;
        let now = Snapshot::of(stage.profile())?;
        let mut wrong = clean.faults_of(scenario, &now);
        let is_survived = ended.status == Status::Exited(scenario.status);
        if said.contains("panicked") {
            wrong.push(format!("it panics: {}", last_line(&said)));
        }
        match (ended.status, &failed) {
            (Status::Exited(status), failed) if status == scenario.status => {
                let mut differing = now.differing(&clean.after);
                if let Some(call) = failed {
                    wrong.extend(self.faults_of_success(call, &mut differing, &said));
                }
                wrong.extend(differing.iter().map(|name| format!("done, but {name} is not new")));
            }
            (Status::Exited(LOCAL_FILES), Some(call)) => {
                let files = self.named(stage, clean, call);
                wrong.extend(self.faults_of_failure(call, &files, &said));
            }
            (other, _) => wrong.push(format!("it ends with {other:?}: {}", last_line(&said))),
        }
        let next = clean.follow(stage, scenario, &now)?;
        wrong.extend(next.wrong);
        let call = failed.map(|call| format!("{} {} {}", call.name, shown(&call), self.error));
        Ok(Failed { call, is_survived, leaves: next.leaves, wrong })
    }

    /// What is wrong with going on. A run without a lock is none that does as it should, and says so.
    fn faults_of_success(
        self,
        call: &Call,
        differing: &mut Vec<String>,
        said: &str,
    ) -> Option<String> {
        if call.name == "flock" && !call.unlocks() && self.error != Errno::EINTR {
            return Some(format!("it goes on though {} fails", shown(call)));
        }
        let is_missing = differing.iter().any(|name| name == LOCK);
        if call.opens() && name(&call.file) == LOCK && is_missing {
            differing.retain(|name| name != LOCK);
            return (!said.contains("cannot be locked"))
                .then(|| format!("it does not say that there is no lock: {said}"));
        }
        None
    }

    /// The file that the message has to name: of a replacement's name nobody would learn anything, so it is that of
    /// what was to be replaced.
    fn named(self, stage: &Stage<'_>, clean: &Clean, call: &Call) -> PathBuf {
        if !call.file.starts_with(stage.profile()) {
            return stage.profile().to_owned();
        }
        if !is_leftover(&name(&call.file)) {
            return call.file.clone();
        }
        // The calls before the failing one were the same in the clean run, with another name.
        let planned = clean.calls.get(self.number).map(|done| &done.call.file);
        let mut renames = clean.calls.iter().filter(|done| done.call.renames());
        let rename = renames.find(|rename| Some(&rename.call.file) == planned);
        let target = rename.and_then(|rename| rename.call.to.clone());
        target.unwrap_or_else(|| stage.profile().to_owned())
    }

    /// Whether the last line tells of the file, and whether there had to be a failure at all.
    fn faults_of_failure(self, call: &Call, file: &Path, said: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let said = last_line(said);
        if !said.contains(&*file.to_string_lossy()) {
            let file = name(file);
            wrong.push(format!(
                "{} fails, and the message does not name {file}: {said}",
                shown(call)
            ));
        }
        if call.name == "flock" && !said.contains("cannot be locked") {
            wrong.push(format!("the message does not tell of the lock: {said}"));
        }
        if self.error == Errno::EINTR && RESTARTABLE.contains(&call.name) {
            wrong.push(format!("a call that can be made again is not: {said}"));
        }
        let is_lock = call.opens() && name(&call.file) == LOCK;
        if is_lock || SPARED.contains(&call.name) {
            wrong.push(format!("it ends, and could do without {}: {said}", call.name));
        }
        wrong
    }
}

/// The file of a call, without the folder and without what differs from run to run.
fn shown(call: &Call) -> String {
    let shown = |path: &std::path::Path| match name(path) {
        name if is_leftover(&name) => "provision-*.tmp".to_owned(),
        name => name,
    };
    match &call.to {
        Some(to) => format!("{} to {}", shown(&call.file), shown(to)),
        None => shown(&call.file),
    }
}

const ERRORS: [Errno; 5] = [Errno::ENOSPC, Errno::EIO, Errno::EACCES, Errno::EROFS, Errno::EINTR];

/// Calls that a signal may interrupt, with nothing done.
const RESTARTABLE: [&str; 6] = ["openat", "read", "write", "fsync", "fchmod", "flock"];

/// Calls that a run can do without: a copy does as well as a second name, and what another one left harms nobody.
const SPARED: [&str; 3] = ["link", "linkat", "getdents64"];

/// The exit status of spec 8.5 for local files.
const LOCAL_FILES: i32 = 5;

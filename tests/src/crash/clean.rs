//! A run that nobody interrupts, and what must hold of the others by comparison.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::scenario::{
    CONFIG, CREDENTIAL_SECRETS, DISPLACED, EFFECTIVE, FETCHED, FORGET, LOCAL, LOCK, ORIGINAL,
    PREVIOUS_CONFIG, PREVIOUS_GOOD, SERVER_SECRETS, SUPERSEDED, SUPERSEDED_TOO, Scenario, Undone,
};
use super::snapshot::{Kept, Snapshot, is_anybodys, shown};
use super::stage::{Ran, Stage, config};
use super::tracer::{Ended, Moment, Status, Then, Timing, trace};

/// What a scenario does when it is left alone.
pub(crate) struct Clean {
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
    /// The same after one run more.
    settled: Snapshot,
    /// What each file was at any instant.
    instants: BTreeMap<String, Vec<Option<Kept>>>,
    /// What `Config.xml` is when provisioning is undone: before the run, after it, and after one run more.
    undone: [Option<Kept>; 3],
    /// How often a thread stands still.
    pub(crate) stops: usize,
    #[cfg(target_arch = "x86_64")]
    pub(crate) calls: Vec<super::calls::Done>,
}

/// What a phone's files are after a run that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Old,
    New,
    /// Some files are old and some are new, or one is between its two replacements.
    Between,
}

impl Clean {
    /// Plays the scenario under the tracer, looking into the folder after every call.
    pub(crate) fn new(stage: &Stage<'_>, scenario: &Scenario) -> io::Result<Self> {
        let before = stage.begin(scenario)?;
        let mut snapshots = vec![before.clone()];
        #[cfg(target_arch = "x86_64")]
        let mut recorder = super::calls::Recorder::new(stage.profile());
        let Ended { status, stops } =
            trace(&mut stage.traced(&scenario.run)?, &mut Timing::Natural, |stop| {
                #[cfg(target_arch = "x86_64")]
                recorder.look(stop)?;
                if stop.moment == Moment::Exit {
                    let now = Snapshot::of(stage.profile())?;
                    if snapshots.last() != Some(&now) {
                        snapshots.push(now);
                    }
                }
                Ok(Then::GoOn)
            })?;
        if status != Status::Exited(scenario.status) {
            let message = format!("the run ends with {status:?}: {}", stage.stderr()?);
            return Err(io::Error::other(message));
        }
        let after = Snapshot::of(stage.profile())?;
        let again = stage.run(&scenario.run)?;
        if again.status != Some(scenario.status) {
            let message = format!("the same run ends in another way: {}", again.stderr);
            return Err(io::Error::other(message));
        }
        let settled = Snapshot::of(stage.profile())?;
        let undo = |snapshot: &Snapshot| {
            snapshot.restore(stage.profile())?;
            undo(stage)
        };
        let undone = [undo(&before)?, undo(&after)?, undo(&settled)?]
            .map(|undone| undone.files.get(CONFIG).cloned());
        let names: BTreeSet<&String> =
            snapshots.iter().flat_map(|snapshot| snapshot.files.keys()).collect();
        let instants = names
            .into_iter()
            .map(|name| {
                let contents = snapshots.iter().map(|snapshot| snapshot.files.get(name).cloned());
                (name.clone(), contents.collect())
            })
            .collect();
        Ok(Self {
            before,
            after,
            settled,
            instants,
            undone,
            stops,
            #[cfg(target_arch = "x86_64")]
            calls: recorder.done,
        })
    }

    pub(crate) fn state(&self, now: &Snapshot) -> State {
        // Whether there is a lock already says nothing about the others.
        let is_like = |other| now.differing(other).iter().all(|name| name == LOCK);
        if is_like(&self.before) {
            State::Old
        } else if is_like(&self.after) {
            State::New
        } else {
            State::Between
        }
    }

    /// What is wrong with a clean run itself.
    pub(crate) fn faults(&self, scenario: &Scenario) -> Vec<String> {
        let mut wrong = self.faults_of(scenario, &self.after);
        if !self.after.leftovers.is_empty() {
            wrong.push(LEFT_BEHIND.to_owned());
        }
        let changed = self.settled.differing(&self.after);
        for name in changed {
            let is_gone = !self.settled.files.contains_key(&name);
            let may_change = match name.as_str() {
                // Kept until a run has succeeded.
                PREVIOUS_GOOD | PREVIOUS_CONFIG => is_gone,
                // The order of its sections may be another one from the second run on (spec 4.6).
                EFFECTIVE => !is_gone,
                _ => false,
            };
            if !may_change {
                wrong.push(format!("{name} is another one after the same run again"));
            }
        }
        if scenario.changes.is_empty() && self.state(&self.after) != State::Old {
            wrong.push("it writes, and should not".to_owned());
        }
        let expected = match scenario.undone {
            Undone::ToTheByte => Some(Some(config(LOCAL))),
            Undone::ToNone => Some(None),
            Undone::AsIfUninterrupted => None,
        };
        for undone in self.undone.iter().filter(|undone| expected.as_ref() != Some(*undone)) {
            if expected.is_some() {
                let undone = shown(undone.as_ref());
                wrong.push(format!("`forget` does not bring {CONFIG} back: it is {undone}"));
            }
        }
        wrong
    }

    /// What is wrong with a phone's folder at any instant.
    pub(crate) fn faults_of(&self, scenario: &Scenario, now: &Snapshot) -> Vec<String> {
        let mut wrong = Vec::new();
        let known = self.instants.keys();
        let unknown = now.files.keys().filter(|name| !self.instants.contains_key(*name));
        for name in known.chain(unknown) {
            let file = now.files.get(name);
            let is_whole = file == self.before.files.get(name)
                || file == self.after.files.get(name)
                || scenario.intermediate.contains(&name.as_str())
                    && self.instants[name].iter().any(|instant| instant.as_ref() == file);
            if !is_whole {
                let file = shown(file);
                wrong.push(format!("{name} is neither as before nor as after, but {file}"));
            }
        }
        for (name, kept) in now.files.iter().chain(&now.leftovers) {
            if CREDENTIAL_SECRETS.iter().any(|secret| kept.holds(secret)) {
                wrong.push(format!("{name} holds what the phone told the server"));
            }
            let is_config = name == CONFIG || Some(kept) == self.after.files.get(CONFIG);
            let adopted = if is_config { scenario.adopted } else { &[] };
            let mut strange = SERVER_SECRETS.iter().filter(|secret| !adopted.contains(secret));
            if kept.is_open() && strange.any(|secret| kept.holds(secret)) {
                wrong.push(format!("{name} holds the server's passwords, and others can read it"));
            }
        }
        for (name, kept) in &now.files {
            if name.starts_with("provision-") && kept.is_open() {
                wrong.push(format!("others can read {name}: {}", shown(Some(kept))));
            }
        }
        for (name, kept) in &now.leftovers {
            if is_anybodys(name) == scenario.has_the_lock() {
                wrong.push(format!(
                    "{name} is not named as its run is known to have a lock or none"
                ));
            }
            // It has the permissions of its target already, and everything else.
            let is_config = Some(kept) == self.after.files.get(CONFIG);
            if kept.is_open() && !is_config {
                wrong.push(format!("others can read {name}: {}", shown(Some(kept))));
            }
        }
        for text in scenario.kept {
            // The copy of everything is not what sections are taken back from by the next run.
            let mut files = now.files.iter().filter(|(name, _)| name.as_str() != ORIGINAL);
            let is_there = files.any(|(_, kept)| kept.holds(text));
            if !is_there {
                wrong.push(format!("`{text}` of the phone's own is in no file any more"));
            }
        }
        wrong
    }

    /// What comes after an interruption: the same command again, and back to before provisioning both from there and
    /// from where the interruption left the phone.
    pub(crate) fn follow(
        &self,
        stage: &Stage<'_>,
        scenario: &Scenario,
        now: &Snapshot,
    ) -> io::Result<Next> {
        let mut next = self.next(stage, scenario)?;
        next.wrong.extend(self.undo(stage, scenario, "after the next run")?);
        now.restore(stage.profile())?;
        next.wrong.extend(self.undo(stage, scenario, "at once")?);
        Ok(next)
    }

    /// Runs the same command again, to its end.
    fn next(&self, stage: &Stage<'_>, scenario: &Scenario) -> io::Result<Next> {
        let Ran { status, stderr } = stage.run(&scenario.run)?;
        let mut wrong = Vec::new();
        if status != Some(scenario.status) {
            let status = status.map_or("a signal".to_owned(), |status| status.to_string());
            wrong.push(format!("the next run ends with {status}: {}", last_line(&stderr)));
        }
        let now = Snapshot::of(stage.profile())?;
        for name in now.differing(&self.after) {
            let file = now.files.get(&name);
            let lingers =
                scenario.lingering.contains(&name.as_str()) && file == self.before.files.get(&name);
            if file != self.settled.files.get(&name) && !lingers {
                let (file, clean) = (shown(file), shown(self.after.files.get(&name)));
                let message = format!("after the next run {name} is {file}; a clean one: {clean}");
                wrong.push(message);
            }
        }
        let leaves = !now.leftovers.is_empty();
        if leaves && scenario.has_the_lock() {
            wrong.push(format!("the next run: {LEFT_BEHIND}"));
        }
        Ok(Next { leaves, wrong })
    }

    /// Goes back to before provisioning, from wherever the phone is.
    fn undo(&self, stage: &Stage<'_>, scenario: &Scenario, from: &str) -> io::Result<Vec<String>> {
        let now = match undo(stage) {
            Ok(now) => now,
            Err(error) => return Ok(vec![format!("{from}: {error}")]),
        };
        let mut wrong = Vec::new();
        let undone = now.files.get(CONFIG);
        // Sections that linger are put back, and what stood in their place is kept beside it.
        let may_be_put_back = scenario.lingering.contains(&DISPLACED);
        if !may_be_put_back && !self.undone.iter().any(|expected| expected.as_ref() == undone) {
            let undone = shown(undone);
            wrong.push(format!("`forget` {from} does not bring {CONFIG} back: it is {undone}"));
        }
        let rest = now.files.keys().filter(|name| !FORGOTTEN_BY_NOBODY.contains(&name.as_str()));
        wrong.extend(rest.map(|name| format!("`forget` {from} leaves {name}")));
        if scenario.has_the_lock() && !now.leftovers.is_empty() {
            wrong.push(format!("`forget` {from}: {LEFT_BEHIND}"));
        }
        Ok(wrong)
    }
}

/// What came of the run behind one that was interrupted.
#[derive(Debug)]
pub(crate) struct Next {
    /// Whether there still is what the interrupted run left behind.
    pub(crate) leaves: bool,
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or("")
}

/// Goes back to before provisioning, and tells what the phone's folder holds then.
fn undo(stage: &Stage<'_>) -> io::Result<Snapshot> {
    let ran = stage.run(&FORGET)?;
    if ran.status != Some(0) {
        let message = format!("`forget` does not succeed: {}", last_line(&ran.stderr));
        return Err(io::Error::other(message));
    }
    Snapshot::of(stage.profile())
}

const LEFT_BEHIND: &str = "it leaves a provision-*.tmp behind";

/// The files that may still be there when provisioning is undone: the phone's own, what was written for others, the
/// copy of what would be lost else, and the empty lock.
const FORGOTTEN_BY_NOBODY: [&str; 7] =
    [CONFIG, EFFECTIVE, FETCHED, SUPERSEDED, SUPERSEDED_TOO, PREVIOUS_CONFIG, LOCK];

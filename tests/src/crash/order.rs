//! The order of the calls by which files are replaced and removed (spec 5.1, 5.2).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nix::libc;

use super::calls::{Call, Done};
use super::scenario::Change::{self, Linked, Removed, Replaced, Synced};
use super::scenario::Scenario;
use super::snapshot::is_leftover;

/// What is wrong with the calls of a clean run on `folder`.
pub(crate) fn faults(scenario: &Scenario, folder: &Path, calls: &[Done]) -> Vec<String> {
    let mut order =
        Order { folder, staged: BTreeMap::new(), changes: Vec::new(), wrong: Vec::new() };
    for done in calls.iter().filter(|done| done.result >= 0) {
        order.look(&done.call);
        if scenario.changes.is_empty() {
            order.must_not_write(&done.call);
        }
    }
    let expected: Vec<String> = scenario.changes.iter().map(Change::to_string).collect();
    if order.changes != expected {
        let (changes, expected) = (order.changes.join(", "), expected.join(", "));
        order
            .wrong
            .push(format!("it does this to the files: {changes}\n  and not this: {expected}"));
    }
    for file in order.staged.keys() {
        order.wrong.push(format!("{} is never put in place", name(file)));
    }
    order.wrong
}

struct Order<'a> {
    folder: &'a Path,
    /// Replacements that lie beside their targets.
    staged: BTreeMap<PathBuf, Staged>,
    /// What was done to the files that count, each as a [`Change`] is shown.
    changes: Vec<String>,
    wrong: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Staged {
    Made,
    Written,
    Synced,
}

impl Order<'_> {
    fn look(&mut self, call: &Call) {
        let file = name(&call.file);
        let is_staged = self.staged.contains_key(&call.file);
        if call.opens() {
            self.opened(call, &file);
        } else if call.writes() {
            if is_staged {
                self.staged.insert(call.file.clone(), Staged::Written);
            } else {
                self.wrong.push(format!("{file} is written in its place, by {}", call.name));
            }
        } else if call.name.starts_with("fch") && is_staged {
            // Permissions have to be on the disk as the bytes have.
            self.staged.insert(call.file.clone(), Staged::Written);
        } else if call.syncs() {
            if call.file == self.folder {
                self.changes.push(Synced.to_string());
            } else if is_staged {
                self.staged.insert(call.file.clone(), Staged::Synced);
            }
        } else if call.renames() {
            self.renamed(call, &file);
        } else if call.removes() {
            if self.staged.remove(&call.file).is_none() {
                self.changes.push(Removed(&file).to_string());
            }
        } else if call.name.starts_with("link") {
            let to = call.to.as_deref().map(name).unwrap_or_default();
            self.changes.push(Linked(&to).to_string());
        } else if call.name.starts_with("mkdir") {
            self.wrong.push(format!("{} has no place here: {file}", call.name));
        }
    }

    fn opened(&mut self, call: &Call, file: &str) {
        let has = |flag| call.flags & flag != 0;
        if has(libc::O_TRUNC) || call.name == "creat" {
            self.wrong.push(format!("{file} is emptied when it is opened"));
        }
        if !has(libc::O_CREAT) {
            return;
        }
        if call.mode & 0o077 != 0 {
            self.wrong.push(format!("{file} is made with mode {:o}", call.mode & 0o7777));
        }
        // What is made and never written, for a lock, needs no replacement.
        if is_leftover(file) {
            if !has(libc::O_EXCL) {
                self.wrong
                    .push(format!("{file} may be somebody else's: it is opened without O_EXCL"));
            }
            self.staged.insert(call.file.clone(), Staged::Made);
        }
    }

    fn renamed(&mut self, call: &Call, file: &str) {
        let target = call.to.as_deref().map(name).unwrap_or_default();
        match self.staged.remove(&call.file) {
            Some(Staged::Synced) => {}
            Some(_) => {
                self.wrong.push(format!("{target} is replaced before the new one is synced"));
            }
            None => {
                self.wrong.push(format!("{target} is replaced by {file}, not made for it"));
            }
        }
        self.changes.push(Replaced(&target).to_string());
    }

    /// From the second unchanged run on (spec 5.2).
    fn must_not_write(&mut self, call: &Call) {
        let links = call.name.starts_with("link");
        if call.writes() || call.syncs() || call.renames() || call.removes() || links {
            let file = name(&call.file);
            self.wrong.push(format!("{} on {file}, though nothing changes", call.name));
        }
    }
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

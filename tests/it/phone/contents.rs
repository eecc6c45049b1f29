//! What lies in a phone's folder, and what a run of the command may have put there (spec 3.8, 5.3, 5.4).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::canaries;

/// The files of a folder, and which secrets of the tests are in them.
#[derive(Debug, Default)]
pub(super) struct Contents(BTreeMap<PathBuf, Vec<&'static str>>);

/// What a command is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To put a password into a file, if it gets one.
    Init,
    Other,
}

impl Contents {
    pub(super) fn of(folder: &Path) -> Self {
        let mut contents = Self::default();
        contents.add(folder);
        contents
    }

    /// Adds a file, or all that are in a folder, as they are now.
    pub(super) fn add(&mut self, path: &Path) {
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if metadata.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                self.add(&entry.path());
            }
        } else if metadata.is_file() {
            // What a test has closed is empty here.
            let bytes = fs::read(path).unwrap_or_default();
            self.0.insert(path.to_owned(), canaries::found_in(&bytes));
        } else {
            self.0.insert(path.to_owned(), Vec::new());
        }
    }

    /// What a run has done that it may not, where these were the contents before.
    pub(super) fn complaints_after(&self, before: &Self, purpose: Purpose) -> Vec<String> {
        let mut complaints = Vec::new();
        for (path, secrets) in &self.0 {
            let known = before.0.get(path);
            let had_secrets = known.is_some_and(|secrets| !secrets.is_empty());
            if !secrets.is_empty() && !had_secrets && purpose != Purpose::Init {
                complaints.push(format!("{} holds {secrets:?} now", path.display()));
            }
            if known.is_none() && is_open(path) {
                complaints.push(format!("{} is new, and others can read it", path.display()));
            }
        }
        complaints
    }
}

/// Whether others than the owner can do anything with a file.
#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::symlink_metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Elsewhere a file's access comes from its folder.
#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

#[test]
fn a_secret_in_a_file_and_a_file_that_is_open_are_found() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("new");
    write("Provision.xml", "<password>c4nary-p4ss</password>");
    let before = Contents::of(folder.path());
    let complaints = |purpose| Contents::of(folder.path()).complaints_after(&before, purpose).len();
    assert_eq!(complaints(Purpose::Other), 0);

    fs::create_dir(folder.path().join("profile")).expect("it is new");
    write("profile/state", "Basic YWxpY2U6YzRuYXJ5LXA0c3M=");
    let open = usize::from(cfg!(unix));
    assert_eq!(complaints(Purpose::Other), 1 + open);
    assert_eq!(complaints(Purpose::Init), open);
}

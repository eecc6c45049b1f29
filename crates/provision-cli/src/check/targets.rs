//! Which files the arguments name.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Something that is to be read.
#[derive(Debug)]
pub(super) enum Target {
    StandardInput,
    File(PathBuf),
    /// A folder, or a part of one, that gives nothing to read.
    Unusable {
        path: PathBuf,
        error: io::Error,
    },
}

impl Target {
    /// As it was named; `-` for standard input.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::StandardInput => Path::new("-"),
            Self::File(path) | Self::Unusable { path, .. } => path,
        }
    }
}

/// The files in the order in which they were named, those of a folder by their names; each once.
pub(super) fn targets(named: &[PathBuf]) -> Vec<Target> {
    let mut targets = Vec::new();
    for path in named {
        if path == Path::new("-") {
            targets.push(Target::StandardInput);
        } else if path.is_dir() {
            let before = targets.len();
            add_folder(path, &mut targets);
            if targets.len() == before {
                let error = io::Error::other("it holds no file named *.xml");
                targets.push(Target::Unusable { path: path.clone(), error });
            }
        } else {
            // What cannot be read is found out by reading it.
            targets.push(Target::File(path.clone()));
        }
    }
    let mut known = HashSet::new();
    targets.retain(|target| known.insert(target.path().to_owned()));
    targets
}

/// Adds every `*.xml` in a folder and the folders inside. What is hidden is left out, and links to
/// folders are not followed: they can lead back.
fn add_folder(folder: &Path, targets: &mut Vec<Target>) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let is_link = path.is_symlink() && path != folder;
        if path.is_dir() && !is_link {
            match entries(&path) {
                // The first of them is to be the next.
                Ok(entries) => waiting.extend(entries.into_iter().rev()),
                Err(error) => targets.push(Target::Unusable { path, error }),
            }
        } else if is_xml(&path) && !path.is_dir() {
            targets.push(Target::File(path));
        }
    }
}

/// What is in a folder and not hidden, by name.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_xml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(OsStr::new("xml")))
}

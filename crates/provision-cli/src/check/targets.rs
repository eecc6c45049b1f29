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
    let mut waiting = vec![(folder.to_owned(), Kind::Folder)];
    while let Some((path, kind)) = waiting.pop() {
        match kind {
            Kind::Folder => match entries(&path) {
                // The first of them is to be the next.
                Ok(entries) => waiting.extend(entries.into_iter().rev()),
                Err(error) => targets.push(Target::Unusable { path, error }),
            },
            Kind::File if is_xml(&path) => targets.push(Target::File(path)),
            Kind::File | Kind::LinkToFolder => {}
        }
    }
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Folder,
    LinkToFolder,
    /// Anything else: what cannot be read is found out by reading it.
    File,
}

/// What is in a folder and not hidden, by name.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, Kind)>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        // Most systems tell it with the name, and are not asked again for each of thousands of files.
        let kind = match entry.file_type()? {
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() && path.is_dir() => Kind::LinkToFolder,
            _ => Kind::File,
        };
        paths.push((path, kind));
    }
    paths.sort();
    Ok(paths)
}

fn is_xml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(OsStr::new("xml")))
}

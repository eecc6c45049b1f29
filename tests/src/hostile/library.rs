//! The scripts of a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::script::{Case, ScriptError};
use super::text::Text;

/// All that is in the folder of scripts.
pub(super) struct Library {
    pub(super) cases: Vec<Case>,
    /// The good configuration, with the mark of its server to be filled in.
    pub(super) good: Text,
}

impl Library {
    /// Reads `good.xml` and every `group/case.http`, in the order of their names.
    pub(super) fn read(folder: &Path) -> Result<Self, ScriptError> {
        let path = folder.join("good.xml");
        let fault = |message| ScriptError { path: path.clone(), line: None, message };
        let good = Text::of_document(&text(&path)?).map_err(fault)?;
        let mut cases = Vec::new();
        for group in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            for path in entries(&group)? {
                if path.extension().is_some_and(|extension| extension == "http") {
                    cases.push(case(&group, &path)?);
                }
            }
        }
        Ok(Self { cases, good })
    }
}

fn case(group: &Path, path: &Path) -> Result<Case, ScriptError> {
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Case::parse(&name(group), &name(path), &text(path)?).map_err(|(line, message)| ScriptError {
        path: path.to_owned(),
        line,
        message,
    })
}

fn text(path: &Path) -> Result<String, ScriptError> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ScriptError> {
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    let mut entries = entries.map_err(|error| unreadable(folder, &error))?;
    entries.sort();
    Ok(entries)
}

fn unreadable(path: &Path, error: &io::Error) -> ScriptError {
    ScriptError { path: path.to_owned(), line: None, message: format!("cannot be read: {error}") }
}

//! Files, in JSON.

use std::path::Path;

use provision::StoredFile;
use provision::format::Report;
use serde::Serialize;

use super::{Finding, findings, path_fields};

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PathEntry {
    path: String,
    path_bytes: Option<String>,
}

/// A file that was to be written.
#[derive(Debug, Serialize)]
pub(crate) struct FileEntry {
    #[serde(flatten)]
    path: PathEntry,
    changed: bool,
}

/// A document that was read, and what is to be said of it.
#[derive(Debug, Serialize)]
pub(crate) struct DocumentEntry {
    #[serde(flatten)]
    path: PathEntry,
    left_out: usize,
    diagnostics: Vec<Finding>,
}

impl From<&Path> for PathEntry {
    fn from(path: &Path) -> Self {
        let (path, path_bytes) = path_fields(path);
        Self { path, path_bytes }
    }
}

impl From<&StoredFile> for FileEntry {
    fn from(file: &StoredFile) -> Self {
        Self { path: PathEntry::from(file.path.as_path()), changed: file.changed }
    }
}

impl DocumentEntry {
    /// One about which nothing is known yet.
    pub(crate) fn unread(path: &Path) -> Self {
        Self { path: path.into(), left_out: 0, diagnostics: Vec::new() }
    }

    /// Whether it is that file.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        self.path == PathEntry::from(path)
    }

    pub(crate) fn new(path: &Path, report: &Report) -> Self {
        let (left_out, diagnostics) = (report.left_out(), findings(report));
        Self { path: path.into(), left_out, diagnostics }
    }
}

//! A phone's folder: its configuration, and what we keep beside it.

use std::io;
use std::path::{Path, PathBuf};

use provision_format::{Config, Reading};

use crate::bounded_file;
use crate::error::RunError;
use crate::original::{self, Original};
use crate::store::{check_output, holds};

/// The files of one profile.
pub(crate) struct Profile {
    pub(crate) folder: PathBuf,
    /// The phone's configuration.
    pub(crate) config: PathBuf,
    /// The local sections that provisioning displaced.
    pub(crate) displaced: PathBuf,
    /// The configuration as it was before a run that did not keep all of it.
    pub(crate) superseded: PathBuf,
    /// The configuration as it was before provisioning.
    pub(crate) original: PathBuf,
    /// What a server provisioned last.
    pub(crate) last_good: PathBuf,
    /// What it provisioned before that, until a run has succeeded with the last.
    pub(crate) previous_good: PathBuf,
    /// The configuration as it was before a server's keys were laid over it, likewise.
    pub(crate) previous_config: PathBuf,
    /// Whoever has locked it may change the others.
    pub(crate) lock: PathBuf,
}

impl Profile {
    /// The profile in `folder`, which has to exist: a phone's folder is not ours to make.
    pub(crate) fn new(folder: &Path) -> Result<Self, RunError> {
        let refuse = |source| RunError::ProfileFolder { path: folder.to_owned(), source };
        let metadata = std::fs::metadata(folder).map_err(refuse)?;
        if !metadata.is_dir() {
            return Err(refuse(io::Error::other("it is not a folder")));
        }
        Ok(Self {
            folder: folder.to_owned(),
            config: folder.join("Config.xml"),
            displaced: folder.join("provision-displaced.xml"),
            superseded: folder.join("provision-superseded.xml"),
            original: folder.join("provision-original"),
            last_good: folder.join("provision-last-good.xml"),
            previous_good: folder.join("provision-previous-good.xml"),
            previous_config: folder.join("provision-previous-config.xml"),
            lock: folder.join("provision-lock"),
        })
    }

    /// Refuses to write the effective configuration over a file that a run reads or writes.
    pub(crate) fn check_effective(
        &self,
        effective: &Path,
        provision: &Path,
    ) -> Result<(), RunError> {
        let inputs = [
            provision,
            &self.config,
            &self.displaced,
            &self.superseded,
            &self.original,
            &self.last_good,
            &self.previous_good,
            &self.previous_config,
            &self.lock,
        ];
        check_output(effective, &inputs)?;
        let copies = (2..=MOST_SUPERSEDED).map(|number| self.superseded_copy(number));
        let copies: Vec<_> = copies.take_while(|copy| copy.exists()).collect();
        check_output(effective, &copies.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    /// The phone's configuration, if there is one.
    pub(crate) fn local(&self) -> Result<Option<Reading<Config>>, RunError> {
        config_file(&self.config)
    }

    /// The local sections that were displaced earlier, if any were.
    pub(crate) fn displaced(&self) -> Result<Option<Config>, RunError> {
        match config_file(&self.displaced) {
            Ok(reading) => Ok(reading.map(|reading| reading.value)),
            Err(RunError::InvalidFile { path, report }) => {
                Err(RunError::InvalidDisplaced { path, report })
            }
            Err(other) => Err(other),
        }
    }

    /// The phone's configuration before provisioning, if it is kept. A damaged file is none: what it is for
    /// is done without it nearly as well.
    pub(crate) fn original(&self) -> Result<Option<Original>, RunError> {
        let bytes = unless_absent(&self.original, original::LIMIT)?;
        Ok(bytes.and_then(Original::parse))
    }

    /// The text of the last good configuration, if one is kept. What is no text is damaged, and seen to be
    /// when it is parsed.
    pub(crate) fn last_good(&self) -> Result<Option<String>, RunError> {
        let bytes = Self::bytes(&self.last_good)?;
        Ok(bytes.map(|bytes| {
            String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }))
    }

    /// Where a copy of `Config.xml` goes that holds what is nowhere else: beside those of earlier runs, or in place of
    /// one with the same bytes.
    pub(crate) fn place_for_superseded(&self, bytes: &[u8]) -> Result<PathBuf, RunError> {
        for number in 2..=MOST_SUPERSEDED {
            let path = self.superseded_copy(number - 1);
            let holds =
                |bytes| holds(&path, bytes).map_err(|source| RunError::unwritten(&path, source));
            if holds(None)? || holds(Some(bytes))? {
                return Ok(path);
            }
        }
        Ok(self.superseded_copy(MOST_SUPERSEDED))
    }

    fn superseded_copy(&self, number: usize) -> PathBuf {
        match number {
            1 => self.superseded.clone(),
            number => self.folder.join(format!("provision-superseded-{number}.xml")),
        }
    }

    /// The bytes of one of these files, if it is there; all of them, or it is refused.
    pub(crate) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
        let bytes = unless_absent(path, bounded_file::LIMIT)?;
        if bytes.as_ref().is_some_and(|bytes| bytes.len() as u64 == bounded_file::LIMIT) {
            let source = io::Error::other("it is larger than any that was kept");
            return Err(RunError::ReadFile { path: path.to_owned(), source });
        }
        Ok(bytes)
    }
}

/// Copies of `Config.xml` that are kept; more are no help to anybody.
const MOST_SUPERSEDED: usize = 99;

/// The bytes of a file, if there is one.
fn unless_absent(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, RunError> {
    match bounded_file::read_up_to(path, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunError::ReadFile { path: path.to_owned(), source }),
    }
}

fn config_file(path: &Path) -> Result<Option<Reading<Config>>, RunError> {
    let Some(bytes) = unless_absent(path, bounded_file::LIMIT)? else { return Ok(None) };
    match Config::read(bytes) {
        Ok(reading) => Ok(Some(reading)),
        Err(report) => Err(RunError::InvalidFile { path: path.to_owned(), report }),
    }
}

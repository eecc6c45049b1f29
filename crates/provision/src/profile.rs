//! A phone's folder: its configuration, and what we keep beside it.

use std::io;
use std::path::{Path, PathBuf};

use provision_format::{Config, Reading};
use provision_merge::{MergeError, Merged};

use crate::bounded_file;
use crate::error::RunError;
use crate::store::{Access, Staged, Stored, resolved};

/// The phone's configuration.
const CONFIG: &str = "Config.xml";
/// The local sections that provisioning displaced.
const DISPLACED: &str = "provision-displaced.xml";

/// The files of one profile.
pub(crate) struct Profile {
    pub(crate) config: PathBuf,
    displaced: PathBuf,
}

impl Profile {
    /// The profile in `folder`, which has to exist: a phone's folder is not ours to make.
    pub(crate) fn new(folder: &Path) -> Result<Self, RunError> {
        let refuse = |source| RunError::ReadFile { path: folder.to_owned(), source };
        let metadata = std::fs::metadata(folder).map_err(refuse)?;
        if !metadata.is_dir() {
            return Err(refuse(io::Error::other("it is not a folder")));
        }
        Ok(Self { config: folder.join(CONFIG), displaced: folder.join(DISPLACED) })
    }

    /// Refuses to write the effective configuration over a file that a run reads.
    pub(crate) fn check_effective(
        &self,
        effective: &Path,
        provision: &Path,
    ) -> Result<(), RunError> {
        let same = |other: &Path| match (full_path(effective), full_path(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        };
        if [&self.config, &self.displaced, provision].into_iter().any(same) {
            return Err(RunError::EffectiveOverInput { path: effective.to_owned() });
        }
        Ok(())
    }

    /// The phone's configuration, if there is one.
    pub(crate) fn local(&self) -> Result<Option<Reading<Config>>, RunError> {
        config_file(&self.config)
    }

    /// The local sections that were displaced earlier, if any were.
    pub(crate) fn displaced(&self) -> Result<Option<Config>, RunError> {
        Ok(config_file(&self.displaced)?.map(|reading| reading.value))
    }

    /// Writes everything beside its place, then puts everything in place, the phone's configuration
    /// last: whatever fails before leaves it untouched, and what it loses is kept already.
    pub(crate) fn store(
        &self,
        merged: &Merged,
        effective: Option<&Path>,
    ) -> Result<Stored, RunError> {
        let effective =
            effective.map(|path| stage(path, &merged.effective, Access::AsItIs)).transpose()?;
        let displaced = merged
            .displaced
            .as_ref()
            .map(|displaced| stage(&self.displaced, displaced, Access::OwnerOnly))
            .transpose()?;
        let config = stage(&self.config, &merged.stored, Access::AsItIs)?;

        let commit = |(path, staged): (PathBuf, Staged)| {
            staged.commit().map_err(|source| RunError::WriteFile { path, source })
        };
        let effective = effective.map(commit).transpose()?;
        let displaced = displaced.map(commit).transpose()?;
        Ok(Stored { effective, displaced, config: commit(config)? })
    }
}

fn stage(path: &Path, config: &Config, access: Access) -> Result<(PathBuf, Staged), RunError> {
    let bytes = config
        .source()
        .to_bytes()
        .map_err(|error| RunError::Merge(MergeError::Unencodable(error)))?;
    match Staged::new(path, &bytes, access) {
        Ok(staged) => Ok((path.to_owned(), staged)),
        Err(source) => Err(RunError::WriteFile { path: path.to_owned(), source }),
    }
}

fn config_file(path: &Path) -> Result<Option<Reading<Config>>, RunError> {
    match bounded_file::read(path) {
        Ok(bytes) => match Config::read(&bytes) {
            Ok(reading) => Ok(Some(reading)),
            Err(report) => Err(RunError::InvalidFile { path: path.to_owned(), report }),
        },
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunError::ReadFile { path: path.to_owned(), source }),
    }
}

/// A path that two names of one file share, whether the file exists or not.
fn full_path(path: &Path) -> io::Result<PathBuf> {
    let path = resolved(path)?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.canonicalize()?,
        _ => Path::new(".").canonicalize()?,
    };
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

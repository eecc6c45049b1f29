//! A phone's folder: its configuration, and what we keep beside it.

use std::io;
use std::path::{Path, PathBuf};

use provision_format::{Config, Reading, Section, SectionName};
use provision_merge::{Merge, MergeError, Merged, SectionOutcome};

use crate::bounded_file;
use crate::error::RunError;
use crate::store::{Staged, Stored, resolved};

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
        displaced_before: Option<&Config>,
        effective: Option<&Path>,
    ) -> Result<Stored, RunError> {
        let displaced = displaced_now(merged, displaced_before).map_err(RunError::Merge)?;
        let effective = effective.map(|path| stage(path, &merged.effective)).transpose()?;
        let displaced =
            displaced.map(|displaced| stage(&self.displaced, &displaced)).transpose()?;
        let config = stage(&self.config, &merged.stored)?;

        let commit = |(path, staged): (PathBuf, Staged)| {
            staged.commit().map_err(|source| RunError::WriteFile { path, source })
        };
        let effective = effective.map(commit).transpose()?;
        let displaced = displaced.map(commit).transpose()?;
        Ok(Stored { effective, displaced, config: commit(config)? })
    }
}

/// What was displaced so far, as one configuration.
///
/// A section that is the server's own to the byte was stored by the phone against the rules, and does
/// not take the place of the local one that was displaced before.
fn displaced_now(merged: &Merged, before: Option<&Config>) -> Result<Option<Config>, MergeError> {
    let (Some(now), Some(before)) = (&merged.displaced, before) else {
        return Ok(merged.displaced.clone().or_else(|| before.cloned()));
    };
    let unchanged: Vec<_> = merged.report.with(SectionOutcome::Unchanged).collect();
    let newer = now
        .sections()
        .map(Section::name)
        .filter(|name| !unchanged.contains(name) || before.section(name).is_none());
    let sections = newer.filter_map(SectionName::new).collect();
    let merge = Merge { local: before, remote: now, sections: &sections, displaced: None };
    Ok(Some(merge.run()?.effective))
}

fn stage(path: &Path, config: &Config) -> Result<(PathBuf, Staged), RunError> {
    let bytes = config
        .source()
        .to_bytes()
        .map_err(|error| RunError::Merge(MergeError::Unencodable(error)))?;
    match Staged::new(path, &bytes) {
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

//! A phone's folder: its configuration, and what we keep beside it.

use std::io;
use std::path::{Path, PathBuf};

use provision_format::{Config, Reading};
use provision_merge::{MergeError, Merged};

use crate::bounded_file;
use crate::error::RunError;
use crate::store::{Access, Staged, Stored, check_output};

/// The phone's configuration.
const CONFIG: &str = "Config.xml";
/// The local sections that provisioning displaced.
const DISPLACED: &str = "provision-displaced.xml";

/// The configuration as it was before a run that did not keep all of it.
const SUPERSEDED: &str = "provision-superseded.xml";

/// The files of one profile.
pub(crate) struct Profile {
    pub(crate) config: PathBuf,
    displaced: PathBuf,
    superseded: PathBuf,
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
            config: folder.join(CONFIG),
            displaced: folder.join(DISPLACED),
            superseded: folder.join(SUPERSEDED),
        })
    }

    /// Refuses to write the effective configuration over a file that a run reads.
    pub(crate) fn check_effective(
        &self,
        effective: &Path,
        provision: &Path,
    ) -> Result<(), RunError> {
        check_output(effective, &[&self.config, &self.displaced, &self.superseded, provision])
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

    /// Writes everything beside its place, where nothing of it counts yet.
    pub(crate) fn stage(
        &self,
        local: &Config,
        merged: &Merged,
        effective: Option<&Path>,
    ) -> Result<StagedRun, RunError> {
        let displaced = merged.displaced.as_ref();
        let loses = !merged.report.superseded.is_empty();
        Ok(StagedRun {
            superseded: loses
                .then(|| stage(&self.superseded, local, Access::OwnerOnly))
                .transpose()?,
            effective: effective
                .map(|path| stage(path, &merged.effective, Access::AsItIs))
                .transpose()?,
            displaced_before: displaced
                .map(|displaced| stage(&self.displaced, &displaced.before, Access::OwnerOnly))
                .transpose()?,
            config: stage(&self.config, &merged.stored, Access::AsItIs)?,
            displaced_after: displaced
                .filter(|displaced| displaced.before.text() != displaced.after.text())
                .map(|displaced| (self.displaced.clone(), displaced.after.clone())),
        })
    }
}

/// The files of a run, written and synced, to be put in place.
pub(crate) struct StagedRun {
    superseded: Option<(PathBuf, Staged)>,
    effective: Option<(PathBuf, Staged)>,
    displaced_before: Option<(PathBuf, Staged)>,
    config: (PathBuf, Staged),
    /// What is left of the displaced sections when `config` has those that were given back.
    displaced_after: Option<(PathBuf, Config)>,
}

impl StagedRun {
    /// Puts everything in place. The phone's configuration stands between the two writings of the
    /// displaced sections: a section of the phone's own is in one of these files at any time, or in both.
    pub(crate) fn commit(self) -> Result<Stored, RunError> {
        let commit = |(path, staged): (PathBuf, Staged)| {
            staged.commit().map_err(|source| RunError::WriteFile { path, source })
        };
        let effective = self.effective.map(commit).transpose()?;
        let superseded = self.superseded.map(commit).transpose()?;
        let mut displaced = self.displaced_before.map(commit).transpose()?;
        let config = commit(self.config)?;
        if let Some((path, after)) = &self.displaced_after {
            displaced = Some(commit(stage(path, after, Access::OwnerOnly)?)?);
        }
        Ok(Stored { effective, superseded, displaced, config })
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
        Ok(bytes) => match Config::read(bytes) {
            Ok(reading) => Ok(Some(reading)),
            Err(report) => Err(RunError::InvalidFile { path: path.to_owned(), report }),
        },
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunError::ReadFile { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use provision_format::SignificantSections;
    use provision_merge::Merge;

    use super::*;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect("valid").value
    }

    /// Whatever fails, a section of the phone's own stays in one of the two files.
    #[test]
    fn what_is_given_back_is_kept_until_it_is_stored() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let profile = Profile::new(folder.path()).expect("the folder exists");
        let displaced = config("<options><a>mine</a></options>");
        let run = |local: &str, remote: &str, displaced: &Config| {
            Merge {
                local: &config(local),
                remote: &config(remote),
                sections: &SignificantSections::from_list("a,b"),
                displaced: Some(displaced),
            }
            .run()
            .expect("the merge succeeds")
        };
        // `a` is given back and `b` displaced in the same run.
        let merged =
            run("<options><b>mine</b></options>", "<options><b>1</b></options>", &displaced);
        let kept = || {
            let displaced = profile.displaced().expect("it can be read").expect("it is there");
            displaced.sections().map(|section| section.name().to_owned()).collect::<Vec<_>>()
        };

        let local = config("<options><b>mine</b></options>");
        let staged = profile.stage(&local, &merged, None).expect("the folder is writable");
        fs::create_dir(&profile.config).expect("the folder is writable");
        assert!(staged.commit().is_err(), "a folder stands in the way");
        assert_eq!(kept(), ["a", "b"]);

        fs::remove_dir(&profile.config).expect("it is empty");
        let staged = profile.stage(&local, &merged, None).expect("the folder is writable");
        staged.commit().expect("nothing stands in the way");
        assert_eq!(kept(), ["b"]);
        let stored = profile.local().expect("it can be read").expect("it is there").value;
        assert!(stored.section("a").is_some());
    }
}

//! What a run writes, and in which order it takes its places (spec 5.1 to 5.4).
//!
//! Everything is written and synced beside its place first. Then come, each group on the disk before the
//! next one begins:
//!
//! 1. copies of what is replaced next: `Config.xml` as it was before provisioning, and where the run does not
//!    keep all of it, as it is; what the server had sent before;
//! 2. what must be there when `Config.xml` has changed: what gives way to the server, and what it sent;
//! 3. `Config.xml`;
//! 4. what may only be gone when `Config.xml` has changed: displaced sections that are back in it, and files
//!    that are of no use any more.
//!
//! So a section of the phone's own is in `Config.xml` or beside it at any time, whenever a crash comes, and
//! where sections are displaced there is the file that they came from.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use provision_format::Config;
use provision_merge::MergeError;

use crate::error::RunError;
use crate::store::{self, Access, Staged, StoredFile, UnsyncedFolders};

/// What a run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The phone's configuration without the provisioned sections.
    pub config: StoredFile,
    /// The effective configuration, if a place for it was named.
    pub effective: Option<StoredFile>,
    /// The local sections that provisioning displaced, now or earlier; readable by their owner only.
    pub displaced: Option<StoredFile>,
    /// The phone's configuration as it was, if this run did not keep all of it; see
    /// [`MergeReport::superseded`](provision_merge::MergeReport::superseded).
    pub superseded: Option<StoredFile>,
    /// The phone's configuration before provisioning, for [`forget`](crate::forget()).
    pub original: Option<StoredFile>,
    /// What the server sent, for a start without it; readable by its owner only.
    pub last_good: Option<StoredFile>,
    /// What this run replaced and is kept until one has succeeded after it, for
    /// [`take_back`](crate::take_back).
    pub previous: Option<StoredFile>,
    /// Files of earlier runs that are of no use any more.
    pub removed: Vec<PathBuf>,
}

impl Stored {
    /// Whether anything was written or removed.
    pub fn changed(&self) -> bool {
        let others =
            [&self.effective, &self.displaced, &self.superseded, &self.original, &self.last_good];
        let mut files = others.into_iter().chain([&self.previous]).flatten().chain([&self.config]);
        !self.removed.is_empty() || files.any(|file| file.changed)
    }
}

/// The files of a run, written and synced, to be put in place.
pub(crate) struct Commit<'a> {
    config: Staged,
    /// What there was of it when it was read.
    read: Option<&'a [u8]>,
    superseded: Option<Staged>,
    original: Option<Staged>,
    displaced: Option<Staged>,
    previous: Option<Previous>,
    last_good: Option<Staged>,
    effective: Option<Staged>,
    /// What is left of the displaced sections when `config` has those that were given back.
    displaced_after: Option<(PathBuf, Config)>,
    obsolete: Vec<PathBuf>,
}

/// What the last change replaced.
enum Previous {
    /// This file's content under another name.
    KeptAs {
        from: PathBuf,
        to: PathBuf,
    },
    Copied(Staged),
}

/// What is on the disk before `Config.xml` is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Superseded,
    Original,
    Displaced,
    PreviousConfig,
    LastGood,
    Effective,
}

impl<'a> Commit<'a> {
    /// Begins with `Config.xml`, of which `read` was read and which becomes `bytes`.
    pub(crate) fn of_config(
        path: &Path,
        read: Option<&'a [u8]>,
        bytes: &[u8],
    ) -> Result<Self, RunError> {
        Ok(Self {
            config: stage(path, bytes, Access::AsItIs, read)?,
            read,
            superseded: None,
            original: None,
            displaced: None,
            previous: None,
            last_good: None,
            effective: None,
            displaced_after: None,
            obsolete: Vec::new(),
        })
    }

    /// Whether `Config.xml` becomes another one.
    pub(crate) fn changes_config(&self) -> bool {
        self.config.changes()
    }

    /// Writes `bytes` beside `path`, where nothing of it counts yet; `read` is what the run has read there, if it has.
    pub(crate) fn stage(
        &mut self,
        role: Role,
        path: &Path,
        bytes: &[u8],
        read: Option<&[u8]>,
    ) -> Result<(), RunError> {
        let is_theirs = role == Role::Effective;
        let access = if is_theirs { Access::AsItIs } else { Access::OwnerOnly };
        let staged = stage(path, bytes, access, read)?;
        match role {
            Role::Superseded => self.superseded = Some(staged),
            Role::Original => self.original = Some(staged),
            Role::Displaced => self.displaced = Some(staged),
            Role::PreviousConfig => self.previous = Some(Previous::Copied(staged)),
            Role::LastGood => self.last_good = Some(staged),
            Role::Effective => self.effective = Some(staged),
        }
        Ok(())
    }

    /// Keeps what is at `from` under the name `to` as well, if the last good configuration is replaced.
    pub(crate) fn keep_last_good_as(&mut self, from: &Path, to: &Path) {
        if self.last_good.as_ref().is_some_and(Staged::changes) {
            self.previous = Some(Previous::KeptAs { from: from.to_owned(), to: to.to_owned() });
        }
    }

    /// What the displaced sections are once `Config.xml` has its place.
    pub(crate) fn displaced_after(&mut self, path: &Path, config: &Config) {
        self.displaced_after = Some((path.to_owned(), config.clone()));
    }

    /// Removes a file, if it is there, once `Config.xml` has its place.
    pub(crate) fn remove(&mut self, path: &Path) {
        self.obsolete.push(path.to_owned());
    }

    /// Puts everything in place.
    ///
    /// # Errors
    ///
    /// [`RunError::ConfigChanged`] if there is something else in `Config.xml` now than was read: it stays as it is.
    pub(crate) fn carry_out(self) -> Result<Stored, RunError> {
        // Before the copies of what would be out of date, and once more when it is replaced.
        check_unsaved(&self.config, self.read)?;
        let mut folders = UnsyncedFolders::default();
        let superseded = place(self.superseded, &mut folders)?;
        let original = place(self.original, &mut folders)?;
        let previous = match self.previous {
            Some(Previous::Copied(staged)) => place(Some(staged), &mut folders)?,
            Some(Previous::KeptAs { from, to }) => {
                store::keep_as(&from, &to, &mut folders)
                    .map_err(|source| RunError::unwritten(&to, source))?;
                Some(StoredFile { path: to, changed: true })
            }
            None => None,
        };
        sync(&mut folders)?;

        let mut displaced = place(self.displaced, &mut folders)?;
        let last_good = place(self.last_good, &mut folders)?;
        let effective = place(self.effective, &mut folders)?;
        sync(&mut folders)?;

        let config = place_config(self.config, self.read, &mut folders)?;
        sync(&mut folders)?;

        if let Some((path, after)) = &self.displaced_after {
            let rest = stage(path, &to_bytes(after)?, Access::OwnerOnly, None)?;
            displaced = Some(place_one(rest, &mut folders)?);
        }
        let mut removed = Vec::new();
        for path in self.obsolete {
            match folders.remove(&path) {
                Ok(true) => removed.push(path),
                Ok(false) => {}
                Err(source) => return Err(RunError::unwritten(&path, source)),
            }
        }
        sync(&mut folders)?;
        Ok(Stored {
            config,
            effective,
            displaced,
            superseded,
            original,
            last_good,
            previous,
            removed,
        })
    }
}

fn stage(
    path: &Path,
    bytes: &[u8],
    access: Access,
    read: Option<&[u8]>,
) -> Result<Staged, RunError> {
    let staged = match read {
        Some(read) => Staged::of_read(path, bytes, access, read),
        None => Staged::new(path, bytes, access),
    };
    staged.map_err(|source| RunError::unwritten(path, source))
}

fn place(
    staged: Option<Staged>,
    folders: &mut UnsyncedFolders,
) -> Result<Option<StoredFile>, RunError> {
    staged.map(|staged| place_one(staged, folders)).transpose()
}

fn place_one(staged: Staged, folders: &mut UnsyncedFolders) -> Result<StoredFile, RunError> {
    let path = staged.path().to_owned();
    staged.place(folders).map_err(|source| RunError::unwritten(&path, source))
}

/// Replaces `Config.xml`, of which `read` was read, unless the phone has saved it since.
pub(crate) fn place_config(
    staged: Staged,
    read: Option<&[u8]>,
    folders: &mut UnsyncedFolders,
) -> Result<StoredFile, RunError> {
    check_unsaved(&staged, read)?;
    place_one(staged, folders)
}

/// Refuses to replace `Config.xml` with what was made of something else than it is now.
fn check_unsaved(staged: &Staged, read: Option<&[u8]>) -> Result<(), RunError> {
    let path = staged.path();
    let holds = || store::holds(path, read).map_err(|source| RunError::unwritten(path, source));
    if staged.changes() && !holds()? {
        return Err(RunError::ConfigChanged { path: path.to_owned() });
    }
    Ok(())
}

fn sync(folders: &mut UnsyncedFolders) -> Result<(), RunError> {
    folders.sync().map_err(|(path, source)| RunError::unwritten(&path, source))
}

/// A document's bytes in its encoding.
pub(crate) fn to_bytes(config: &Config) -> Result<Cow<'_, [u8]>, RunError> {
    let bytes = config.source().to_bytes();
    bytes.map_err(|error| RunError::Merge(MergeError::Unencodable(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_saved_since_it_was_read_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("Config.xml");
        for read in [None, Some(&b"read"[..])] {
            let staged =
                stage(&path, b"merged", Access::AsItIs, None).expect("the folder is writable");
            fs::write(&path, "saved").expect("the folder is writable");
            let placed = place_config(staged, read, &mut UnsyncedFolders::default());
            assert!(matches!(placed, Err(RunError::ConfigChanged { .. })), "{placed:?}");
            assert_eq!(fs::read(&path).expect("it is there"), b"saved");
        }
        let staged = stage(&path, b"merged", Access::AsItIs, None).expect("the folder is writable");
        let placed = place_config(staged, Some(b"saved"), &mut UnsyncedFolders::default());
        assert!(placed.is_ok_and(|file| file.changed));
        assert_eq!(fs::read(&path).expect("it is there"), b"merged");
    }
}

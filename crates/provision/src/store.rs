//! Replacing files, wholly or not at all (spec 5.1).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::RunError;

/// A file that holds what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Whether it was written; false if it already held the same bytes (spec 5.2).
    pub changed: bool,
}

/// Replaces a file, wholly or not at all: what is new is written and synced beside it and then takes
/// its name (spec 5.1). A file that exists keeps its permissions and, on Unix, its owner, and a link to
/// it stays a link; a new one is its owner's only. A file that holds the same bytes is not touched.
///
/// # Errors
///
/// Those of reading and writing, and that there is something else than a regular file. The file is as
/// it was then; only when its folder cannot be synced, it is replaced already.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<StoredFile> {
    let staged = Staged::with_prefix(path, bytes, Access::AsItIs, None, OTHER_PREFIX)?;
    let mut folders = UnsyncedFolders::default();
    let stored = staged.place(&mut folders)?;
    folders.sync().map_err(|(_, error)| error)?;
    Ok(stored)
}

/// Refuses a place for a result where it cannot be written, or would overwrite what a run reads.
pub(crate) fn check_output(output: &Path, inputs: &[&Path]) -> Result<(), RunError> {
    let path = full_path(output).map_err(|source| RunError::unwritten(output, source))?;
    if inputs.iter().any(|input| full_path(input).is_ok_and(|input| input == path)) {
        return Err(RunError::OutputOverInput { path: output.to_owned() });
    }
    Ok(())
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

/// A replacement that lies written and synced beside its target.
pub(crate) struct Staged {
    path: PathBuf,
    /// None if the target already holds the bytes.
    replacement: Option<Replacement>,
}

struct Replacement {
    file: NamedTempFile,
    /// The target with links resolved, so that a link stays a link.
    target: PathBuf,
    folder: PathBuf,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A file that exists keeps its permissions; a new one is its owner's only.
    AsItIs,
    /// Its owner only, whatever it was before.
    OwnerOnly,
}

impl Staged {
    /// Writes `bytes` beside `path`, which stays as it is, with the owner that the file has.
    pub(crate) fn new(path: &Path, bytes: &[u8], access: Access) -> io::Result<Self> {
        Self::with_prefix(path, bytes, access, None, RUN_PREFIX)
    }

    /// The same for a file of which `read` was read: it is not read again to see whether it holds the bytes already.
    pub(crate) fn of_read(
        path: &Path,
        bytes: &[u8],
        access: Access,
        read: &[u8],
    ) -> io::Result<Self> {
        Self::with_prefix(path, bytes, access, Some(read), RUN_PREFIX)
    }

    fn with_prefix(
        path: &Path,
        bytes: &[u8],
        access: Access,
        read: Option<&[u8]>,
        prefix: &str,
    ) -> io::Result<Self> {
        let target = resolved(path)?;
        let before = match fs::metadata(&target) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(io::Error::other("it is not a regular file"));
            }
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(before) = before.as_ref().filter(|before| permits(before, access)) {
            let is_there = match read {
                Some(read) => before.len() == bytes.len() as u64 && is_same(read, bytes),
                None => holds(&target, Some(bytes))?,
            };
            if is_there {
                return Ok(Self { path: path.to_owned(), replacement: None });
            }
        }
        let folder = folder_of(&target);
        // Ours by its name, should a crash leave it behind (spec 5.3); its owner's only.
        let mut file = tempfile::Builder::new()
            .prefix(prefix)
            .suffix(SUFFIX)
            .tempfile_in(&folder)
            .map_err(|error| without_path(&error))?;
        // Not through its wrapper, which would put the name into an error.
        file.as_file_mut().write_all(bytes)?;
        match &before {
            Some(before) => {
                keep_owner(file.as_file(), before)?;
                if access == Access::AsItIs {
                    file.as_file().set_permissions(before.permissions())?;
                }
            }
            None => give_to_owner(file.as_file(), &folder),
        }
        file.as_file().sync_all()?;
        let replacement = Some(Replacement { file, target, folder });
        Ok(Self { path: path.to_owned(), replacement })
    }

    /// The file that is replaced.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is anything to be put in place.
    pub(crate) fn changes(&self) -> bool {
        self.replacement.is_some()
    }

    /// Puts the replacement in place: from here on the new file is there, whole. It lasts when its folder
    /// is synced.
    pub(crate) fn place(self, folders: &mut UnsyncedFolders) -> io::Result<StoredFile> {
        let changed = self.replacement.is_some();
        if let Some(Replacement { file, target, folder }) = self.replacement {
            file.persist(&target).map_err(|error| error.error)?;
            folders.0.insert(folder);
        }
        Ok(StoredFile { path: self.path, changed })
    }
}

/// Folders in which files have taken their places, and which are not on the disk yet.
#[derive(Debug, Default)]
pub(crate) struct UnsyncedFolders(BTreeSet<PathBuf>);

impl UnsyncedFolders {
    /// What was put in place lasts from here on. An error comes with the folder that it is about.
    pub(crate) fn sync(&mut self) -> Result<(), (PathBuf, io::Error)> {
        while let Some(folder) = self.0.pop_first() {
            sync_folder(&folder).map_err(|error| (folder, error))?;
        }
        Ok(())
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&mut self, path: &Path) -> io::Result<bool> {
        // Looked for first: a run that changes nothing makes no call that could.
        let removed = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Ok(false),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => {
                self.0.insert(folder_of(path));
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Gives what lies at `from` the name `to` as well, in place of what had it. Nothing is copied where the
/// file system can do without: what is on the disk already needs no sync.
pub(crate) fn keep_as(from: &Path, to: &Path, folders: &mut UnsyncedFolders) -> io::Result<()> {
    // First, since renaming one name of a file to another name of it does nothing.
    folders.remove(to)?;
    let can_be_shared = fs::symlink_metadata(from)
        .is_ok_and(|metadata| metadata.is_file() && permits(&metadata, Access::OwnerOnly));
    if can_be_shared && fs::hard_link(from, to).is_ok() {
        folders.0.insert(folder_of(to));
        return Ok(());
    }
    // A file system without links, for instance, or a file that others can read.
    let copy = Staged::new(to, &fs::read(from)?, Access::OwnerOnly)?;
    copy.place(folders).map(|_| ())
}

/// Whether two texts are the same. What a merge leaves as it is is one text in memory, and needs no look at its bytes.
pub(crate) fn is_same(left: &[u8], right: &[u8]) -> bool {
    std::ptr::eq(left, right) || left == right
}

/// Whether a file has these bytes; with none, whether there is no file.
pub(crate) fn holds(path: &Path, bytes: Option<&[u8]>) -> io::Result<bool> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(bytes.is_none()),
        Err(error) => return Err(error),
    };
    // What has another length has other bytes, and need not be read; nor must a pipe be, which never ends.
    let may_be = |bytes: &&[u8]| metadata.is_file() && metadata.len() == bytes.len() as u64;
    let Some(mut rest) = bytes.filter(may_be) else { return Ok(false) };
    // Piece by piece: both may be large.
    let file = File::open(path)?;
    let mut piece = Vec::with_capacity(rest.len().min(LARGEST_PIECE) + 1);
    loop {
        piece.clear();
        (&file).take(LARGEST_PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return Ok(rest.is_empty());
        }
        let Some(behind) = rest.strip_prefix(piece.as_slice()) else { return Ok(false) };
        rest = behind;
    }
}

/// Removes replacements in the making from `folder`, for whoever has the lock on it.
pub(crate) fn remove_leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let leftovers = entries.filter(|entry| is_leftover(&entry.file_name()));
    let paths = leftovers.map(|entry| entry.path());
    // One that cannot be removed hurts nobody; the next run tries again.
    paths.filter(|path| fs::remove_file(path).is_ok()).collect()
}

/// Whether a file's name is that of a replacement in the making.
fn is_leftover(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let random = name
        .strip_prefix(RUN_PREFIX.as_bytes())
        .and_then(|name| name.strip_suffix(SUFFIX.as_bytes()));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric)
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// How the names of a run's replacements begin.
const RUN_PREFIX: &str = "provision-";
/// How those of others begin, whom no lock keeps apart from a run.
const OTHER_PREFIX: &str = "provision-other-";
const SUFFIX: &str = ".tmp";
/// So much of a file is compared at once.
const LARGEST_PIECE: usize = 64 * 1024;
/// Characters that `tempfile` puts between them.
const RANDOM: usize = 6;

/// The system's own error: the name of a temporary file tells nobody anything.
fn without_path(error: &io::Error) -> io::Error {
    let wrapped = error.get_ref().and_then(|wrapped| wrapped.source());
    let system = wrapped.and_then(|source| source.downcast_ref::<io::Error>());
    match system.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}

/// Where a path leads to, through links; itself where nothing exists.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path),
        Ok(_) => Ok(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(error),
    }
}

/// Whether a file's permissions are what they should be.
#[cfg(unix)]
fn permits(metadata: &Metadata, access: Access) -> bool {
    use std::os::unix::fs::MetadataExt;

    access == Access::AsItIs || metadata.mode() & 0o077 == 0
}

/// Gives a replacement the owner and the group of what it replaces. Where that is not allowed, nothing
/// is replaced: the phone could not read its own file any more.
#[cfg(unix)]
fn keep_owner(file: &File, before: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

/// A new file of root's goes to the owner of its folder: else a phone that root has provisioned once could not read its own
/// files. Where that is not allowed, in a container for instance, it stays root's.
#[cfg(unix)]
pub(crate) fn give_to_owner(file: &File, folder: &Path) {
    use std::os::unix::fs::MetadataExt;

    if file.metadata().is_ok_and(|metadata| metadata.uid() == ROOT) {
        let _ = fs::metadata(folder).and_then(|folder| keep_owner(file, &folder));
    }
}

/// The user who may do anything.
#[cfg(unix)]
const ROOT: u32 = 0;

/// Elsewhere a file's access comes from its folder.
#[cfg(not(unix))]
fn permits(_: &Metadata, _: Access) -> bool {
    true
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn give_to_owner(_: &File, _: &Path) {}

/// A rename lasts only when the folder itself is on the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems offer no such call; their rename is as durable as they make it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder can be made")
    }

    fn replace(path: &Path, bytes: &[u8]) -> StoredFile {
        replace_file(path, bytes).expect("the folder is writable")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder is readable");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_written_when_nothing_changes() {
        let folder = folder();
        let path = folder.path().join("Config.xml");
        assert!(replace(&path, b"1").changed);
        assert!(!replace(&path, b"1").changed);
        assert!(replace(&path, b"2").changed);
        assert_eq!(fs::read(&path).expect("it was written"), b"2");
        assert_eq!(names(folder.path()), ["Config.xml"]);
    }

    #[test]
    fn a_file_holds_its_bytes_and_no_others() {
        let folder = folder();
        let path = folder.path().join("file");
        let has = |bytes: Option<&[u8]>| holds(&path, bytes).expect("it is readable");
        assert!(has(None) && !has(Some(b"")));
        for size in [0, 1, LARGEST_PIECE - 1, LARGEST_PIECE, LARGEST_PIECE + 1, 3 * LARGEST_PIECE] {
            let bytes = vec![b'x'; size];
            replace(&path, &bytes);
            assert!(has(Some(&bytes)) && !has(None), "{size}");
            assert!(!has(Some(&[&bytes[..], b"x"].concat())), "{size}");
            if let Some(end) = size.checked_sub(1) {
                assert!(!has(Some(&bytes[..end])), "{size}");
                assert!(!has(Some(&[&bytes[..end], b"y"].concat())), "{size}");
            }
        }
        assert!(!holds(folder.path(), Some(b"")).expect("a folder has no bytes"));
    }

    #[test]
    fn what_is_staged_and_given_up_leaves_nothing_behind() {
        let folder = folder();
        let path = folder.path().join("Config.xml");
        replace(&path, b"old");
        drop(Staged::new(&path, b"new", Access::AsItIs).expect("the folder is writable"));
        assert_eq!(fs::read(&path).expect("it was written"), b"old");
        assert_eq!(names(folder.path()), ["Config.xml"]);
    }

    #[test]
    fn what_a_killed_run_left_is_recognised_and_nothing_else() {
        let folder = folder();
        let staged = Staged::new(&folder.path().join("a"), b"1", Access::AsItIs);
        let left = staged.expect("the folder is writable").replacement.expect("it is new").file;
        let (_, left) = left.keep().expect("it is there");
        for name in [
            "provision-lock",
            "provision-other-abcdef.tmp",
            "provision-abcde.tmp",
            "provision-abc_ef.tmp",
            "provision-abcdef.xml",
            "abcdef.tmp",
        ] {
            fs::write(folder.path().join(name), "").expect("the folder is writable");
        }
        let others = names(folder.path()).len() - 1;
        assert_eq!(remove_leftovers(folder.path()), [left]);
        assert_eq!(names(folder.path()).len(), others);
    }

    #[test]
    fn what_is_kept_under_another_name_replaces_what_had_it() {
        let folder = folder();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        replace(&from, b"new");
        replace(&to, b"old");
        let mut folders = UnsyncedFolders::default();
        keep_as(&from, &to, &mut folders).expect("the folder is writable");
        assert_eq!(fs::read(&to).expect("it is there"), b"new");
        replace(&from, b"newer");
        assert_eq!(fs::read(&to).expect("it is there"), b"new");
        assert_eq!(names(folder.path()), ["from", "to"]);
        assert_eq!(folders.0.len(), 1);
    }

    #[test]
    fn a_file_is_gone_or_was_not_there_or_it_is_an_error() {
        let folder = folder();
        let path = folder.path().join("file");
        replace(&path, b"1");
        let mut folders = UnsyncedFolders::default();
        // Whether there is something cannot be told, so nobody may take it for gone.
        assert!(folders.remove(&path.join("below a file")).is_err());
        assert!(!folders.remove(folder.path()).expect("a folder is left alone"));
        assert!(!folders.remove(&folder.path().join("gone")).expect("there is none"));
        assert_eq!(folders.0.len(), 0);
        assert!(folders.remove(&path).expect("it is ours"));
        assert_eq!(folders.0.len(), 1);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_refused() {
        let folder = folder();
        assert!(Staged::new(folder.path(), b"x", Access::AsItIs).is_err());
        assert!(Staged::new(&folder.path().join("gone/Config.xml"), b"x", Access::AsItIs).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = folder();
        let target = folder.path().join("real.xml");
        let link = folder.path().join("Config.xml");
        fs::write(&target, "old").expect("the folder is writable");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("it is ours");
        symlink("real.xml", &link).expect("the folder is writable");
        replace(&link, b"new");
        assert!(fs::symlink_metadata(&link).expect("it exists").is_symlink());
        assert_eq!(fs::read(&target).expect("it exists"), b"new");
        let mode = |path| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode(&target), 0o640);

        let fresh = folder.path().join("fresh.xml");
        replace(&fresh, b"secret");
        assert_eq!(mode(&fresh), 0o600);

        // A file of secrets is closed even when its bytes are right already.
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o666)).expect("it is ours");
        let staged = Staged::new(&fresh, b"secret", Access::OwnerOnly).expect("it is writable");
        let placed = staged.place(&mut UnsyncedFolders::default());
        assert!(placed.expect("it is writable").changed);
        assert_eq!(mode(&fresh), 0o600);

        // Only a privileged user can give files away.
        if std::os::unix::fs::chown(&target, Some(65534), Some(65534)).is_ok() {
            replace(&target, b"newer");
            let owner = |path: &Path| {
                use std::os::unix::fs::MetadataExt;
                fs::metadata(path).map(|metadata| (metadata.uid(), metadata.gid()))
            };
            assert_eq!(owner(&target).expect("it exists"), (65534, 65534));
            assert_eq!(mode(&target), 0o640);
            // A new one is for whose folder it is.
            std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).expect("as above");
            let new = folder.path().join("new.xml");
            replace(&new, b"new");
            assert_eq!(owner(&new).expect("it exists"), (65534, 65534));
        }

        let dangling = folder.path().join("dangling.xml");
        symlink("nowhere.xml", &dangling).expect("the folder is writable");
        assert!(Staged::new(&dangling, b"x", Access::AsItIs).is_err());
    }
}

//! One run at a time on a profile (spec 5.5).

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs4::{FileExt, TryLockError};

use crate::error::RunError;
use crate::event::{Event, Note};
use crate::store;

/// A profile of which this run alone may change the files. It is free again when this is dropped, or the
/// process ends, in whatever way: the system itself keeps the lock.
#[derive(Debug)]
#[must_use]
pub(crate) struct Lock {
    /// None where the profile cannot be locked.
    file: Option<File>,
}

impl Lock {
    /// Removes what runs have left in `folder` that were killed while they wrote. Without a lock nothing is removed:
    /// what another run writes at the moment looks the same.
    pub(crate) fn remove_leftovers(&self, folder: &Path) -> Vec<PathBuf> {
        self.file.as_ref().map(|_| store::remove_leftovers(folder)).unwrap_or_default()
    }
}

impl Drop for Lock {
    /// Closing the file would not do: a process that the phone has started meanwhile may have it, too.
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // It ends with the last process that has the file, at the latest.
            let _ = FileExt::unlock(file);
        }
    }
}

/// Takes the lock on the profile to which the file `path` belongs, and waits for another run at most as
/// long as spec 5.5 says.
///
/// The file stays when the run is over: who removes a lock takes it away from those who wait for it.
pub(crate) async fn take(path: &Path, events: &mut impl FnMut(&Event)) -> Result<Lock, RunError> {
    let unusable = |source| RunError::LockUnusable { path: path.to_owned(), source };
    let file = match open(path) {
        Ok(file) => file,
        // There is none and none can be made: on a full disk or in a folder that is read-only, nobody
        // else can change anything either, and a phone that has nothing to store must still ring.
        Err(_) if is_absent(path) => {
            events(&Event::Note(Note::NoLock));
            return Ok(Lock { file: None });
        }
        Err(source) => return Err(unusable(source)),
    };
    let mut waited = Duration::ZERO;
    loop {
        match FileExt::try_lock(&file) {
            Ok(()) => return Ok(Lock { file: Some(file) }),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => continue,
            Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                events(&Event::Note(Note::NoLock));
                return Ok(Lock { file: None });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if waited.is_zero() {
            events(&Event::WaitingForOtherRun { lock: PathBuf::from(path), limit: PATIENCE });
        }
        if waited >= PATIENCE {
            return Err(RunError::Busy { lock: path.to_owned() });
        }
        tokio::time::sleep(INTERVAL).await;
        waited += INTERVAL;
    }
}

/// Reading is enough for a lock where another user's run has made the file.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::NotFound => match create(path, options.clone()) {
            // Another run was first.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(path),
            created => created,
        },
        Err(error) => File::open(path).map_err(|_| error),
    }
}

/// Makes the file. Only what is made here is given away: whoever owns the folder can have put a link of that name there, to
/// a file that is not theirs.
fn create(path: &Path, mut options: OpenOptions) -> io::Result<File> {
    options.create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // The phone's user, too, has to get at what root has made.
    store::give_to_owner(&file, path.parent().unwrap_or(path));
    Ok(file)
}

fn is_absent(path: &Path) -> bool {
    let found = std::fs::symlink_metadata(path);
    found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Whether the file system knows no locks, as some network file systems do.
fn has_no_locks(error: &io::Error) -> bool {
    let is_enolck = cfg!(target_os = "linux") && error.raw_os_error() == Some(ENOLCK);
    error.kind() == ErrorKind::Unsupported || is_enolck
}

/// "No locks available", as Linux says where a network file system has none.
const ENOLCK: i32 = 37;
/// How long a second run waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    /// Only a privileged user can give files away.
    #[cfg(unix)]
    #[tokio::test]
    async fn what_a_link_leads_to_is_not_given_to_the_owner_of_the_folder() {
        use std::os::unix::fs::{MetadataExt, chown, symlink};

        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let elsewhere = folder.path().join("elsewhere");
        std::fs::write(&elsewhere, "").expect("the folder is writable");
        let profile = folder.path().join("profile");
        std::fs::create_dir(&profile).expect("the folder is writable");
        let is_root = chown(&profile, Some(65534), Some(65534)).is_ok();
        let owner = |path: &Path| std::fs::metadata(path).expect("it is there").uid();
        let own = owner(&elsewhere);
        let path = profile.join("provision-lock");
        symlink(&elsewhere, &path).expect("the folder is writable");
        drop(take(&path, &mut |_| {}).await.expect("nobody has it"));
        assert_eq!(owner(&elsewhere), own);

        std::fs::remove_file(&path).expect("the folder is writable");
        drop(take(&path, &mut |_| {}).await.expect("nobody has it"));
        assert_eq!(owner(&path), if is_root { 65534 } else { own });
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_waits_and_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("provision-lock");
        let first = take(&path, &mut |_| {}).await.expect("nobody has it");
        let mut waits = 0;
        let begin = tokio::time::Instant::now();
        let mut events = |event: &Event| {
            waits += usize::from(matches!(event, Event::WaitingForOtherRun { .. }));
        };
        let refused = take(&path, &mut events).await;
        assert!(matches!(refused, Err(RunError::Busy { .. })));
        assert_eq!((waits, begin.elapsed()), (1, PATIENCE));
        drop(first);
        assert!(take(&path, &mut |_| {}).await.expect("it is free").file.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_goes_on_when_the_first_is_done() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("provision-lock");
        let first = take(&path, &mut |_| {}).await.expect("nobody has it");
        let mut first = Some(first);
        let mut events = |event: &Event| {
            if matches!(event, Event::WaitingForOtherRun { .. }) {
                first = None;
            }
        };
        assert!(take(&path, &mut events).await.is_ok());
    }

    #[tokio::test]
    async fn where_nofile_can_be_made_a_run_goes_on_and_says_so() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("gone/provision-lock");
        let mut notes = Vec::new();
        let mut events = |event: &Event| {
            if let Event::Note(note) = event {
                notes.push(*note);
            }
        };
        let lock = take(&path, &mut events).await.expect("it goes on");
        assert!(lock.file.is_none());
        assert_eq!(notes, [Note::NoLock]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_nofile_cannot_be_locked() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("provision-lock");
        std::os::unix::fs::symlink("provision-lock", &path).expect("the folder is writable");
        let refused = take(&path, &mut |_| {}).await;
        assert!(matches!(refused, Err(RunError::LockUnusable { .. })), "{refused:?}");
    }
}

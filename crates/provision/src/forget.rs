//! Going back: to before provisioning (spec 5.4), or to before its last change.

use std::path::{Path, PathBuf};

use provision_format::{Config, SignificantSections};
use provision_merge::{Merge, SectionOutcome};

use crate::commit::{place_config, to_bytes};
use crate::error::RunError;
use crate::event::Event;
use crate::last_good::LastGoodFile;
use crate::lock;
use crate::original::Original;
use crate::profile::Profile;
use crate::store::{Access, Staged, StoredFile, UnsyncedFolders};

/// A phone that is as it was before provisioning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// How much of `Config.xml` is as it was.
    pub how: GoneBack,
    /// The phone's configuration; not changed if provisioning had taken nothing out of it.
    pub config: StoredFile,
    /// The sections that were given back, in their order.
    pub given_back: Vec<String>,
    /// Files of ours that are gone.
    pub removed: Vec<PathBuf>,
    /// A copy of `Config.xml` that a run or this call made since not all of it could be kept otherwise; there can be
    /// others beside it, with numbers. They stay: what is in them may be nowhere else.
    pub superseded: Option<PathBuf>,
}

/// How much of `Config.xml` is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GoneBack {
    /// There was nothing to be given back.
    Untouched,
    /// It has its bytes of before provisioning.
    ToTheByte,
    /// There was none before provisioning, and there is none now.
    ToNone,
    /// The phone has written it since, so what it wrote stays, and the sections are put back or appended.
    BySections,
}

/// A profile of which the last change is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenBack {
    /// What is now used when no server answers, if that is what changed: what a server had sent before.
    pub last_good: Option<StoredFile>,
    /// The phone's configuration, if that is what changed.
    pub config: Option<StoredFile>,
}

/// Gives the phone back what provisioning took out of its `Config.xml` (spec 5.4): to the byte while the
/// phone has not written the file since, else section by section: in place of what stands there under that name, of which
/// a copy is kept then, or appended. Then what is kept of provisioning is removed. A provisioning file that is found still provisions it again at the next
/// run.
///
/// `events` is told of a wait for another run, and of the result. The future can be dropped at any time: it
/// waits for nothing but that other run.
///
/// # Errors
///
/// A [`RunError`] about the folder, the lock or a file; `Config.xml` is wholly the old or the new one.
///
/// ```no_run
/// # async fn example() -> Result<(), provision::RunError> {
/// let forgotten = provision::forget("profile".as_ref(), |_| {}).await?;
/// println!("{} sections are back", forgotten.given_back.len());
/// # Ok(())
/// # }
/// ```
pub async fn forget(profile: &Path, mut events: impl FnMut(&Event)) -> Result<Forgotten, RunError> {
    let profile = Profile::new(profile)?;
    let lock = lock::take(&profile.lock, &mut events).await?;
    lock.remove_leftovers(&profile.folder);

    let local = profile.local()?.map(|reading| reading.value);
    let displaced = profile.displaced()?;
    let Before { bytes, given_back, superseded } =
        before(&profile, local.as_ref(), displaced.as_ref())?;

    let mut folders = UnsyncedFolders::default();
    let unwritten = |source| RunError::unwritten(&profile.config, source);
    if let Some(local) = local.as_ref().filter(|_| superseded) {
        keep_superseded(&profile, &to_bytes(local)?, &mut folders)?;
    }
    let (how, changed) = match bytes {
        Bytes::Untouched => (GoneBack::Untouched, false),
        Bytes::None => (GoneBack::ToNone, folders.remove(&profile.config).map_err(unwritten)?),
        Bytes::These(how, bytes) => {
            let staged = Staged::new(&profile.config, &bytes, Access::AsItIs).map_err(unwritten)?;
            let read = local.as_ref().map(to_bytes).transpose()?;
            (how, place_config(staged, read.as_deref(), &mut folders)?.changed)
        }
    };
    // Only when `Config.xml` lasts may what it has back be gone elsewhere.
    sync(&mut folders)?;
    let mut removed = Vec::new();
    // Not what a server's keys were laid over: nothing else has what they replaced.
    let kept = [&profile.displaced, &profile.original, &profile.last_good, &profile.previous_good];
    for path in kept {
        if folders.remove(path).map_err(|source| RunError::unwritten(path, source))? {
            removed.push(path.clone());
        }
    }
    sync(&mut folders)?;
    let forgotten = Forgotten {
        how,
        config: StoredFile { path: profile.config.clone(), changed },
        given_back,
        removed,
        superseded: profile.superseded.is_file().then(|| profile.superseded.clone()),
    };
    events(&Event::Forgotten(forgotten.clone()));
    Ok(forgotten)
}

/// Takes back what the last change of the server's configuration replaced, while it is kept: until a run has
/// succeeded after it. For a phone that reaches no server any more since that change.
///
/// In a profile whose sections the server owns, what a server had sent before is what is used from now on
/// when no server answers. Under the later dialect, which changes the phone's own file, that file is put
/// back. `None` if nothing is kept.
///
/// # Errors
///
/// A [`RunError`] about the folder, the lock or a file.
pub async fn take_back(
    profile: &Path,
    mut events: impl FnMut(&Event),
) -> Result<Option<TakenBack>, RunError> {
    let profile = Profile::new(profile)?;
    let lock = lock::take(&profile.lock, &mut events).await?;
    lock.remove_leftovers(&profile.folder);
    let mut folders = UnsyncedFolders::default();
    // What the phone has written since is its own, and would be gone.
    let before = Profile::bytes(&profile.previous_config)?;
    let now = Profile::bytes(&profile.config)?.filter(|_| before.is_some());
    if let Some(now) = now.filter(|now| before.as_ref() != Some(now)) {
        keep_superseded(&profile, &now, &mut folders)?;
    }
    let last_good = put_back(
        &profile.previous_good,
        &profile.last_good,
        Access::OwnerOnly,
        |bytes| std::str::from_utf8(bytes).is_ok_and(|text| LastGoodFile::parse(text).is_some()),
        &mut folders,
    )?;
    let config = put_back(
        &profile.previous_config,
        &profile.config,
        Access::AsItIs,
        |bytes| Config::read(bytes).is_ok(),
        &mut folders,
    )?;
    if last_good.is_none() && config.is_none() {
        return Ok(None);
    }
    let taken_back = TakenBack { last_good, config };
    events(&Event::TakenBack(taken_back.clone()));
    Ok(Some(taken_back))
}

/// Puts what is at `from`, if it `is_whole`, in place of what is at `to`, and removes it there.
fn put_back(
    from: &Path,
    to: &Path,
    access: Access,
    is_whole: impl Fn(&[u8]) -> bool,
    folders: &mut UnsyncedFolders,
) -> Result<Option<StoredFile>, RunError> {
    let Some(bytes) = Profile::bytes(from)?.filter(|bytes| is_whole(bytes)) else {
        return Ok(None);
    };
    let unwritten = |source| RunError::unwritten(to, source);
    let staged = Staged::new(to, &bytes, access).map_err(unwritten)?;
    let stored = staged.place(folders).map_err(unwritten)?;
    sync(folders)?;
    folders.remove(from).map_err(|source| RunError::unwritten(from, source))?;
    sync(folders)?;
    Ok(Some(stored))
}

/// What `Config.xml` was before provisioning.
struct Before {
    bytes: Bytes,
    /// The names of the sections that come back one by one.
    given_back: Vec<String>,
    /// Whether what stands in their place is the phone's own, too, and has to be kept.
    superseded: bool,
}

enum Bytes {
    /// What it is.
    Untouched,
    /// There was none.
    None,
    These(GoneBack, Vec<u8>),
}

impl From<Bytes> for Before {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, given_back: Vec::new(), superseded: false }
    }
}

fn before(
    profile: &Profile,
    local: Option<&Config>,
    displaced: Option<&Config>,
) -> Result<Before, RunError> {
    let nothing = Config::empty();
    let displaced = displaced.filter(|displaced| displaced.sections().next().is_some());
    let merge = Merge {
        local: local.unwrap_or(&nothing),
        remote: &nothing,
        sections: &SignificantSections::default(),
        displaced,
    };
    // Without a server everything is given back (spec 4.2).
    let merged = merge.run().map_err(RunError::Merge)?;
    let given_back: Vec<_> =
        merged.report.with(SectionOutcome::GivenBack).map(str::to_owned).collect();
    if let Some(original) = profile.original()? {
        let bytes = local.map(to_bytes).transpose()?;
        let counts = bytes.as_ref().is_none_or(|bytes| original.counts_for(bytes));
        let before = Original::before(original);
        let is_there = bytes.as_deref() == before.as_deref();
        match before {
            _ if !counts => {}
            _ if is_there => return Ok(Bytes::Untouched.into()),
            Some(before) => {
                let bytes = Bytes::These(GoneBack::ToTheByte, before);
                return Ok(Before { bytes, given_back, superseded: false });
            }
            None => return Ok(Bytes::None.into()),
        }
    }
    if displaced.is_none() || local.is_some_and(|local| local.text() == merged.stored.text()) {
        return Ok(Bytes::Untouched.into());
    }
    let superseded = !merged.report.superseded.is_empty();
    let bytes = Bytes::These(GoneBack::BySections, to_bytes(&merged.stored)?.into_owned());
    Ok(Before { bytes, given_back, superseded })
}

/// Keeps `Config.xml` as it is beside it, on the disk before it is replaced.
fn keep_superseded(
    profile: &Profile,
    bytes: &[u8],
    folders: &mut UnsyncedFolders,
) -> Result<(), RunError> {
    let place = profile.place_for_superseded(bytes)?;
    Staged::new(&place, bytes, Access::OwnerOnly)
        .and_then(|staged| staged.place(folders))
        .map_err(|source| RunError::unwritten(&place, source))?;
    sync(folders)
}

fn sync(folders: &mut UnsyncedFolders) -> Result<(), RunError> {
    folders.sync().map_err(|(path, source)| RunError::unwritten(&path, source))
}

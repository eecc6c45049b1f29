//! A phone's folder, looked at and left as it is.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fs4::{FileExt, TryLockError};
use provision_format::{Config, Severity, shown};

use super::checkup::{
    ExaminedLastGood, ExaminedProfile, Findings, Fitness, FolderAccess, LockState, Part,
    ProfileFile, ProfileRole,
};
use crate::code::Code;
use crate::error::RunError;
use crate::event::Note;
use crate::fingerprint::Fingerprint;
use crate::judge::as_part;
use crate::last_good::{LastGood, LastGoodFile};
use crate::profile::Profile;
use crate::run::Options;

/// Looks at the folder as a run would; `binding` says for whom the last good sections have to be.
pub(super) fn examine(
    folder: &Path,
    options: &Options,
    binding: Option<&Fingerprint>,
    findings: &mut Findings,
) -> ExaminedProfile {
    let profile = match Profile::new(folder) {
        Ok(profile) => profile,
        Err(error) => {
            findings.fail(Part::Profile, &error);
            return ExaminedProfile {
                folder: folder.to_owned(),
                access: FolderAccess::Missing,
                sections: None,
                lock: LockState::Unknown,
                files: Vec::new(),
                last_good: None,
                goes_back_to_the_byte: None,
            };
        }
    };
    let access = writable(&profile, findings);
    let files = files(&profile, findings);
    let config = config(&profile, findings);
    if let Err(error) = profile.displaced() {
        findings.fail(Part::Profile, &error);
    }
    ExaminedProfile {
        folder: folder.to_owned(),
        access,
        sections: config.as_ref().map(|config| config.sections().count()),
        lock: lock(&profile.lock, findings),
        files,
        last_good: last_good(&profile, options, binding, findings),
        goes_back_to_the_byte: goes_back(&profile, findings),
    }
}

/// A run replaces `Config.xml` where a link leads, and its own files in the folder.
fn writable(profile: &Profile, findings: &mut Findings) -> FolderAccess {
    let target = fs::canonicalize(&profile.config).ok();
    let target = target.as_deref().and_then(Path::parent);
    for folder in [Some(profile.folder.as_path()), target].into_iter().flatten() {
        match may_replace_files(folder) {
            None => return FolderAccess::Unknown,
            Some(Ok(())) => {}
            Some(Err(error)) => {
                let code = Code::FolderUnwritable;
                let folder = shown(&folder.display().to_string());
                let message = format!("this user cannot replace files in {folder}: {error}");
                let help = Some(as_part(code.mend()));
                findings.push(Part::Profile, Severity::Error, code.as_str(), message, help);
                return FolderAccess::ReadOnly;
            }
        }
    }
    FolderAccess::Writable
}

/// Asks the system and tries nothing.
#[cfg(unix)]
fn may_replace_files(folder: &Path) -> Option<io::Result<()>> {
    use rustix::fs::{Access, access};

    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    Some(access(folder, needed).map_err(io::Error::from))
}

/// What may be done depends on lists of rights here, of which only trying tells.
#[cfg(not(unix))]
fn may_replace_files(_: &Path) -> Option<io::Result<()>> {
    None
}

fn files(profile: &Profile, findings: &mut Findings) -> Vec<ProfileFile> {
    let roles: [(ProfileRole, &PathBuf); 8] = [
        (ProfileRole::Config, &profile.config),
        (ProfileRole::Displaced, &profile.displaced),
        (ProfileRole::Superseded, &profile.superseded),
        (ProfileRole::Original, &profile.original),
        (ProfileRole::LastGood, &profile.last_good),
        (ProfileRole::Previous, &profile.previous_good),
        (ProfileRole::Previous, &profile.previous_config),
        (ProfileRole::Lock, &profile.lock),
    ];
    let mut files = Vec::new();
    for (role, path) in roles {
        let Ok(metadata) = fs::metadata(path) else { continue };
        let mode = mode(&metadata);
        let file = ProfileFile { role, path: path.clone(), bytes: metadata.len(), mode };
        // The lock holds nothing, and what the phone writes is the phone's to protect.
        let holds_secrets = !matches!(role, ProfileRole::Config | ProfileRole::Lock);
        if holds_secrets && file.is_exposed() {
            let path = shown(&path.display().to_string());
            let mode = mode.unwrap_or_default();
            let message =
                format!("{path} may hold passwords, and others can get at it (mode {mode:o})");
            findings.warn(Part::Profile, Code::FileExposed, message);
        }
        files.push(file);
    }
    files
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> Option<u32> {
    None
}

fn config(profile: &Profile, findings: &mut Findings) -> Option<Config> {
    match profile.local() {
        Ok(Some(reading)) => {
            findings.report(Part::Profile, &reading.report);
            Some(reading.value)
        }
        Ok(None) => {
            findings.note(Part::Profile, Note::NoLocalConfig);
            None
        }
        Err(error) => {
            findings.fail(Part::Profile, &error);
            None
        }
    }
}

/// Takes a lock for no longer than a look takes, if there is a file for it.
fn lock(path: &Path, findings: &mut Findings) -> LockState {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return LockState::Free,
        Err(source) => {
            let path = path.to_owned();
            findings.fail(Part::Profile, &RunError::LockUnusable { path, source });
            return LockState::Unknown;
        }
    };
    match FileExt::try_lock_shared(&file) {
        Ok(()) => LockState::Free,
        Err(TryLockError::WouldBlock) => {
            let message = "another run is at work on this profile at this moment";
            findings.warn(Part::Profile, Code::ProfileBusy, message);
            LockState::Held
        }
        Err(TryLockError::Error(_)) => {
            findings.note(Part::Profile, Note::NoLock);
            LockState::Unknown
        }
    }
}

fn last_good(
    profile: &Profile,
    options: &Options,
    binding: Option<&Fingerprint>,
    findings: &mut Findings,
) -> Option<ExaminedLastGood> {
    if options.last_good == LastGood::Off {
        return None;
    }
    let text = match profile.last_good() {
        Ok(text) => text?,
        Err(error) => {
            findings.fail(Part::Profile, &error);
            return None;
        }
    };
    let file = LastGoodFile::parse(&text).filter(|file| file.config().is_some());
    let fitness = match (&file, binding) {
        (None, _) => Fitness::Damaged,
        (Some(_), None) => Fitness::Unknown,
        (Some(file), Some(binding)) if file.is_for(binding) => Fitness::Fit,
        (Some(_), Some(_)) => Fitness::NotOurs,
    };
    match fitness {
        Fitness::Damaged => {
            let message = "what is kept for a start without a server is damaged";
            findings.warn(Part::Profile, Code::LastGoodDamaged, message);
        }
        Fitness::NotOurs => {
            let message = "what is kept for a start without a server is for another user, other servers or sections";
            findings.warn(Part::Profile, Code::LastGoodNotOurs, message);
        }
        _ => {}
    }
    let age = file.map(|file| file.age(SystemTime::now())).unwrap_or_default();
    Some(ExaminedLastGood { age, fitness })
}

fn goes_back(profile: &Profile, findings: &mut Findings) -> Option<bool> {
    let original = match profile.original() {
        Ok(original) => original?,
        Err(error) => {
            findings.fail(Part::Profile, &error);
            return None;
        }
    };
    // That `Config.xml` cannot be read has been found.
    let config = Profile::bytes(&profile.config).ok()?.unwrap_or_default();
    Some(original.counts_for(&config))
}

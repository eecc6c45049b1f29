//! System calls that concern a phone's folder: which, on which file, with which result. Registers are those
//! of x86-64.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::libc::{self, c_long};
use nix::sys::ptrace;
use nix::unistd::Pid;

use super::tracer::{Moment, Stop};

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    /// The file, or where a rename begins.
    pub(crate) file: PathBuf,
    /// Where a rename or a link leads.
    pub(crate) to: Option<PathBuf>,
    /// How a file is opened, or locked; 0 for every other call.
    pub(crate) flags: i32,
    /// With which permissions it is made.
    pub(crate) mode: u32,
}

/// A call with its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) call: Call,
    /// Below 0 an error.
    pub(crate) result: i64,
}

/// Takes down the calls that concern a folder or a file in it.
pub(crate) struct Recorder {
    folder: PathBuf,
    /// Calls that are being made, each by its thread.
    begun: Vec<(Pid, Call)>,
    pub(crate) done: Vec<Done>,
}

impl Recorder {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), begun: Vec::new(), done: Vec::new() }
    }

    pub(crate) fn look(&mut self, stop: &Stop) -> io::Result<()> {
        match stop.moment {
            Moment::Entry => {
                if let Some(call) = Call::at(stop.thread, &self.folder)? {
                    self.begun.push((stop.thread, call));
                }
            }
            Moment::Exit => {
                let begun = self.begun.iter().position(|(thread, _)| *thread == stop.thread);
                if let Some(begun) = begun {
                    let (_, call) = self.begun.remove(begun);
                    let registers = ptrace::getregs(stop.thread)?;
                    self.done.push(Done { call, result: registers.rax as i64 });
                }
            }
        }
        Ok(())
    }
}

impl Call {
    /// The call that a thread is about to make, if it concerns `folder`.
    pub(crate) fn at(thread: Pid, folder: &Path) -> io::Result<Option<Self>> {
        let registers = ptrace::getregs(thread)?;
        let number = c_long::try_from(registers.orig_rax as i64).unwrap_or(-1);
        let Some((_, name, places)) = CALLS.iter().find(|(known, ..)| *known == number) else {
            return Ok(None);
        };
        let arguments = Arguments {
            thread,
            values: [
                registers.rdi,
                registers.rsi,
                registers.rdx,
                registers.r10,
                registers.r8,
                registers.r9,
            ],
        };
        let mut files = Vec::new();
        for place in *places {
            files.extend(arguments.file(*place)?);
        }
        if !files.iter().any(|file| file.starts_with(folder)) {
            return Ok(None);
        }
        let opening = match *name {
            "open" => Some(1),
            "openat" => Some(2),
            _ => None,
        };
        // Flags and permissions are 32 bits wide.
        let locking = (*name == "flock").then_some(1);
        let flags = opening.or(locking).map_or(0, |at| arguments.values[at] as i32);
        let makes = opening.filter(|_| flags & libc::O_CREAT != 0);
        let mode = makes.map_or(0, |at| arguments.values[at + 1] as u32);
        let mut files = files.into_iter();
        let Some(file) = files.next() else { return Ok(None) };
        Ok(Some(Self { name, file, to: files.next(), flags, mode }))
    }

    /// Whether a lock is given up, which ends with the process in any case.
    pub(crate) fn unlocks(&self) -> bool {
        self.name == "flock" && self.flags & libc::LOCK_UN != 0
    }

    pub(crate) fn opens(&self) -> bool {
        matches!(self.name, "open" | "openat" | "creat")
    }

    pub(crate) fn writes(&self) -> bool {
        matches!(
            self.name,
            "write"
                | "pwrite64"
                | "writev"
                | "ftruncate"
                | "truncate"
                | "copy_file_range"
                | "sendfile"
        )
    }

    pub(crate) fn syncs(&self) -> bool {
        matches!(self.name, "fsync" | "fdatasync")
    }

    pub(crate) fn renames(&self) -> bool {
        self.name.starts_with("rename")
    }

    pub(crate) fn removes(&self) -> bool {
        self.name.starts_with("unlink")
    }
}

/// Makes the call fail that `thread` is about to make: the system does nothing. At the call's exit
/// [`answer`] has to say so.
pub(crate) fn suppress(thread: Pid) -> io::Result<()> {
    let mut registers = ptrace::getregs(thread)?;
    registers.orig_rax = u64::MAX;
    Ok(ptrace::setregs(thread, registers)?)
}

/// What the call's result is.
pub(crate) fn answer(thread: Pid, error: nix::errno::Errno) -> io::Result<()> {
    let mut registers = ptrace::getregs(thread)?;
    registers.rax = i64::from(-(error as i32)) as u64;
    Ok(ptrace::setregs(thread, registers)?)
}

/// Where a call says which file it is about.
#[derive(Clone, Copy)]
enum Place {
    /// A path in this argument.
    Path(usize),
    /// A path in the second argument, beginning in the folder that the first one has open.
    At(usize, usize),
    /// An open file.
    Open(usize),
}

struct Arguments {
    thread: Pid,
    values: [u64; 6],
}

impl Arguments {
    fn file(&self, place: Place) -> io::Result<Option<PathBuf>> {
        match place {
            Place::Path(path) => self.path(path, None),
            Place::At(folder, path) => self.path(path, Some(folder)),
            Place::Open(file) => Ok(self.open_file(file)),
        }
    }

    fn path(&self, at: usize, folder: Option<usize>) -> io::Result<Option<PathBuf>> {
        let address = self.values[at];
        if address == 0 {
            // A file by its descriptor alone, as some calls have it.
            return Ok(folder.and_then(|folder| self.open_file(folder)));
        }
        let path = PathBuf::from(OsString::from_vec(self.text(address)?));
        if path.is_absolute() {
            return Ok(Some(path));
        }
        let base = match folder.map(|folder| (folder, self.descriptor(folder))) {
            None | Some((_, libc::AT_FDCWD)) => {
                fs::read_link(format!("/proc/{}/cwd", self.thread)).ok()
            }
            Some((folder, _)) => self.open_file(folder),
        };
        let is_itself = path.as_os_str().is_empty();
        Ok(base.map(|base| if is_itself { base } else { base.join(path) }))
    }

    fn descriptor(&self, at: usize) -> i32 {
        self.values[at] as i32
    }

    /// None of what is no file, or is not open.
    fn open_file(&self, at: usize) -> Option<PathBuf> {
        let descriptor = self.descriptor(at);
        fs::read_link(format!("/proc/{}/fd/{descriptor}", self.thread)).ok()
    }

    /// A text up to its NUL, from the memory of the process.
    fn text(&self, address: u64) -> io::Result<Vec<u8>> {
        let memory = File::open(format!("/proc/{}/mem", self.thread))?;
        let mut text = Vec::new();
        let mut piece = [0; 64];
        while text.len() < MOST_TEXT {
            let offset = address + text.len() as u64;
            // Not over the end of a page: the next one may not be there.
            let room = PAGE - usize::try_from(offset % PAGE as u64).unwrap_or(0);
            let read = memory.read_at(&mut piece[..room.min(64)], offset)?;
            let end = piece[..read].iter().position(|byte| *byte == 0);
            text.extend(&piece[..end.unwrap_or(read)]);
            if end.is_some() || read == 0 {
                break;
            }
        }
        Ok(text)
    }
}

const PAGE: usize = 4096;
const MOST_TEXT: usize = libc::PATH_MAX as usize;

const FILE: &[Place] = &[Place::Open(0)];
const PATH: &[Place] = &[Place::Path(0)];
const AT: &[Place] = &[Place::At(0, 1)];

/// Every call that does something with a file.
const CALLS: &[(c_long, &str, &[Place])] = &[
    (libc::SYS_open, "open", PATH),
    (libc::SYS_creat, "creat", PATH),
    (libc::SYS_openat, "openat", AT),
    (libc::SYS_read, "read", FILE),
    (libc::SYS_pread64, "pread64", FILE),
    (libc::SYS_readv, "readv", FILE),
    (libc::SYS_write, "write", FILE),
    (libc::SYS_pwrite64, "pwrite64", FILE),
    (libc::SYS_writev, "writev", FILE),
    (libc::SYS_lseek, "lseek", FILE),
    (libc::SYS_close, "close", FILE),
    (libc::SYS_fsync, "fsync", FILE),
    (libc::SYS_fdatasync, "fdatasync", FILE),
    (libc::SYS_ftruncate, "ftruncate", FILE),
    (libc::SYS_truncate, "truncate", PATH),
    (libc::SYS_fallocate, "fallocate", FILE),
    (libc::SYS_copy_file_range, "copy_file_range", &[Place::Open(2)]),
    (libc::SYS_sendfile, "sendfile", FILE),
    (libc::SYS_flock, "flock", FILE),
    (libc::SYS_fcntl, "fcntl", FILE),
    (libc::SYS_getdents64, "getdents64", FILE),
    (libc::SYS_rename, "rename", &[Place::Path(0), Place::Path(1)]),
    (libc::SYS_renameat, "renameat", &[Place::At(0, 1), Place::At(2, 3)]),
    (libc::SYS_renameat2, "renameat2", &[Place::At(0, 1), Place::At(2, 3)]),
    (libc::SYS_link, "link", &[Place::Path(0), Place::Path(1)]),
    (libc::SYS_linkat, "linkat", &[Place::At(0, 1), Place::At(2, 3)]),
    (libc::SYS_symlink, "symlink", &[Place::Path(1)]),
    (libc::SYS_symlinkat, "symlinkat", &[Place::At(1, 2)]),
    (libc::SYS_unlink, "unlink", PATH),
    (libc::SYS_unlinkat, "unlinkat", AT),
    (libc::SYS_mkdir, "mkdir", PATH),
    (libc::SYS_mkdirat, "mkdirat", AT),
    (libc::SYS_rmdir, "rmdir", PATH),
    (libc::SYS_chmod, "chmod", PATH),
    (libc::SYS_fchmod, "fchmod", FILE),
    (libc::SYS_fchmodat, "fchmodat", AT),
    (libc::SYS_fchmodat2, "fchmodat2", AT),
    (libc::SYS_chown, "chown", PATH),
    (libc::SYS_lchown, "lchown", PATH),
    (libc::SYS_fchown, "fchown", FILE),
    (libc::SYS_fchownat, "fchownat", AT),
    (libc::SYS_stat, "stat", PATH),
    (libc::SYS_lstat, "lstat", PATH),
    (libc::SYS_fstat, "fstat", FILE),
    (libc::SYS_newfstatat, "newfstatat", AT),
    (libc::SYS_statx, "statx", AT),
    (libc::SYS_statfs, "statfs", PATH),
    (libc::SYS_fstatfs, "fstatfs", FILE),
    (libc::SYS_access, "access", PATH),
    (libc::SYS_faccessat, "faccessat", AT),
    (libc::SYS_faccessat2, "faccessat2", AT),
    (libc::SYS_readlink, "readlink", PATH),
    (libc::SYS_readlinkat, "readlinkat", AT),
    (libc::SYS_utimensat, "utimensat", AT),
];

//! A program under ptrace: every thread of it stops before and after each of its system calls, and somebody
//! looks at it then, or ends it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

use nix::errno::Errno;
use nix::libc::pid_t;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, killpg, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::random::Random;

/// A thread that stands still at a system call.
pub(crate) struct Stop {
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "only whoever reads registers asks for it")
    )]
    pub(crate) thread: Pid,
    pub(crate) moment: Moment,
    /// From 0, over all threads.
    pub(crate) number: usize,
}

/// Where in a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Nothing of it is done.
    Entry,
    /// All of it is done, and the program does not know.
    Exit,
}

/// What happens after a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    GoOn,
    /// The program is killed where it stands.
    Kill,
    /// The thread goes on, and the program is killed at the same time: within a call or between two.
    GoOnAndKill,
}

/// How fast the threads of a program are, one beside the other.
pub(crate) enum Timing {
    /// As the system has it.
    Natural,
    /// Now and then one is held back while others go on.
    Shuffled(Random),
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// How often any thread stood still.
    pub(crate) stops: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Exited(i32),
    Signaled(Signal),
}

/// Becomes `program`, traced by the parent process. Returns only if that fails.
///
/// A process can ask for being traced only by itself, before it becomes another program; so the campaign's own
/// program is started first.
pub fn become_traced(program: OsString, arguments: impl Iterator<Item = OsString>) -> io::Error {
    let stop = || -> nix::Result<()> {
        ptrace::traceme()?;
        raise(Signal::SIGSTOP)
    };
    match stop() {
        Ok(()) => Command::new(program).args(arguments).exec(),
        Err(error) => error.into(),
    }
}

/// Runs `command`, which has to call [`become_traced`], and shows every stop of every thread to `visit`.
/// Stops are counted from the moment at which the program is loaded.
pub(crate) fn trace(
    command: &mut Command,
    timing: &mut Timing,
    mut visit: impl FnMut(&Stop) -> io::Result<Then>,
) -> io::Result<Ended> {
    let child = command.process_group(0).spawn()?;
    let leader = Pid::from_raw(pid_t::try_from(child.id()).map_err(io::Error::other)?);
    match waitpid(leader, Some(WaitPidFlag::__WALL | WaitPidFlag::WUNTRACED))? {
        WaitStatus::Stopped(_, Signal::SIGSTOP) => {}
        other => {
            let message = format!("this system does not let a child process be traced: {other:?}");
            return Err(io::Error::other(message));
        }
    }
    ptrace::setoptions(
        leader,
        Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL,
    )?;
    let mut tracing = Tracing {
        leader,
        moments: HashMap::from([(leader, Moment::Exit)]),
        held: Vec::new(),
        is_loaded: false,
        stops: 0,
    };
    resume(leader, None)?;
    let ended = tracing.follow(timing, &mut visit);
    if ended.is_err() {
        // What is not followed any more must not go on by itself.
        let _ = killpg(leader, Signal::SIGKILL);
        while waitpid(None, Some(OWN_THREADS)).is_ok() {}
    }
    ended
}

struct Tracing {
    leader: Pid,
    /// Where every thread stood still last.
    moments: HashMap<Pid, Moment>,
    /// Threads that are held back.
    held: Vec<Pid>,
    is_loaded: bool,
    stops: usize,
}

impl Tracing {
    fn follow(
        &mut self,
        timing: &mut Timing,
        visit: &mut impl FnMut(&Stop) -> io::Result<Then>,
    ) -> io::Result<Ended> {
        let mut end = None;
        // The leader ends last; who comes behind it is a process of its own, and is killed as well.
        loop {
            match self.next() {
                Ok(WaitStatus::PtraceSyscall(thread)) => self.stopped(thread, timing, visit)?,
                Ok(WaitStatus::PtraceEvent(thread, _, event)) => {
                    self.is_loaded |= event == nix::libc::PTRACE_EVENT_EXEC;
                    resume(thread, None)?;
                }
                Ok(WaitStatus::Stopped(thread, signal)) => {
                    // A new thread begins by standing still.
                    let is_new = !self.moments.contains_key(&thread);
                    self.moments.entry(thread).or_insert(Moment::Exit);
                    let drop = is_new && signal == Signal::SIGSTOP || signal == Signal::SIGTRAP;
                    resume(thread, if drop { None } else { Some(signal) })?;
                }
                Ok(WaitStatus::Exited(thread, status)) => {
                    self.gone(thread, Status::Exited(status), &mut end);
                }
                Ok(WaitStatus::Signaled(thread, signal, _)) => {
                    self.gone(thread, Status::Signaled(signal), &mut end);
                }
                Ok(_) => {}
                Err(Errno::ECHILD) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let status = end.ok_or_else(|| io::Error::other("the program is gone without an end"))?;
        Ok(Ended { status, stops: self.stops })
    }

    /// The next thing that happens to any thread. Those that are held back go on when nothing else happens.
    fn next(&mut self) -> nix::Result<WaitStatus> {
        while !self.held.is_empty() {
            for _ in 0..PATIENCE {
                match waitpid(None, Some(OWN_THREADS | WaitPidFlag::WNOHANG))? {
                    WaitStatus::StillAlive => thread::yield_now(),
                    status => return Ok(status),
                }
            }
            let thread = self.held.remove(0);
            resume(thread, None)?;
        }
        waitpid(None, Some(OWN_THREADS))
    }

    fn stopped(
        &mut self,
        thread: Pid,
        timing: &mut Timing,
        visit: &mut impl FnMut(&Stop) -> io::Result<Then>,
    ) -> io::Result<()> {
        let moment = match self.moments.insert(thread, Moment::Entry) {
            Some(Moment::Entry) => Moment::Exit,
            Some(Moment::Exit) | None => Moment::Entry,
        };
        self.moments.insert(thread, moment);
        if !self.is_loaded {
            return Ok(resume(thread, None)?);
        }
        let number = self.stops;
        self.stops += 1;
        if number > MOST_STOPS {
            return Err(io::Error::other("the program makes system calls without an end"));
        }
        let is_held = match timing {
            Timing::Natural => false,
            Timing::Shuffled(random) => self.moments.len() > 1 && random.below(4) == 0,
        };
        match visit(&Stop { thread, moment, number })? {
            Then::GoOn if is_held => self.held.push(thread),
            Then::GoOn => resume(thread, None)?,
            Then::Kill => killpg(self.leader, Signal::SIGKILL)?,
            Then::GoOnAndKill => {
                resume(thread, None)?;
                killpg(self.leader, Signal::SIGKILL)?;
            }
        }
        Ok(())
    }

    fn gone(&mut self, thread: Pid, status: Status, end: &mut Option<Status>) {
        self.moments.remove(&thread);
        self.held.retain(|held| *held != thread);
        if thread == self.leader {
            *end = Some(status);
        }
    }
}

/// Lets a thread go on to its next stop. One that was killed meanwhile is none of ours any more.
fn resume(thread: Pid, signal: Option<Signal>) -> nix::Result<()> {
    match ptrace::syscall(thread, signal) {
        Err(Errno::ESRCH) => Ok(()),
        other => other,
    }
}

/// Only what this thread traces: several campaigns go on beside each other.
const OWN_THREADS: WaitPidFlag = WaitPidFlag::__WALL.union(WaitPidFlag::__WNOTHREAD);

/// How often others are asked for before a thread that is held back goes on.
const PATIENCE: usize = 16;

/// More than a run ever has.
const MOST_STOPS: usize = 200_000;

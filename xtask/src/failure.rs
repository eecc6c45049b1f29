//! Why a chore did not succeed, and what to do about it.

use std::error::Error;
use std::process::{ExitCode, ExitStatus};
use std::{fmt, io};

/// A chore that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong; the usage text is printed beside it.
    Usage { message: String },
    /// A program could not be started.
    Start { program: String, source: io::Error, advice: &'static str },
    /// A program ran and ended in failure; it has said itself why.
    Ended { command: String, status: ExitStatus, advice: &'static str },
    /// A program's output is not what it is documented to be.
    Output { command: String, message: String },
    /// A file or folder of the workspace cannot be read.
    Read { path: String, source: io::Error },
    /// A file or folder cannot be written.
    Write { path: String, source: io::Error },
    /// What an earlier run left cannot be removed.
    Remove { path: String, source: io::Error },
    /// Rules of `tidy` are broken; the findings are printed already.
    Untidy { findings: usize },
    /// Fuzzing found an input that breaks a target.
    Found { target: &'static str, path: String },
    /// Goals of benchmarks are missed; the table says which.
    Missed { missed: usize, goals: usize },
    /// A step of the gate failed.
    Step { name: &'static str, cause: Box<Failure> },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into() }
    }

    /// 2 for wrong usage, a failed program's own status, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } => ExitCode::from(2),
            Self::Ended { status, .. } => status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .map_or(ExitCode::FAILURE, ExitCode::from),
            Self::Step { .. }
            | Self::Start { .. }
            | Self::Output { .. }
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Remove { .. }
            | Self::Found { .. }
            | Self::Missed { .. }
            | Self::Untidy { .. } => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { message } => out.write_str(message),
            Self::Start { program, source, advice } => {
                write!(out, "`{program}` cannot be started: {source}\n  {advice}")
            }
            Self::Ended { command, status, advice } => {
                write!(out, "`{command}` failed ({status})\n  {advice}")
            }
            Self::Output { command, message } => {
                write!(out, "`{command}` printed what was not expected: {message}")
            }
            Self::Read { path, source } => write!(out, "{path} cannot be read: {source}"),
            Self::Write { path, source } => write!(out, "{path} cannot be written: {source}"),
            Self::Remove { path, source } => write!(out, "{path} cannot be removed: {source}"),
            Self::Untidy { findings: 1 } => out.write_str("1 finding"),
            Self::Untidy { findings } => write!(out, "{findings} findings"),
            Self::Found { target, path } => write!(
                out,
                "the target `{target}` fails on {path}\n  \
                 Mend it, minimise the input (`cargo fuzz tmin`) and put it into fuzz/corpus/{target}."
            ),
            Self::Missed { missed, goals } => write!(
                out,
                "{missed} of {goals} goals are missed\n  docs/performance.md says what limits them."
            ),
            Self::Step { name, cause } => {
                write!(out, "the step `{name}` failed: {cause}\n  alone: cargo xtask ci {name}")
            }
        }
    }
}

impl Error for Failure {}

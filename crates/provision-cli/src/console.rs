//! Everything for people goes to standard error (spec 8.4).

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use provision::format::shown;

use crate::exit::Exit;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// A line a step, and warnings.
    Normal,
    /// The trace by stage, the sections, and what findings mean too.
    Trace,
}

/// Standard error, at a verbosity.
///
/// That nobody reads it must not end a run, so failures to write are passed over.
#[derive(Debug)]
pub(crate) struct Console {
    verbosity: Verbosity,
}

impl Console {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    pub(crate) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Said unless only errors are wanted.
    pub(crate) fn say(&mut self, line: impl Display) {
        self.write(Verbosity::Normal, &line);
    }

    /// Said when the trace is wanted.
    pub(crate) fn trace(&mut self, line: impl Display) {
        self.write(Verbosity::Trace, &line);
    }

    /// Always said.
    pub(crate) fn error(&mut self, line: impl Display) {
        self.write(Verbosity::Quiet, &line);
    }

    /// Says what went wrong, in the last line, which is fit for a ticket (spec 8.6).
    pub(crate) fn fail(&mut self, exit: Exit, message: &str) -> Exit {
        self.error(format!("error: {message} (exit status {})", exit as u8));
        exit
    }

    fn write(&self, least: Verbosity, line: &dyn Display) {
        if self.verbosity >= least {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }
}

/// Writes data to standard output. A reader that has read enough and gone is no failure.
pub(crate) fn write_data(data: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A path on one line, without controls.
pub(crate) fn path(path: &Path) -> String {
    shown(&path.display().to_string())
}

//! Everything for people goes to standard error (spec 8.4).

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use provision::format::shown;

use crate::clock::utc;
use crate::exit::Exit;
use crate::lines::Look;
use crate::output::Color;

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
#[derive(Clone, Debug)]
pub(crate) struct Console {
    verbosity: Verbosity,
    look: Look,
    stamps: Stamps,
    /// How many columns of the last line are taken by a text that is to go before another is said.
    passing: usize,
}

/// What stands in front of every line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamps {
    Nothing,
    /// The time in UTC, for what goes on for days.
    Time,
}

impl Console {
    pub(crate) fn new(verbosity: Verbosity, color: Color) -> Self {
        Self {
            verbosity,
            look: Look::of_standard_error(color),
            stamps: Stamps::Nothing,
            passing: 0,
        }
    }

    pub(crate) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// From now on every line has this in front.
    pub(crate) fn stamp(&mut self, stamps: Stamps) {
        self.stamps = stamps;
    }

    /// Shows a text of `columns` on the last line of a terminal, in place of the last one. It goes when something is
    /// said. Errors alone are wanted: then it is not shown.
    pub(crate) fn show_passing(&mut self, text: &str, columns: usize) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        let text: String = text.chars().take(columns.saturating_sub(1)).collect();
        let (width, before) = (text.chars().count(), self.passing);
        let _ = write!(io::stderr().lock(), "\r{text:<before$}\r{text}");
        self.passing = width;
    }

    /// Takes that text away.
    pub(crate) fn clear_passing(&mut self) {
        if self.passing > 0 {
            // Behind it stand the marks of a key that was pressed, such as `^C`.
            let _ = write!(io::stderr().lock(), "\r{:1$}\r", "", self.passing + 2);
            self.passing = 0;
        }
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

    fn write(&mut self, least: Verbosity, line: &dyn Display) {
        if self.verbosity < least {
            return;
        }
        self.clear_passing();
        let mut stderr = io::stderr().lock();
        let _ = match self.stamps {
            // Standard error has no buffer, and each piece of a line would be written by itself.
            Stamps::Nothing => {
                let text = self.look.of(line.to_string()) + "\n";
                stderr.write_all(text.as_bytes())
            }
            Stamps::Time => {
                let (time, text) = (utc(SystemTime::now()), line.to_string());
                let stamped = text.lines().filter(|line| !line.is_empty());
                let stamped: String = stamped.map(|line| format!("{time} {line}\n")).collect();
                stderr.write_all(stamped.as_bytes())
            }
        };
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

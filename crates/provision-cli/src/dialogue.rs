//! Questions to a person. Nothing here knows of a terminal.

use std::io::{self, BufRead, Write};

use provision::format::Secret;

/// A person who is asked.
pub(crate) struct Dialogue<'a> {
    /// The answers, a line each.
    pub(crate) input: &'a mut dyn BufRead,
    /// The questions.
    pub(crate) output: &'a mut dyn Write,
    /// Writes a question to the output, reads a line that is not shown, and ends the line on the screen. It must hide what is
    /// typed before it asks.
    pub(crate) hidden: &'a mut dyn FnMut(&str, &mut dyn Write) -> io::Result<Secret>,
}

/// Why there are no more answers.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The person wants it all to end.
    Interrupted,
    /// The person gives no answer.
    Declined,
    /// The terminal cannot be read or written.
    Unusable(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Interrupted => Self::Interrupted,
            io::ErrorKind::UnexpectedEof => Self::Declined,
            _ => Self::Unusable(error),
        }
    }
}

impl Dialogue<'_> {
    /// A line, less the white space around it; an empty one is the default.
    pub(crate) fn answer(&mut self, text: &str, default: Option<&str>) -> Result<String, Stopped> {
        let shown = default.map(|default| format!(" [{default}]")).unwrap_or_default();
        write!(self.output, "{text}{shown}: ")?;
        self.output.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            // The next line of the terminal must not stand behind the question.
            writeln!(self.output)?;
            return Err(Stopped::Declined);
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { default.unwrap_or("") } else { answer }.to_owned())
    }

    /// A line that is not shown, as it is.
    pub(crate) fn hidden(&mut self, text: &str) -> Result<Secret, Stopped> {
        Ok((self.hidden)(&format!("{text}: "), self.output)?)
    }

    pub(crate) fn tell(&mut self, line: &str) -> Result<(), Stopped> {
        Ok(writeln!(self.output, "{line}")?)
    }
}

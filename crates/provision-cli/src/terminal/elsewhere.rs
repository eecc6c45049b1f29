//! Questions to a console that does not show what is typed, where it belongs to whoever reads from it.

use std::io::{self, Write};

use provision::format::Secret;

/// Whether what is typed is shown. The end of a process ends what it has asked of the console.
#[derive(Clone, Debug, Default)]
pub(super) struct Echo {}

impl Echo {
    /// Asks for a line, and reads it without showing it. The end of the answer ends the line on the screen.
    pub(super) fn read_hidden(&self, question: &str, output: &mut dyn Write) -> io::Result<Secret> {
        write!(output, "{question}")?;
        output.flush()?;
        rpassword::read_password().map(Secret::new)
    }

    /// There is nothing to be put back.
    pub(super) fn give_up(&self) {}
}

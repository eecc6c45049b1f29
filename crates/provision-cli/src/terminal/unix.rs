//! Questions to a terminal that does not show what is typed, where terminals are files.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use provision::format::Secret;
use rpassword::ConfigBuilder;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// Whether what is typed is shown. The one who asks and the one who hears of signals share it, and nobody else changes the
/// terminal: whatever the one is at, once the other has given up, it stays as it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Echo(Arc<Mutex<Typing>>);

#[derive(Debug, Default)]
enum Typing {
    #[default]
    Shown,
    Hidden {
        terminal: File,
        before: Termios,
    },
    /// It is shown, and stays so.
    GivenUp,
}

impl Echo {
    /// Asks for a line once nothing is shown any more, and reads it. An answer, or none, ends the line on the screen.
    pub(super) fn read_hidden(&self, question: &str, output: &mut dyn Write) -> io::Result<Secret> {
        // The terminal of the process, as whoever types knows it.
        let keyboard = File::open("/dev/tty")?;
        self.hide(keyboard.try_clone()?)?;
        let answer = ask(question, output, keyboard);
        show(&mut self.typing());
        // Where it is broken off, whoever gives it up ends the line.
        match &answer {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => writeln!(output)?,
        }
        answer
    }

    /// Makes the terminal as it was, for good.
    pub(super) fn give_up(&self) {
        let mut typing = self.typing();
        show(&mut typing);
        *typing = Typing::GivenUp;
    }

    fn hide(&self, terminal: File) -> io::Result<()> {
        let mut typing = self.typing();
        if matches!(*typing, Typing::GivenUp) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let before = tcgetattr(&terminal)?;
        let mut hidden = before.clone();
        // Every key is read at once: whoever reads them edits the line, and makes a signal of Ctrl-C.
        hidden
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &hidden)?;
        *typing = Typing::Hidden { terminal, before };
        Ok(())
    }

    fn typing(&self) -> MutexGuard<'_, Typing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(typing: &mut Typing) {
    if let Typing::Hidden { terminal, before } = typing {
        // A terminal that has gone needs nothing.
        let _ = tcsetattr(terminal, OptionalActions::Now, before);
        *typing = Typing::Shown;
    }
}

/// Given a reader and not a path, rpassword leaves the terminal as it is.
fn ask(question: &str, output: &mut dyn Write, keyboard: File) -> io::Result<Secret> {
    write!(output, "{question}")?;
    output.flush()?;
    let config = ConfigBuilder::new().input_reader(keyboard).output_discard().build();
    rpassword::read_password_with_config(config).map(Secret::new)
}

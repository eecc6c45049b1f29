//! The terminal at which somebody sits, if one does.

#[cfg(unix)]
use std::fs::File;
use std::io::{self, IsTerminal};

use provision::format::Secret;
#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::dialogue::{Dialogue, Stopped};

/// Whether somebody is there to be asked (spec 8.7).
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Talks to whoever sits there. It blocks this thread.
pub(crate) fn talk<T>(
    talk: impl FnOnce(&mut Dialogue<'_>) -> Result<T, Stopped>,
) -> Result<T, Stopped> {
    let mut dialogue = Dialogue {
        input: &mut io::stdin().lock(),
        output: &mut io::stderr(),
        hidden: &mut || rpassword::read_password().map(Secret::new),
    };
    talk(&mut dialogue)
}

/// How the terminal was before a question. It is so again when this goes.
///
/// Whoever reads what is not shown puts that back, but not where a signal ends the process meanwhile.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Manners(Option<(File, Termios)>);

#[cfg(unix)]
impl Manners {
    pub(crate) fn keep() -> Self {
        // The terminal of the process, as that which reads takes it.
        let terminal = File::open("/dev/tty").ok();
        Self(terminal.and_then(|terminal| {
            let manners = tcgetattr(&terminal).ok()?;
            Some((terminal, manners))
        }))
    }
}

#[cfg(unix)]
impl Drop for Manners {
    fn drop(&mut self) {
        if let Some((terminal, manners)) = &self.0 {
            // A terminal that has gone needs none.
            let _ = tcsetattr(terminal, OptionalActions::Now, manners);
        }
    }
}

/// There is nothing to be put back by this process elsewhere.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Manners;

#[cfg(not(unix))]
impl Manners {
    pub(crate) fn keep() -> Self {
        Self
    }
}

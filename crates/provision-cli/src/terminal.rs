//! The terminal at which somebody sits, if one does.

#[cfg(unix)]
use std::fs::File;
use std::future::pending;
use std::io::{self, IsTerminal, Write};

use provision::format::Secret;
#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::dialogue::{Dialogue, Stopped};

/// Whether somebody is there to be asked (spec 8.7).
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Talks to whoever sits there, on a thread of its own: signals are heard meanwhile. Given up, it leaves a terminal that
/// shows what is typed, at the beginning of a line.
pub(crate) async fn talk<T: Send + 'static>(
    talk: impl FnOnce(&mut Dialogue<'_>) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Stopped> {
    let mut manners = Manners::keep();
    let talk = || {
        let mut dialogue = Dialogue {
            input: &mut io::stdin().lock(),
            output: &mut io::stderr(),
            hidden: &mut || rpassword::read_password().map(Secret::new),
        };
        talk(&mut dialogue)
    };
    let result = match tokio::task::spawn_blocking(talk).await {
        // A signal has been raised, too, and ends it.
        Ok(Err(Stopped::Interrupted)) => pending().await,
        Ok(result) => result,
        Err(error) => Err(Stopped::Unusable(io::Error::other(error))),
    };
    manners.line = Line::Ended;
    result
}

/// Where the last question was left.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Open,
    Ended,
}

/// How the terminal was before a question. It is so again when this goes.
///
/// Whoever reads what is not shown puts that back, but not where a signal ends the process meanwhile.
#[derive(Debug)]
struct Manners {
    /// There is nothing to be put back by this process elsewhere.
    #[cfg(unix)]
    before: Option<(File, Termios)>,
    line: Line,
}

impl Manners {
    fn keep() -> Self {
        Self {
            // The terminal of the process, as that which reads takes it.
            #[cfg(unix)]
            before: File::open("/dev/tty").ok().and_then(|terminal| {
                let manners = tcgetattr(&terminal).ok()?;
                Some((terminal, manners))
            }),
            line: Line::Open,
        }
    }
}

impl Drop for Manners {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing.
        #[cfg(unix)]
        if let Some((terminal, manners)) = &self.before {
            let _ = tcsetattr(terminal, OptionalActions::Now, manners);
        }
        if self.line == Line::Open {
            let _ = writeln!(io::stderr());
        }
    }
}

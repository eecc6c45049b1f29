//! The terminal at which somebody sits, if one does.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

use std::future::pending;
use std::io::{self, IsTerminal, Write};

#[cfg(not(unix))]
use self::elsewhere::Echo;
#[cfg(unix)]
use self::unix::Echo;
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
    let mut manners = Manners { echo: Echo::default(), line: Line::Open };
    let echo = manners.echo.clone();
    let talk = move || {
        let mut dialogue = Dialogue {
            input: &mut io::stdin().lock(),
            output: &mut io::stderr(),
            hidden: &mut |question, output| echo.read_hidden(question, output),
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

/// What a question leaves behind when this goes, though the thread that asks it may never end.
#[derive(Debug)]
struct Manners {
    echo: Echo,
    line: Line,
}

impl Drop for Manners {
    fn drop(&mut self) {
        self.echo.give_up();
        if self.line == Line::Open {
            let _ = writeln!(io::stderr());
        }
    }
}

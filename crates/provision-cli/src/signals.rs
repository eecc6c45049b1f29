//! What the system, or the person at the terminal, tells this process by signals.

use std::io;
use std::task::{Context, Poll};

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The person at the terminal wants it to end.
    Interrupt,
    /// The system does.
    Terminate,
    /// Whoever sits there has gone; by custom, a service is to look at everything anew.
    #[cfg_attr(
        windows,
        expect(dead_code, reason = "a console that goes away ends the process there")
    )]
    HangUp,
}

/// The signals of this process. Once there was one of these, they do not end it by themselves any more.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals([(Notice, tokio::signal::unix::Signal); 3]);

#[cfg(unix)]
impl Signals {
    /// Begins to listen. It needs a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self([
            (Notice::Interrupt, signal(SignalKind::interrupt())?),
            (Notice::Terminate, signal(SignalKind::terminate())?),
            (Notice::HangUp, signal(SignalKind::hangup())?),
        ]))
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Notice> {
        let mut arrived = Poll::Pending;
        for (notice, signal) in &mut self.0 {
            if arrived.is_pending() && matches!(signal.poll_recv(context), Poll::Ready(Some(()))) {
                arrived = Poll::Ready(*notice);
            }
        }
        arrived
    }
}

/// The keys and the end of the console, where there are no signals.
#[cfg(windows)]
#[derive(Debug)]
pub(crate) struct Signals {
    keys: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    /// Begins to listen. It needs a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_close};

        Ok(Self { keys: ctrl_c()?, close: ctrl_close()? })
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Notice> {
        if matches!(self.keys.poll_recv(context), Poll::Ready(Some(()))) {
            return Poll::Ready(Notice::Interrupt);
        }
        match self.close.poll_recv(context) {
            Poll::Ready(Some(())) => Poll::Ready(Notice::Terminate),
            _ => Poll::Pending,
        }
    }
}

//! What `provision watch --format json` writes, one object a line. `docs/json.md` explains every field.

use std::io::{self, Write};
use std::time::SystemTime;

use provision::{Hold, Interruption, Outcome, RunCause, WatchEvent};
use serde::Serialize;

use super::{Ending, Listener};
use crate::clock::utc;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, ErrorEntry};
use crate::run::Record;

/// The lines, and what was told of the run that is under way.
#[derive(Default)]
pub(super) struct Lines {
    run: Record,
    cause: Option<&'static str>,
    failure: Option<io::Error>,
}

/// A line.
#[derive(Default, Serialize)]
struct Line<'a> {
    time: String,
    event: &'static str,
    cause: Option<&'static str>,
    after_s: Option<f64>,
    at: Option<String>,
    refresh_rate: Option<u32>,
    run: Option<&'a Record>,
    error: Option<ErrorEntry>,
    exit_status: Option<u8>,
}

impl Lines {
    fn write(&mut self, line: Line<'_>) {
        let line = Line { time: utc(SystemTime::now()), ..line };
        let written = json::line("watch", line).and_then(|line| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&line)?;
            stdout.flush()
        });
        if let Err(error) = written {
            self.failure.get_or_insert(error);
        }
    }

    /// The run that was under way, and why it was made.
    fn write_run(&mut self) {
        let (run, cause) = (std::mem::take(&mut self.run), self.cause.take());
        self.write(Line { event: "run-ended", cause, run: Some(&run), ..Line::default() });
    }
}

impl Listener for Lines {
    fn hear(&mut self, event: &WatchEvent) {
        match event {
            WatchEvent::RunStarted { cause, .. } => {
                self.run = Record::default();
                self.cause = cause_word(*cause);
                self.write(Line { event: "run-started", cause: self.cause, ..Line::default() });
            }
            WatchEvent::Step(event) => self.run.take(event),
            WatchEvent::RunSucceeded(outcome) => {
                if let Outcome::Provisioned(provisioned) = outcome {
                    self.run.provisioned(provisioned);
                }
                self.run.ended(Exit::Done);
                self.write_run();
            }
            WatchEvent::RunFailed(error) => {
                self.run.failed(&Failure::from(error), Some(error));
                self.write_run();
            }
            WatchEvent::RunInterrupted { by, .. } => {
                let cause = match by {
                    Interruption::NewCredentials => Some("new-credentials"),
                    Interruption::Stop => Some("stop"),
                    _ => None,
                };
                self.write(Line { event: "run-interrupted", cause, ..Line::default() });
            }
            WatchEvent::NextRun { cause, after, .. } => self.write(Line {
                event: "next-run",
                cause: cause_word(*cause),
                after_s: Some(after.as_millis() as f64 / 1000.0),
                at: Some(utc(SystemTime::now() + *after)),
                ..Line::default()
            }),
            WatchEvent::NoNextRun => self.write(Line { event: "no-next-run", ..Line::default() }),
            WatchEvent::Held { hold, .. } => {
                let cause = match hold {
                    Hold::Refused => Some("refused"),
                    Hold::Declined => Some("declined"),
                    _ => None,
                };
                self.write(Line { event: "held", cause, ..Line::default() });
            }
            WatchEvent::RateRaised { refresh_rate, .. } => self.write(Line {
                event: "rate-raised",
                refresh_rate: Some(*refresh_rate),
                ..Line::default()
            }),
            _ => {}
        }
    }

    fn note(&mut self, failure: &Failure) {
        let error = Some(failure.into());
        self.write(Line { event: "warning", error, ..Line::default() });
    }

    fn wants_ticks(&self) -> bool {
        false
    }

    fn tick(&mut self) {}

    /// A reader who has read enough and gone wants no more.
    fn failure(&mut self) -> Option<Ending> {
        let error = self.failure.as_ref()?;
        Some(match error.kind() {
            io::ErrorKind::BrokenPipe => Ending::Terminated,
            _ => Ending::Failed(Failure::stdout_unwritable(error)),
        })
    }

    fn ended(&mut self, ending: &Ending) -> Exit {
        let (cause, error) = match ending {
            Ending::Off => ("off", None),
            Ending::Terminated => ("terminated", None),
            Ending::Interrupted => ("interrupted", None),
            Ending::Failed(failure) => ("failed", Some(failure.into())),
            Ending::Refused(failure) => ("refused", Some(failure.into())),
        };
        let (cause, exit_status) = (Some(cause), Some(ending.exit() as u8));
        self.write(Line { event: "ended", cause, error, exit_status, ..Line::default() });
        ending.exit()
    }
}

fn cause_word(cause: RunCause) -> Option<&'static str> {
    Some(match cause {
        RunCause::Start => "start",
        RunCause::Period => "period",
        RunCause::NetworkUp => "network-up",
        RunCause::Requested => "requested",
        RunCause::NewCredentials => "new-credentials",
        // One of a later version of the library.
        _ => return None,
    })
}

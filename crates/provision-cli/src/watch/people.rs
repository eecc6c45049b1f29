//! What a watch tells people.

use std::time::{Duration, Instant, SystemTime};

use provision::{Hold, Interruption, Outcome, RunCause, WatchEvent};

use super::{Ending, Listener, can_change, is_at_terminal};
use crate::arguments::ProvisioningArguments;
use crate::clock::utc;
use crate::console::{Console, Stamps};
use crate::exit::Exit;
use crate::failure::{Failure, explain_error};
use crate::narrator;
use crate::output::{Color, Screen};
use crate::run::tell_provisioned;

/// On a terminal the time to the next run goes by on the last line; elsewhere every line has its time.
pub(super) struct People<'a> {
    console: &'a mut Console,
    color: Color,
    is_terminal: bool,
    /// Whether a changed password file counts after HUP.
    can_change: bool,
    /// When the next run falls due.
    next: Option<Instant>,
    /// What the last run failed of.
    told: Option<String>,
}

impl<'a> People<'a> {
    pub(super) fn new(arguments: &ProvisioningArguments, console: &'a mut Console) -> Self {
        let is_terminal = is_at_terminal();
        if !is_terminal {
            console.stamp(Stamps::Time);
        }
        let can_change = can_change(&arguments.credentials);
        let color = arguments.form.color;
        Self { console, color, is_terminal, can_change, next: None, told: None }
    }
}

impl Listener for People<'_> {
    fn hear(&mut self, event: &WatchEvent) {
        let console = &mut *self.console;
        let how_to_ask = if self.is_terminal { "" } else { HOW_TO_ASK };
        match event {
            WatchEvent::RunStarted { cause, .. } => {
                self.next = None;
                let time = match self.is_terminal {
                    true => format!("{}, ", utc(SystemTime::now())),
                    false => String::new(),
                };
                console.say(format!("run       {time}{}", cause_words(*cause)));
            }
            WatchEvent::Step(event) => narrator::tell(event, console),
            WatchEvent::RunSucceeded(Outcome::Provisioned(provisioned)) => {
                tell_provisioned(provisioned, console);
            }
            WatchEvent::RunFailed(error) => {
                explain_error(error, self.color, console);
                let ticket = Failure::from(error).ticket;
                console.error(format!("error: {ticket}"));
                self.told = Some(ticket);
            }
            WatchEvent::RunInterrupted { by, .. } => {
                let why = match by {
                    Interruption::NewCredentials => "; it is made again with the new password",
                    _ => "",
                };
                console.say(format!("note: the run is given up; files are as they were{why}"));
            }
            WatchEvent::NextRun { after, .. } => {
                self.next = Some(Instant::now() + *after);
                if self.is_terminal {
                    self.tick();
                } else {
                    let time = utc(SystemTime::now() + *after);
                    console.say(format!("next      in {}, at {time}", span_words(*after)));
                }
            }
            WatchEvent::NoNextRun => {
                self.next = None;
                console
                    .say(format!("next      none by itself: there is no refresh rate{how_to_ask}"));
            }
            WatchEvent::Held { hold, .. } => {
                self.next = None;
                match (hold, self.can_change) {
                    (Hold::Refused, true) => console.error(
                        "warning: the servers refuse these credentials, so no run is made by itself; change the password file, then kill -HUP",
                    ),
                    // It ends.
                    (Hold::Refused, false) => {}
                    _ => console.error(format!(
                        "warning: no credentials were given, so no run is made by itself{how_to_ask}"
                    )),
                }
            }
            WatchEvent::RateRaised { refresh_rate, .. } => console
                .say(format!("warning: the refresh rate of {refresh_rate} s is taken as 30 s")),
            _ => {}
        }
    }

    fn note(&mut self, failure: &Failure) {
        self.console.error(format!("warning: {}; going on as before", failure.ticket));
    }

    fn wants_ticks(&self) -> bool {
        self.is_terminal
    }

    fn tick(&mut self) {
        let Some(next) = self.next else { return };
        let left = next.saturating_duration_since(Instant::now());
        let screen = Screen::of_standard_error(self.color);
        let text = format!("next run in {}", span_words(left));
        self.console.show_passing(&text, screen.width);
    }

    fn failure(&mut self) -> Option<Ending> {
        None
    }

    fn ended(&mut self, ending: &Ending) -> Exit {
        self.console.clear_passing();
        match ending {
            // It has been said.
            Ending::Off => {}
            Ending::Terminated => self.console.say("done: ended"),
            Ending::Interrupted => self.console.say("done: interrupted"),
            // The help has been said.
            Ending::Failed(failure) if self.told.as_ref() == Some(&failure.ticket) => {
                let message = format!("no run is to come after the first: {}", failure.ticket);
                return self.console.fail(failure.exit, &message);
            }
            Ending::Failed(failure) => return failure.tell(self.console),
            // So has what its run failed of, but the last line is for a ticket (spec 8.6).
            Ending::Refused(failure) => {
                self.console.error(REFUSED);
                return self.console.fail(failure.exit, &failure.ticket);
            }
        }
        ending.exit()
    }
}

fn cause_words(cause: RunCause) -> &'static str {
    match cause {
        RunCause::Start => "at the start",
        RunCause::Period => "as the refresh rate says",
        RunCause::NetworkUp => "since there is a network",
        RunCause::Requested => "since it was asked for",
        RunCause::NewCredentials => "with a new password",
        _ => "",
    }
}

/// A time in hours, minutes and seconds; what is left of a second counts whole.
fn span_words(span: Duration) -> String {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// Where there is no such signal, nothing can be asked for; at a terminal it ends the watch.
const HOW_TO_ASK: &str = if cfg!(unix) { " (kill -HUP asks for one now)" } else { "" };

const REFUSED: &str = "help: the servers are not asked with these credentials again; start it with others, or as a service with a password file, which may change";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        for (milliseconds, words) in [
            (0, "0 s"),
            (58_001, "59 s"),
            (59_001, "1 min 00 s"),
            (3_599_000, "59 min 59 s"),
            (3_600_000, "1 h 00 min"),
            (90_061_000, "25 h 01 min"),
        ] {
            assert_eq!(span_words(Duration::from_millis(milliseconds)), words);
        }
    }
}

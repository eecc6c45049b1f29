//! `provision watch`: a run, and again as the refresh rate says, until it is told to end (spec 6.2, 8).

mod json;
mod people;

use std::cell::RefCell;
use std::fs;
use std::future::poll_fn;
use std::io::{self, IsTerminal};
use std::panic;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::task::{self, Poll};
use std::time::Duration;

use provision::fetch::{Credentials, Password};
use provision::{
    Context, CredentialSource, Hold, Options, Outcome, RunError, Session, Signals as Phone, Step,
    Watch, WatchEvent,
};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::arguments::{CredentialArguments, ProvisioningArguments};
use crate::console::Console;
use crate::credentials::Inquiry;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Format;
use crate::session;
use crate::signals::{Notice, Signals};

use self::json::Lines;
use self::people::People;

pub(crate) fn watch(arguments: &ProvisioningArguments, console: &mut Console) -> Exit {
    let mut people;
    let mut lines;
    let listener: &mut dyn Listener = match arguments.form.format {
        Format::Human => {
            people = People::new(arguments, console);
            &mut people
        }
        Format::Json => {
            lines = Lines::default();
            &mut lines
        }
    };
    let ending = begin(arguments).and_then(|(context, options)| {
        Ok(session::wait_for(attend(arguments, context, options, listener))?)
    });
    listener.ended(&ending.unwrap_or_else(|ending| ending))
}

/// Who is told what happens.
trait Listener {
    fn hear(&mut self, event: &WatchEvent);

    /// Something that the library knows nothing of did not go as it should.
    fn note(&mut self, failure: &Failure);

    /// Whether `tick` is wanted.
    fn wants_ticks(&self) -> bool;

    /// A second is over.
    fn tick(&mut self);

    /// Why nobody listens any more, if so.
    fn failure(&mut self) -> Option<Ending>;

    fn ended(&mut self, ending: &Ending) -> Exit;
}

/// Why a watch ends.
#[derive(Debug)]
enum Ending {
    /// There is no provisioning file, so there is nothing to do (spec 2.3).
    Off,
    /// The system wants it, or whoever read what it wrote has gone.
    Terminated,
    /// The person at the terminal wants it.
    Interrupted,
    /// It could not begin, or its first run failed and no other is to come.
    Failed(Failure),
    /// The servers refuse the credentials, and no others are to come.
    Refused(Failure),
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Ending {
    /// What a signal means that comes where it is no wish for a run.
    fn by(notice: Notice) -> Self {
        match notice {
            Notice::Terminate => Self::Terminated,
            // The terminal has gone, and with it whoever watched (spec 8.5: no TERM, so this interrupts).
            Notice::Interrupt | Notice::HangUp => Self::Interrupted,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Off | Self::Terminated => Exit::Done,
            Self::Interrupted => Exit::Interrupted,
            Self::Failed(failure) | Self::Refused(failure) => failure.exit,
        }
    }
}

/// What the library is given.
fn begin(arguments: &ProvisioningArguments) -> Result<(Context<'static>, Options), Ending> {
    if arguments.effective.as_deref() == Some(Path::new("-")) {
        let ticket = "the effective configuration of every run would go to standard output";
        return Err(Failure::new(Exit::Usage, "usage", ticket)
            .help("name a file for it, which is replaced as a whole, with --effective")
            .into());
    }
    let profile = session::profile(arguments.profile.as_ref())?;
    let credentials =
        session::credentials_or_signal(&arguments.credentials, arguments.form.format)?
            .map_err(Ending::by)?;
    let effective = arguments.effective.clone();
    let options = Options { effective, ..session::options(arguments) };
    Ok((Context { profile, credentials }, options))
}

/// Lets the library watch, and tells it what the system tells.
async fn attend(
    arguments: &ProvisioningArguments,
    context: Context<'_>,
    options: Options,
    listener: &mut dyn Listener,
) -> Ending {
    let mut ticks = listener.wants_ticks().then(ticks);
    let mut signals = Signals::listen().ok();
    let mut passwords = Passwords::new(&arguments.credentials, &context.credentials);
    let (phone, watch) = Watch::new(Session::new(context, options));
    let can_change = can_change(&arguments.credentials);
    // One that has gone is no terminal any more.
    let is_at_terminal = is_at_terminal();
    let second = Second::Possible(&arguments.credentials);
    let first = First::Pending;
    let state = State { listener, ending: None, first, refusal: None, second, can_change };
    let state = RefCell::new(state);
    let mut question = None;
    let mut watch = pin!(watch.run(|event| state.borrow_mut().hear(&event, &phone)));
    poll_fn(|context| {
        while let Some(Poll::Ready(notice)) = signals.as_mut().map(|all| all.poll(context)) {
            let mut state = state.borrow_mut();
            match notice {
                Notice::HangUp if !is_at_terminal => passwords.look(),
                notice => state.end(Ending::by(notice), &phone),
            }
        }
        while let Poll::Ready(looked) = passwords.poll(context) {
            match looked {
                Ok(Some(credentials)) => phone.new_credentials(credentials),
                Ok(None) => phone.refresh_now(),
                Err(failure) => state.borrow_mut().listener.note(&failure),
            }
        }
        while ticks.as_mut().is_some_and(|ticks| ticks.poll_tick(context).is_ready()) {
            state.borrow_mut().listener.tick();
        }
        loop {
            if let Poll::Ready(end) = watch.as_mut().poll(context) {
                return Poll::Ready(end);
            }
            if let Some(inquiry) = state.borrow_mut().second.begin() {
                question = Some(Box::pin(session::ask(inquiry)));
            }
            let answer = question.as_mut().map(|question| question.as_mut().poll(context));
            let Some(Poll::Ready(answer)) = answer else { return Poll::Pending };
            question = None;
            state.borrow_mut().second = Second::Over;
            match answer {
                Some(credentials) => phone.new_credentials(credentials),
                None => state.borrow_mut().refused(&phone),
            }
        }
    })
    .await;
    let ending = state.borrow_mut().ending.take();
    ending.unwrap_or(Ending::Terminated)
}

/// What decides when it is over.
struct State<'a> {
    listener: &'a mut dyn Listener,
    ending: Option<Ending>,
    first: First,
    /// With what the servers have refused the credentials last.
    refusal: Option<Failure>,
    second: Second<'a>,
    /// Whether other credentials can come.
    can_change: bool,
}

/// Whether the person who typed a password in is asked for another (spec 3.12).
enum Second<'a> {
    Possible(&'a CredentialArguments),
    /// That is to be asked now.
    Due(Inquiry),
    /// That is being asked.
    Open,
    Over,
}

impl Second<'_> {
    /// The servers may have refused what was typed in.
    fn take(&mut self, error: &RunError) {
        if let Self::Possible(arguments) = self {
            if let Some(inquiry) = session::inquiry_after(error, arguments) {
                *self = Self::Due(inquiry);
            }
        }
    }

    /// Whether other credentials may come of it.
    fn is_pending(&self) -> bool {
        matches!(self, Self::Due(_) | Self::Open)
    }

    fn begin(&mut self) -> Option<Inquiry> {
        match std::mem::replace(self, Self::Open) {
            Self::Due(inquiry) => Some(inquiry),
            other => {
                *self = other;
                None
            }
        }
    }
}

/// What is known of the first run.
enum First {
    Pending,
    Failed(Failure),
    Succeeded,
}

impl State<'_> {
    fn hear(&mut self, event: &WatchEvent, phone: &Phone) {
        self.listener.hear(event);
        if let Some(ending) = self.listener.failure() {
            self.end(ending, phone);
        }
        if let WatchEvent::RunFailed(error) = event {
            self.second.take(error);
            self.refusal = error.is_refusal().then(|| Failure::from(error));
        }
        match (event, &mut self.first) {
            (WatchEvent::RunSucceeded(Outcome::Off { .. }), First::Pending) => {
                self.end(Ending::Off, phone);
            }
            (WatchEvent::RunSucceeded(_), first) => *first = First::Succeeded,
            (WatchEvent::RunFailed(error), First::Pending) => {
                let failure = Failure::from(error);
                if is_here(error) {
                    self.end(Ending::Failed(failure), phone);
                } else {
                    self.first = First::Failed(failure);
                }
            }
            (WatchEvent::Held { hold: Hold::Refused, .. }, _)
                if !self.can_change && !self.second.is_pending() =>
            {
                self.refused(phone);
            }
            (WatchEvent::NoNextRun, First::Failed(failure)) => {
                let failure = failure.clone();
                self.end(Ending::Failed(failure), phone);
            }
            _ => {}
        }
    }

    /// Nothing is tried with these credentials again (spec 3.12), and so nothing at all. It ends as that run would
    /// have (spec 8.5).
    fn refused(&mut self, phone: &Phone) {
        if let Some(refusal) = self.refusal.take() {
            self.end(Ending::Refused(refusal), phone);
        }
    }

    /// What comes first counts.
    fn end(&mut self, ending: Ending, phone: &Phone) {
        self.ending.get_or_insert(ending);
        phone.stop();
    }
}

/// Whether whoever started the watch has to change something here: files or credentials.
fn is_here(error: &RunError) -> bool {
    matches!(error.step(), Step::Read | Step::Credentials)
}

/// Whether HUP says that the terminal has gone. It asks a service for a run.
fn is_at_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Whether other credentials can come while it goes on: by the password file, and HUP.
fn can_change(arguments: &CredentialArguments) -> bool {
    cfg!(unix) && !is_at_terminal() && arguments.password_file.as_deref().is_some_and(Path::is_file)
}

/// The password file, which may have another password in it later.
///
/// It is read on a thread of its own: a disk that does not answer must not keep signals from being heard.
struct Passwords<'a> {
    user: &'a str,
    file: Option<&'a PathBuf>,
    last: Option<Password>,
    is_due: bool,
    reading: Option<JoinHandle<Result<Option<Password>, Failure>>>,
}

impl<'a> Passwords<'a> {
    /// What was read from it for the first run is not read again.
    fn new(arguments: &'a CredentialArguments, first: &CredentialSource<'_>) -> Self {
        let last = match first {
            CredentialSource::Given(credentials) => Some(credentials.password().clone()),
            _ => None,
        };
        let user = arguments.user.as_deref().unwrap_or_default();
        let file = arguments.password_file.as_ref();
        Self { user, file, last, is_due: false, reading: None }
    }

    /// It may be another one by now.
    fn look(&mut self) {
        self.is_due = true;
    }

    /// What has come of a look: credentials that are not the last ones, if they are others.
    fn poll(
        &mut self,
        context: &mut task::Context<'_>,
    ) -> Poll<Result<Option<Credentials>, Failure>> {
        if self.reading.is_none() && self.is_due {
            self.is_due = false;
            let file = self.file.cloned();
            self.reading =
                Some(spawn_blocking(|| file.map_or(Ok(None), |file| changeable_password(&file))));
        }
        let Some(reading) = &mut self.reading else { return Poll::Pending };
        let Poll::Ready(read) = Pin::new(reading).poll(context) else { return Poll::Pending };
        self.reading = None;
        let password = match read {
            Ok(Ok(Some(password))) => password,
            Ok(Ok(None)) => return Poll::Ready(Ok(None)),
            Ok(Err(failure)) => return Poll::Ready(Err(failure)),
            Err(error) => panic::resume_unwind(error.into_panic()),
        };
        if self.last.as_ref() == Some(&password) {
            return Poll::Ready(Ok(None));
        }
        self.last = Some(password.clone());
        Poll::Ready(Ok(Some(Credentials::new(self.user, password))))
    }
}

/// A pipe gives its password once, and opening it again waits for whoever writes.
fn changeable_password(file: &Path) -> Result<Option<Password>, Failure> {
    if fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(None);
    }
    session::password_in(file).map(Some)
}

/// Every second.
fn ticks() -> Interval {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

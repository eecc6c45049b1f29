//! What `run`, `watch` and `fetch` have in common: from the arguments to the library's call.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::{panic, process, thread};

use provision::fetch::{
    self, ClientCertificate, Credentials, OnErrorAnswer, Order, Password, Secret, UrlPassword,
};
use provision::{
    CredentialSource, Discovery, Environment, LastGood, Options, Platform, Question, RunError,
    WorkingDirectory,
};
use tokio::task::spawn_blocking;

use crate::arguments::{
    AfterErrorAnswer, CredentialArguments, FetchArguments, PassForm, ProvisioningArguments,
};
use crate::credentials::{Inquiry, Occasion, UserName};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::narrator::server_words;
use crate::output::Format;
use crate::password::NoPassword;
use crate::signals::{Notice, Signals};
use crate::{password, terminal};

/// The file that was named, or a search for one.
pub(crate) fn discovery(named: Option<&PathBuf>) -> Discovery {
    match named {
        Some(file) => Discovery::File(file.clone()),
        None => Discovery::standard(WorkingDirectory::Included),
    }
}

/// The phone's folder: the one that was named, or the usual one.
pub(crate) fn profile(named: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let usual = || Platform::current().profile(&Environment::current());
    named.cloned().or_else(usual).ok_or_else(|| {
        let ticket = "there is no home directory to find the phone's folder in";
        Failure::new(Exit::Usage, "no-home", ticket).help("name it with --profile")
    })
}

/// How a phone is provisioned, but for where the effective configuration goes.
pub(crate) fn options(arguments: &ProvisioningArguments) -> Options {
    Options {
        discovery: discovery(arguments.provision.as_ref()),
        fetch: fetch_options(&arguments.fetch, arguments.credentials.pass),
        last_good: if arguments.no_last_good { LastGood::Off } else { LastGood::Kept },
        ..Options::default()
    }
}

/// Those that were given, or whoever sits at the terminal, if there is one. A password that cannot be read is
/// a failure of local files.
pub(crate) fn credentials(
    arguments: &CredentialArguments,
    format: Format,
) -> Result<CredentialSource<'static>, Failure> {
    credentials_or_signal(arguments, format)?.map_err(|_| interrupted())
}

/// The same, or the signal that came in place of an answer.
pub(crate) fn credentials_or_signal(
    arguments: &CredentialArguments,
    format: Format,
) -> Result<Result<CredentialSource<'static>, Notice>, Failure> {
    let can_ask = !arguments.no_input && format == Format::Human && terminal::is_there();
    let Some(user) = &arguments.user else {
        return Ok(Ok(match can_ask {
            true => CredentialSource::Ask(Box::new(|question| Box::pin(answer(question)))),
            false => CredentialSource::Preset,
        }));
    };
    let password = match given_password(arguments)? {
        Err(notice) => return Ok(Err(notice)),
        Ok(Some(password)) => password,
        Ok(None) if can_ask => {
            let user = UserName::Given(user.clone());
            let inquiry = Inquiry { user, occasion: Occasion::First };
            let no_password = || {
                let ticket = "no password was given";
                Failure::new(Exit::NoCredentials, "credentials-missing", ticket)
                    .help("say --password-stdin or --password-file")
            };
            return match heed_signals(ask(inquiry))? {
                Ok(Some(credentials)) => Ok(Ok(CredentialSource::Given(credentials))),
                Ok(None) => Err(no_password()),
                Err(notice) => Ok(Err(notice)),
            };
        }
        Ok(None) => {
            let ticket = "--user needs a password, and there is nobody to be asked";
            let help = "say --password-stdin or --password-file; --help tells more";
            return Err(Failure::new(Exit::Usage, "usage", ticket).help(help));
        }
    };
    Ok(Ok(CredentialSource::Given(Credentials::new(user, password))))
}

/// The password that was given, if one was, or the signal that came while nobody wrote it to standard input or a pipe.
fn given_password(
    arguments: &CredentialArguments,
) -> Result<Result<Option<Password>, Notice>, Failure> {
    let source = match &arguments.password_file {
        Some(file) if file.is_file() => {
            return password_in(file).map(|password| Ok(Some(password)));
        }
        Some(pipe) => Some(pipe.clone()),
        None if arguments.password_stdin => None,
        None => return Ok(Ok(None)),
    };
    let read = move || match source {
        Some(pipe) => password_in(&pipe),
        None => plain(password::from_stdin()),
    };
    match heed_signals(async { spawn_blocking(read).await })? {
        Ok(Ok(password)) => password.map(|password| Ok(Some(password))),
        Ok(Err(panicked)) => panic::resume_unwind(panicked.into_panic()),
        Err(notice) => Ok(Err(notice)),
    }
}

/// The password in a file. It may be another one each time.
pub(crate) fn password_in(file: &Path) -> Result<Password, Failure> {
    plain(password::from_file(file))
}

fn plain(password: Result<Secret, NoPassword>) -> Result<Password, Failure> {
    password
        .map(Password::Plain)
        .map_err(|error| Failure::new(Exit::LocalFiles, "password-unreadable", error.to_string()))
}

/// Asks once more for credentials that were typed in before the call, if the servers refuse them (spec 3.12). Where
/// the library asks, it does so itself.
pub(crate) async fn credentials_after(
    error: &RunError,
    arguments: &CredentialArguments,
) -> Option<Credentials> {
    ask(inquiry_after(error, arguments)?).await
}

/// What is then asked.
pub(crate) fn inquiry_after(error: &RunError, arguments: &CredentialArguments) -> Option<Inquiry> {
    let is_typed = arguments.password_file.is_none() && !arguments.password_stdin;
    let user = arguments.user.as_ref().filter(|_| is_typed && error.is_refusal())?;
    let message = match error {
        RunError::Fetch(error) => error.server_message(),
        _ => None,
    };
    let occasion = Occasion::Refused(message.map(server_words));
    Some(Inquiry { user: UserName::Likely(user.clone()), occasion })
}

/// Answers a question of the library.
async fn answer(question: Question) -> Option<Credentials> {
    let occasion = match &question.refusal {
        None => Occasion::First,
        Some(refusal) => Occasion::Refused(refusal.message.as_ref().map(server_words)),
    };
    ask(Inquiry { user: UserName::Likely(question.preset_user), occasion }).await
}

/// Asks at the terminal.
pub(crate) async fn ask(inquiry: Inquiry) -> Option<Credentials> {
    terminal::talk(move |dialogue| inquiry.ask(dialogue)).await.ok()
}

/// How the servers are asked.
pub(crate) fn fetch_options(arguments: &FetchArguments, pass: PassForm) -> fetch::Options {
    // Each requires the other.
    let client_files = arguments.client_cert.clone().zip(arguments.client_key.clone());
    let mut options = fetch::Options {
        url_password: match pass {
            PassForm::Md5 => UrlPassword::Md5,
            PassForm::Plain => UrlPassword::Plain,
        },
        extra_ca_files: arguments.ca_file.clone(),
        client_certificate: client_files.map(|(chain, key)| ClientCertificate { chain, key }),
        order: if arguments.sequential { Order::Sequential } else { Order::Staggered },
        on_error_answer: match arguments.on_error_answer {
            AfterErrorAnswer::Next => OnErrorAnswer::Next,
            AfterErrorAnswer::Stop => OnErrorAnswer::Stop,
        },
        ..fetch::Options::default()
    };
    let limits = &mut options.limits;
    limits.connect = arguments.connect_timeout.unwrap_or(limits.connect);
    limits.attempt = arguments.attempt_timeout.unwrap_or(limits.attempt);
    limits.run = arguments.deadline.unwrap_or(limits.run);
    limits.body = arguments.max_body.unwrap_or(limits.body);
    options
}

/// Carries a call of the library out, on this thread. A signal gives it up: its future is dropped, and with it
/// whatever is half-written.
pub(crate) fn carry_out<T>(call: impl Future<Output = T>) -> Result<T, Failure> {
    heed_signals(call)?.map_err(|_| interrupted())
}

/// The same, and says which signal it was.
pub(crate) fn heed_signals<T>(call: impl Future<Output = T>) -> Result<Result<T, Notice>, Failure> {
    wait_for(async {
        // Without means for signals they end the process by themselves.
        let mut signals = Signals::listen().ok();
        let mut call = pin!(call);
        poll_fn(|context| {
            // What is done is done, even if a signal has come meanwhile.
            if let Poll::Ready(result) = call.as_mut().poll(context) {
                return Poll::Ready(Ok(result));
            }
            match signals.as_mut().map(|signals| signals.poll(context)) {
                Some(Poll::Ready(notice)) => Poll::Ready(Err(notice)),
                _ => Poll::Pending,
            }
        })
        .await
    })
}

/// From now on a signal ends this process, whatever its threads wait for, once `tell` has said so. It is for what is no
/// future: standard input, into which nobody may ever write.
pub(crate) fn end_at_signal(tell: impl FnOnce(Failure) -> Exit + Send + 'static) {
    let (ready, listening) = mpsc::channel::<Infallible>();
    let wait = move || {
        let call = async {
            // It is asked once there are means for signals.
            drop(ready);
            pending::<Infallible>().await
        };
        if let Ok(Err(_)) = heed_signals(call) {
            let failure = Failure::new(Exit::Interrupted, "interrupted", "interrupted");
            process::exit(tell(failure) as i32);
        }
    };
    // Without a thread they end the process by themselves.
    if thread::Builder::new().spawn(wait).is_ok() {
        let _ = listening.recv();
    }
}

/// Waits for a future, on this thread.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
            let message = format!("this system gives no means for the network: {error}");
            Failure::new(Exit::LocalFiles, "no-network", message)
        })?;
    let result = runtime.block_on(future);
    // A name resolution that hangs, or a question, must not hold the command back.
    runtime.shutdown_background();
    Ok(result)
}

fn interrupted() -> Failure {
    let ticket = "interrupted; the phone's files are as they were";
    Failure::new(Exit::Interrupted, "interrupted", ticket)
}

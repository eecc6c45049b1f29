//! `provision run`: the whole run (spec 6.1).

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use provision::fetch::{self, Credentials, OnErrorAnswer, Password, UrlPassword};
use provision::format::Config;
use provision::{
    Context, CredentialSource, Discovery, Environment, Options, Outcome, Platform, RunError,
    WorkingDirectory,
};

use crate::arguments::{
    AfterErrorAnswer, CredentialArguments, FetchArguments, PassForm, RunArguments,
};
use crate::console::Console;
use crate::exit::Exit;
use crate::findings;
use crate::narrator::{self, server_words};
use crate::password::{self, NoPassword};

pub(crate) fn run(arguments: &RunArguments, console: &mut Console) -> Exit {
    let credentials = match credentials(&arguments.credentials) {
        Ok(credentials) => credentials,
        Err(error) => return console.fail(Exit::LocalFiles, &error.to_string()),
    };
    let default_profile = || Platform::current().profile(&Environment::current());
    let Some(profile) = arguments.profile.clone().or_else(default_profile) else {
        console.error("help: name it with --profile");
        return console
            .fail(Exit::Usage, "there is no home directory to find the phone's folder in");
    };
    let to_stdout = arguments.effective.as_deref() == Some(Path::new("-"));
    let options = Options {
        discovery: match &arguments.provision {
            Some(file) => Discovery::File(file.clone()),
            None => Discovery::standard(WorkingDirectory::Included),
        },
        effective: arguments.effective.clone().filter(|_| !to_stdout),
        fetch: fetch_options(&arguments.fetch, arguments.credentials.pass),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("this system gives no means for the network: {error}");
            return console.fail(Exit::LocalFiles, &message);
        }
    };
    let context = Context { profile, credentials };
    let outcome = runtime.block_on(provision::run(context, &options, |event| {
        narrator::tell(event, console);
    }));
    // A name resolution that hangs must not hold the command back.
    runtime.shutdown_background();
    match outcome {
        Ok(Outcome::Provisioned(provisioned)) => {
            if to_stdout {
                if let Err(error) = write_to_stdout(&provisioned.effective) {
                    console.error("help: the phone's files are written; run it again for the effective configuration");
                    let message = format!("standard output cannot be written: {error}");
                    return console.fail(Exit::LocalFiles, &message);
                }
            } else if options.effective.is_none() {
                console.say(
                    "note: the effective configuration was not written; --effective OUT writes it",
                );
            }
            let sections = narrator::sections_in_words(&provisioned.report);
            console.say(format!("done: provisioned from {}; {sections}", provisioned.url));
            Exit::Done
        }
        Ok(Outcome::Off { looked_at, .. }) => {
            console.say(
                "There is no Provision.xml, so provisioning is off. These places were looked at:",
            );
            for looked in &looked_at {
                console.say(format!("  {}", narrator::place(looked)));
            }
            Exit::Done
        }
        Ok(_) => Exit::Done,
        Err(error) => {
            let ticket = tell_error(&error, console);
            console.fail(Exit::from(&error), &ticket)
        }
    }
}

fn credentials(arguments: &CredentialArguments) -> Result<CredentialSource<'static>, NoPassword> {
    let Some(user) = &arguments.user else {
        return Ok(CredentialSource::Preset);
    };
    let password = match &arguments.password_file {
        Some(file) => password::from_file(file)?,
        None => password::from_stdin()?,
    };
    Ok(CredentialSource::Given(Credentials::new(user, Password::Plain(password))))
}

fn fetch_options(arguments: &FetchArguments, pass: PassForm) -> fetch::Options {
    let mut options = fetch::Options {
        url_password: match pass {
            PassForm::Md5 => UrlPassword::Md5,
            PassForm::Plain => UrlPassword::Plain,
        },
        extra_ca_files: arguments.ca_file.clone(),
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

fn write_to_stdout(config: &Config) -> io::Result<()> {
    let bytes = config.source().to_bytes().map_err(io::Error::other)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&bytes)?;
    stdout.flush()
}

/// Says where it went wrong and what to do next; gives what happened, in one line.
fn tell_error(error: &RunError, console: &mut Console) -> String {
    let mut ticket = error.to_string();
    let mut help = error.help();
    match error {
        RunError::InvalidFile { path, report, .. }
        | RunError::InvalidDisplaced { path, report, .. } => {
            findings::explain_file(report, path, console);
            if let Some(first) = report.errors().next() {
                let place = report.position(first.span);
                ticket +=
                    &format!(": line {}, column {}: {}", place.line, place.column, first.message);
                // The finding has said it.
                help = help.filter(|help| first.help.as_ref() != Some(help));
            }
        }
        RunError::Fetch(error) => {
            ticket = match error.server_message() {
                Some(message) => format!("the server says: {}", server_words(message)),
                None => causes(error),
            };
            // The server that spoke, else the first one that failed.
            let failed = || {
                let attempts = error.attempts().iter();
                attempts.filter_map(|attempt| Some((attempt, attempt.outcome.as_ref().err()?)))
            };
            let spoke = failed().find(|(_, failure)| failure.server_message.is_some());
            if let Some((attempt, failure)) = spoke.or_else(|| failed().next()) {
                ticket += &format!(" [{}; {failure} ({})]", attempt.url, failure.code);
                help = help.or_else(|| failure.hint.clone());
            }
        }
        RunError::ProfileFolder { source, .. } => {
            ticket += &format!(": {source}");
            help = help.map(|help| format!("{help} with --profile"));
        }
        other => {
            if let Some(source) = other.source() {
                ticket += &format!(": {}", causes(source));
            }
        }
    }
    if let Some(help) = help {
        console.error(format!("help: {help}"));
    }
    ticket
}

/// An error with the errors behind it.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

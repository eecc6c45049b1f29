//! `provision fetch`: what a server would give this phone, and what the servers do (spec 8).

mod json;

use std::path::Path;

use provision::{CredentialSource, FetchOptions, FetchOutcome, FetchedDocument, RunError};

use crate::arguments::FetchCommandArguments;
use crate::console::{Console, write_data};
use crate::exit::Exit;
use crate::failure::{Failure, tell_error};
use crate::narrator;
use crate::output::Format;
use crate::session;

use self::json::Record;

pub(crate) fn fetch(arguments: &FetchCommandArguments, console: &mut Console) -> Exit {
    let to_stdout = arguments.output.as_deref().is_none_or(|output| output == Path::new("-"));
    match arguments.form.format {
        Format::Human => fetch_for_people(arguments, to_stdout, console),
        // One object alone is JSON (spec 8.4).
        Format::Json if to_stdout => Failure::new(
            Exit::Usage,
            "usage",
            "--format json and the document would both go to standard output",
        )
        .help("name a file for the document with --output")
        .tell(console),
        Format::Json => fetch_for_programs(arguments, console),
    }
}

fn fetch_for_people(
    arguments: &FetchCommandArguments,
    to_stdout: bool,
    console: &mut Console,
) -> Exit {
    let result = carry_out(arguments, to_stdout, |event| narrator::tell(event, console));
    let outcome = match result {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => return tell_error(&error, arguments.form.color, console),
        Err(failure) => return failure.tell(console),
    };
    let fetched = match outcome {
        FetchOutcome::Fetched(fetched) => fetched,
        FetchOutcome::Off { .. } => return absence().tell(console),
        _ => return Exit::Done,
    };
    if to_stdout {
        if let Err(error) = write_data(&fetched.document) {
            return Failure::stdout_unwritable(&error).tell(console);
        }
    }
    console.say(format_args!("done: {}", done(&fetched)));
    Exit::Done
}

fn fetch_for_programs(arguments: &FetchCommandArguments, console: &mut Console) -> Exit {
    let mut record = Record::default();
    let result = carry_out(arguments, false, |event| record.take(event));
    let exit = match result {
        Ok(Ok(FetchOutcome::Fetched(fetched))) => record.done(&fetched),
        Ok(Ok(FetchOutcome::Off { .. })) => record.failed(&absence(), None),
        Ok(Ok(_)) => Exit::Done,
        Ok(Err(error)) => record.failed(&Failure::from(&error), Some(&error)),
        Err(failure) => record.failed(&failure, None),
    };
    match record.object().and_then(|object| write_data(&object)) {
        Ok(()) => exit,
        Err(error) => Failure::stdout_unwritable(&error).tell(console),
    }
}

/// The library's call, or why it was not made.
fn carry_out(
    arguments: &FetchCommandArguments,
    to_stdout: bool,
    mut events: impl FnMut(&provision::Event),
) -> Result<Result<FetchOutcome, RunError>, Failure> {
    let credentials = session::credentials(&arguments.credentials, arguments.form.format)?;
    let options = FetchOptions {
        discovery: session::discovery(arguments.provision.as_ref()),
        output: arguments.output.clone().filter(|_| !to_stdout),
        fetch: session::fetch_options(&arguments.fetch, arguments.credentials.pass),
        ..FetchOptions::default()
    };
    session::carry_out(async {
        let result = provision::fetch_document(credentials, &options, &mut events).await;
        let Err(error) = &result else { return result };
        match session::credentials_after(error, &arguments.credentials).await {
            Some(other) => {
                let credentials = CredentialSource::Given(other);
                provision::fetch_document(credentials, &options, &mut events).await
            }
            None => result,
        }
    })
}

/// Without a provisioning file there is nobody to ask, and nothing to give (spec 8.5).
fn absence() -> Failure {
    let ticket = "there is no Provision.xml in the usual places, so there is no server to ask";
    Failure::new(Exit::LocalFiles, "no-provision-file", ticket)
        .help("name the file with --provision")
}

fn done(fetched: &FetchedDocument) -> String {
    format!("fetched {} bytes from {}", fetched.document.len(), fetched.url)
}

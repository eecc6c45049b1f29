//! `provision run`: the whole run (spec 6.1).

use std::io::{self, Write};
use std::path::Path;

use provision::format::Config;
use provision::{Context, Environment, Options, Outcome, Platform};

use crate::arguments::RunArguments;
use crate::console::Console;
use crate::exit::Exit;
use crate::failure::{Failure, tell_error};
use crate::narrator;
use crate::output::Color;
use crate::session;

pub(crate) fn run(arguments: &RunArguments, console: &mut Console) -> Exit {
    let credentials = match session::credentials(&arguments.credentials) {
        Ok(credentials) => credentials,
        Err(failure) => return failure.tell(console),
    };
    let default_profile = || Platform::current().profile(&Environment::current());
    let Some(profile) = arguments.profile.clone().or_else(default_profile) else {
        let ticket = "there is no home directory to find the phone's folder in";
        return Failure::new(Exit::Usage, "no-home", ticket)
            .help("name it with --profile")
            .tell(console);
    };
    let to_stdout = arguments.effective.as_deref() == Some(Path::new("-"));
    let options = Options {
        discovery: session::discovery(arguments.provision.as_ref()),
        effective: arguments.effective.clone().filter(|_| !to_stdout),
        fetch: session::fetch_options(&arguments.fetch, arguments.credentials.pass),
    };
    let context = Context { profile, credentials };
    let run = provision::run(context, &options, |event| narrator::tell(event, console));
    let outcome = match session::carry_out(run) {
        Ok(outcome) => outcome,
        Err(failure) => return failure.tell(console),
    };
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
            narrator::tell_absence(&looked_at, console);
            Exit::Done
        }
        Ok(_) => Exit::Done,
        Err(error) => tell_error(&error, Color::Auto, console),
    }
}

fn write_to_stdout(config: &Config) -> io::Result<()> {
    let bytes = config.source().to_bytes().map_err(io::Error::other)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&bytes)?;
    stdout.flush()
}

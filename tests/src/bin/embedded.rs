//! A program that embeds a run, as a phone does, and dies in the middle of it: at the event of a number, without a
//! destructor. With the number 0 it lives.
//!
//! `embedded run PROFILE EVENT PROVISION_FILE`, `embedded forget PROFILE EVENT`
#![expect(clippy::print_stderr, reason = "a test that fails shows what it said")]

use std::env;
use std::error::Error;
use std::process::{ExitCode, abort};

use provision::{Context, CredentialSource, Discovery, Event, Options, forget, run};

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("embedded: {error}");
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut argument = || arguments.next().ok_or("an argument is missing");
    let (call, profile) = (argument()?, argument()?);
    let deadly: usize = argument()?.parse()?;

    let mut count = 0;
    let events = |_: &Event| {
        count += 1;
        if count == deadly {
            abort();
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match call.as_str() {
        "run" => {
            let discovery = Discovery::File(argument()?.into());
            let context =
                Context { profile: profile.into(), credentials: CredentialSource::Preset };
            let options = Options { discovery, ..Options::default() };
            runtime.block_on(run(context, &options, events))?;
        }
        "forget" => {
            runtime.block_on(forget(profile.as_ref(), events))?;
        }
        other => return Err(format!("there is no call `{other}`").into()),
    }
    Ok(())
}

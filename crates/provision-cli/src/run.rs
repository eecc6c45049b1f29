//! `provision run`: the whole run (spec 6.1), or a look at what it would do.

mod json;

use std::io;
use std::path::Path;

use provision::format::Config;
use provision::merge::key_changes;
use provision::{
    Context, Event, Options, Outcome, Preview, PreviewOutcome, Provisioned, RunError, Session,
};

use crate::arguments::RunArguments;
use crate::console::{Console, write_data};
use crate::exit::Exit;
use crate::failure::{Failure, tell_error};
use crate::narrator::{self, origin_words, sections_in_words, supplier_words, tell_merge_warnings};
use crate::output::Format;
use crate::plan::{Detail, Plan};
use crate::session;

pub(crate) use self::json::Record;

pub(crate) fn run(arguments: &RunArguments, console: &mut Console) -> Exit {
    match arguments.provisioning.form.format {
        Format::Human => run_for_people(arguments, console),
        // One object alone is JSON (spec 8.4).
        Format::Json if is_to_stdout(arguments) => Failure::new(
            Exit::Usage,
            "usage",
            "--format json and the effective configuration would both go to standard output",
        )
        .help("name a file for the configuration with --effective")
        .tell(console),
        Format::Json => run_for_programs(arguments, console),
    }
}

/// What came of it.
enum Done {
    Off,
    Provisioned(Box<Provisioned>),
    Planned(Box<Planned>),
}

/// What a run would do.
struct Planned {
    preview: Preview,
    plan: Plan,
}

/// Why there is no result.
enum Stop {
    Failure(Failure),
    Run(RunError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl Done {
    fn exit(&self, arguments: &RunArguments) -> Exit {
        match self {
            Self::Planned(planned) if arguments.exit_code && planned.plan.would_change() => {
                Exit::WouldChange
            }
            _ => Exit::Done,
        }
    }
}

fn is_to_stdout(arguments: &RunArguments) -> bool {
    arguments.provisioning.effective.as_deref() == Some(Path::new("-"))
}

/// The library's call.
fn carry_out(arguments: &RunArguments, mut events: impl FnMut(&Event)) -> Result<Done, Stop> {
    let shared = &arguments.provisioning;
    let context = Context {
        profile: session::profile(shared.profile.as_ref())?,
        credentials: session::credentials(&shared.credentials, shared.form.format)?,
    };
    let effective = shared.effective.clone().filter(|_| !is_to_stdout(arguments));
    let options = Options { effective, ..session::options(shared) };
    let mut session = Session::new(context, options);
    let credentials = &shared.credentials;
    if arguments.plan {
        let preview = async {
            let result = session.preview(&mut events).await;
            let Err(error) = &result else { return result };
            match session::credentials_after(error, credentials).await {
                Some(other) => {
                    session.use_credentials(other);
                    session.preview(&mut events).await
                }
                None => result,
            }
        };
        return match session::carry_out(preview)?? {
            PreviewOutcome::Preview(preview) => {
                let changes = key_changes(&preview.before, &preview.effective);
                let plan = Plan::new(&preview.report, changes, |text| preview.mask(text));
                Ok(Done::Planned(Box::new(Planned { preview: *preview, plan })))
            }
            _ => Ok(Done::Off),
        };
    }
    let run = async {
        let result = session.run(&mut events).await;
        let Err(error) = &result else { return result };
        match session::credentials_after(error, credentials).await {
            Some(other) => {
                session.use_credentials(other);
                session.run(&mut events).await
            }
            None => result,
        }
    };
    match session::carry_out(run)?? {
        Outcome::Provisioned(provisioned) => Ok(Done::Provisioned(provisioned)),
        _ => Ok(Done::Off),
    }
}

fn run_for_people(arguments: &RunArguments, console: &mut Console) -> Exit {
    let shared = &arguments.provisioning;
    let done = match carry_out(arguments, |event| narrator::tell(event, console)) {
        Ok(done) => done,
        Err(Stop::Failure(failure)) => return failure.tell(console),
        Err(Stop::Run(error)) => {
            rescue(arguments, &error, console);
            return tell_error(&error, shared.form.color, console);
        }
    };
    match &done {
        // The narrator has said so.
        Done::Off => {}
        Done::Provisioned(provisioned) => {
            if is_to_stdout(arguments) {
                if let Err(error) = write_to_stdout(&provisioned.effective) {
                    return Failure::stdout_unwritable(&error)
                        .help("the phone's files are written; run it again for the effective configuration")
                        .tell(console);
                }
            } else if shared.effective.is_none() {
                console.say(
                    "note: the effective configuration was not written; --effective OUT writes it",
                );
            }
            tell_provisioned(provisioned, console);
        }
        Done::Planned(planned) => {
            let Planned { preview, plan } = &**planned;
            plan.tell(Detail::Asked, console);
            tell_merge_warnings(&preview.report, console);
            let from = supplier_words(&preview.supplier);
            let sections = sections_in_words(&preview.report);
            console.say(format!("done: planned with {from}; {sections}"));
        }
    }
    done.exit(arguments)
}

/// Says how a run ended.
pub(crate) fn tell_provisioned(provisioned: &Provisioned, console: &mut Console) {
    let sections = sections_in_words(&provisioned.report);
    let from = origin_words(provisioned);
    console.say(format!("done: provisioned from {from}; {sections}"));
}

/// What the phone can run with although it could not be stored still goes to where it was to go.
fn rescue(arguments: &RunArguments, error: &RunError, console: &mut Console) {
    let effective = error.effective().filter(|_| is_to_stdout(arguments));
    if let Some(effective) = effective {
        match write_to_stdout(effective) {
            Ok(()) => {
                console.say("note: standard output has the effective configuration all the same");
            }
            Err(error) => console.error(format!("standard output cannot be written: {error}")),
        }
    }
}

fn run_for_programs(arguments: &RunArguments, console: &mut Console) -> Exit {
    let mut record = Record::default();
    let exit = match carry_out(arguments, |event| record.take(event)) {
        Ok(done) => {
            let exit = done.exit(arguments);
            match &done {
                Done::Off => {}
                Done::Provisioned(provisioned) => record.provisioned(provisioned),
                Done::Planned(planned) => record.planned(planned),
            }
            record.ended(exit)
        }
        Err(Stop::Failure(failure)) => record.failed(&failure, None),
        Err(Stop::Run(error)) => record.failed(&Failure::from(&error), Some(&error)),
    };
    match record.object().and_then(|object| write_data(&object)) {
        Ok(()) => exit,
        Err(error) => Failure::stdout_unwritable(&error).tell(console),
    }
}

fn write_to_stdout(config: &Config) -> io::Result<()> {
    write_data(&config.source().to_bytes().map_err(io::Error::other)?)
}

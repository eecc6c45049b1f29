//! `provision forget`: back to before provisioning (spec 5.4), or to before its last change.

mod json;

use provision::{Event, Forgotten, GoneBack, RunError, TakenBack};

use crate::arguments::ForgetArguments;
use crate::console::{Console, path, write_data};
use crate::exit::Exit;
use crate::failure::{Failure, tell_error};
use crate::output::Format;
use crate::{narrator, session};

use self::json::Record;

pub(crate) fn forget(arguments: &ForgetArguments, console: &mut Console) -> Exit {
    match arguments.form.format {
        Format::Human => match carry_out(arguments, |event| narrator::tell(event, console)) {
            Ok(Ok(done)) => {
                console.say(format!("done: {}", done.words()));
                Exit::Done
            }
            Ok(Err(error)) => tell_error(&error, arguments.form.color, console),
            Err(failure) => failure.tell(console),
        },
        Format::Json => {
            let mut record = Record::default();
            let exit = match carry_out(arguments, |event| record.take(event)) {
                Ok(Ok(done)) => record.done(&done),
                Ok(Err(error)) => record.failed(&Failure::from(&error), Some(&error)),
                Err(failure) => record.failed(&failure, None),
            };
            match record.object().and_then(|object| write_data(&object)) {
                Ok(()) => exit,
                Err(error) => Failure::stdout_unwritable(&error).tell(console),
            }
        }
    }
}

/// What is undone.
enum Done {
    /// All of it.
    Provisioning(Forgotten),
    /// The last change, if there was one.
    LastChange(Option<TakenBack>),
}

/// The library's call, or why it was not made.
fn carry_out(
    arguments: &ForgetArguments,
    mut events: impl FnMut(&Event),
) -> Result<Result<Done, RunError>, Failure> {
    let profile = session::profile(arguments.profile.as_ref())?;
    if arguments.last_change {
        let call = provision::take_back(&profile, &mut events);
        return session::carry_out(call).map(|result| result.map(Done::LastChange));
    }
    let call = provision::forget(&profile, &mut events);
    session::carry_out(call).map(|result| result.map(Done::Provisioning))
}

impl Done {
    fn words(&self) -> String {
        match self {
            Self::Provisioning(forgotten) => went_back(forgotten),
            Self::LastChange(taken) => taken_back(taken.as_ref()),
        }
    }
}

fn went_back(forgotten: &Forgotten) -> String {
    let config = path(&forgotten.config.path);
    match forgotten.how {
        GoneBack::Untouched => format!("there was nothing to give back to {config}"),
        GoneBack::ToTheByte => format!("{config} is what it was before provisioning, to the byte"),
        GoneBack::ToNone => format!("there is no {config}, as before provisioning"),
        _ => {
            let names = forgotten.given_back.join("`, `");
            format!(
                "{config} has its own `{names}` back; the phone has written it since, so they stand at its end"
            )
        }
    }
}

fn taken_back(taken: Option<&TakenBack>) -> String {
    let Some(taken) = taken else {
        return "there is no change to take back: a run has succeeded after the last one"
            .to_owned();
    };
    match (&taken.config, &taken.last_good) {
        (Some(config), _) => {
            format!("{} is what it was before the server's last change", path(&config.path))
        }
        (None, _) => {
            "when no server answers, what one sent before its last change is used".to_owned()
        }
    }
}

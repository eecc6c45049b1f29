//! `provision doctor`: what a run would meet here, with nothing changed (spec 8).

mod json;
mod next;
mod report;

use std::io::{self, IsTerminal};

use provision::format::Severity;
use provision::{Checkup, Context, Event, LastGood, Options, Part};

use crate::arguments::DoctorArguments;
use crate::console::{Console, write_data};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Format;
use crate::{narrator, session};

pub(crate) fn doctor(arguments: &DoctorArguments, console: &mut Console) -> Exit {
    match arguments.form.format {
        Format::Human => for_people(arguments, console),
        Format::Json => for_programs(arguments, console),
    }
}

fn for_people(arguments: &DoctorArguments, console: &mut Console) -> Exit {
    let mut is_waiting = false;
    let checkup = examine(arguments, |event| {
        // They may take some seconds, and all is told together.
        if matches!(event, Event::Fetch(_)) && !is_waiting && io::stderr().is_terminal() {
            is_waiting = true;
            console.say("asking the servers ...");
        }
    });
    let checkup = match checkup {
        Ok(checkup) => checkup,
        Err(failure) => return failure.tell(console),
    };
    report::tell(&checkup, console);
    let next = next::command(&checkup, arguments);
    match failure(&checkup) {
        Some(failure) => {
            console.error(format!("next: {next}"));
            failure.tell(console)
        }
        None => {
            console.say(format!("done: {}", conclusion(&checkup)));
            console.say(format!("next: {next}"));
            Exit::Done
        }
    }
}

fn for_programs(arguments: &DoctorArguments, console: &mut Console) -> Exit {
    let checkup = examine(arguments, |_| {});
    let (object, exit) = match &checkup {
        Ok(checkup) => {
            let failure = failure(checkup);
            let next = next::command(checkup, arguments);
            let exit = failure.as_ref().map_or(Exit::Done, |failure| failure.exit);
            (json::object(checkup, next, failure.as_ref()), exit)
        }
        Err(failure) => (json::failure(failure), failure.exit),
    };
    match object.and_then(|object| write_data(&object)) {
        Ok(()) => exit,
        Err(error) => Failure::stdout_unwritable(&error).tell(console),
    }
}

/// The library's call, or why it was not made.
fn examine(arguments: &DoctorArguments, events: impl FnMut(&Event)) -> Result<Checkup, Failure> {
    let credentials = session::credentials(&arguments.credentials, arguments.form.format)?;
    let profile = session::profile(arguments.profile.as_ref())?;
    let options = Options {
        discovery: session::discovery(arguments.provision.as_ref()),
        last_good: LastGood::Kept,
        fetch: session::fetch_options(&arguments.fetch, arguments.credentials.pass),
        ..Options::default()
    };
    session::carry_out(provision::examine(Context { profile, credentials }, &options, events))
}

/// What a run would fail by: the first error, those of files that cannot be read before the others.
fn failure(checkup: &Checkup) -> Option<Failure> {
    let errors = || checkup.findings.iter().filter(|found| found.severity == Severity::Error);
    let unreadable = errors().find(|found| found.is_unreadable);
    let first = unreadable.or_else(|| errors().next())?;
    let exit = if unreadable.is_some() { Exit::LocalFiles } else { Exit::Findings };
    let others = match errors().count() - 1 {
        0 => String::new(),
        1 => " and 1 more".to_owned(),
        more => format!(" and {more} more"),
    };
    let part = part_words(first.part);
    let what = match checkup.fallback() {
        Some(age) => {
            let age = narrator::age_words(age);
            format!("a run would go on with what a server sent {age} ago")
        }
        None => "a run would fail".to_owned(),
    };
    let ticket = format!("{what}: {part}: {} ({}){others}", first.message, first.code);
    Some(Failure::new(exit, first.code, ticket))
}

/// What a run would do.
fn conclusion(checkup: &Checkup) -> String {
    let count = checkup.findings.len();
    let warnings = match count {
        0 => "nothing is wrong".to_owned(),
        1 => "1 warning".to_owned(),
        _ => format!("{count} warnings"),
    };
    let supplier = checkup.supplier.and_then(|index| checkup.servers.get(index));
    match (supplier, checkup.servers.is_empty()) {
        (Some(server), _) => {
            format!("{warnings}; a run would be provisioned from {}", server.url)
        }
        (None, false) => format!("{warnings}; the servers can be reached, and were not asked"),
        (None, true) => format!("{warnings}; a run would do nothing"),
    }
}

/// A part of the examination, as lines begin with it.
fn part_words(part: Part) -> String {
    match part {
        Part::Discovery => "discovery".to_owned(),
        Part::File => "file".to_owned(),
        Part::Credentials => "credentials".to_owned(),
        Part::Profile => "profile".to_owned(),
        Part::Trust => "trust".to_owned(),
        Part::Server(index) => format!("server {}", index + 1),
        Part::Clock => "clock".to_owned(),
        _ => "other".to_owned(),
    }
}

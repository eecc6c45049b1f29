//! `provision check`: everything that is wrong with some files (spec 8).

mod description;
mod document;
mod in_order;
mod json;
mod summary;
mod targets;

use std::num::NonZero;
use std::{mem, thread};

use provision::format::DocumentKind;

use crate::arguments::CheckArguments;
use crate::console::{Console, write_data};
use crate::diff;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Screen};
use crate::session;

use self::document::{Checkup, Writing};
use self::in_order::in_order;
use self::summary::Summary;
use self::targets::{Target, targets};

pub(crate) fn check(arguments: &CheckArguments, console: &mut Console) -> Exit {
    let targets = targets(&arguments.files);
    if let Some(contradiction) = contradiction(arguments, &targets) {
        return console.fail(Exit::Usage, contradiction);
    }
    if targets.iter().any(|target| matches!(target, Target::StandardInput)) {
        let (format, mut console) = (arguments.output.format, console.clone());
        session::end_at_signal(move |failure| fail(&failure, format, &mut console));
    }
    let paints = Screen::of_standard_output(arguments.output.color).is_coloured;
    let checkup = Checkup {
        kind: arguments.kind.map(DocumentKind::from),
        writing: match (arguments.fix, arguments.diff) {
            (true, _) => Writing::Fixes,
            (_, true) => Writing::Difference,
            _ => Writing::Nothing,
        },
        format: arguments.output.format,
        screen: Screen::of_standard_error(arguments.output.color),
        verbosity: console.verbosity(),
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut summary = Summary::default();
    let mut files = Vec::new();
    let mut written = Ok(());
    let check = |target: &Target| checkup.document(target);
    in_order(&targets, threads, check, |mut document| {
        match arguments.output.format {
            Format::Human => {
                summary.tell(&document, targets.len(), console);
                if written.is_ok() {
                    let difference = match paints {
                        true => diff::coloured(&document.difference),
                        false => mem::take(&mut document.difference),
                    };
                    written = write_data(difference.as_bytes());
                }
            }
            Format::Json => files.extend(document.json.take()),
        }
        summary.add(document);
    });
    let (exit, ticket) = summary.ending();
    if arguments.output.format == Format::Json {
        written = json::object(files, summary.counts(exit, ticket.as_deref()))
            .and_then(|object| write_data(&object));
    } else {
        summary.tell_all(&checkup, console);
    }
    if let Err(error) = written {
        return Failure::stdout_unwritable(&error).tell(console);
    }
    match ticket.filter(|_| arguments.output.format == Format::Human) {
        Some(ticket) => console.fail(exit, &ticket),
        None => exit,
    }
}

/// Says why nothing was found out.
fn fail(failure: &Failure, format: Format, console: &mut Console) -> Exit {
    if format == Format::Human {
        return failure.tell(console);
    }
    let counts = Summary::default().counts(failure.exit, Some(&failure.ticket));
    match json::object(Vec::new(), counts).and_then(|object| write_data(&object)) {
        Ok(()) => failure.exit,
        Err(error) => Failure::stdout_unwritable(&error).tell(console),
    }
}

/// Why the arguments cannot be followed; what clap can see, it has seen.
fn contradiction(arguments: &CheckArguments, targets: &[Target]) -> Option<&'static str> {
    let reads_stdin = targets.iter().any(|target| matches!(target, Target::StandardInput));
    if arguments.fix && reads_stdin {
        return Some("standard input cannot be mended in place: --diff shows what --fix would do");
    }
    if arguments.diff && arguments.output.format == Format::Json {
        return Some(
            "--diff and --format json both write to standard output: leave one of them out",
        );
    }
    None
}

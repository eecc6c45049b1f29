//! `provision merge`: what a merge of two configurations gives, without a server (spec 8.3).

mod json;

use std::io;
use std::path::{Path, PathBuf};

use provision::StoredFile;
use provision::format::{Checked, Config, Document, DocumentKind, Report, SectionName};
use provision::merge::{MergeError, Merged, Mode, SectionOutcome, key_changes};

use crate::arguments::MergeArguments;
use crate::console::{Console, Verbosity, path, write_data};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::findings;
use crate::narrator::{sections_in_words, tell_merge_warnings};
use crate::output::{Color, Format};
use crate::plan::{Detail, Plan};
use crate::session;

use self::json::Record;

pub(crate) fn merge(arguments: &MergeArguments, console: &mut Console) -> Exit {
    if documents(arguments).any(|file| is_dash(&file)) {
        let (format, mut console) = (arguments.form.format, console.clone());
        session::end_at_signal(move |failure| fail(&failure, format, &mut console));
    }
    match arguments.form.format {
        Format::Human => match carry_out(arguments) {
            Ok(done) => tell(arguments, &done, console),
            Err(stop) => stop.tell(arguments.form.color, console),
        },
        Format::Json => match carry_out(arguments) {
            Ok(done) => tell_record(|record| record.done(&done, exit(arguments, &done)), console),
            Err(stop) => tell_record(|record| record.failed(&stop), console),
        },
    }
}

/// The documents that are read.
fn documents(arguments: &MergeArguments) -> impl Iterator<Item = &PathBuf> {
    [&arguments.local, &arguments.remote].into_iter().chain(&arguments.provision)
}

/// Says why there is no merge, though nothing is known of it.
fn fail(failure: &Failure, format: Format, console: &mut Console) -> Exit {
    match format {
        Format::Human => failure.tell(console),
        Format::Json => {
            let stop = Stop::from(failure.clone());
            tell_record(|record| record.failed(&stop), console)
        }
    }
}

/// Writes an object with what `fill` puts into it.
fn tell_record(fill: impl FnOnce(&mut Record) -> Exit, console: &mut Console) -> Exit {
    let mut record = Record::default();
    let exit = fill(&mut record);
    match record.object().and_then(|object| write_data(&object)) {
        Ok(()) => exit,
        Err(error) => Failure::stdout_unwritable(&error).tell(console),
    }
}

/// A merge, and what was read for it and written of it.
struct Done {
    mode: Mode,
    inputs: Vec<Input>,
    local: Config,
    merged: Merged,
    written: Vec<Written>,
}

/// A document that was read.
struct Input {
    role: &'static str,
    path: PathBuf,
    report: Report,
}

/// A result that was written; without a file, to standard output.
struct Written {
    result: &'static str,
    file: Option<StoredFile>,
}

/// Why there is no merge.
struct Stop {
    failure: Failure,
    /// The document that is the reason.
    input: Option<Box<Input>>,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { failure, input: None }
    }
}

impl Stop {
    fn tell(&self, color: Color, console: &mut Console) -> Exit {
        if let Some(input) = &self.input {
            findings::explain_file(&input.report, &input.path, color, console);
        }
        self.failure.tell(console)
    }
}

impl Done {
    /// What is different, key by key. It takes longer than the merge, so it is made for those alone who read it.
    fn plan(&self) -> Plan {
        let changes = key_changes(&self.local, &self.merged.effective);
        // No credentials have gone to a server.
        Plan::new(&self.merged.report, changes, str::to_owned)
    }

    /// Whether the phone would run with, or store, anything else than it has.
    fn would_change(&self) -> bool {
        let outcomes = self.merged.report.sections.iter().map(|change| change.outcome);
        let mut changing = outcomes.filter(|outcome| {
            let is_section_mode = matches!(self.mode, Mode::Sections(_));
            match outcome {
                SectionOutcome::Kept | SectionOutcome::Missing | SectionOutcome::Ignored => false,
                // It is the same, but stored no longer (spec 4.6).
                SectionOutcome::Unchanged => is_section_mode,
                _ => true,
            }
        });
        changing.next().is_some()
    }
}

fn carry_out(arguments: &MergeArguments) -> Result<Done, Stop> {
    refuse_what_cannot_be(arguments)?;
    let mut inputs = Vec::new();
    let mode = match (&arguments.provision, &arguments.sections) {
        (Some(file), _) => match read(file, "provision", DocumentKind::ProvisionFile, &mut inputs)?
        {
            Document::ProvisionFile(file) => Mode::of(&file),
            _ => return Err(fault_of_ours().into()),
        },
        (None, sections) => {
            let names = sections.iter().flat_map(|list| list.split(','));
            Mode::Sections(names.filter_map(SectionName::new).collect())
        }
    };
    let local = read_config(&arguments.local, "local", &mut inputs)?;
    let remote = read_config(&arguments.remote, "remote", &mut inputs)?;
    let merged = mode.merge(&local, &remote, None).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|source| format!(": {source}"));
        let ticket = format!("{error}{}", cause.unwrap_or_default());
        let help = match error {
            MergeError::TooLarge => "see what makes the documents so large",
            _ => "save the local configuration as UTF-8, and merge again",
        };
        Failure::new(Exit::Findings, "merge-failed", ticket).help(help)
    })?;
    let written = write(arguments, &merged)?;
    Ok(Done { mode, inputs, local, merged, written })
}

/// Wrong usage that clap does not see.
fn refuse_what_cannot_be(arguments: &MergeArguments) -> Result<(), Failure> {
    let usage =
        |ticket: &str, help: &str| Err(Failure::new(Exit::Usage, "usage", ticket).help(help));
    if documents(arguments).filter(is_dash).count() > 1 {
        return usage(
            "standard input can be one of the documents only",
            "name files for the others",
        );
    }
    let outputs = || arguments.effective.iter().chain(&arguments.stored);
    let to_stdout = outputs().filter(is_dash).count();
    if to_stdout > 1 {
        return usage("both results would go to standard output", "name a file for one of them");
    }
    if to_stdout > 0 && arguments.form.format == Format::Json {
        return usage(
            "--format json and a result would both go to standard output",
            "name a file for the result",
        );
    }
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    };
    let is_same = match (&arguments.effective, &arguments.stored) {
        (Some(effective), Some(stored)) => same(effective, stored),
        _ => false,
    };
    if is_same {
        return usage("both results would go to one file", "name another file for one of them");
    }
    let inputs = || std::iter::once(&arguments.remote).chain(&arguments.provision);
    if outputs()
        .filter(|output| !is_dash(output))
        .any(|output| inputs().any(|input| same(output, input)))
    {
        return usage(
            "a result would be written over the server's answer or the provisioning file",
            "name another file for it",
        );
    }
    Ok(())
}

fn is_dash(path: &&PathBuf) -> bool {
    path.as_path() == Path::new("-")
}

fn read_config(file: &Path, role: &'static str, inputs: &mut Vec<Input>) -> Result<Config, Stop> {
    match read(file, role, DocumentKind::Configuration, inputs)? {
        Document::Configuration(config) => Ok(config),
        _ => Err(fault_of_ours().into()),
    }
}

/// Reads a document, and keeps what is to be said of it.
fn read(
    file: &Path,
    role: &'static str,
    kind: DocumentKind,
    inputs: &mut Vec<Input>,
) -> Result<Document, Stop> {
    let checked = match file == Path::new("-") {
        true => provision::check_stream(io::stdin().lock(), Some(kind)),
        false => provision::check_file(file, Some(kind)),
    };
    let Checked { document, report, .. } = checked.map_err(|error| {
        let ticket = format!("{} cannot be read: {error}", path(file));
        Failure::new(Exit::LocalFiles, "file-unreadable", ticket)
            .help("check that it exists and that this user may read it")
    })?;
    let input = Input { role, path: file.to_owned(), report };
    match document {
        Some(document) => {
            inputs.push(input);
            Ok(document)
        }
        None => {
            let first = input.report.errors().next().map(|error| error.message.clone());
            let ticket = format!("{}: {}", path(file), first.unwrap_or_default());
            let failure = Failure::new(Exit::Findings, "invalid-document", ticket);
            Err(Stop { failure, input: Some(Box::new(input)) })
        }
    }
}

/// The reader gives what it was asked for.
fn fault_of_ours() -> Failure {
    Failure::new(
        Exit::Findings,
        "internal",
        "a document was read as another kind; this is a fault of this program",
    )
}

/// Writes what was asked for; if nothing was, the effective configuration to standard output.
fn write(arguments: &MergeArguments, merged: &Merged) -> Result<Vec<Written>, Failure> {
    let is_nothing_named = arguments.effective.is_none() && arguments.stored.is_none();
    let is_for_stdout =
        is_nothing_named && !arguments.plan && arguments.form.format == Format::Human;
    let dash = PathBuf::from("-");
    let effective = arguments.effective.as_ref().or(is_for_stdout.then_some(&dash));
    let results = [
        ("effective", effective, &merged.effective),
        ("stored", arguments.stored.as_ref(), &merged.stored),
    ];
    let mut written = Vec::new();
    for (result, output, config) in results {
        let Some(output) = output else { continue };
        let bytes = config
            .source()
            .to_bytes()
            .map_err(|error| Failure::new(Exit::Findings, "merge-failed", error.to_string()))?;
        let file = match is_dash(&output) {
            true => {
                write_data(&bytes).map_err(|error| Failure::stdout_unwritable(&error))?;
                None
            }
            false => Some(provision::replace_file(output, &bytes).map_err(|error| {
                let ticket = format!("{} cannot be written: {error}", path(output));
                Failure::new(Exit::LocalFiles, "file-unwritable", ticket)
                    .help("check the folder, its permissions and the space on the disk")
            })?),
        };
        written.push(Written { result, file });
    }
    Ok(written)
}

fn tell(arguments: &MergeArguments, done: &Done, console: &mut Console) -> Exit {
    for input in &done.inputs {
        findings::show_file(&input.report, &input.path, console);
    }
    if console.verbosity() > Verbosity::Quiet {
        let detail = if arguments.plan { Detail::Asked } else { Detail::Aside };
        done.plan().tell(detail, console);
    }
    tell_merge_warnings(&done.merged.report, console);
    for Written { result, file } in &done.written {
        if let Some(file) = file {
            let verb = if file.changed { "wrote" } else { "as it was:" };
            console.say(format!("store     {verb} {} ({result} configuration)", path(&file.path)));
        }
    }
    let sections = sections_in_words(&done.merged.report);
    let what = if arguments.plan { "planned" } else { "merged" };
    console.say(format!("done: {what}; {sections}"));
    exit(arguments, done)
}

fn exit(arguments: &MergeArguments, done: &Done) -> Exit {
    match arguments.exit_code && done.would_change() {
        true => Exit::WouldChange,
        false => Exit::Done,
    }
}

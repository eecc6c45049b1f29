//! `provision init`: a provisioning file, from options or from answers (spec 8).

mod draft;
mod json;
mod questions;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use provision::StoredFile;
use provision::format::{Authentication, Checked, Document, ProvisionFile, Report, Secret};

use crate::arguments::{AuthenticationForm, InitArguments};
use crate::console::{Console, path, write_data};
use crate::dialogue::{Dialogue, Stopped};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::findings;
use crate::output::{Color, Format};
use crate::password;
use crate::session;
use crate::shell::shell_word;
use crate::terminal;

use self::draft::{Draft, Holder};
use self::json::Record;

pub(crate) fn init(arguments: &InitArguments, console: &mut Console) -> Exit {
    match arguments.form.format {
        Format::Human => match carry_out(arguments, console) {
            Ok(done) => tell(&done, console),
            Err(stop) => stop.tell(arguments.form.color, console),
        },
        Format::Json => {
            let mut record = Record::default();
            let exit = match carry_out(arguments, console) {
                Ok(done) => record.done(&done),
                Err(stop) => record.failed(&stop),
            };
            match record.object().and_then(|object| write_data(&object)) {
                Ok(()) => exit,
                Err(error) => Failure::stdout_unwritable(&error).tell(console),
            }
        }
    }
}

/// A file that is written.
struct Done {
    file: ProvisionFile,
    report: Report,
    /// None if it went to standard output.
    written: Option<StoredFile>,
}

impl Done {
    fn holds_password(&self) -> bool {
        !self.file.options.password.is_empty()
    }

    /// The command that tries the file and changes nothing.
    fn next(&self) -> Option<String> {
        let file = &self.written.as_ref()?.path;
        let mut words = vec!["provision fetch".to_owned()];
        if file.as_path() != Path::new(STANDARD_NAME) {
            words.push(format!("--provision {}", shell_word(&path(file))));
        }
        if let Authentication::Ask(_) = self.file.options.authentication() {
            let user = match self.file.options.user.as_str() {
                "" => "NAME".to_owned(),
                preset => shell_word(preset),
            };
            words.push(format!("--user {user} --password-file FILE"));
        }
        words.push("-v -o answer.xml".to_owned());
        Some(words.join(" "))
    }
}

/// Why no file is written.
struct Stop {
    failure: Failure,
    /// What `check` would say about it, and under which name.
    report: Option<Box<Report>>,
    output: PathBuf,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { failure, report: None, output: PathBuf::new() }
    }
}

impl Stop {
    fn tell(&self, color: Color, console: &mut Console) -> Exit {
        if let Some(report) = &self.report {
            findings::explain_file(report, &self.output, color, console);
        }
        self.failure.tell(console)
    }
}

fn carry_out(arguments: &InitArguments, console: &mut Console) -> Result<Done, Stop> {
    let to_stdout = arguments.output == Path::new("-");
    if to_stdout && arguments.form.format == Format::Json {
        let ticket = "--format json and the file would both go to standard output";
        return Err(usage(ticket, "name another place with --output").into());
    }
    // Nobody answers questions for a file that cannot be written then.
    let exists = !to_stdout && fs::symlink_metadata(&arguments.output).is_ok();
    if exists && !arguments.force {
        let ticket = format!("{} exists, and is left as it is", path(&arguments.output));
        let failure = Failure::new(Exit::LocalFiles, "file-exists", ticket)
            .help("name another place with --output, or replace it with --force");
        return Err(failure.into());
    }
    let mut draft = Draft::new(arguments);
    draft.password = given_password(arguments)?;
    let is_dialogue = is_dialogue(arguments);
    complete(&mut draft, is_dialogue)?;

    let checked = draft.checked().map_err(|error| {
        usage(&error.to_string(), "leave the character out, or write the file with another value")
    })?;
    let Checked { document, report, .. } = checked;
    let file = draft.file();
    let is_doubtful = !report.diagnostics().is_empty();
    let is_accepted = match (is_doubtful, report.has_errors() || arguments.accept_warnings) {
        (false, _) => true,
        (true, true) => {
            if arguments.form.format == Format::Human {
                findings::show_file(&report, &arguments.output, console);
            }
            !report.has_errors()
        }
        (true, false) if is_dialogue => {
            findings::explain_file(&report, &arguments.output, arguments.form.color, console);
            ask(|dialogue| dialogue.confirms("Write it all the same?"))?
        }
        (true, false) => false,
    };
    if !is_accepted {
        return Err(doubtful(arguments, report, is_dialogue));
    }
    // Spec 1.10: the model is the file that was read back.
    match document {
        Some(Document::ProvisionFile(read)) if read == file => {}
        _ => {
            let ticket =
                "the file would not read back as it was meant; this is a fault of this program";
            return Err(Failure::new(Exit::Findings, "internal", ticket).into());
        }
    }
    let bytes = report.source().text().as_bytes();
    let written = match to_stdout {
        true => {
            write_data(bytes).map_err(|error| Failure::stdout_unwritable(&error))?;
            None
        }
        false => Some(write(&arguments.output, bytes, &file)?),
    };
    Ok(Done { file, report, written })
}

/// Whether somebody is there to be asked, and is to be (spec 8.7).
fn is_dialogue(arguments: &InitArguments) -> bool {
    let is_wanted = !arguments.no_input && arguments.form.format == Format::Human;
    is_wanted && terminal::is_there()
}

/// Asks for what is open, or says what is missing.
fn complete(draft: &mut Draft, is_dialogue: bool) -> Result<(), Failure> {
    if draft.authentication == Some(AuthenticationForm::Off) && draft.holder.is_some() {
        let help = "leave --auth out, or --user and --ask-user";
        return Err(usage("--auth off sends no credentials, and there are some", help));
    }
    if draft.urls.is_empty() {
        if !is_dialogue {
            let help = "name one with --url; questions are asked at a terminal only";
            return Err(usage("no server is named", help));
        }
        return complete_by(draft, questions::ask);
    }
    if draft.authentication() == AuthenticationForm::Off {
        return Ok(());
    }
    match draft.holder {
        None => {
            let help = "say --ask-user, or --user with --password-stdin or --password-file";
            Err(usage("credentials are to be sent, and nothing says whose", help))
        }
        Some(Holder::File) if draft.password.is_none() && is_dialogue => {
            complete_by(draft, questions::ask_password)
        }
        Some(Holder::File) if draft.password.is_none() => {
            let help = "give it with --password-stdin or --password-file, or say --ask-user";
            Err(usage("the user that stands in the file needs a password", help))
        }
        Some(_) => Ok(()),
    }
}

/// Lets questions fill the draft.
fn complete_by(
    draft: &mut Draft,
    questions: fn(&mut Draft, &mut Dialogue<'_>) -> Result<(), Stopped>,
) -> Result<(), Failure> {
    let mut open = draft.clone();
    *draft = ask(move |dialogue| questions(&mut open, dialogue).map(|()| open))?;
    Ok(())
}

/// Talks to whoever sits at the terminal. A signal is an answer too.
fn ask<T: Send + 'static>(
    talk: impl FnOnce(&mut Dialogue<'_>) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Failure> {
    let answer = session::heed_signals(terminal::talk(talk))?;
    answer.unwrap_or(Err(Stopped::Interrupted)).map_err(|stopped| match stopped {
        Stopped::Interrupted | Stopped::Declined => {
            Failure::new(Exit::Interrupted, "interrupted", "broken off; nothing is written")
        }
        Stopped::Unusable(error) => {
            let ticket = format!("the terminal cannot be used: {error}");
            Failure::new(Exit::LocalFiles, "terminal-unusable", ticket)
                .help("say everything with options; provision init --help lists them")
        }
    })
}

/// From where it cannot be seen (spec 8.1).
fn given_password(arguments: &InitArguments) -> Result<Option<Secret>, Failure> {
    let credentials = &arguments.credentials;
    let password = match &credentials.password_file {
        Some(file) => password::from_file(file),
        None if credentials.password_stdin => password::from_stdin(),
        None => return Ok(None),
    };
    match password {
        Ok(password) => Ok(Some(Secret::new(password.reveal()))),
        Err(error) => Err(Failure::new(Exit::LocalFiles, "password-unreadable", error.to_string())),
    }
}

/// What is found about a file is said as `check` says it; it is not written.
fn doubtful(arguments: &InitArguments, report: Report, is_dialogue: bool) -> Stop {
    let first = report.errors().next().or(report.diagnostics().first());
    let first = first.map(|finding| finding.message.as_str()).unwrap_or_default();
    let name = path(&arguments.output);
    let failure = if is_dialogue {
        Failure::new(Exit::Interrupted, "interrupted", format!("{name} is not written: {first}"))
    } else if report.has_errors() {
        usage(&format!("{name} is not written: {first}"), "correct what is named above")
    } else {
        let help = "correct what is named above, or write it all the same with --accept-warnings";
        usage(&format!("{name} is not written: {first}"), help)
    };
    // It has been shown before the question.
    let report = (!is_dialogue).then(|| Box::new(report));
    Stop { failure, report, output: arguments.output.clone() }
}

/// A new file is its owner's only; one that is replaced keeps its permissions, unless it gets a password.
fn write(output: &Path, bytes: &[u8], file: &ProvisionFile) -> Result<StoredFile, Failure> {
    let has_password = !file.options.password.is_empty();
    let closed = if has_password { close(output) } else { Ok(()) };
    closed.and_then(|()| provision::replace_file(output, bytes)).map_err(|error| {
        let ticket = format!("{} cannot be written: {error}", path(output));
        Failure::new(Exit::LocalFiles, "file-unwritable", ticket)
            .help("check the folder, its permissions and the space on the disk")
    })
}

/// Takes a file that exists away from everybody but its owner.
#[cfg(unix)]
fn close(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => {
            let mode = metadata.permissions().mode() & 0o700;
            fs::set_permissions(file, fs::Permissions::from_mode(mode))
        }
        // The writing says what is wrong, if anything is.
        _ => Ok(()),
    }
}

/// Elsewhere a file's access comes from its folder.
#[cfg(not(unix))]
fn close(_: &Path) -> io::Result<()> {
    Ok(())
}

fn usage(ticket: &str, help: &str) -> Failure {
    Failure::new(Exit::Usage, "usage", ticket).help(help)
}

fn tell(done: &Done, console: &mut Console) -> Exit {
    let Some(written) = &done.written else { return Exit::Done };
    let name = path(&written.path);
    let dialect = done.file.dialect();
    console.trace(format!("dialect   {dialect}: {}", dialect.explanation()));
    let verb = if written.changed { "wrote" } else { "as it was:" };
    let password = if done.holds_password() { "; it holds a password" } else { "" };
    console.say(format!("done: {verb} {name}, for {dialect}{password}"));
    if let Some(next) = done.next() {
        console.say(format!("next: {next}\n      asks the servers, and changes nothing"));
    }
    Exit::Done
}

/// The name that is looked for (spec 2.1).
const STANDARD_NAME: &str = "Provision.xml";

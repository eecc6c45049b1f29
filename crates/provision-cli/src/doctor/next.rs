//! The command that is to be typed next.

use std::path::Path;
use std::time::Duration;

use provision::format::Severity;
use provision::{Checkup, Part, Sending};

use crate::arguments::{AfterErrorAnswer, DoctorArguments, PassForm};
use crate::console::path;
use crate::shell::shell_word;

/// What to type: what shows or mends the first error, else the run itself.
pub(super) fn command(checkup: &Checkup, arguments: &DoctorArguments) -> String {
    let mut errors = checkup.findings.iter().filter(|found| found.severity == Severity::Error);
    if let Some(error) = errors.next() {
        return match (error.part, &checkup.file) {
            (Part::File, Some(file)) if !error.is_unreadable => {
                format!("provision check {}", file_word(&file.path))
            }
            _ => format!("provision explain {}", error.code),
        };
    }
    if checkup.file.is_none() {
        return "provision init".to_owned();
    }
    if checkup.credentials == Sending::Missing {
        let options = options(arguments, "doctor");
        return format!("{options} --user NAME --password-file FILE");
    }
    options(arguments, "run")
}

/// A command with the options of this one.
fn options(arguments: &DoctorArguments, command: &str) -> String {
    let mut words = vec!["provision".to_owned(), command.to_owned()];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    let file = |path: &Option<std::path::PathBuf>| path.as_deref().map(file_word);
    let DoctorArguments { provision, profile, credentials, fetch, .. } = arguments;
    add("--provision", file(provision));
    add("--profile", file(profile));
    add("--user", credentials.user.as_deref().map(shell_word));
    add("--password-file", file(&credentials.password_file));
    if let PassForm::Plain = credentials.pass {
        add("--pass", Some("plain".to_owned()));
    }
    for ca_file in &fetch.ca_file {
        add("--ca-file", Some(file_word(ca_file)));
    }
    add("--client-cert", file(&fetch.client_cert));
    add("--client-key", file(&fetch.client_key));
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64().to_string());
    add("--connect-timeout", seconds(fetch.connect_timeout));
    add("--attempt-timeout", seconds(fetch.attempt_timeout));
    add("--deadline", seconds(fetch.deadline));
    add("--max-body", fetch.max_body.map(|bytes| bytes.to_string()));
    if let AfterErrorAnswer::Stop = fetch.on_error_answer {
        add("--on-error-answer", Some("stop".to_owned()));
    }
    let switches = [
        ("--sequential", fetch.sequential),
        ("--no-input", credentials.no_input),
        ("--password-stdin", credentials.password_stdin),
    ];
    let given = switches.into_iter().filter(|(_, is_given)| *is_given);
    words.extend(given.map(|(name, _)| name.to_owned()));
    words.join(" ")
}

fn file_word(file: &Path) -> String {
    shell_word(&path(file))
}

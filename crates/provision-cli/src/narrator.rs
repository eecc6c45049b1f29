//! A run's events, as lines.

use std::time::Duration;

use provision::fetch::{self, Attempt, StartReason};
use provision::format::shown;
use provision::merge::{MergeReport, SectionOutcome};
use provision::{
    Event, LookedAt, News, Note, PlaceKind, Provisioned, Sighting, Stored, StoredFile, Supplier,
};

use crate::console::{Console, Verbosity, path};
use crate::findings;

/// Tells a run to the console: a line a step, and with the trace a line a stage and a section.
pub(crate) fn tell(event: &Event, console: &mut Console) {
    match event {
        Event::Discovered { looked_at, file: Some(file), .. } => {
            for looked in looked_at {
                console.trace(format!("discover  {}", place(looked)));
            }
            console.say(format!("discover  {}", path(file)));
        }
        Event::Discovered { looked_at, .. } => tell_absence(looked_at, console),
        Event::ProvisionFileRead { file, report, .. }
        | Event::LocalConfigRead { file, report, .. } => {
            findings::show_file(report, file, console);
        }
        Event::Note(note) => console.say(note_words(*note)),
        Event::Fetch(event) => tell_fetch(event, console),
        Event::WaitingForOtherRun { limit, .. } => console.say(format!(
            "note: another run is at work on this profile; waiting up to {} s for it",
            limit.as_secs()
        )),
        Event::LeftoversRemoved { files, .. } => {
            for file in files {
                console.say(format!("note: removed {}, which a killed run left", path(file)));
            }
        }
        Event::CredentialsRefused => console.say("note: the credentials were refused"),
        Event::LastGoodUsed { age, .. } => console.say(format!(
            "warning: no server gave a configuration; using what one sent {} ago",
            age_words(*age)
        )),
        Event::Merged(report) => tell_merge(report, console),
        Event::Stored(stored) => tell_files(stored, console),
        Event::Forgotten(forgotten) => {
            tell_stored(&forgotten.config, "", console);
            for file in &forgotten.removed {
                console.say(format!("store     removed {}", path(file)));
            }
            if let Some(superseded) = &forgotten.superseded {
                let file = path(superseded);
                console.say(format!("note: {file} stays: it is Config.xml as it was once, and may hold what is nowhere else"));
            }
        }
        Event::TakenBack(taken) => {
            for file in taken.config.iter().chain(&taken.last_good) {
                tell_stored(file, "", console);
            }
        }
        Event::DocumentWritten(file) => tell_stored(file, "", console),
        _ => {}
    }
}

/// A place of the search, and what was there.
pub(crate) fn place(looked: &LookedAt) -> String {
    let (kind, sighting) = (kind_words(looked.place.kind), sighting_words(looked.sighting));
    format!("{sighting:<9}  {} ({kind})", path(&looked.place.file))
}

/// Why a place is looked at.
pub(crate) fn kind_words(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::WorkingDirectory => "working directory",
        PlaceKind::Installation => "installation",
        PlaceKind::ApplicationData => "application data",
        PlaceKind::Custom => "custom",
    }
}

/// What was in a place.
pub(crate) fn sighting_words(sighting: Sighting) -> &'static str {
    match sighting {
        Sighting::Found => "found",
        Sighting::Absent => "no file",
        Sighting::Inaccessible => "no access",
    }
}

/// That there is no provisioning file, and where none was.
fn tell_absence(looked_at: &[LookedAt], console: &mut Console) {
    console.say("There is no Provision.xml, so provisioning is off. These places were looked at:");
    for looked in looked_at {
        console.say(format!("  {}", place(looked)));
    }
}

/// A note in words.
pub(crate) fn note_words(note: Note) -> &'static str {
    match note {
        Note::CredentialsUnused => {
            "warning: the provisioning file says that no credentials are sent; --user is not used"
        }
        Note::PresetOverridden => "note: --user goes before the user name in the provisioning file",
        Note::ConfigChanged => {
            "note: Config.xml was saved by another program just now; it is merged anew"
        }
        Note::NoLocalConfig => "note: there is no Config.xml yet; it begins with an empty one",
        Note::NoLock => {
            "warning: the profile cannot be locked; another run at the same time would not be noticed"
        }
        Note::LastGoodNotOurs => {
            "note: what is kept of an earlier answer is for another user, other servers or sections"
        }
        Note::LastGoodDamaged => "warning: what is kept of an earlier answer is damaged",
        // Whatever a later version of the library has to say, its name says something.
        other => other.code(),
    }
}

/// What happens in an attempt is told with the URL's place in the list.
fn tell_fetch(event: &fetch::Event, console: &mut Console) {
    match event {
        fetch::Event::AttemptStarted { url_index, url, reason, .. } => {
            let why = match reason {
                StartReason::Delay => " (those before it are slow)",
                StartReason::Failure if console.verbosity() == Verbosity::Trace => {
                    " (one before it has failed)"
                }
                _ => "",
            };
            console.say(format!("fetch     {}. {url}{why}", url_index + 1));
        }
        fetch::Event::UrlWarning { url_index, warning, .. } => {
            let number = url_index + 1;
            console
                .say(format!("          {number}. warning[{}]: {}", warning.code, warning.message));
            if let Some(hint) = &warning.hint {
                console.say(format!("             help: {hint}"));
            }
        }
        fetch::Event::StageFinished { url_index, stage, elapsed, address, .. } => {
            let (number, elapsed) = (url_index + 1, milliseconds(*elapsed));
            let address = address.map(|address| format!("  {address}")).unwrap_or_default();
            console.trace(format!("          {number}. {stage:<8} {elapsed:>10}{address}"));
        }
        fetch::Event::Redirected { url_index, status, origin, .. } => {
            let (number, status) = (url_index + 1, status.as_u16());
            console.trace(format!("          {number}. redirected ({status}) to {origin}"));
        }
        fetch::Event::AttemptEnded(attempt) => tell_end(attempt, console),
        _ => {}
    }
}

/// What became of a URL, and what to do about it.
fn tell_end(attempt: &Attempt, console: &mut Console) {
    let number = attempt.url_index + 1;
    let elapsed = milliseconds(attempt.elapsed);
    if let Some(proxy) = &attempt.proxy {
        console.trace(format!("          {number}. through the proxy {proxy}"));
    }
    if let Some(version) = attempt.tls {
        console.trace(format!("          {number}. spoke {version}"));
    }
    let failure = match &attempt.outcome {
        Ok(()) => return console.say(format!("          {number}. accepted after {elapsed}")),
        Err(failure) => failure,
    };
    console.say(format!(
        "          {number}. failed[{}] at {} after {elapsed}: {}",
        failure.code, failure.stage, failure.message
    ));
    if let Some(message) = &failure.server_message {
        console.say(format!("             the server says: {}", server_words(message)));
    }
    if let Some(hint) = &failure.hint {
        console.say(format!("             help: {hint}"));
    }
}

/// A server's message for the user, on one line.
pub(crate) fn server_words(message: &fetch::ServerMessage) -> String {
    let text = match message.text.as_str() {
        "" => "(an error without a text)",
        text => text,
    };
    match &message.code {
        Some(code) => format!("{text} (code {code})"),
        None => text.to_owned(),
    }
}

fn tell_merge(report: &MergeReport, console: &mut Console) {
    // Most runs say nothing of it, and need not put it into words.
    if console.verbosity() == Verbosity::Trace {
        trace_sections(report, console);
    }
    console.say(format!("merge     {}", sections_in_words(report)));
    tell_merge_warnings(report, console);
}

fn trace_sections(report: &MergeReport, console: &mut Console) {
    for change in report.sections.iter().take(MOST_SECTIONS) {
        let sign = sign(change.outcome);
        let name = shown(&change.name);
        console.trace(format!("merge     {sign} {name:<16} {}", change.outcome));
    }
    if let Some(more) = report.sections.len().checked_sub(MOST_SECTIONS + 1) {
        console.trace(format!("merge     ... and {} more", more + 1));
    }
}

/// What stands for an outcome in front of a section.
pub(crate) fn sign(outcome: SectionOutcome) -> char {
    match outcome {
        SectionOutcome::Unchanged => '=',
        SectionOutcome::Replaced | SectionOutcome::Overlaid => '~',
        SectionOutcome::Added | SectionOutcome::GivenBack => '+',
        SectionOutcome::Emptied => '-',
        SectionOutcome::Missing => '!',
        _ => '.',
    }
}

/// What of a merge should not go unseen.
pub(crate) fn tell_merge_warnings(report: &MergeReport, console: &mut Console) {
    for name in &report.sent_twice {
        let name = shown(name);
        console.say(format!("warning: the server sent `{name}` more than once; the first counts"));
    }
    for name in report.with(SectionOutcome::GivenBack) {
        let name = shown(name);
        console.say(format!(
            "note: the earlier local `{name}` is back; the server does not provision it any more"
        ));
    }
    for name in &report.superseded {
        let name = shown(name);
        console.say(format!(
            "warning: Config.xml holds another `{name}` than the one that was displaced, which counts; Config.xml as it was is kept"
        ));
    }
    for name in report.with(SectionOutcome::Emptied) {
        let name = shown(name);
        console.say(format!("warning: the server sent an empty `{name}`, and that is what counts"));
    }
    for name in report.with(SectionOutcome::Missing) {
        let name = shown(name);
        console.say(format!("warning: the server owns `{name}` and did not send it"));
    }
}

/// How many sections each outcome happened to.
pub(crate) fn sections_in_words(report: &MergeReport) -> String {
    let outcomes = [
        SectionOutcome::Replaced,
        SectionOutcome::Overlaid,
        SectionOutcome::Added,
        SectionOutcome::Unchanged,
        SectionOutcome::Emptied,
        SectionOutcome::Missing,
        SectionOutcome::GivenBack,
        SectionOutcome::Ignored,
        SectionOutcome::Kept,
    ];
    let counts: Vec<_> = outcomes
        .iter()
        .map(|outcome| (report.with(*outcome).count(), outcome))
        .filter(|(count, _)| *count > 0)
        .map(|(count, outcome)| format!("{count} {outcome}"))
        .collect();
    match counts.as_slice() {
        [] => "no sections".to_owned(),
        counts => counts.join(", "),
    }
}

/// Who brought a configuration, and whether it is the one that was there.
pub(crate) fn origin_words(provisioned: &Provisioned) -> String {
    let from = supplier_words(&provisioned.supplier);
    let kept = provisioned.stored.last_good.as_ref();
    let is_same = !provisioned.stored.config.changed && kept.is_some_and(|kept| !kept.changed);
    match &provisioned.supplier {
        Supplier::Server { news: News::Sent, .. } if is_same => format!("{from} (nothing new)"),
        _ => from,
    }
}

/// Who brought a configuration.
pub(crate) fn supplier_words(supplier: &Supplier) -> String {
    match supplier {
        Supplier::Server { url, news: News::Unchanged, .. } => format!("{url} (nothing new)"),
        Supplier::Server { url, .. } => url.to_string(),
        Supplier::LastGood { age, .. } => {
            format!("what a server sent {} ago, since none answers", age_words(*age))
        }
        _ => "elsewhere".to_owned(),
    }
}

/// A time in its largest unit.
pub(crate) fn age_words(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// What a run wrote; what is kept beside it only if it is new.
fn tell_files(stored: &Stored, console: &mut Console) {
    tell_stored(&stored.config, "", console);
    if let Some(effective) = &stored.effective {
        tell_stored(effective, " (effective configuration)", console);
    }
    let kept = [
        (&stored.superseded, "Config.xml as it was"),
        (&stored.displaced, "displaced local sections"),
        (&stored.original, "Config.xml before provisioning"),
        (&stored.last_good, "for a start without a server"),
        (&stored.previous, "what this change replaced"),
    ];
    for (file, what) in kept {
        match file {
            Some(file) if file.changed => tell_stored(file, &format!(" ({what})"), console),
            Some(file) => {
                console.trace(format!("store     as it was: {} ({what})", path(&file.path)));
            }
            None => {}
        }
    }
    for file in &stored.removed {
        console.trace(format!("store     removed {}", path(file)));
    }
}

fn tell_stored(file: &StoredFile, what: &str, console: &mut Console) {
    let done = if file.changed { "wrote" } else { "as it was:" };
    console.say(format!("store     {done} {}{what}", path(&file.path)));
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

/// A phone has about twenty sections; a hostile server's answer can have a million.
const MOST_SECTIONS: usize = 100;

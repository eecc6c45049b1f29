//! A phone that dies: its files are wholly old or wholly new, and the next run makes them right (spec 5.1, 5.2).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex};

use provision_tests::{Answer, Server};

use crate::golden::fixture;
use crate::phone::Phone;

#[test]
fn a_phone_can_die_at_every_event() {
    let server = Switchable::new();
    let phone = Phone::new();
    phone.write("Provision.xml", server.provisioning_file());
    let [local, first] = ["config/zoiper3.xml", "answer/zoiper3.xml"].map(fixture);
    let first = String::from_utf8(first).expect("UTF-8");
    // `codecs` goes, and comes back from what was displaced; `video` is displaced instead.
    let second = first.replace("codecs>", "video>");
    let begin = Files::from([("Config.xml".to_owned(), local.clone())]);
    let die = |call, before: &Files| die_everywhere(&phone, call, before);

    server.answer(Answer::ok(first));
    let provisioned = die(RUN, &begin);
    assert_ne!(provisioned, begin);
    assert_eq!(die(RUN, &provisioned), provisioned);

    server.answer(Answer::ok(second));
    let changed = die(RUN, &provisioned);
    assert!(!holds(&provisioned["Config.xml"], "<codecs>"));
    assert!(holds(&changed["Config.xml"], "<codecs>"));
    assert!(holds(&changed["provision-displaced.xml"], "<video>"));
    assert_eq!(changed[PREVIOUS], provisioned["provision-last-good.xml"]);

    server.answer(Answer::status(503));
    assert_eq!(die(RUN, &changed), changed, "what was sent last is used, and nothing is written");
    for before in [begin, provisioned, changed] {
        let mut forgotten = die(FORGET, &before);
        assert!(forgotten.remove("provision-lock").is_some());
        assert_eq!(forgotten, Files::from([("Config.xml".to_owned(), local.clone())]));
    }
}

/// Calls from `before` on, again and again, and dies at one event after the other. What the folder holds after a
/// call that lives.
fn die_everywhere(phone: &Phone, call: Call, before: &Files) -> Files {
    restore(phone, before);
    assert!(embedded(phone, call, 0).success());
    let after = files(&phone.profile());
    assert!(embedded(phone, call, 0).success());
    let settled = files(&phone.profile());

    let mut last = before.clone();
    for event in 1.. {
        restore(phone, before);
        let status = embedded(phone, call, event);
        let now = files(&phone.profile());
        if status.success() {
            assert!(event > call.events, "{call:?} has more than {event} events");
            assert_eq!(last, after, "the last event is told when everything is stored");
            return now;
        }
        assert!(was_aborted(status), "{call:?}, event {event}: {status}");
        // The lock is there as soon as there is a run.
        let (is_old, is_new) = (but_lock(&now) == but_lock(before), now == after);
        assert!(is_old || is_new, "{call:?}, event {event}: files are neither old nor new");
        let was_old = but_lock(&last) == but_lock(before);
        assert!(was_old || now == last, "{call:?}, event {event}: files are old again");
        last = now.clone();

        assert!(embedded(phone, call, 0).success(), "{call:?} behind event {event}");
        let next = files(&phone.profile());
        let expected = if is_new { [&after, &settled] } else { [&after, &after] };
        assert!(expected.contains(&&next), "{call:?} behind event {event}");
        restore(phone, &now);
        assert!(embedded(phone, FORGET, 0).success(), "going back behind event {event}");
        assert_eq!(phone.config(), fixture("config/zoiper3.xml"), "{call:?}, event {event}");
    }
    unreachable!("a call has an end")
}

/// What the embedding program calls.
#[derive(Clone, Copy, Debug)]
struct Call {
    word: &'static str,
    /// It has at least so many events.
    events: usize,
}

const RUN: Call = Call { word: "run", events: 5 };
const FORGET: Call = Call { word: "forget", events: 1 };

/// A call that dies at an event; with the number 0 it lives.
fn embedded(phone: &Phone, call: Call, event: usize) -> ExitStatus {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embedded"));
    command.args([call.word, "profile", &event.to_string(), "Provision.xml"]);
    command.current_dir(phone.folder()).status().expect("the program was built with this test")
}

const PREVIOUS: &str = "provision-previous-good.xml";

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("the folder is readable");
        let bytes = timeless(fs::read(entry.path()).expect("the file is readable"));
        (entry.file_name().to_string_lossy().into_owned(), bytes)
    };
    entries.map(file).collect()
}

/// A file without the time since when a server has sent what is in it.
fn timeless(bytes: Vec<u8>) -> Vec<u8> {
    const SINCE: &str = "1970): ";
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    let Some((head, tail)) = text.split_once(SINCE) else { return bytes };
    format!("{head}{SINCE}1{}", tail.trim_start_matches(|byte: char| byte.is_ascii_digit())).into()
}

fn but_lock(files: &Files) -> Files {
    let mut files = files.clone();
    files.remove("provision-lock");
    files
}

/// Makes the phone's folder hold this and nothing else.
fn restore(phone: &Phone, files: &Files) {
    fs::remove_dir_all(phone.profile()).expect("the folder is ours");
    fs::create_dir(phone.profile()).expect("the folder is ours");
    for (name, bytes) in files {
        fs::write(phone.profile().join(name), bytes).expect("the folder is writable");
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

#[cfg(unix)]
fn was_aborted(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status).is_some()
}

/// Elsewhere an abort is a status of its own, far from those of a program that says why it ends.
#[cfg(not(unix))]
fn was_aborted(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| !(0..=5).contains(&code))
}

/// A server with one address and an answer that can be another one later.
struct Switchable {
    server: Server,
    answer: Arc<Mutex<Answer>>,
}

impl Switchable {
    fn new() -> Self {
        let answer = Arc::new(Mutex::new(Answer::status(503)));
        let server = {
            let answer = Arc::clone(&answer);
            Server::answering(move |_| answer.lock().expect("nobody panicked").clone())
        };
        Self { server, answer }
    }

    fn answer(&self, answer: Answer) {
        *self.answer.lock().expect("nobody panicked") = answer;
    }

    fn provisioning_file(&self) -> String {
        format!(
            "<provision><base_urls><base_url>{}</base_url></base_urls>\
             <significant_sections>general,accounts,codecs,video</significant_sections></provision>",
            self.server.url("/")
        )
    }
}

/// Some dozens of the kills and of the failing calls of `cargo xtask crash`. A system that lets no child be traced is told
/// as a failure: the campaign needs it.
#[cfg(target_os = "linux")]
#[test]
fn a_small_campaign_finds_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_crash"))
        .args(["40", "211"])
        .env("PROVISION_BIN", crate::phone::program())
        .output()
        .expect("the program was built with this test");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaint}");
    assert!(said.contains("0 kinds of findings"), "{said}");
}

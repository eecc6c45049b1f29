//! What a server sent last, for a start without one, and what it sent before that (spec 5.3).

use std::fs;
use std::sync::{Arc, Mutex};

use provision::fetch::{Credentials, Password, Secret};
use provision::{
    Context, CredentialSource, Discovery, Event, LastGood, Note, Options, Outcome, Provisioned,
    RunError, Supplier, run, take_back,
};
use provision_tests::{Answer, Server};

use crate::phone::Phone;

const LOCAL: &str = "<options>\n  <audio>mine</audio>\n  <accounts>mine</accounts>\n</options>\n";

/// A server whose answer changes.
struct Changing {
    server: Server,
    answer: Arc<Mutex<Answer>>,
}

impl Changing {
    fn new() -> Self {
        let answer = Arc::new(Mutex::new(Answer::status(503)));
        let given = Arc::clone(&answer);
        let server = Server::answering(move |_| given.lock().expect("nobody panicked").clone());
        Self { server, answer }
    }

    fn sends(&self, accounts: &str) {
        self.answers(Answer::ok(format!(
            "<options><skin/><accounts>{accounts}</accounts></options>"
        )));
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().expect("nobody panicked") = answer;
    }
}

/// A phone and its server.
struct Setting {
    phone: Phone,
    server: Changing,
    options: Options,
}

impl Setting {
    fn new(sections: &str) -> Self {
        let (phone, server) = (Phone::with_config(LOCAL.as_bytes()), Changing::new());
        let url = server.server.url("/");
        let file = phone.write(
            "Provision.xml",
            format!(
                "<provision><base_urls><base_url>{url}</base_url></base_urls><options>\
                 <use_authentication>1</use_authentication>\
                 <user_input_authentication>1</user_input_authentication>\
                 <authentication_type>basic</authentication_type></options>{sections}</provision>"
            ),
        );
        let options = Options { discovery: Discovery::File(file), ..Options::default() };
        Self { phone, server, options }
    }

    async fn run_as(&self, user: &str) -> (Result<Outcome, RunError>, Vec<Note>) {
        let password = Password::Plain(Secret::new("c4nary-p4ss"));
        let context = Context {
            profile: self.phone.profile(),
            credentials: CredentialSource::Given(Credentials::new(user, password)),
        };
        let mut notes = Vec::new();
        let outcome = run(context, &self.options, |event| {
            if let Event::Note(note) = event {
                notes.push(*note);
            }
        });
        (outcome.await, notes)
    }

    async fn run(&self) -> Provisioned {
        match self.run_as("alice").await.0 {
            Ok(Outcome::Provisioned(provisioned)) => *provisioned,
            other => panic!("{other:?}"),
        }
    }

    /// The text of the section `accounts` that the phone runs with, and whether a server sent it.
    async fn accounts(&self) -> (String, bool) {
        let provisioned = self.run().await;
        let is_served = matches!(provisioned.supplier, Supplier::Server { .. });
        let section = provisioned.effective.section("accounts").expect("there is one");
        (section.text().to_owned(), is_served)
    }

    fn has(&self, file: &str) -> bool {
        self.phone.profile().join(file).exists()
    }
}

const SECTIONS: &str = "<significant_sections>accounts,codecs</significant_sections>";
const FILE: &str = "provision-last-good.xml";
const PREVIOUS: &str = "provision-previous-good.xml";

fn sent(accounts: &str) -> (String, bool) {
    (format!("<accounts>{accounts}</accounts>"), true)
}

fn kept(accounts: &str) -> (String, bool) {
    (format!("<accounts>{accounts}</accounts>"), false)
}

#[tokio::test]
async fn a_phone_that_starts_without_a_server_has_its_accounts() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    assert_eq!(setting.accounts().await, sent("1"));
    let stored = setting.phone.config();
    setting.server.answers(Answer::status(503));
    let provisioned = setting.run().await;
    let Supplier::LastGood { age, failure, .. } = &provisioned.supplier else {
        panic!("{:?}", provisioned.supplier)
    };
    assert!(age.as_secs() < 60, "{age:?}");
    assert_eq!(failure.attempts().len(), 1);
    assert_eq!(provisioned.supplier.attempts().len(), 1);
    assert!(!provisioned.stored.changed());
    assert_eq!(setting.accounts().await, kept("1"));
    // What the server does not own is not kept.
    assert_eq!(setting.phone.config(), stored);
    let text = String::from_utf8(setting.phone.read(FILE)).expect("UTF-8");
    assert!(!text.contains("skin") && !text.contains("c4nary"), "{text}");
    provision::format::Config::read(text.as_bytes()).expect("it is a configuration");
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    for answer in [
        Answer::status(401),
        Answer::status(403),
        Answer::ok("<error>Your contract has ended</error>"),
    ] {
        setting.server.answers(answer);
        let (outcome, _) = setting.run_as("alice").await;
        assert!(outcome.is_err_and(|error| error.is_refusal()));
    }
}

#[tokio::test]
async fn it_is_for_one_user_and_one_provisioning_file() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    setting.server.answers(Answer::status(503));
    let (outcome, notes) = setting.run_as("bob").await;
    assert!(matches!(outcome, Err(RunError::Fetch(_))), "{outcome:?}");
    assert_eq!(notes, [Note::LastGoodNotOurs]);
    assert_eq!(setting.accounts().await, kept("1"));

    let path = setting.phone.folder().join("Provision.xml");
    let text = fs::read_to_string(&path).expect("it was written");
    setting.phone.write("Provision.xml", text.replace("accounts,codecs", "accounts"));
    let (outcome, notes) = setting.run_as("alice").await;
    assert!(matches!(outcome, Err(RunError::Fetch(_))), "{outcome:?}");
    assert_eq!(notes, [Note::LastGoodNotOurs]);
}

#[tokio::test]
async fn a_damaged_one_is_not_used_and_is_made_anew() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    let whole = setting.phone.read(FILE);
    for damaged in [&whole[..whole.len() / 2], b"", b"\xff", b"<options/>"] {
        fs::write(setting.phone.profile().join(FILE), damaged).expect("it is ours");
        setting.server.answers(Answer::status(503));
        let (outcome, notes) = setting.run_as("alice").await;
        assert!(matches!(outcome, Err(RunError::Fetch(_))), "{outcome:?}");
        let shown = String::from_utf8_lossy(damaged);
        assert_eq!(notes, [Note::LastGoodDamaged], "{shown}");
        setting.server.sends("1");
        setting.run().await;
        assert_eq!(setting.phone.read(FILE).len(), whole.len());
    }
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let mut setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    setting.server.sends("2");
    setting.run().await;
    assert!(setting.has(FILE) && setting.has(PREVIOUS));
    setting.options.last_good = LastGood::Off;
    setting.run().await;
    assert!(!setting.has(FILE) && !setting.has(PREVIOUS));
    setting.server.answers(Answer::status(503));
    let (outcome, _) = setting.run_as("alice").await;
    assert!(matches!(outcome, Err(RunError::Fetch(_))), "{outcome:?}");
}

/// Spec 4.6: what is stored is what the phone runs with.
#[tokio::test]
async fn the_later_dialect_keeps_what_it_replaced_and_nothing_else() {
    let setting = Setting::new("");
    setting.server.sends("1");
    setting.run().await;
    let replaced = "provision-previous-config.xml";
    assert_eq!(setting.phone.files(), ["Config.xml", replaced]);
    assert_eq!(setting.phone.read(replaced), LOCAL.as_bytes());
    let taken = take_back(&setting.phone.profile(), |_| {}).await.expect("it can be written");
    assert!(taken.is_some_and(|taken| taken.config.is_some() && taken.last_good.is_none()));
    assert_eq!(setting.phone.config(), LOCAL.as_bytes());
    // What the phone may have written since is not lost.
    assert_eq!(setting.phone.files(), ["Config.xml", "provision-superseded.xml"]);
    fs::remove_file(setting.phone.profile().join("provision-superseded.xml")).expect("it is ours");

    setting.run().await;
    setting.server.answers(Answer::status(503));
    let (outcome, _) = setting.run_as("alice").await;
    assert!(matches!(outcome, Err(RunError::Fetch(_))), "{outcome:?}");
    // A failure proves nothing; the next success does.
    assert!(setting.has(replaced));
    setting.server.sends("1");
    setting.run().await;
    assert_eq!(setting.phone.files(), ["Config.xml"]);
}

/// What the sections' mode has taken out of `Config.xml` is no longer kept beside it then.
#[tokio::test]
async fn the_way_to_the_later_dialect_can_be_taken_back() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    let file = fs::read_to_string(setting.phone.folder().join("Provision.xml")).expect("UTF-8");
    setting.phone.write("Provision.xml", file.replace(SECTIONS, ""));
    setting.run().await;
    let taken = take_back(&setting.phone.profile(), |_| {}).await.expect("it can be written");
    assert!(taken.is_some_and(|taken| taken.config.is_some()));
    assert_eq!(setting.phone.config(), LOCAL.as_bytes());
}

/// A configuration may have broken the way to the server.
#[tokio::test]
async fn what_the_last_change_replaced_is_kept_until_a_run_has_succeeded_after_it() {
    let setting = Setting::new(SECTIONS);
    setting.server.sends("1");
    setting.run().await;
    assert!(!setting.has(PREVIOUS), "there was nothing before");
    setting.server.sends("2");
    setting.run().await;
    for _ in 0..2 {
        setting.server.answers(Answer::status(503));
        assert_eq!(setting.accounts().await, kept("2"), "it is what the server sent last");
        assert!(setting.has(PREVIOUS));
    }
    let profile = setting.phone.profile();
    let left = profile.join("provision-abcdef.tmp");
    fs::write(&left, "by a run that was killed").expect("the folder is writable");
    let taken = take_back(&profile, |_| {}).await.expect("it can be written");
    assert!(taken.is_some_and(|taken| taken.last_good.is_some()));
    assert!(!left.exists());
    assert_eq!(setting.accounts().await, kept("1"));
    assert_eq!(take_back(&profile, |_| {}).await.expect("it can be written"), None);

    // A run that succeeds with what is there shows that it can be lived with.
    setting.server.sends("3");
    setting.run().await;
    assert!(setting.has(PREVIOUS));
    let run = setting.run().await;
    assert_eq!(run.stored.removed, [profile.join(PREVIOUS)]);
    assert!(!setting.run().await.stored.changed());
    // One change after the other: the last but one had a success after it.
    setting.server.sends("4");
    setting.run().await;
    setting.server.sends("5");
    setting.run().await;
    setting.server.answers(Answer::status(503));
    take_back(&profile, |_| {}).await.expect("it can be written").expect("it is kept");
    assert_eq!(setting.accounts().await, kept("4"));
}

#[cfg(unix)]
#[tokio::test]
async fn files_with_what_servers_sent_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;

    let setting = Setting::new(SECTIONS);
    for accounts in ["1", "2"] {
        setting.server.sends(accounts);
        setting.run().await;
    }
    for file in setting.phone.files().iter().filter(|file| *file != "Config.xml") {
        let metadata = fs::metadata(setting.phone.profile().join(file)).expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{file}");
    }
}

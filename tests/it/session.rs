//! A phone that is provisioned again and again by one process (spec 3.12, 3.13).

use std::sync::{Arc, Mutex};

use provision::fetch::{Credentials, Password, Secret};
use provision::{
    Context, CredentialSource, Discovery, Event, News, Note, Options, Outcome, PasswordDecoder,
    Provisioned, Question, RunError, Session, Supplier, run_blocking,
};
use provision_tests::{Answer, Request, Server};

use crate::golden::fixture;
use crate::phone::Phone;

fn session<'a>(phone: &Phone, credentials: CredentialSource<'a>) -> Session<'a> {
    let discovery = Discovery::File(phone.folder().join("Provision.xml"));
    let context = Context { profile: phone.profile(), credentials };
    Session::new(context, Options { discovery, ..Options::default() })
}

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials::new(user, Password::Plain(Secret::new(password)))
}

fn provisioned(outcome: Result<Outcome, RunError>) -> Provisioned {
    match outcome {
        Ok(Outcome::Provisioned(provisioned)) => *provisioned,
        other => panic!("{other:?}"),
    }
}

fn news(provisioned: &Provisioned) -> News {
    match &provisioned.supplier {
        Supplier::Server { news, .. } => *news,
        other => panic!("{other:?}"),
    }
}

/// Questions that were asked, and the answers that are given in turn.
#[derive(Default)]
struct Dialogue {
    questions: Mutex<Vec<Question>>,
}

impl Dialogue {
    fn ask<'a, const N: usize>(
        self: &Arc<Self>,
        answers: [Option<Credentials>; N],
    ) -> CredentialSource<'a> {
        let dialogue = Arc::clone(self);
        let mut answers = answers.into_iter();
        CredentialSource::Ask(Box::new(move |question| {
            dialogue.questions.lock().expect("nobody panicked").push(question);
            let answer = answers.next().expect("so often it may be asked");
            Box::pin(async { answer })
        }))
    }

    fn questions(&self) -> Vec<Question> {
        self.questions.lock().expect("nobody panicked").clone()
    }
}

/// A server that knows one password, and says no in words to every other one.
fn knowing(password: &'static str) -> Server {
    let digest = provision::fetch::Md5Digest::of(password).reveal().to_owned();
    Server::answering(move |request: &Request| match request.target().contains(&digest) {
        true => Answer::ok(fixture("answer/zoiper3.xml")).header("ETag", "\"1\""),
        false => Answer::ok("<error>Who are you?</error>"),
    })
}

#[tokio::test]
async fn a_server_that_has_nothing_new_need_not_send_it_again() {
    let server = Server::answering(|request| match request.header("if-none-match") {
        Some(_) => Answer::status(304),
        None => Answer::ok(fixture("answer/zoiper3.xml")).header("ETag", "\"1\""),
    });
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let mut session = session(&phone, CredentialSource::Given(credentials("alice", "c4nary-p4ss")));
    let first = provisioned(session.run(|_| {}).await);
    assert_eq!(news(&first), News::Sent);
    let second = provisioned(session.run(|_| {}).await);
    assert_eq!((news(&second), second.stored.changed()), (News::Unchanged, false));
    assert_eq!(
        second.effective.section("accounts").map(|section| section.text().to_owned()),
        first.effective.section("accounts").map(|section| section.text().to_owned())
    );

    // What the phone has changed meanwhile counts all the same.
    let config = String::from_utf8(phone.config()).expect("UTF-8");
    std::fs::write(
        phone.profile().join("Config.xml"),
        config.replace("</options>", "<mine>1</mine></options>"),
    )
    .expect("it is ours");
    let third = provisioned(session.run(|_| {}).await);
    assert_eq!(news(&third), News::Unchanged);
    assert!(third.effective.section("mine").is_some());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn the_user_is_asked_once_more_and_then_no_more() {
    let server = knowing("right");
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let dialogue = Arc::new(Dialogue::default());
    let answers = [Some(credentials("alice", "wrong")), Some(credentials("alicia", "right"))];
    let mut session = session(&phone, dialogue.ask(answers));
    let mut refused = 0;
    let outcome = session
        .run(|event| refused += usize::from(matches!(event, Event::CredentialsRefused)))
        .await;
    provisioned(outcome);
    let questions = dialogue.questions();
    assert_eq!((questions.len(), refused), (2, 1));
    assert_eq!(questions[0].refusal, None);
    assert_eq!(questions[1].preset_user, "alice");
    let message = questions[1].refusal.as_ref().and_then(|refusal| refusal.message.as_ref());
    assert_eq!(message.map(|message| message.text.as_str()), Some("Who are you?"));
    assert_eq!(server.requests().len(), 2);

    // A refresh goes by the answer that was good.
    provisioned(session.run(|_| {}).await);
    assert_eq!((dialogue.questions().len(), server.requests().len()), (2, 3));
}

#[tokio::test]
async fn the_same_answer_is_not_sent_twice() {
    let server = knowing("right");
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    for second in [Some(credentials("alice", "wrong")), None] {
        let before = server.requests().len();
        let dialogue = Arc::new(Dialogue::default());
        let answers = [Some(credentials("alice", "wrong")), second];
        let mut session = session(&phone, dialogue.ask(answers));
        let error = session.run(|_| {}).await.expect_err("it is wrong");
        assert!(error.is_refusal(), "{error:?}");
        let RunError::Fetch(error) = error else { panic!("{error:?}") };
        assert_eq!(error.server_message().map(|said| said.text.as_str()), Some("Who are you?"));
        assert_eq!(server.requests().len() - before, 1);
        assert_eq!(dialogue.questions().len(), 2);
    }
}

#[tokio::test]
async fn refused_credentials_are_not_used_by_the_next_run() {
    let server = knowing("right");
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let dialogue = Arc::new(Dialogue::default());
    let answers = [
        Some(credentials("alice", "wrong")),
        Some(credentials("alice", "wrong as well")),
        Some(credentials("alice", "right")),
    ];
    let mut session = session(&phone, dialogue.ask(answers));
    assert!(session.run(|_| {}).await.is_err_and(|error| error.is_refusal()));
    provisioned(session.run(|_| {}).await);
    assert_eq!((dialogue.questions().len(), server.requests().len()), (3, 3));
}

#[tokio::test]
async fn a_program_can_bring_other_credentials_by_itself() {
    let server = knowing("right");
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let mut given = session(&phone, CredentialSource::Given(credentials("alice", "wrong")));
    assert!(given.run(|_| {}).await.is_err_and(|error| error.is_refusal()));
    given.use_credentials(credentials("alice", "right"));
    provisioned(given.run(|_| {}).await);

    let dialogue = Arc::new(Dialogue::default());
    let mut asking = session(&phone, dialogue.ask([]));
    asking.use_credentials(credentials("alice", "right"));
    provisioned(asking.run(|_| {}).await);
    assert_eq!(dialogue.questions().len(), 0);
}

/// Also where the file has some, and whoever would be asked otherwise.
#[tokio::test]
async fn what_a_program_brings_goes_before_a_preset() {
    let server = knowing("right");
    let phone = Phone::new();
    let url = server.url("/?p=[pass]");
    phone.write(
        "Provision.xml",
        format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls><options>\
             <use_authentication>1</use_authentication><user>alice</user>\
             <password>wrong</password></options>\
             <significant_sections>accounts</significant_sections></provision>"
        ),
    );
    for source in [CredentialSource::Preset, Arc::new(Dialogue::default()).ask([])] {
        let mut session = session(&phone, source);
        assert!(session.run(|_| {}).await.is_err_and(|error| error.is_refusal()));
        session.use_credentials(credentials("alice", "right"));
        provisioned(session.run(|_| {}).await);
    }
}

#[tokio::test]
async fn a_preset_password_can_be_decoded_by_the_program() {
    let server = knowing("decoded");
    let phone = Phone::new();
    let url = server.url("/?p=[pass]");
    let file = |password: &str| {
        format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls><options>\
             <use_authentication>1</use_authentication><user>alice</user>\
             <password>{password}</password></options>\
             <significant_sections>accounts</significant_sections></provision>"
        )
    };
    let run = async |password: &str, answer: Option<&'static str>| {
        let path = phone.write("Provision.xml", file(password));
        let decoder = PasswordDecoder::new(move |_| answer.map(Secret::new));
        let options = Options {
            discovery: Discovery::File(path),
            password_decoder: Some(decoder),
            ..Options::default()
        };
        let credentials = CredentialSource::Preset;
        let context = Context { profile: phone.profile(), credentials };
        provision::run(context, &options, |_| {}).await
    };
    let encoded = "QUJDREVGR0hJSktMTU5PUA==";
    provisioned(run(encoded, Some("decoded")).await);
    // It is no such password after all, or has not that form: it is used as it stands.
    assert!(run(encoded, None).await.is_err_and(|error| error.is_refusal()));
    assert!(run("plain", Some("decoded")).await.is_err_and(|error| error.is_refusal()));
    provisioned(run("decoded", Some("never asked for")).await);
}

#[test]
fn a_program_without_a_runtime_can_wait() {
    let server = knowing("right");
    let phone = Phone::new();
    let file = phone.write_example(&[server.origin()]);
    let context = || Context {
        profile: phone.profile(),
        credentials: CredentialSource::Given(credentials("alice", "right")),
    };
    let options = Options { discovery: Discovery::File(file), ..Options::default() };
    provisioned(run_blocking(context(), &options, |_| {}));

    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be made");
    let refused = runtime.block_on(async { run_blocking(context(), &options, |_| {}) });
    assert!(matches!(refused, Err(RunError::NoRuntime(_))), "{refused:?}");
}

/// A server may say that it is closed, to somebody whom it does not know: that is tried again.
#[tokio::test]
async fn without_credentials_nothing_is_refused() {
    for answer in [Answer::ok("<error>Closed today</error>"), Answer::status(401)] {
        let server = Server::http(answer);
        let phone = Phone::new();
        let url = server.url("/");
        phone.write(
            "Provision.xml",
            format!(
                "<provision><base_urls><base_url>{url}</base_url></base_urls>\
                 <significant_sections>accounts</significant_sections></provision>"
            ),
        );
        let mut session = session(&phone, CredentialSource::Preset);
        let error = session.run(|_| {}).await.expect_err("there is no configuration");
        assert!(!error.is_refusal(), "{error:?}");
        assert!(matches!(&error, RunError::Fetch(error) if error.is_authentication()));
    }
}

/// The phone, or whoever else, saves its configuration between the merge and the store.
#[tokio::test]
async fn what_the_phone_saves_during_a_run_is_not_lost() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let before = phone.config();
    let saved = with_section(&before, "<mine>1</mine>");
    let path = phone.profile().join("Config.xml");
    let mut session = session(&phone, CredentialSource::Given(credentials("alice", "c4nary-p4ss")));
    let mut merges = 0;
    let mut notes = Vec::new();
    let outcome = session.run(|event| match event {
        Event::Merged(_) => {
            merges += 1;
            if merges == 1 {
                std::fs::write(&path, &saved).expect("it is ours");
            }
        }
        Event::Note(note) => notes.push(*note),
        _ => {}
    });
    let provisioned = provisioned(outcome.await);
    assert_eq!((merges, notes.as_slice()), (2, [Note::ConfigChanged].as_slice()));
    assert!(provisioned.effective.section("mine").is_some());
    assert!(phone.config() != saved && contains(&phone.config(), "<mine>1</mine>"));
    assert_eq!(server.requests().len(), 1);
    // As if it had been saved before the run.
    provision::forget(&phone.profile(), |_| {}).await.expect("the profile is writable");
    assert!(phone.config() == saved);
    assert_eq!(phone.files(), ["Config.xml"]);
}

#[tokio::test]
async fn a_phone_that_saves_all_the_time_keeps_what_it_saved() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let before = phone.config();
    let path = phone.profile().join("Config.xml");
    let mut session = session(&phone, CredentialSource::Given(credentials("alice", "c4nary-p4ss")));
    let mut merges = 0;
    let outcome = session.run(|event| {
        if let Event::Merged(_) = event {
            merges += 1;
            let saved = with_section(&before, &format!("<mine>{merges}</mine>"));
            std::fs::write(&path, saved).expect("it is ours");
        }
    });
    let error = outcome.await.expect_err("it never comes to rest");
    assert!(matches!(error, RunError::ConfigChanged { .. }), "{error:?}");
    assert!(error.retry_can_help());
    assert_eq!(merges, 3);
    assert!(phone.config() == with_section(&before, "<mine>3</mine>"));
    assert_eq!(phone.files(), ["Config.xml"]);
}

/// A run that finds no `Config.xml` does not replace one that the phone writes meanwhile.
#[tokio::test]
async fn a_first_configuration_of_the_phones_own_is_not_lost() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    phone.write_example(&[server.origin()]);
    let saved = phone.config();
    let path = phone.profile().join("Config.xml");
    std::fs::remove_file(&path).expect("it is ours");
    let mut session = session(&phone, CredentialSource::Given(credentials("alice", "c4nary-p4ss")));
    let outcome = session.run(|event| {
        if let Event::Merged(_) = event {
            if !path.exists() {
                std::fs::write(&path, &saved).expect("it is ours");
            }
        }
    });
    provisioned(outcome.await);
    provision::forget(&phone.profile(), |_| {}).await.expect("the profile is writable");
    assert!(phone.config() == saved);
}

/// `config` with one more section at its end.
fn with_section(config: &[u8], section: &str) -> Vec<u8> {
    let text = std::str::from_utf8(config).expect("UTF-8");
    text.replace("</options>", &format!("{section}</options>")).into_bytes()
}

fn contains(config: &[u8], text: &str) -> bool {
    std::str::from_utf8(config).expect("UTF-8").contains(text)
}

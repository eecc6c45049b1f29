//! The run as a program embeds it: credentials asked for, events told, dropped at any time (spec 6).

use std::fs;
use std::path::PathBuf;

use provision::fetch::{Credentials, Password, Secret};
use provision::{Context, CredentialSource, Discovery, Event, Options, Outcome, RunError, run};
use provision_tests::{Answer, Server};

use crate::golden::fixture;
use crate::phone::Phone;

fn context<'a>(phone: &Phone, credentials: CredentialSource<'a>) -> Context<'a> {
    Context { profile: phone.profile(), credentials }
}

fn options(file: PathBuf) -> Options {
    Options { discovery: Discovery::File(file), ..Options::default() }
}

fn alice() -> Credentials {
    Credentials::new("alice", Password::Plain(Secret::new("secret")))
}

#[test]
fn a_run_can_be_spawned() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let phone = Phone::new();
    let ask = CredentialSource::Ask(Box::new(|_| Box::pin(async { None })));
    drop(is_send(run(context(&phone, ask), &Options::default(), |_| {})));
}

#[tokio::test]
async fn a_program_is_asked_for_credentials_and_told_every_step() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    let options = options(phone.write_example(&[server.origin()]));
    let mut questions = Vec::new();
    let ask = CredentialSource::Ask(Box::new(|question| {
        questions.push(question);
        Box::pin(async { Some(alice()) })
    }));
    let mut steps = Vec::new();
    let outcome = run(context(&phone, ask), &options, |event| {
        steps.push(match event {
            Event::Discovered { .. } => "discovered",
            Event::ProvisionFileRead { .. } => "read the provisioning file",
            Event::Fetch(_) => "fetch",
            Event::LocalConfigRead { .. } => "read the configuration",
            Event::Merged(_) => "merged",
            Event::Stored(_) => "stored",
            _ => "other",
        });
    })
    .await;

    let Ok(Outcome::Provisioned(provisioned)) = outcome else { panic!("{outcome:?}") };
    steps.dedup();
    assert_eq!(
        steps,
        [
            "discovered",
            "read the provisioning file",
            "fetch",
            "read the configuration",
            "merged",
            "stored"
        ]
    );
    assert_eq!(questions.len(), 1);
    let digest = "5ebe2294ecd0e0f08eab7690d2a6ee69";
    assert_eq!(
        server.requests()[0].target(),
        format!("/provision/?username=alice&password={digest}")
    );
    assert_eq!(
        provisioned.effective.section("accounts").map(provision::format::Section::is_empty),
        Some(false)
    );
    assert!(!format!("{provisioned:?}").contains(digest));
    assert!(!format!("{provisioned:?}").contains("not-a-real"));
}

#[tokio::test]
async fn a_cancelled_question_ends_the_run_without_an_attempt() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper3.xml")));
    let phone = Phone::new();
    let options = options(phone.write_example(&[server.origin()]));
    let before = phone.config();
    let cancel = CredentialSource::Ask(Box::new(|_| Box::pin(async { None })));
    let outcome = run(context(&phone, cancel), &options, |_| {}).await;
    assert!(matches!(outcome, Err(RunError::Cancelled)), "{outcome:?}");
    assert_eq!(server.connection_count(), 0);
    assert_eq!(phone.config(), before);
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_the_files_as_they_were() {
    let server = Server::http(Answer::silence());
    let phone = Phone::new();
    let options = options(phone.write_example(&[server.origin()]));
    let before = phone.config();
    let (started, wait) = tokio::sync::oneshot::channel();
    let mut started = Some(started);
    let future = run(context(&phone, CredentialSource::Given(alice())), &options, |event| {
        // The connection stands, and the server says nothing.
        if matches!(event, Event::Fetch(provision::fetch::Event::StageFinished { .. })) {
            started.take().map(|started| started.send(()));
        }
    });
    tokio::select! {
        outcome = future => panic!("a silent server cannot end a run: {outcome:?}"),
        started = wait => started.expect("the connection was made"),
    }
    assert_eq!(phone.config(), before);
    assert_eq!(phone.files(), ["Config.xml"]);
}

#[tokio::test]
async fn merged_results_are_what_the_files_hold() {
    let server = Server::http(Answer::ok(fixture("answer/zoiper5.xml")));
    let phone = Phone::with_config(&fixture("config/zoiper5.xml"));
    let file = phone.write_example(&[server.origin()]);
    let effective = phone.folder().join("effective.xml");
    let options = Options { effective: Some(effective.clone()), ..options(file) };
    let credentials = CredentialSource::Given(alice());
    let outcome = run(context(&phone, credentials), &options, |_| {}).await;
    let Ok(Outcome::Provisioned(provisioned)) = outcome else { panic!("{outcome:?}") };
    let written = fs::read(effective).expect("it was written");
    assert_eq!(written, provisioned.effective.text().as_bytes());
    assert_eq!(written, fixture("merge/zoiper5/effective.xml"));
    assert_eq!(phone.config(), fixture("merge/zoiper5/stored.xml"));
}

//! Every URL of a list by itself.

use std::time::{Duration, SystemTime};

use provision_fetch::{Attempt, Identity, Options, Plan, Reach, StartReason, survey};
use provision_tests::{Answer, Server, TestCa};

use super::{GOOD, alice, impatient, judge};

async fn surveyed(
    urls: &[String],
    identity: &Identity,
    reach: Reach,
    options: &Options,
) -> Vec<Attempt> {
    let plan = Plan { urls, identity };
    survey(&plan, options, reach, judge, |_| {}).await.expect("nothing is wrong here")
}

fn codes(attempts: &[Attempt]) -> Vec<&str> {
    attempts
        .iter()
        .map(|attempt| attempt.outcome.as_ref().map_or_else(|failure| failure.code, |()| "good"))
        .collect()
}

#[tokio::test]
async fn every_url_is_asked_and_the_slow_ones_are_left() {
    let (first, second) = (Server::http(Answer::ok(GOOD)), Server::http(Answer::ok(GOOD)));
    let (silent, failing) = (Server::http(Answer::silence()), Server::http(Answer::status(503)));
    // More than are asked at a time, so that the last ones wait for the silent ones.
    let mut urls: Vec<String> = (0..8).map(|path| silent.url(&format!("/{path}"))).collect();
    urls.extend([
        first.url("/"),
        first.url("/"),
        failing.url("/"),
        "ftp://h/".to_owned(),
        second.url("/"),
    ]);
    let attempts = surveyed(&urls, &Identity::Anonymous, Reach::Answer, &impatient()).await;
    let mut expected = vec!["attempt-timeout"; 8];
    expected.extend(["good", "url-repeated", "http-status", "url-scheme", "good"]);
    assert_eq!(codes(&attempts), expected);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
    assert!(attempts.iter().enumerate().all(|(index, attempt)| attempt.url_index == index));
}

#[tokio::test]
async fn the_whole_time_is_bounded() {
    let silent = Server::http(Answer::silence());
    let urls: Vec<String> = (0..20).map(|path| silent.url(&format!("/{path}"))).collect();
    let mut options = Options::default();
    options.limits.run = Duration::from_millis(200);
    let attempts = surveyed(&urls, &Identity::Anonymous, Reach::Answer, &options).await;
    assert_eq!(codes(&attempts), ["run-deadline"; 20]);
    // Behind the deadline nobody is asked.
    assert_eq!(silent.requests().len(), 8);
}

#[tokio::test]
async fn a_connection_is_enough_where_nobody_is_to_be_asked() {
    let ca = TestCa::new();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = Options {
        extra_ca_files: vec![ca.write_pem(folder.path()).expect("the folder is writable")],
        ..Options::default()
    };
    let (plain, secured) =
        (Server::http(Answer::ok("no")), Server::https(Answer::ok("no"), &ca.certificate()));
    let expired = Server::https(Answer::ok(GOOD), &ca.expired());
    let urls = [plain.url("/"), secured.url("/[pass]"), expired.url("/")];
    let identity = Identity::Url(alice());
    let attempts = surveyed(&urls, &identity, Reach::Connection, &options).await;
    assert_eq!(codes(&attempts), ["good", "good", "tls-expired"]);
    assert_eq!(plain.requests().len() + secured.requests().len() + expired.requests().len(), 0);

    let attempts = surveyed(&urls, &identity, Reach::Answer, &options).await;
    assert_eq!(codes(&attempts), ["not-good", "not-good", "tls-expired"]);
}

#[tokio::test]
async fn an_attempt_tells_addresses_certificate_and_clock() {
    let ca = TestCa::new();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = Options {
        extra_ca_files: vec![ca.write_pem(folder.path()).expect("the folder is writable")],
        ..Options::default()
    };
    let answer = Answer::ok(GOOD).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let server = Server::https(answer, &ca.certificate());
    let mut reasons = Vec::new();
    let urls = [server.url("/")];
    let plan = Plan { urls: &urls, identity: &Identity::Anonymous };
    let events = |event: &provision_fetch::Event| {
        if let provision_fetch::Event::AttemptStarted { reason, .. } = event {
            reasons.push(*reason);
        }
    };
    let attempts =
        survey(&plan, &options, Reach::Answer, judge, events).await.expect("it is asked");
    assert_eq!(reasons, [StartReason::Survey]);
    assert_eq!(attempts[0].addresses, [server.address()]);
    let valid = attempts[0].certificate.expect("it was shown");
    assert!(valid.from < SystemTime::now() && SystemTime::now() < valid.until, "{valid:?}");
    let clock = attempts[0].server_clock.expect("it was told");
    assert_eq!(clock.said, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
}

//! Asking only for what has changed (spec 3.13).

use provision_fetch::{
    Credentials, Identity, Options, Password, Plan, Refetched, Secret, Validators,
};
use provision_tests::{Answer, Request, Server};

use super::{GOOD, alice, judge, run, run_plain};

const TAG: &str = "\"tag-1\"";
const DATE: &str = "Mon, 23 Nov 2026 12:00:00 GMT";

/// A server with one document, which says 304 to whoever has it.
fn server() -> Server {
    Server::answering(|request: &Request| match request.header("If-None-Match") {
        Some(TAG) => Answer::status(304).header("ETag", TAG),
        _ => Answer::ok(GOOD).header("ETag", TAG).header("Last-Modified", DATE),
    })
}

async fn again(urls: &[String], identity: &Identity, known: &Validators) -> Refetched<String> {
    let plan = Plan { urls, identity };
    let options = Options::default();
    provision_fetch::fetch_if_changed(&plan, known, &options, judge, |_| {})
        .await
        .expect("there is a good server")
}

async fn validators(urls: &[String], identity: &Identity) -> Validators {
    let first = run(urls, identity, &Options::default()).await;
    first.result.expect("the server is good").validators.expect("there is a tag")
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    for identity in [Identity::Anonymous, Identity::Basic(alice()), Identity::Url(alice())] {
        let server = server();
        let urls = [server.url("/?user=[user]&password=[pass]")];
        let known = validators(&urls, &identity).await;
        let Refetched::Unchanged(unchanged) = again(&urls, &identity, &known).await else {
            panic!("nothing has changed");
        };
        assert_eq!((unchanged.url_index, unchanged.attempts.len()), (0, 1));
        let requests = server.requests();
        assert_eq!(requests[0].header("If-None-Match"), None);
        assert_eq!(requests[1].header("If-None-Match"), Some(TAG));
        assert_eq!(requests[1].header("If-Modified-Since"), Some(DATE));
    }
}

#[tokio::test]
async fn what_has_changed_is_fetched() {
    let server = Server::answering(|_| Answer::ok(GOOD).header("Last-Modified", DATE));
    let urls = [server.url("/")];
    let known = validators(&urls, &Identity::Anonymous).await;
    let Refetched::Changed(fetched) = again(&urls, &Identity::Anonymous, &known).await else {
        panic!("the server sent it again");
    };
    assert_eq!(fetched.value, GOOD);
    assert!(fetched.validators.is_some());
}

#[tokio::test]
async fn nobody_else_is_told_what_is_known() {
    let (one, two) = (server(), server());
    let bob = Credentials::new("bob", Password::Plain(Secret::new("other")));
    let known = validators(&[two.url("/")], &Identity::Basic(alice())).await;
    // Another server, which comes first, wins; another user has another document.
    for (urls, identity) in [
        (vec![one.url("/"), two.url("/")], Identity::Basic(alice())),
        (vec![two.url("/?other")], Identity::Basic(alice())),
        (vec![two.url("/")], Identity::Basic(bob)),
        (vec![two.url("/")], Identity::Anonymous),
    ] {
        assert!(matches!(again(&urls, &identity, &known).await, Refetched::Changed(_)));
    }
    let requests = [one.requests(), two.requests()].concat();
    assert!(requests.iter().all(|request| request.header("If-None-Match").is_none()));
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_a_failure() {
    let server = Server::http(Answer::status(304).header("ETag", TAG));
    let run = run_plain(&[server.url("/")]).await;
    assert_eq!(run.codes(), ["http-status"]);
}

#[tokio::test]
async fn a_server_that_names_no_state_is_asked_as_ever() {
    let server = Server::http(Answer::ok(GOOD));
    let run = run_plain(&[server.url("/")]).await;
    assert!(run.result.expect("the server is good").validators.is_none());
}

//! Secrets in nothing that we show, whatever a server does (spec 3.8, 7.2).

use std::cell::RefCell;

use provision_fetch::{
    Answer as FetchAnswer, Event, Identity, Options, Plan, Rejection, ServerMessage, UrlPassword,
    Verdict,
};
use provision_tests::{Answer, Server};

use super::{DIGEST, PASSWORD, alice};

/// Every form in which the password travels or could come back.
const CANARIES: [&str; 6] = [
    PASSWORD,
    DIGEST,
    "YWxpY2U6YzRuYXJ5L3Bhc3Mgd8O2cmQ=",
    "c4nary%2Fpass%20w%C3%B6rd",
    "c4nary",
    "pasted-t0ken",
];

/// Everything that a fetch lets out, as text.
async fn everything_shown(urls: &[String], identity: &Identity, options: &Options) -> String {
    let shown = RefCell::new(String::new());
    let plan = Plan { urls, identity };
    // A judge that repeats the server's words wherever it can.
    let judge = |answer: FetchAnswer<'_>| -> Verdict<()> {
        let text = String::from_utf8_lossy(answer.body).into_owned();
        if text.contains("reject") {
            Verdict::Reject(Rejection {
                code: "echo",
                message: "it repeats".to_owned(),
                quotation: Some(text),
                hint: None,
            })
        } else {
            Verdict::ErrorAnswer(ServerMessage { text: text.clone(), code: Some(text) })
        }
    };
    let events = |event: &Event| shown.borrow_mut().push_str(&format!("{event:?}\n{event:#?}\n"));
    let error = provision_fetch::fetch(&plan, options, judge, events).await.expect_err("an echo");
    let mut text = shown.into_inner();
    text.push_str(&format!("{error}\n{error:?}\n{error:#?}\n{plan:?}\n{options:?}\n"));
    text.push_str(&format!("{:?}\n", error.server_message()));
    for attempt in error.attempts() {
        text.push_str(&format!("{} {attempt:?}\n", attempt.url));
        if let Err(failure) = &attempt.outcome {
            text.push_str(&format!("{failure} {:?} {:?}\n", failure.message, failure.hint));
        }
    }
    text
}

#[tokio::test]
async fn a_server_that_echoes_does_not_make_us_print_secrets() {
    let echo = |status: u16| {
        Server::answering(move |request| {
            let all = format!("{} {PASSWORD} {} {DIGEST}", request.raw, DIGEST.to_uppercase());
            let all = if request.path().contains("reject") { format!("reject {all}") } else { all };
            Answer::status(status).header("X-Echo", request.target()).body(all)
        })
    };
    let bounce = Server::answering(|request| {
        Answer::redirect(302, &format!("http://{DIGEST}.example{}", request.target()))
    });
    let (good, bad) = (echo(200), echo(500));
    let query = "?u=[user]&p=[pass]&api_token=pasted-t0ken";
    let urls = [
        good.url(&format!("/error/{query}")),
        good.url(&format!("/reject/{query}")),
        bad.url(&format!("/error/{query}")),
        bounce.url(&format!("/{query}")),
        Server::closed().url(&format!("/{query}")),
        format!("http://127.0.0.1:99999/{query}"),
        format!("http://alice:c4nary@127.0.0.1/{query}"),
        format!("http://[pass]/{query}"),
    ];
    for identity in [Identity::Basic(alice()), Identity::Url(alice())] {
        for url_password in [UrlPassword::Md5, UrlPassword::Plain] {
            let options = Options { url_password, ..Options::default() };
            let shown = everything_shown(&urls, &identity, &options).await;
            for canary in CANARIES {
                assert!(
                    !shown.to_lowercase().contains(&canary.to_lowercase()),
                    "{canary} in {shown}"
                );
            }
            assert!(shown.contains("alice"), "{shown}");
            assert!(shown.contains("[masked]"), "{shown}");
        }
    }
    // The servers did get what is not shown.
    assert!(good.requests().iter().any(|request| request.target().contains(DIGEST)));
    assert!(good.requests().iter().any(|request| request.target().contains("c4nary%2F")));
}

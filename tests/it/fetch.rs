//! Fetching from loopback servers: what goes out, what counts, and in which order (spec 3).

mod client_certificate;
mod conditional;
mod credentials;
mod failover;
mod https;
mod limits;
mod proxies;
mod redirects;
mod secrecy;
mod staggered;
mod survey;

use std::cell::RefCell;
use std::time::Duration;

use provision_fetch::{
    Answer, Credentials, Event, Failure, FetchError, Fetched, Identity, Limits, Options, Password,
    Plan, Rejection, Secret, ServerMessage, Verdict,
};

/// The body that [`judge`] accepts.
const GOOD: &str = "<options/>";

/// The password of every test; it occurs in no message by chance.
const PASSWORD: &str = "c4nary/pass wörd";

/// Its digest.
const DIGEST: &str = "f20b33ee370a7bc131ee25cffdd0212c";

fn alice() -> Credentials {
    Credentials::new("alice", Password::Plain(Secret::new(PASSWORD)))
}

/// A stand-in for whoever knows the documents.
fn judge(answer: Answer<'_>) -> Verdict<String> {
    let text = String::from_utf8_lossy(answer.body).into_owned();
    if let Some(message) =
        text.strip_prefix("<error>").and_then(|text| text.strip_suffix("</error>"))
    {
        return Verdict::ErrorAnswer(ServerMessage { text: message.to_owned(), code: None });
    }
    if text.starts_with(GOOD) {
        return Verdict::Accept(text);
    }
    Verdict::Reject(Rejection {
        code: "not-good",
        message: "the body will not do".to_owned(),
        quotation: None,
        hint: Some("send another one".to_owned()),
    })
}

/// What a fetch led to, with all that it told on the way.
struct Run {
    result: Result<Fetched<String>, FetchError>,
    events: Vec<Event>,
}

impl Run {
    fn value(&self) -> &str {
        match &self.result {
            Ok(fetched) => &fetched.value,
            Err(error) => panic!("no value: {error} {:#?}", error.attempts()),
        }
    }

    fn error(&self) -> &FetchError {
        match &self.result {
            Ok(fetched) => panic!("no error: {fetched:?}"),
            Err(error) => error,
        }
    }

    /// The failures in the order of the attempts; a good one is left out.
    fn failures(&self) -> Vec<&Failure> {
        let attempts = match &self.result {
            Ok(fetched) => &fetched.attempts[..],
            Err(error) => error.attempts(),
        };
        attempts.iter().filter_map(|attempt| attempt.outcome.as_ref().err()).collect()
    }

    fn codes(&self) -> Vec<&str> {
        self.failures().iter().map(|failure| failure.code).collect()
    }

    fn warnings(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::UrlWarning { warning, .. } => Some(warning.code),
                _ => None,
            })
            .collect()
    }
}

/// Fetches with the test's own judge.
async fn run(urls: &[String], identity: &Identity, options: &Options) -> Run {
    let events = RefCell::new(Vec::new());
    let plan = Plan { urls, identity };
    let result = provision_fetch::fetch(&plan, options, judge, |event: &Event| {
        events.borrow_mut().push(event.clone());
    })
    .await;
    Run { result, events: events.into_inner() }
}

/// Without credentials and with the defaults.
async fn run_plain(urls: &[String]) -> Run {
    run(urls, &Identity::Anonymous, &Options::default()).await
}

/// For servers that never answer: long enough for a loopback request, short enough for a test.
fn impatient() -> Options {
    Options {
        limits: Limits { attempt: Duration::from_millis(400), ..Limits::default() },
        ..Options::default()
    }
}

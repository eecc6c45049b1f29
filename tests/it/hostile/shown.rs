//! What a program gets to see of a fetch, be it by `Debug`.

use std::cell::RefCell;
use std::time::Duration;

use provision_fetch::{
    Answer, Credentials, Event, Identity, Limits, Options, Password, Plan, Rejection, Secret,
    ServerMessage, Verdict,
};
use provision_tests::hostile::Authentication;

use super::credentials::{PASSWORD, USER};
use super::visit::Visit;
use crate::canaries;

/// Credentials in what a fetch in this program tells, with a judge that repeats the server wherever it may.
pub(super) fn complaints(visit: &Visit<'_>) -> Option<String> {
    let credentials = Credentials::new(USER, Password::Plain(Secret::new(PASSWORD)));
    let identity = match visit.authentication {
        Authentication::Url => Identity::Url(credentials),
        Authentication::Basic => Identity::Basic(credentials),
    };
    let urls = visit.urls();
    let plan = Plan { urls: &urls, identity: &identity };
    let options = Options {
        limits: Limits { attempt: PATIENCE, connect: PATIENCE, ..Limits::default() },
        extra_ca_files: vec![visit.stage.ca().to_owned()],
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let told = RefCell::new(format!("{plan:?}\n{options:?}\n"));
    let listen = |event: &Event| told.borrow_mut().push_str(&format!("{event:?}\n{event:#?}\n"));
    let result = runtime.block_on(provision_fetch::fetch(&plan, &options, judge, listen));
    let mut told = told.into_inner();
    match &result {
        Ok(fetched) => told.push_str(&format!("{fetched:?}\n{fetched:#?}\n{}\n", fetched.url)),
        Err(error) => told
            .push_str(&format!("{error}\n{error:?}\n{error:#?}\n{:?}\n", error.server_message())),
    }
    let found = canaries::found_in(told.as_bytes());
    (!found.is_empty()).then(|| format!("{found:?} in what a program is told:\n{told}"))
}

fn judge(answer: Answer<'_>) -> Verdict<()> {
    let text: String = String::from_utf8_lossy(answer.body).chars().take(500).collect();
    if text.contains("<options") {
        Verdict::Accept(())
    } else if text.contains("<error") {
        Verdict::ErrorAnswer(ServerMessage { text: text.clone(), code: Some(text) })
    } else {
        Verdict::Reject(Rejection {
            code: "repeated",
            message: "it will not do".to_owned(),
            quotation: Some(text),
            hint: None,
        })
    }
}

/// Long enough for a server on this machine, and short for one that never answers.
const PATIENCE: Duration = Duration::from_millis(600);

//! Writes the first answer of several servers that is text to standard output, and what happened to standard error.
//!
//! ```text
//! first_good_answer [--user NAME] URL…
//! ```
//!
//! With a user name, `[user]` and `[pass]` in the URLs stand for it and for the MD5 digest of a password, which is read
//! from the variable `PASSWORD` or, if that is not set, from the first line of standard input: an argument can be seen by
//! everyone on the machine.

#![expect(clippy::print_stderr, reason = "an example shows what happens")]

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use bytes::Bytes;
use provision_fetch::{
    Answer, Credentials, Event, Identity, Options, Password, Plan, Rejection, Secret, Verdict,
    fetch,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut urls: Vec<String> = env::args().skip(1).collect();
    let identity = if urls.first().is_some_and(|first| first == "--user") {
        let user = urls.drain(..2.min(urls.len())).nth(1).ok_or("--user needs a name")?;
        Identity::Url(Credentials::new(user, Password::Plain(password()?)))
    } else {
        Identity::Anonymous
    };
    let plan = Plan { urls: &urls, identity: &identity };
    let fetched = fetch(&plan, &Options::default(), judge, trace).await?;
    io::stdout().write_all(&fetched.value)?;
    Ok(())
}

/// What will do: text that is no web page. A login page under status 200 is so a server that failed.
fn judge(answer: Answer<'_>) -> Verdict<Bytes> {
    let reject = |code, message: &str| {
        let message = message.to_owned();
        Verdict::Reject(Rejection { code, message, quotation: None, hint: None })
    };
    match std::str::from_utf8(answer.body) {
        Ok(text) if text.trim_start().to_ascii_lowercase().starts_with("<!doctype html") => {
            reject("web-page", "the answer is a web page")
        }
        // A `Bytes` is shared, not copied.
        Ok(_) => Verdict::Accept(answer.body.clone()),
        Err(_) => reject("no-text", "the answer is no text"),
    }
}

fn trace(event: &Event) {
    match event {
        Event::AttemptStarted { url_index, url, reason, .. } => {
            eprintln!("{}. {url} ({reason:?})", url_index + 1);
        }
        Event::StageFinished { url_index, stage, elapsed, .. } => {
            eprintln!("{}.   {stage:<8} {elapsed:?}", url_index + 1);
        }
        Event::AttemptEnded(attempt) => {
            let outcome = match &attempt.outcome {
                Ok(()) => "accepted".to_owned(),
                Err(failure) => format!("failed: {failure}"),
            };
            eprintln!("{}.   {outcome} after {:?}", attempt.url_index + 1, attempt.elapsed);
        }
        _ => {}
    }
}

fn password() -> Result<Secret, Box<dyn Error>> {
    if let Ok(password) = env::var("PASSWORD") {
        return Ok(Secret::new(password));
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

//! Whether a server's answer will do (spec 3.2).

use provision_fetch::{Answer, Rejection, ServerMessage, Verdict};
use provision_format::{self as format, Code, Config, Position, Reading, Report, Source};

/// Judges an answer: a configuration will do, an `<error>` is the server's message, anything else is
/// a reason to try the next server. The body decides, never its type.
pub(crate) fn judge(answer: &Answer<'_>, limit: usize) -> Verdict<Config> {
    let read = Source::decode(answer.body, limit).and_then(format::Answer::from_source);
    match read {
        Ok(Reading { value: format::Answer::Configuration(config), .. }) => Verdict::Accept(config),
        Ok(Reading { value: format::Answer::Error(error), .. }) => {
            Verdict::ErrorAnswer(ServerMessage { text: error.text, code: error.code })
        }
        Err(report) => Verdict::Reject(rejection(&report)),
    }
}

/// What the first error means and where it is, without a word of the answer: it may repeat our
/// credentials (spec 7.2).
fn rejection(report: &Report) -> Rejection {
    let first = report.errors().next();
    let code = first.map_or(Code::ParserDisagreement, |error| error.code);
    let meaning = code.meaning().trim_end_matches('.').to_owned();
    let (message, hint) = match first {
        Some(error) if !matches!(code, Code::Empty | Code::TooLarge | Code::WebPage) => {
            let Position { line, column } = report.position(error.span);
            let message = format!("line {line}, column {column} of the answer: {meaning}");
            (message, "the server's script has to be mended")
        }
        _ => (meaning, "open the address in a browser to see what answers there"),
    };
    Rejection { code: code.as_str(), message, quotation: None, hint: Some(hint.to_owned()) }
}

//! Whether a server's answer will do (spec 3.2).

use provision_fetch::{Answer, Rejection, ServerMessage, Verdict};
use provision_format::{self as format, Code, Config, Position, Reading, Report, Source};

/// Judges an answer: a configuration will do, an `<error>` is the server's message, anything else is
/// a reason to try the next server. The body decides, never its type.
pub(crate) fn judge(answer: &Answer<'_>, limit: usize) -> Verdict<Config> {
    let read = Source::decode(&answer.body[..], limit).and_then(format::Answer::from_source);
    match read {
        Ok(Reading { value: format::Answer::Configuration(config), .. }) => Verdict::Accept(config),
        Ok(Reading { value: format::Answer::Error(error), .. }) => {
            let code = error.code().map(str::to_owned);
            Verdict::ErrorAnswer(ServerMessage { text: error.text().to_owned(), code })
        }
        Err(report) => Verdict::Reject(rejection(&report)),
    }
}

/// What the first error means and where it is, without a word of the answer: it may repeat our
/// credentials (spec 7.2).
fn rejection(report: &Report) -> Rejection {
    let first = report.errors().next();
    let code = first.map_or(Code::ParserDisagreement, |error| error.code);
    let meaning = as_part(code.meaning());
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

/// A sentence as a part of another one.
pub(crate) fn as_part(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut characters = sentence.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(sentence[first.len_utf8()..].chars()).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_says_what_and_where_without_a_word_of_the_answer() {
        let said = |body: &str| {
            let report = Source::decode(body.as_bytes(), 1 << 20)
                .and_then(format::Answer::from_source)
                .expect_err("it will not do");
            rejection(&report)
        };
        let cut = said("<options>\n<canary>");
        assert_eq!((cut.code, cut.quotation), ("unclosed", None));
        assert_eq!(
            cut.message,
            "line 2, column 9 of the answer: an element is not closed, or the document ends inside of something"
        );
        let portal = said("<!DOCTYPE html><html>");
        assert!(portal.message.starts_with("the document is a web page"), "{}", portal.message);
        for code in Code::ALL {
            assert!(!as_part(code.meaning()).ends_with('.'));
        }
        assert_eq!(as_part("UTF-16 text."), "UTF-16 text");
        assert_eq!(as_part("A name."), "a name");
    }
}

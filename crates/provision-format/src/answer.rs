//! What a server answers.

use crate::character_data::character_data;
use crate::diagnostic::{Reading, Report};
use crate::gate::Judgement;
use crate::outline::Outline;
use crate::root::{CONFIGURATION, ERROR};
use crate::shown::{shown, shown_within};
use crate::tokens::decoded_value;
use crate::xml_out::XmlOut;
use crate::{Config, Source, WriteError, gate};

/// The most characters that are shown of an error's code.
const CODE_CHARACTERS: usize = 64;

/// More than can be shown, whatever the characters and the white space at its ends.
const READ_BYTES: usize = 16 << 10;

/// A server's answer (spec 7.1), told apart by its root.
#[derive(Clone, Debug)]
pub enum Answer {
    /// `<options>…</options>`
    Configuration(Config),
    /// `<error>…</error>`
    Error(ErrorAnswer),
}

/// A server's message for the user. Both texts are bounded and safe to show; see
/// [`shown`](crate::shown()).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    text: String,
    code: Option<String>,
}

impl Answer {
    /// Reads an answer of at most 8 MiB.
    ///
    /// # Errors
    ///
    /// The report, when the bytes are no text, the text is outside the accepted XML, or its root is
    /// neither `options` nor `error`.
    pub fn read(bytes: &[u8]) -> Result<Reading<Self>, Report> {
        Self::from_source(Source::decode(bytes, Source::ANSWER_LIMIT)?)
    }

    /// Reads an answer from text that was decoded before.
    ///
    /// # Errors
    ///
    /// As for [`Answer::read`].
    pub fn from_source(source: Source) -> Result<Reading<Self>, Report> {
        let judgement = gate::judge(source.text());
        if judgement.root_name(source.text()) == Some(ERROR) {
            let reading = ErrorAnswer::judged(source, judgement)?;
            return Ok(Reading { value: Self::Error(reading.value), report: reading.report });
        }
        let reading = Config::judged(source, judgement, &[CONFIGURATION, ERROR])?;
        Ok(Reading { value: Self::Configuration(reading.value), report: reading.report })
    }
}

impl ErrorAnswer {
    /// The message `text` with a `code`, as they are shown: without white space around them, with
    /// controls made visible, and cut at 500 and 64 characters. An empty code is none.
    pub fn new(text: &str, code: Option<&str>) -> Self {
        let code = code.map(|code| shown_within(code.trim(), CODE_CHARACTERS).trim().to_owned());
        let text = shown(text.trim()).trim().to_owned();
        Self { text, code: code.filter(|code| !code.is_empty()) }
    }

    /// The message; empty if the server gave none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of the attribute `code` (later phones).
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The answer as a server sends it: text in UTF-8, which reads back equal.
    ///
    /// # Errors
    ///
    /// When the message has a character that XML cannot carry and that is no control, U+FFFE or U+FFFF.
    pub fn to_xml(&self) -> Result<String, WriteError> {
        let mut out = XmlOut::new();
        let code = self.code.as_deref().map(|code| ("code", code));
        out.leaf_with(ERROR, code, &self.text);
        out.finish()
    }

    fn judged(source: Source, judgement: Judgement) -> Result<Reading<Self>, Report> {
        let answer = judgement.outline.map(|outline| Self::from_outline(source.text(), &outline));
        Reading::unless_errors(answer, Report::new(source, judgement.findings))
    }

    /// All text inside the element counts, whatever elements it stands in (spec 7.1). No more of it is
    /// looked at than can be shown.
    fn from_outline(text: &str, outline: &Outline) -> Self {
        let message = character_data(text[outline.root.content.range()].trim(), READ_BYTES);
        let code = outline
            .root_attributes
            .iter()
            .find(|attribute| &text[attribute.name.range()] == "code");
        let code = code.map(|attribute| {
            let value = text[attribute.value.range()].trim_start();
            let end = value.char_indices().nth(READ_BYTES).map_or(value.len(), |(end, _)| end);
            decoded_value(&value[..end])
        });
        Self::new(&message, code.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn error(bytes: &[u8]) -> ErrorAnswer {
        match Answer::read(bytes).expect("the answer is valid").value {
            Answer::Error(error) => error,
            Answer::Configuration(_) => panic!("an error was expected"),
        }
    }

    fn refused(bytes: &[u8]) -> Code {
        Answer::read(bytes).expect_err("the answer is not valid").diagnostics()[0].code
    }

    #[test]
    fn the_root_tells_what_an_answer_is() {
        let answer = Answer::read(b"<options><accounts></accounts></options>").expect("valid");
        assert!(matches!(answer.value, Answer::Configuration(_)));
        assert_eq!(error(b"<error>Wrong user</error>").text, "Wrong user");
        assert_eq!(refused(b"<provision/>"), Code::ProvisionFileFound);
        assert_eq!(refused(b"<html><body>Log in</body></html>"), Code::WebPage);
        assert_eq!(refused(b"{\"error\": 1}"), Code::OutsideRoot);
        assert_eq!(refused(b""), Code::Empty);
    }

    #[test]
    fn an_error_text_is_all_text_inside_bounded_and_safe() {
        assert_eq!(error(b"<error code='4\r\n&#10;3'/>").code(), Some("4  3"));
        let answer = error(
            "<error code=' 403 '>\n A & B<b>\u{202e}C</b><![CDATA[<D>]]>\r\n</error>".as_bytes(),
        );
        assert_eq!(answer.text, r"A & B\u{202e}C<D>");
        assert_eq!(answer.code.as_deref(), Some("403"));
        assert_eq!(error(b"<error/>"), ErrorAnswer::new("", None));
        assert_eq!(error(b"<error>&#x9b;31m</error>").text, r"\u{9b}31m");
        let long = error(format!("<error code='{0}'>{0}</error>", "x".repeat(100_000)).as_bytes());
        assert_eq!(long.text.chars().count(), 500);
        assert_eq!(long.code.map(|code| code.chars().count()), Some(64));
    }

    #[test]
    fn an_error_element_inside_a_section_is_data() {
        let answer = Answer::read(b"<options><a><error>x</error></a></options>").expect("valid");
        assert!(matches!(answer.value, Answer::Configuration(_)));
    }
}

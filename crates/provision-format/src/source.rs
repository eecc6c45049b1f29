//! The one buffer that everything points into.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report};
use crate::encoding::{self, Encoding, Unencodable};
use crate::findings::Findings;
use crate::{Code, LineIndex, Span};

/// A document's text, with what is needed to write it as it was: its encoding and whether it began
/// with a byte order mark. Cloning is cheap. It may hold passwords, so `Debug` shows only its length.
#[derive(Clone)]
pub struct Source {
    /// Not `Arc<str>`: a text would be copied once more to get into one.
    text: Arc<String>,
    encoding: Encoding,
    mark: bool,
}

impl Source {
    /// The limit for a document from a file, 64 MiB (spec 1.6).
    pub const FILE_LIMIT: usize = 64 << 20;
    /// The limit for a document from a server, 8 MiB (spec 1.6).
    pub const ANSWER_LIMIT: usize = 8 << 20;

    /// Decodes `bytes` (spec 1.7), of which there may be `limit` at most. A vector of UTF-8 becomes the text without a
    /// copy.
    ///
    /// # Errors
    ///
    /// A report with one finding: the document is too large, empty, or in an encoding that is not
    /// supported, contradictory or broken. Nothing is ever replaced silently.
    pub fn decode<'a>(bytes: impl Into<Cow<'a, [u8]>>, limit: usize) -> Result<Self, Report> {
        Self::decoded(bytes.into(), limit)
    }

    fn decoded(bytes: Cow<'_, [u8]>, limit: usize) -> Result<Self, Report> {
        let refuse = |text: String, fault| {
            let source = Self::from(text);
            let mut findings = Findings::default();
            findings.add(fault);
            Err(Report::new(source, findings))
        };
        // The text can be three times as long as its bytes, and has to stay within the width of a span.
        let limit = limit.min(u32::MAX as usize / 3);
        if bytes.len() > limit {
            let message = format!("the document has more than {limit} bytes");
            return refuse(String::new(), Diagnostic::error(Code::TooLarge, Span::at(0), message));
        }
        let decoded = encoding::decode(bytes);
        if let Some(fault) = decoded.fault {
            return refuse(decoded.text, fault);
        }
        if decoded.text.trim_ascii().is_empty() {
            let message = "the document is empty";
            return refuse(decoded.text, Diagnostic::error(Code::Empty, Span::at(0), message));
        }
        Ok(Self { text: Arc::new(decoded.text), encoding: decoded.encoding, mark: decoded.mark })
    }

    /// The same document with another text: `encoding` and byte order mark stay.
    pub fn with_text(&self, text: impl Into<String>) -> Self {
        Self { text: Arc::new(text.into()), ..*self }
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The encoding that it came in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The document as bytes, in its own encoding. Those of UTF-8 without a byte order mark are not copied.
    ///
    /// # Errors
    ///
    /// When the text has a character that the encoding cannot express, which a text that was decoded
    /// and not changed never has.
    pub fn to_bytes(&self) -> Result<Cow<'_, [u8]>, Unencodable> {
        encoding::encode(&self.text, self.encoding, self.mark)
    }

    /// The starts of the lines, to compute lines and columns with.
    pub fn line_index(&self) -> LineIndex {
        LineIndex::new(&self.text)
    }
}

impl From<String> for Source {
    /// A document in UTF-8 without a byte order mark.
    fn from(text: String) -> Self {
        Self { text: Arc::new(text), encoding: Encoding::Utf8, mark: false }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({} bytes, {})", self.text.len(), self.encoding)
    }
}

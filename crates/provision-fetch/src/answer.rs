//! The question whether a body will do, and its answers.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

/// What a server sent, as the judge of a fetch sees it.
///
/// The body may repeat credentials, so `Debug` shows only its length.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// 200, or, where only an error message is looked for, another status (spec 3.2).
    pub status: StatusCode,
    /// The whole body under 200. Under another status it is shown only if it is complete and at most 64 KiB.
    pub body: &'a Bytes,
}

impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// What a judge makes of an [`Answer`].
///
/// Under a status other than 200 only [`Verdict::ErrorAnswer`] has a meaning: nothing can make such an answer good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// The body will do, and this was made of it.
    Accept(T),
    /// The body will not do; the URL has failed.
    Reject(Rejection),
    /// The server sent a message for the user in place of a document; the URL has failed.
    ErrorAnswer(ServerMessage),
}

/// Why a body will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// A stable code in kebab case.
    pub code: &'static str,
    /// What is wrong, in the judge's own words. It is shown as it is, so it must not repeat the answer,
    /// which may repeat our credentials (spec 7.2).
    pub message: String,
    /// A piece of the answer that explains it, bounded by the judge. Credentials of ours in it are
    /// masked before anyone sees it.
    pub quotation: Option<String>,
    /// What to do about it, in the judge's own words too.
    pub hint: Option<String>,
}

/// A server's own words to the user (spec 7.1).
///
/// The judge bounds the text and makes controls visible. Credentials of ours that it repeats are masked (spec 7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerMessage {
    /// The words.
    pub text: String,
    /// The server's own number or name for the error, if it sent one.
    pub code: Option<String>,
}

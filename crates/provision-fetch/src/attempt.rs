//! One URL's way through its stages, and where it ended.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use crate::answer::ServerMessage;
use crate::code::Code;
use crate::masked::MaskedUrl;
use crate::validity::CertificateValidity;

/// What became of one URL of the list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Its place in [`Plan::urls`](crate::Plan::urls), from 0.
    pub url_index: usize,
    /// The URL of the list, masked. Redirects do not change it.
    pub url: MaskedUrl,
    /// The address last connected to, or the first one tried.
    pub address: Option<SocketAddr>,
    /// Every address that was found for the host, or for that of the proxy, on the last connection.
    pub addresses: Vec<SocketAddr>,
    /// Host and port of the proxy that the last connection went to or through; `address` is then the proxy's.
    pub proxy: Option<String>,
    /// Host and port of the proxy that would have been used if this host were not exempt.
    pub exempt_from: Option<String>,
    /// The version of TLS on the last connection, once the handshake is done.
    pub tls: Option<TlsVersion>,
    /// How long the server's certificate is valid, once the handshake is done.
    pub certificate: Option<CertificateValidity>,
    /// What time it is at the server, if it has answered and said so.
    pub server_clock: Option<ServerClock>,
    /// The stages that were left behind, in their order. With redirects a stage occurs once per request.
    pub stages: Vec<StageTiming>,
    /// From the start to the end.
    pub elapsed: Duration,
    /// `Ok` for a URL whose body was accepted. With staggered starts there can be more than one; the earliest is used.
    pub outcome: Result<(), Failure>,
}

/// A server's clock beside the one of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerClock {
    /// What the server said, to the second.
    pub said: SystemTime,
    /// What it was here when that came.
    pub here: SystemTime,
}

/// How long a stage took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageTiming {
    /// The stage.
    pub stage: Stage,
    /// From entering it to leaving it.
    pub elapsed: Duration,
}

/// The stages of an attempt, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Making the URL from its template, before anything is sent. Not timed.
    Url,
    /// Reading the platform's trust store. For the first https URL of a run only.
    Trust,
    /// Looking the host name up: that of the proxy, if there is one.
    Resolve,
    /// Connecting by TCP.
    Connect,
    /// Asking a proxy for a way to the server. For https only.
    Proxy,
    /// The TLS handshake. For https only.
    Tls,
    /// Sending the request and waiting for the head of the response.
    Request,
    /// Judging the head: status, redirect, encodings.
    Status,
    /// Reading the body.
    Body,
    /// Asking the judge.
    Accept,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Url => "url",
            Self::Trust => "trust",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Request => "request",
            Self::Status => "status",
            Self::Body => "body",
            Self::Accept => "accept",
        })
    }
}

/// The versions of TLS that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// Why a URL failed.
///
/// Nothing in it was sent by a server, except the [`server_message`](Self::server_message), what a judge said in a
/// rejection, and the origin of a refused redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// A stable code in kebab case, such as `connect-refused`: that of a [`Code`], or the judge's.
    pub code: &'static str,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether the same request may succeed later with nothing changed here.
    pub retry_can_help: bool,
    /// Whether other credentials may help: 401, 403 or an error answer (spec 3.12).
    pub is_authentication: bool,
    /// The server's own words, if it sent some.
    pub server_message: Option<ServerMessage>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.message)
    }
}

/// A failure by whoever found it; the stage is known to whoever keeps the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    code: &'static str,
    message: String,
    hint: Option<String>,
    retry_can_help: bool,
    is_authentication: bool,
    server_message: Option<ServerMessage>,
}

impl Fault {
    /// A fault that stays until somebody changes something.
    pub(crate) fn lasting(code: Code, message: impl Into<String>) -> Self {
        Self::rejected(code.as_str(), message)
    }

    /// What a judge rejected, by a code of its own.
    pub(crate) fn rejected(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            retry_can_help: false,
            is_authentication: false,
            server_message: None,
        }
    }

    /// A fault that may be gone at the next try.
    pub(crate) fn passing(code: Code, message: impl Into<String>) -> Self {
        Self { retry_can_help: true, ..Self::lasting(code, message) }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Says whose fault it is.
    pub(crate) fn prefixed(self, whose: &str) -> Self {
        Self { message: format!("{whose}: {}", self.message), ..self }
    }

    /// Other credentials may help.
    pub(crate) fn authentication(self) -> Self {
        Self { is_authentication: true, ..self }
    }

    /// The server said why: a reason to ask for other credentials (spec 3.12).
    pub(crate) fn said(self, message: ServerMessage) -> Self {
        Self { server_message: Some(message), ..self.authentication() }
    }

    pub(crate) fn at(self, stage: Stage) -> Failure {
        Failure {
            stage,
            code: self.code,
            message: self.message,
            hint: self.hint,
            retry_can_help: self.retry_can_help,
            is_authentication: self.is_authentication,
            server_message: self.server_message,
        }
    }

    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

//! The driver's hands: one attempt's requests over TCP and TLS. It decides nothing about which URL is next.

mod causes;
mod client_certificate;
mod connect;
mod exchange;
mod head;
mod meter;
mod provider;
mod roots;
mod tcp;
mod tls;
mod trust;
mod tunnel;

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

pub use self::client_certificate::ClientCertificate;
pub(crate) use self::client_certificate::ClientCertificateFault;
pub use self::provider::tls_provider;
pub use self::roots::{PlatformTrust, platform_trust};
pub(crate) use self::trust::Trust;
use crate::attempt::{Fault, ServerClock, Stage, TlsVersion};
use crate::code::Code;
use crate::credentials::Identity;
use crate::endpoint::Endpoint;
use crate::limits::Limits;
use crate::proxy::ProxyRules;
use crate::scrub::Scrubber;
use crate::tried::Tried;
use crate::validators::Validators;
use crate::validity::CertificateValidity;

/// A variable of the environment.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// What all attempts of a run share.
pub(crate) struct Transport {
    pub(crate) limits: Limits,
    pub(crate) user_agent: HeaderValue,
    /// For basic authentication. Marked as sensitive.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) trust: Trust,
    pub(crate) proxies: ProxyRules,
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) identity: Identity,
    /// What is known already, and need not be sent again.
    pub(crate) known: Option<Validators>,
    pub(crate) tried: Tried,
    pub(crate) reach: Reach,
}

/// How far an attempt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To a connection over which the server could be asked. Nothing is asked.
    Connection,
    /// To an answer.
    Answer,
}

/// The way to a server.
pub(crate) enum Route {
    Direct,
    /// Directly, though there is a proxy for other hosts.
    Exempt {
        proxy: String,
    },
    Through {
        proxy: String,
    },
}

/// What a TLS handshake has come to.
#[derive(Clone, Copy)]
pub(crate) struct Security {
    pub(crate) version: TlsVersion,
    pub(crate) certificate: Option<CertificateValidity>,
}

/// What an attempt tells the driver, and when it was so.
pub(crate) struct Report {
    pub(crate) url_index: usize,
    pub(crate) at: Instant,
    pub(crate) step: Step,
}

pub(crate) enum Step {
    Entered(Stage),
    /// A connection is begun.
    Routed(Route),
    /// These are the addresses that can be connected to.
    Resolved(Vec<SocketAddr>),
    Connecting(SocketAddr),
    /// TLS is spoken from here on.
    Secured(Security),
    /// The server has said what time it is.
    Dated(ServerClock),
    Redirected {
        status: StatusCode,
        origin: String,
    },
    /// The attempt has failed, whatever becomes of the body that is still being read for an error message.
    Settled(Fault),
    Ended(End),
}

/// How an attempt ended, as far as the network goes.
pub(crate) enum End {
    /// A complete body under status 200.
    Body {
        body: Bytes,
        validators: Option<Validators>,
    },
    /// There is a connection, and that was all that was wanted.
    Connected,
    /// What is known already still holds.
    Unchanged,
    Failed(Fault),
    /// Failed by its status. What came with it may be an error message for the user.
    FailedWithBody {
        fault: Fault,
        status: StatusCode,
        body: Bytes,
    },
}

/// Carries an attempt's reports to the driver, in their order.
#[derive(Clone)]
pub(crate) struct Reporter {
    pub(crate) url_index: usize,
    pub(crate) driver: UnboundedSender<Report>,
}

impl Reporter {
    fn tell(&self, step: Step) {
        // A driver that is gone has no use for news.
        let _ = self.driver.send(Report { url_index: self.url_index, at: Instant::now(), step });
    }

    fn enter(&self, stage: Stage) {
        self.tell(Step::Entered(stage));
    }
}

/// Asks one URL of the list, follows its redirects, and reports the end. Its time is bounded by the driver.
pub(crate) async fn attempt(transport: Arc<Transport>, first: Endpoint, reporter: Reporter) {
    let end = match ask(&transport, first, &reporter).await {
        Ok(end) => end,
        Err(fault) => End::Failed(fault),
    };
    reporter.tell(Step::Ended(end));
}

async fn ask(transport: &Transport, first: Endpoint, reporter: &Reporter) -> Result<End, Fault> {
    let mut endpoint = first;
    let mut earlier = Vec::new();
    loop {
        let connection = connect::connect(transport, &endpoint, reporter).await?;
        if transport.reach == Reach::Connection {
            return Ok(End::Connected);
        }
        reporter.enter(Stage::Request);
        match exchange::exchange(transport, connection, &endpoint, &earlier, reporter).await? {
            exchange::Outcome::End(end) => return Ok(end),
            exchange::Outcome::Redirect { status, to } => {
                if !transport.tried.claim(&to) {
                    return Err(Fault::lasting(
                        Code::RedirectRepeat,
                        "the server redirects to a URL that was already tried in this run",
                    )
                    .hint("each URL is tried once per run; remove one of the two from the list"));
                }
                reporter.tell(Step::Redirected { status, origin: to.origin().to_string() });
                earlier.push(std::mem::replace(&mut endpoint, to));
            }
        }
    }
}

//! From an endpoint to a connected stream: name resolution, TCP, TLS.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tower_service::Service;

use super::{Reporter, Step, Transport, causes, tls};
use crate::attempt::{Fault, Stage};
use crate::endpoint::Endpoint;
use crate::limits::time_in_words;
use crate::origin::{Host, Origin, Scheme};

pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Connects to the endpoint's origin. Resolution, TCP and TLS share one limit (spec 3.9).
pub(super) async fn connect(
    transport: &Transport,
    endpoint: &Endpoint,
    reporter: &Reporter,
) -> Result<Stream, Fault> {
    let origin = endpoint.origin();
    // The trust store is read for https only, and not on the connection's time.
    let tls = match origin.scheme {
        Scheme::Http => None,
        Scheme::Https => {
            if ServerName::try_from(origin.host.for_resolver()).is_err() {
                return Err(unnameable_fault(&origin.host));
            }
            Some(transport.trust.client_config(reporter).await?)
        }
    };
    let limit = transport.limits.connect;
    let mut tcp = TcpConnector {
        origin: origin.clone(),
        deadline: deadline(limit),
        limit,
        reporter: reporter.clone(),
    };
    let uri = bare_uri(origin)?;
    let Some(tls) = tls else {
        let stream = tcp.call(uri).await.map_err(|ConnectError(fault)| fault)?;
        return Ok(MaybeHttpsStream::Http(stream));
    };
    let until = tcp.deadline;
    let mut https = HttpsConnector::from((tcp, tls));
    // Up to TCP the connector keeps the same deadline itself and is asked first: what runs out here is the handshake.
    match timeout_at(until, https.call(uri)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(match error.downcast::<ConnectError>() {
            Ok(error) => error.0,
            Err(error) => tls::fault(error.as_ref(), origin),
        }),
        Err(_) => Err(timeout_fault("tls-timeout", "the TLS handshake with", origin, limit)),
    }
}

/// The origin as the connector takes it. Path and query, which may hold credentials, do not come near it.
fn bare_uri(origin: &Origin) -> Result<Uri, Fault> {
    Uri::builder()
        .scheme(origin.scheme.as_str())
        .authority(origin.authority())
        .path_and_query("/")
        .build()
        .map_err(|_| Fault::lasting("url-host", format!("{origin} cannot be asked")))
}

/// Never so far away that the clock overflows.
fn deadline(limit: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);
    Instant::now() + limit.min(FAR)
}

/// The TCP half, in the shape that [`HttpsConnector`] wraps.
#[derive(Clone)]
struct TcpConnector {
    origin: Origin,
    deadline: Instant,
    limit: Duration,
    reporter: Reporter,
}

impl Service<Uri> for TcpConnector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect().await.map_err(ConnectError) })
    }
}

impl TcpConnector {
    async fn connect(&self) -> Result<TokioIo<TcpStream>, Fault> {
        self.reporter.enter(Stage::Resolve);
        let addresses = timeout_at(self.deadline, resolve(&self.origin))
            .await
            .map_err(|_| self.timed_out("resolve-timeout", "looking up the host of"))??;

        self.reporter.enter(Stage::Connect);
        self.reporter.tell(Step::Connecting(addresses[0]));
        let stream = timeout_at(self.deadline, race(addresses.into()))
            .await
            .map_err(|_| self.timed_out("connect-timeout", "connecting to"))?
            .map_err(|errors| refused_fault(&self.origin, &errors))?;
        if let Ok(address) = stream.peer_addr() {
            self.reporter.tell(Step::Connecting(address));
        }
        // A request may be written in pieces; none is to wait for an acknowledgement. Without it all works, only later.
        let _ = stream.set_nodelay(true);

        if self.origin.scheme == Scheme::Https {
            self.reporter.enter(Stage::Tls);
        }
        Ok(TokioIo::new(stream))
    }

    fn timed_out(&self, code: &'static str, what: &str) -> Fault {
        timeout_fault(code, what, &self.origin, self.limit)
    }
}

/// The addresses of a host, at least one, families taking turns (RFC 8305 §4).
async fn resolve(origin: &Origin) -> Result<Vec<SocketAddr>, Fault> {
    let name = origin.host.for_resolver();
    let found = tokio::net::lookup_host((name, origin.port))
        .await
        .map_err(|error| unresolved_fault(&origin.host, Some(&error)))?;
    let addresses = interleave(found.collect());
    if addresses.is_empty() {
        return Err(unresolved_fault(&origin.host, None));
    }
    Ok(addresses)
}

/// Families take turns, beginning with the one that the system put first.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else {
        return addresses;
    };
    let first_is_ipv4 = first.is_ipv4();
    let (one, other): (VecDeque<SocketAddr>, VecDeque<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv4() == first_is_ipv4);
    let mut queues = [one, other];
    let mut mixed = Vec::with_capacity(addresses.len());
    while queues.iter().any(|queue| !queue.is_empty()) {
        for queue in &mut queues {
            mixed.extend(queue.pop_front());
        }
    }
    mixed
}

type Errors = Vec<(SocketAddr, io::Error)>;

/// The first connection that comes about (RFC 8305 §5): the next address is tried beside the pending ones after a while,
/// and at once when one has failed. The losers are dropped.
async fn race(mut untried: VecDeque<SocketAddr>) -> Result<TcpStream, Errors> {
    let mut connecting = JoinSet::new();
    let mut errors = Errors::new();
    loop {
        if let Some(address) = untried.pop_front() {
            connecting.spawn(async move { (address, TcpStream::connect(address).await) });
        }
        let ended = if untried.is_empty() {
            connecting.join_next().await
        } else {
            match timeout(ATTEMPT_DELAY, connecting.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok((_, Ok(stream)))) => return Ok(stream),
            Some(Ok((address, Err(error)))) => errors.push((address, error)),
            // A connection's task neither panics nor is cancelled while we wait for it.
            Some(Err(_)) => {}
            None => return Err(errors),
        }
    }
}

fn refused_fault(origin: &Origin, errors: &Errors) -> Fault {
    let reasons: Vec<String> = errors
        .iter()
        .take(ADDRESSES_NAMED)
        .map(|(address, error)| format!("{address}: {}", connect_reason(error)))
        .collect();
    // The first address is the one the system prefers; what it says counts.
    let refused =
        errors.first().is_some_and(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused);
    let more = errors.len().saturating_sub(ADDRESSES_NAMED);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("no connection to {origin} ({}{more})", reasons.join(", "));
    if refused {
        Fault::passing("connect-refused", message)
            .hint("check host and port, and whether the server runs")
    } else {
        Fault::passing("connect-failed", message)
            .hint("check host and port, the network and the firewall")
    }
}

fn connect_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        io::ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        io::ErrorKind::TimedOut => "timed out".to_owned(),
        _ => error.to_string(),
    }
}

fn unresolved_fault(host: &Host, error: Option<&io::Error>) -> Fault {
    let message = match error.and_then(causes_text) {
        Some(reason) => format!("the name {host} cannot be resolved ({reason})"),
        None => format!("the name {host} has no address"),
    };
    let hint = if host.is_address() {
        "check the address"
    } else {
        "check the host name in the URL, and the network's name server"
    };
    Fault::passing("resolve-failed", message).hint(hint)
}

fn causes_text(error: &io::Error) -> Option<String> {
    causes::system_error(error).map(ToString::to_string)
}

fn timeout_fault(code: &'static str, what: &str, origin: &Origin, limit: Duration) -> Fault {
    Fault::passing(code, format!("{what} {origin} took longer than {}", time_in_words(limit))).hint(
        match code {
            "resolve-timeout" => "check the host name and the network's name server",
            _ => "check host, port, network and firewall, or allow more time for connecting",
        },
    )
}

/// Only what a certificate can name can be verified.
fn unnameable_fault(host: &Host) -> Fault {
    let message = format!("{host} is no name that a certificate can be for");
    Fault::lasting("url-host", message).hint("write the host's name, or its address in full")
}

/// A [`Fault`] on its way through [`HttpsConnector`], which wants an error.
#[derive(Debug)]
struct ConnectError(Fault);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no TCP connection")
    }
}

impl Error for ConnectError {}

/// RFC 8305 §8: the recommended connection attempt delay.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses that a message names.
const ADDRESSES_NAMED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().expect("an address")).collect()
    }

    #[test]
    fn families_take_turns() {
        assert_eq!(
            interleave(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"])),
            addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"])
        );
        assert_eq!(
            interleave(addresses(&["1.1.1.1:1", "[::1]:1"])),
            addresses(&["1.1.1.1:1", "[::1]:1"])
        );
        assert_eq!(interleave(Vec::new()), Vec::new());
    }

    #[tokio::test]
    async fn a_refused_address_does_not_hold_up_a_good_one() {
        let refused = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address")
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let good = listener.local_addr().expect("its address");

        let stream = race([refused, refused, good].into()).await.expect("one is good");
        assert_eq!(stream.peer_addr().expect("connected"), good);

        let errors = race([refused, refused].into()).await.expect_err("none is good");
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[0].0, refused);
    }
}

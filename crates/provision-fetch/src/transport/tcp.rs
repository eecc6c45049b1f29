//! From a host's name to a TCP connection.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Reporter, Step, causes};
use crate::attempt::{Fault, Stage};
use crate::code::Code;
use crate::limits::time_in_words;
use crate::origin::Host;

/// Whom to connect to.
pub(super) struct Peer<'a> {
    pub(super) host: &'a Host,
    pub(super) port: u16,
    /// What messages call it.
    pub(super) name: &'a (dyn fmt::Display + Sync),
}

/// When connecting must be done: TCP, a proxy's tunnel and TLS share one (spec 3.9).
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    /// Never so far away that the clock overflows.
    pub(super) fn after(limit: Duration) -> Self {
        const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);
        Self { at: Instant::now() + limit.min(FAR), limit }
    }

    /// Waits for `step` and no longer; `what` of `name` took too long otherwise.
    pub(super) async fn bound<T>(
        self,
        step: impl Future<Output = T>,
        code: Code,
        what: &str,
        name: &(dyn fmt::Display + Sync),
    ) -> Result<T, Fault> {
        timeout_at(self.at, step).await.map_err(|_| {
            let limit = time_in_words(self.limit);
            Fault::passing(code, format!("{what} {name} took longer than {limit}")).hint(match code
            {
                Code::ResolveTimeout => "check the host name and the network's name server",
                _ => "check host, port, network and firewall, or allow more time for connecting",
            })
        })
    }
}

/// Connects by the first address that answers.
pub(super) async fn connect(
    peer: &Peer<'_>,
    deadline: Deadline,
    reporter: &Reporter,
) -> Result<TcpStream, Fault> {
    reporter.enter(Stage::Resolve);
    let addresses = deadline
        .bound(resolve(peer), Code::ResolveTimeout, "looking up the host of", peer.name)
        .await??;

    reporter.enter(Stage::Connect);
    reporter.tell(Step::Resolved(addresses.clone()));
    reporter.tell(Step::Connecting(addresses[0]));
    let stream = deadline
        .bound(race(addresses.into()), Code::ConnectTimeout, "connecting to", peer.name)
        .await?
        .map_err(|errors| refused_fault(peer, &errors))?;
    if let Ok(address) = stream.peer_addr() {
        reporter.tell(Step::Connecting(address));
    }
    // A request may be written in pieces; none is to wait for an acknowledgement. Without it all works, only later.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// The addresses of a host, at least one, families taking turns (RFC 8305 §4).
async fn resolve(peer: &Peer<'_>) -> Result<Vec<SocketAddr>, Fault> {
    let name = peer.host.for_resolver();
    let found = tokio::net::lookup_host((name, peer.port))
        .await
        .map_err(|error| unresolved_fault(peer.host, Some(&error)))?;
    let addresses = interleave(found.collect());
    if addresses.is_empty() {
        return Err(unresolved_fault(peer.host, None));
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

fn refused_fault(peer: &Peer<'_>, errors: &Errors) -> Fault {
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
    let message = format!("no connection to {} ({}{more})", peer.name, reasons.join(", "));
    if refused {
        Fault::passing(Code::ConnectRefused, message)
            .hint("check host and port, and whether the server runs")
    } else {
        Fault::passing(Code::ConnectFailed, message)
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
    Fault::passing(Code::ResolveFailed, message).hint(hint)
}

fn causes_text(error: &io::Error) -> Option<String> {
    causes::system_error(error).map(ToString::to_string)
}

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

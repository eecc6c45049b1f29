//! From an endpoint to a stream over which it can be asked: TCP, a proxy's tunnel, TLS.

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};

use super::tcp::{self, Deadline, Peer};
use super::{Reporter, Route, Step, Transport, tls, tunnel};
use crate::attempt::{Fault, Stage};
use crate::code::Code;
use crate::endpoint::Endpoint;
use crate::origin::{Host, Origin, Scheme};
use crate::proxy::Proxy;

/// Bytes in both directions, whatever is below them.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

pub(super) type Stream = Box<dyn Duplex>;

/// A stream, and who is at its other end.
pub(super) struct Connection<'a> {
    pub(super) stream: Stream,
    /// The proxy that is to be asked in place of the origin. A proxy that only passes TLS on is none.
    pub(super) proxy: Option<&'a Proxy>,
}

/// Connects to the endpoint's origin or to the proxy for it, with TLS for https. It all shares one limit (spec 3.9).
///
/// The origin's name is left to a proxy to look up: in a network with proxies the phone's name server may not know it.
pub(super) async fn connect<'a>(
    transport: &'a Transport,
    endpoint: &Endpoint,
    reporter: &Reporter,
) -> Result<Connection<'a>, Fault> {
    let origin = endpoint.origin();
    let proxy = transport.proxies.choose(origin)?;
    reporter.tell(Step::Routed(route(transport, proxy, origin)));
    // The trust store is read for https only, and not on the connection's time.
    let tls = match origin.scheme {
        Scheme::Http => None,
        Scheme::Https => {
            let name = ServerName::try_from(origin.host.for_resolver())
                .map_err(|_| unnameable_fault(&origin.host))?;
            Some((name, transport.trust.client_config(reporter).await?))
        }
    };

    let deadline = Deadline::after(transport.limits.connect);
    let tcp = match proxy {
        None => {
            let peer = Peer { host: &origin.host, port: origin.port, name: origin };
            tcp::connect(&peer, deadline, reporter).await?
        }
        Some(proxy) => {
            let (host, port) = proxy.host_and_port();
            let peer = Peer { host, port, name: &proxy.address() };
            let connected = tcp::connect(&peer, deadline, reporter).await;
            connected.map_err(|fault| proxy.blame(fault))?
        }
    };
    let Some((name, config)) = tls else {
        return Ok(Connection { stream: Box::new(tcp), proxy });
    };
    let stream = match proxy {
        None => Box::new(tcp) as Stream,
        Some(proxy) => {
            reporter.enter(Stage::Proxy);
            let opened = tunnel::open(transport, Box::new(tcp), proxy, origin);
            let opened =
                deadline.bound(opened, Code::ProxyTimeout, "the answer of", &proxy.address()).await;
            opened.map_err(|fault| proxy.blame(fault))??
        }
    };
    reporter.enter(Stage::Tls);
    let handshake = tls::handshake(config, name, stream, origin);
    let (stream, security) =
        deadline.bound(handshake, Code::TlsTimeout, "the TLS handshake with", origin).await??;
    reporter.tell(Step::Secured(security));
    Ok(Connection { stream, proxy: None })
}

fn route(transport: &Transport, proxy: Option<&Proxy>, origin: &Origin) -> Route {
    match (proxy, transport.proxies.spared(origin)) {
        (Some(proxy), _) => Route::Through { proxy: proxy.address().to_owned() },
        (None, Some(proxy)) => Route::Exempt { proxy: proxy.address().to_owned() },
        (None, None) => Route::Direct,
    }
}

/// Only what a certificate can name can be verified.
fn unnameable_fault(host: &Host) -> Fault {
    let message = format!("{host} is no name that a certificate can be for");
    Fault::lasting(Code::UrlHost, message).hint("write the host's name, or its address in full")
}

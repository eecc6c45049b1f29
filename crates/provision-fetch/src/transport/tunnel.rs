//! A way through a proxy to an https origin (RFC 9110 §9.3.6).

use bytes::Bytes;
use http::{Method, Request, Response, Uri, header};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use super::Transport;
use super::connect::Stream;
use super::head::{self, Asked};
use super::meter::Metered;
use crate::attempt::Fault;
use crate::code::Code;
use crate::origin::Origin;
use crate::proxy::Proxy;

/// Asks `proxy` to pass on what is sent to `origin`. The stream that comes back is the origin's; TLS begins in it.
pub(super) async fn open(
    transport: &Transport,
    stream: Stream,
    proxy: &Proxy,
    origin: &Origin,
) -> Result<Stream, Fault> {
    let request = request(transport, proxy, origin)?;
    let asked = Asked { role: "proxy", origin };
    let conversation =
        head::converse(stream, request, &transport.limits, asked, async |response, meter| {
            meter.unbound();
            match response.status() {
                status if status.is_success() => tunnelled(response).await.map(Ok),
                // Its body is for people who look at a browser.
                status => Ok(Err(proxy.refusal(status))),
            }
        });
    conversation.await.map_err(|fault| proxy.blame(fault))?
}

/// Nothing of the endpoint but its host and port, and nothing of the origin's credentials.
fn request(
    transport: &Transport,
    proxy: &Proxy,
    origin: &Origin,
) -> Result<Request<Empty<Bytes>>, Fault> {
    let authority = format!("{}:{}", origin.host, origin.port);
    let malformed = || Fault::lasting(Code::UrlHost, format!("{origin} cannot be asked for"));
    let target: Uri = authority.parse().map_err(|_| malformed())?;
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(target)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, &transport.user_agent);
    if let Some(authorization) = proxy.authorization() {
        request = request.header(header::PROXY_AUTHORIZATION, authorization);
    }
    request.body(Empty::new()).map_err(|_| malformed())
}

async fn tunnelled(response: Response<Incoming>) -> Result<Stream, Fault> {
    let closed = || {
        Fault::passing(
            Code::RequestClosed,
            "the connection was closed behind the answer to CONNECT",
        )
    };
    let upgraded = hyper::upgrade::on(response).await.map_err(|_| closed())?;
    let parts = upgraded.downcast::<TokioIo<Metered<Stream>>>().map_err(|_| closed())?;
    // In TLS the client speaks first: what is here already was not said by the origin.
    if !parts.read_buf.is_empty() {
        return Err(Fault::lasting(
            Code::ProxyAnswer,
            "more than a head came in answer to CONNECT",
        ));
    }
    Ok(parts.io.into_inner().into_inner())
}

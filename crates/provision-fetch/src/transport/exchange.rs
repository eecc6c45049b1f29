//! One request and its answer over a connected stream.

use std::io;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::request::Request;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::connect::Connection;
use super::head::{self, Asked};
use super::meter::Meter;
use super::{End, Reporter, Step, Transport, causes};
use crate::attempt::{Fault, ServerClock, Stage};
use crate::code::Code;
use crate::credentials::zeroized_bytes;
use crate::endpoint::Endpoint;
use crate::moment;
use crate::proxy::Proxy;
use crate::redirect;
use crate::status::{judge_encodings, judge_length, judge_status, too_large};
use crate::validators::Validators;

/// What an answer leads to.
pub(super) enum Outcome {
    End(End),
    Redirect { status: StatusCode, to: Endpoint },
}

/// Asks for `endpoint`, to which `earlier` redirected, and reads the answer, as far as it is of use.
pub(super) async fn exchange(
    transport: &Transport,
    connection: Connection<'_>,
    endpoint: &Endpoint,
    earlier: &[Endpoint],
    reporter: &Reporter,
) -> Result<Outcome, Fault> {
    let request = request(transport, endpoint, connection.proxy)?;
    let Connection { stream, proxy } = connection;
    let role = if proxy.is_some() { "proxy" } else { "server" };
    let asked = Asked { role, origin: endpoint.origin() };
    let conversation =
        head::converse(stream, request, &transport.limits, asked, async |response, meter| {
            reporter.enter(Stage::Status);
            let status = response.status();
            if let Some(clock) = server_clock(response.headers()) {
                reporter.tell(Step::Dated(clock));
            }
            Ok(match proxy {
                Some(proxy) if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                    Err(proxy.refusal(status))
                }
                _ => answer(transport, response, endpoint, earlier, meter, reporter).await,
            })
        });
    conversation.await.map_err(|fault| match proxy {
        Some(proxy) => proxy.blame(fault),
        None => fault,
    })?
}

/// Exactly what we say of ourselves; no Referer, no Accept-Encoding (spec 3.2, 3.7).
fn request(
    transport: &Transport,
    endpoint: &Endpoint,
    proxy: Option<&Proxy>,
) -> Result<Request<Empty<Bytes>>, Fault> {
    let malformed = || Fault::lasting(Code::UrlCharacter, "the URL cannot be put into a request");
    // A proxy is told the whole URL (RFC 9112 §3.2.2).
    let target = match proxy {
        None => Zeroizing::new(endpoint.target().to_owned()),
        Some(_) => Zeroizing::new(format!("{}{}", endpoint.origin(), endpoint.target())),
    };
    let target = Uri::from_maybe_shared(zeroized_bytes(target)).map_err(|_| malformed())?;
    let mut request = Request::get(target)
        .header(header::HOST, endpoint.origin().authority())
        .header(header::USER_AGENT, &transport.user_agent)
        .header(header::ACCEPT, "*/*");
    if let Some(authorization) = &transport.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if let Some(authorization) = proxy.and_then(Proxy::authorization) {
        request = request.header(header::PROXY_AUTHORIZATION, authorization);
    }
    if let Some(known) = known(transport, endpoint) {
        for (name, value) in known.conditions() {
            request = request.header(name, value);
        }
    }
    request
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .body(Empty::new())
        .map_err(|_| malformed())
}

/// What time it is at the server, as far as it says.
fn server_clock(fields: &HeaderMap) -> Option<ServerClock> {
    let said = moment::from_http_date(fields.get(header::DATE)?.to_str().ok()?)?;
    Some(ServerClock { said, here: SystemTime::now() })
}

/// What a request for this URL may be conditional on.
fn known<'a>(transport: &'a Transport, endpoint: &Endpoint) -> Option<&'a Validators> {
    let is_for_this = |known: &&Validators| known.are_for(endpoint, &transport.identity);
    transport.known.as_ref().filter(is_for_this)
}

async fn answer(
    transport: &Transport,
    response: http::Response<Incoming>,
    endpoint: &Endpoint,
    earlier: &[Endpoint],
    meter: &Meter,
    reporter: &Reporter,
) -> Result<Outcome, Fault> {
    let limits = &transport.limits;
    let (head, body) = response.into_parts();
    // Only to a conditional request does 304 mean unchanged (spec 3.13).
    if head.status == StatusCode::NOT_MODIFIED && known(transport, endpoint).is_some() {
        return Ok(Outcome::End(End::Unchanged));
    }
    let rules = redirect::Rules { limit: limits.redirects, scrubber: &transport.scrubber };
    let judged = if redirect::is_redirect(head.status) {
        match redirect::follow(head.status, &head.headers, endpoint, earlier, rules) {
            Ok(to) => {
                return Ok(Outcome::Redirect { status: head.status, to });
            }
            Err(fault) => Err(fault),
        }
    } else {
        judge_status(head.status)
    };
    if let Err(fault) = judged {
        let end = match judge_encodings(&head.headers) {
            Ok(()) => shown_body(body, meter, || reporter.tell(Step::Settled(fault.clone()))).await,
            Err(_) => None,
        };
        return Ok(Outcome::End(match end {
            Some(body) => End::FailedWithBody { fault, status: head.status, body },
            None => End::Failed(fault),
        }));
    }
    judge_encodings(&head.headers)?;
    judge_length(body.size_hint().exact(), limits.body)?;
    reporter.enter(Stage::Body);
    let body = whole_body(body, limits.body, meter).await?;
    let validators = Validators::of(&head.headers, endpoint, &transport.identity);
    Ok(Outcome::End(End::Body { body, validators }))
}

/// The body of an answer that has failed already, for an error message in it (spec 3.2). That it cannot be had is no news.
///
/// `lingers` is called if it does not come together with its head, so that nobody waits for it.
async fn shown_body(body: Incoming, meter: &Meter, lingers: impl FnOnce()) -> Option<Bytes> {
    let mut reading = pin!(timeout(SHOWN_BODY_TIME, whole_body(body, SHOWN_BODY_SIZE, meter)));
    let read = match timeout(PROMPT_BODY_TIME, &mut reading).await {
        Ok(read) => read,
        Err(_) => {
            lingers();
            reading.await
        }
    };
    match read {
        Ok(Ok(body)) if !body.is_empty() => Some(body),
        _ => None,
    }
}

/// A complete body of at most `limit` bytes. Nothing is reserved on a server's word, and `meter` bounds what is no data:
/// hyper would read the leading zeros of a chunk's size for ever.
async fn whole_body(mut body: Incoming, limit: usize, meter: &Meter) -> Result<Bytes, Fault> {
    let announced = body.size_hint().exact();
    judge_length(announced, limit)?;
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| body_fault(&error, meter, read.len(), announced))?;
        meter.begin_again();
        // What is no data is a trailer, and no concern of ours.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > limit - read.len() {
            return Err(too_large(limit));
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

fn body_fault(error: &hyper::Error, meter: &Meter, read: usize, announced: Option<u64>) -> Fault {
    let system = causes::system_error(error).map(io::Error::kind);
    let malformed =
        matches!(system, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
    if malformed || meter.is_exceeded() {
        return Fault::lasting(Code::BodyMalformed, "the framing of the body is malformed")
            .hint("ask the operator of the server to look into it");
    }
    let end = if head::is_reset(error) { "was reset" } else { "ended" };
    let message = match announced {
        Some(announced) => {
            format!("the connection {end} after {read} of {announced} bytes of the body")
        }
        None => format!("the connection {end} after {read} bytes, before the end of the body"),
    };
    Fault::passing(Code::BodyTruncated, message)
        .hint("try again later; if it stays, ask the operator of the server to look into it")
}

/// Bytes of a failed answer's body that are looked at.
const SHOWN_BODY_SIZE: usize = 64 << 10;

/// How long a failed answer's body is waited for before the next URL is asked.
const PROMPT_BODY_TIME: Duration = Duration::from_millis(25);

/// How long it is waited for at all.
const SHOWN_BODY_TIME: Duration = Duration::from_secs(2);

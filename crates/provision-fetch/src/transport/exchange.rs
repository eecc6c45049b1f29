//! One request and its answer over a connected stream.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Request;
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::connect::Stream;
use super::meter::{Meter, Metered};
use super::{End, Reporter, Step, Transport, causes, tls};
use crate::attempt::{Fault, Stage};
use crate::endpoint::Endpoint;
use crate::limits::size_in_words;
use crate::origin::Origin;
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
    stream: Stream,
    endpoint: &Endpoint,
    earlier: &[Endpoint],
    reporter: &Reporter,
) -> Result<Outcome, Fault> {
    let limits = &transport.limits;
    // hyper's buffer has a least size of its own, and may hold the beginning of the body.
    let buffer = limits.head.max(SMALLEST_BUFFER);
    let meter = Arc::new(Meter::new(buffer.saturating_mul(2)));
    let stream = Metered::new(TokioIo::new(stream), Arc::clone(&meter));
    let head_fault =
        |error: &hyper::Error| head_fault(error, &meter, limits.head, endpoint.origin());
    let (mut sender, connection) = http1::Builder::new()
        .max_header_size(limits.head)
        .max_headers(MOST_HEADERS)
        .max_buf_size(buffer)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| head_fault(&error))?;

    let interim_answers = Arc::new(AtomicUsize::new(0));
    let mut request = request(transport, endpoint)?;
    let (counter, interim_meter) = (Arc::clone(&interim_answers), Arc::clone(&meter));
    hyper::ext::on_informational(&mut request, move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        interim_meter.begin_again();
    });

    let conversation = async {
        let response = sender.send_request(request).await.map_err(|error| head_fault(&error))?;
        meter.unbound();
        reporter.enter(Stage::Status);
        answer(transport, response, endpoint, earlier, reporter).await
    };
    let mut conversation = pin!(conversation);
    let mut connection = pin!(connection);
    let mut connected = true;
    // Both in one future: dropping it drops the connection at once, and no task is left behind.
    poll_fn(|context| {
        if connected {
            // Its errors come out of the conversation, with more to tell.
            connected = connection.as_mut().poll(context).is_pending();
        }
        if interim_answers.load(Ordering::Relaxed) > limits.interim_answers {
            return Poll::Ready(Err(interim_fault(limits.interim_answers)));
        }
        conversation.as_mut().poll(context)
    })
    .await
}

/// Exactly what we say of ourselves; no Referer, no Accept-Encoding (spec 3.2, 3.7).
fn request(transport: &Transport, endpoint: &Endpoint) -> Result<Request<Empty<Bytes>>, Fault> {
    let mut request = Request::get(endpoint.target())
        .header(header::HOST, endpoint.origin().authority())
        .header(header::USER_AGENT, &transport.user_agent)
        .header(header::ACCEPT, "*/*");
    if let Some(authorization) = &transport.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if let Some(known) = known(transport, endpoint) {
        for (name, value) in known.conditions() {
            request = request.header(name, value);
        }
    }
    request
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .body(Empty::new())
        .map_err(|_| Fault::lasting("url-character", "the URL cannot be put into a request"))
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
            Ok(()) => shown_body(body, || reporter.tell(Step::Settled(fault.clone()))).await,
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
    let body = whole_body(body, limits.body).await?;
    let validators = Validators::of(&head.headers, endpoint, &transport.identity);
    Ok(Outcome::End(End::Body { body, validators }))
}

/// The body of an answer that has failed already, for an error message in it (spec 3.2). That it cannot be had is no news.
///
/// `lingers` is called if it does not come together with its head, so that nobody waits for it.
async fn shown_body(body: Incoming, lingers: impl FnOnce()) -> Option<Bytes> {
    let mut reading = pin!(timeout(SHOWN_BODY_TIME, whole_body(body, SHOWN_BODY_SIZE)));
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

/// A complete body of at most `limit` bytes. Nothing is reserved on a server's word.
async fn whole_body(mut body: Incoming, limit: usize) -> Result<Bytes, Fault> {
    let announced = body.size_hint().exact();
    judge_length(announced, limit)?;
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| body_fault(&error, read.len(), announced))?;
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

/// Why no head came, after what `meter` has counted.
fn head_fault(error: &hyper::Error, meter: &Meter, limit: usize, origin: &Origin) -> Fault {
    let size = meter.count();
    if meter.is_exceeded() || (error.is_parse() && size >= limit) {
        return Fault::lasting(
            "head-too-large",
            format!("the head of the response is larger than {}", size_in_words(limit)),
        )
        .hint("check that the URL leads to a provisioning server");
    }
    // hyper cancels the request if the server speaks before it is asked.
    if error.is_parse() || (error.is_canceled() && size > 0) {
        return Fault::lasting(
            "head-malformed",
            format!(
                "the response does not begin with a well-formed HTTP/1 head of at most {MOST_HEADERS} fields"
            ),
        )
        .hint("check the port, and whether the URL must begin with https://");
    }
    // With TLS 1.3 a server may refuse us after the handshake.
    if causes::find::<rustls::Error>(error).is_some() {
        return tls::fault(error, origin);
    }
    if is_reset(error) {
        return Fault::passing(
            "request-reset",
            "the server reset the connection instead of answering",
        )
        .hint(CHECK_PORT_OR_RETRY);
    }
    Fault::passing("request-closed", "the server closed the connection without an answer")
        .hint(CHECK_PORT_OR_RETRY)
}

fn body_fault(error: &hyper::Error, read: usize, announced: Option<u64>) -> Fault {
    let system = causes::system_error(error).map(io::Error::kind);
    let malformed =
        matches!(system, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
    if malformed {
        return Fault::lasting("body-malformed", "the framing of the body is malformed")
            .hint("ask the operator of the server to look into it");
    }
    let end = if is_reset(error) { "was reset" } else { "ended" };
    let message = match announced {
        Some(announced) => {
            format!("the connection {end} after {read} of {announced} bytes of the body")
        }
        None => format!("the connection {end} after {read} bytes, before the end of the body"),
    };
    Fault::passing("body-truncated", message)
        .hint("try again later; if it stays, ask the operator of the server to look into it")
}

fn is_reset(error: &hyper::Error) -> bool {
    causes::system_error(error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        )
    })
}

fn interim_fault(limit: usize) -> Fault {
    Fault::lasting(
        "interim-answers",
        format!("the server sent more than {limit} interim answers and no final one"),
    )
    .hint("ask the operator of the server to look into it")
}

/// Fields in a head. A provisioning server sends ten.
const MOST_HEADERS: usize = 100;

const CHECK_PORT_OR_RETRY: &str =
    "check the port, and whether the URL must begin with https://; else try again later";

/// The least that hyper takes for `max_buf_size`; it panics at less.
const SMALLEST_BUFFER: usize = 8192;

/// Bytes of a failed answer's body that are looked at.
const SHOWN_BODY_SIZE: usize = 64 << 10;

/// How long a failed answer's body is waited for before the next URL is asked.
const PROMPT_BODY_TIME: Duration = Duration::from_millis(25);

/// How long it is waited for at all.
const SHOWN_BODY_TIME: Duration = Duration::from_secs(2);

//! From a request to the head of its answer, with everything bounded that comes before a body.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::connect::Stream;
use super::meter::{Meter, Metered};
use super::{causes, tls};
use crate::attempt::Fault;
use crate::code::Code;
use crate::limits::{Limits, size_in_words};
use crate::origin::Origin;

/// Who is at the other end, for messages.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// `server` or `proxy`.
    pub(super) role: &'static str,
    pub(super) origin: &'a Origin,
}

/// Sends `request` and hands the answer on when its head is there, with the meter of what follows. What `answered` makes
/// of it is the result; the connection lives until then.
pub(super) async fn converse<T>(
    stream: Stream,
    mut request: Request<Empty<Bytes>>,
    limits: &Limits,
    asked: Asked<'_>,
    answered: impl AsyncFnOnce(Response<Incoming>, &Meter) -> Result<T, Fault>,
) -> Result<T, Fault> {
    // hyper's buffer has a least size of its own, and may hold the beginning of the body.
    let buffer = limits.head.max(SMALLEST_BUFFER);
    // In the body it is what a data frame may cost of other bytes: a buffer that has been filled anew, and the framing.
    let meter = Arc::new(Meter::new(buffer.saturating_mul(2)));
    let stream = Metered::new(stream, Arc::clone(&meter));
    let head_fault = |error: &hyper::Error| head_fault(error, &meter, limits.head, asked);
    let (mut sender, connection) = http1::Builder::new()
        .max_header_size(limits.head)
        .max_headers(MOST_HEADERS)
        .max_buf_size(buffer)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| head_fault(&error))?;

    let interim_answers = Arc::new(AtomicUsize::new(0));
    let (counter, interim_meter) = (Arc::clone(&interim_answers), Arc::clone(&meter));
    hyper::ext::on_informational(&mut request, move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        interim_meter.begin_again();
    });

    let conversation = async {
        let response = sender.send_request(request).await.map_err(|error| head_fault(&error))?;
        meter.begin_again();
        answered(response, &meter).await
    };
    let mut conversation = pin!(conversation);
    let mut connection = pin!(connection.with_upgrades());
    let mut connected = true;
    // Both in one future: dropping it drops the connection at once, and no task is left behind.
    poll_fn(|context| {
        if connected {
            // Its errors come out of the conversation, with more to tell.
            connected = connection.as_mut().poll(context).is_pending();
        }
        if interim_answers.load(Ordering::Relaxed) > limits.interim_answers {
            return Poll::Ready(Err(interim_fault(limits.interim_answers, asked.role)));
        }
        conversation.as_mut().poll(context)
    })
    .await
}

/// Why no head came, after what `meter` has counted.
fn head_fault(error: &hyper::Error, meter: &Meter, limit: usize, asked: Asked<'_>) -> Fault {
    let size = meter.count();
    let role = asked.role;
    if meter.is_exceeded() || (error.is_parse() && size >= limit) {
        return Fault::lasting(
            Code::HeadTooLarge,
            format!("the head of the response is larger than {}", size_in_words(limit)),
        )
        .hint("check that the URL leads to a provisioning server");
    }
    // hyper cancels the request if the server speaks before it is asked.
    if error.is_parse() || (error.is_canceled() && size > 0) {
        return Fault::lasting(
            Code::HeadMalformed,
            format!(
                "the response does not begin with a well-formed HTTP/1 head of at most {MOST_HEADERS} fields"
            ),
        )
        .hint("check the port, and whether the URL must begin with https://");
    }
    // With TLS 1.3 a server may refuse us after the handshake.
    if causes::find::<rustls::Error>(error).is_some() {
        return tls::fault(error, asked.origin);
    }
    if is_reset(error) {
        return Fault::passing(
            Code::RequestReset,
            format!("the {role} reset the connection instead of answering"),
        )
        .hint(CHECK_PORT_OR_RETRY);
    }
    Fault::passing(
        Code::RequestClosed,
        format!("the {role} closed the connection without an answer"),
    )
    .hint(CHECK_PORT_OR_RETRY)
}

pub(super) fn is_reset(error: &hyper::Error) -> bool {
    causes::system_error(error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        )
    })
}

fn interim_fault(limit: usize, role: &str) -> Fault {
    Fault::lasting(
        Code::InterimAnswers,
        format!("the {role} sent more than {limit} interim answers and no final one"),
    )
    .hint(format!("ask the operator of the {role} to look into it"))
}

/// Fields in a head. A provisioning server sends ten.
const MOST_HEADERS: usize = 100;

const CHECK_PORT_OR_RETRY: &str =
    "check the port, and whether the URL must begin with https://; else try again later";

/// The least that hyper takes for `max_buf_size`; it panics at less.
const SMALLEST_BUFFER: usize = 8192;

//! Counts and bounds what comes out of a stream.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What has been read while the head of a response is awaited, and how much that may be.
///
/// hyper does not tell a head that is too large from one that is malformed; the count does. And the
/// bound is ours, should hyper's ever fail (spec 3.9).
pub(super) struct Meter {
    count: AtomicUsize,
    bound: AtomicUsize,
}

impl Meter {
    pub(super) fn new(bound: usize) -> Self {
        Self { count: AtomicUsize::new(0), bound: AtomicUsize::new(bound) }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// An interim head has come; the next head has the whole bound again.
    pub(super) fn begin_again(&self) {
        self.count.store(0, Ordering::Relaxed);
    }

    /// The head is there; the body is bounded by its reader.
    pub(super) fn unbound(&self) {
        self.bound.store(usize::MAX, Ordering::Relaxed);
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.count() > self.bound.load(Ordering::Relaxed)
    }
}

/// A stream that reads by a [`Meter`].
pub(super) struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len().saturating_sub(before);
        self.meter.count.fetch_add(read, Ordering::Relaxed);
        if self.meter.is_exceeded() {
            return Poll::Ready(Err(io::Error::other("the head is too large")));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn nothing_is_read_beyond_the_bound_until_the_head_is_there() {
        let meter = Arc::new(Meter::new(10));
        let endless = tokio::io::repeat(b'x');
        let mut stream =
            Metered::new(tokio::io::join(endless, tokio::io::sink()), Arc::clone(&meter));
        let mut eight = [0; 8];
        stream.read_exact(&mut eight).await.expect("within the bound");
        meter.begin_again();
        stream.read_exact(&mut eight).await.expect("within the bound again");
        stream.read_exact(&mut eight).await.expect_err("beyond the bound");
        meter.unbound();
        stream.read_exact(&mut eight).await.expect("the body has another bound");
    }
}

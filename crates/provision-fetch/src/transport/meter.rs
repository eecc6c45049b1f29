//! Counts and bounds what comes out of a stream.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What has been read since the last thing that was of use, a head or a piece of the body, and how much that may be.
///
/// hyper does not tell a head that is too large from one that is malformed; the count does. And the
/// bound is ours, should hyper's ever fail (spec 3.9).
pub(super) struct Meter {
    count: AtomicUsize,
    bound: AtomicUsize,
    exceeded: AtomicBool,
}

impl Meter {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            count: AtomicUsize::new(0),
            bound: AtomicUsize::new(bound),
            exceeded: AtomicBool::new(false),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// A head or a piece of the body has come; what follows has the whole bound again.
    pub(super) fn begin_again(&self) {
        self.count.store(0, Ordering::Relaxed);
    }

    /// What follows is nothing of ours to bound: a tunnel through a proxy.
    pub(super) fn unbound(&self) {
        self.bound.store(usize::MAX, Ordering::Relaxed);
    }

    /// Whether it was ever too much: what was read too far ahead stays so, though a head is found before it.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    fn add(&self, read: usize) {
        let before = self.count.fetch_add(read, Ordering::Relaxed);
        if before.saturating_add(read) > self.bound.load(Ordering::Relaxed) {
            self.exceeded.store(true, Ordering::Relaxed);
        }
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

    /// The stream, for which the meter counts no more.
    pub(super) fn into_inner(self) -> S {
        self.stream
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
        self.meter.add(read);
        if self.meter.is_exceeded() {
            return Poll::Ready(Err(io::Error::other("too much without use")));
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
    async fn nothing_is_read_beyond_the_bound() {
        let meter = Arc::new(Meter::new(10));
        let endless = tokio::io::repeat(b'x');
        let mut stream =
            Metered::new(tokio::io::join(endless, tokio::io::sink()), Arc::clone(&meter));
        let mut eight = [0; 8];
        stream.read_exact(&mut eight).await.expect("within the bound");
        meter.begin_again();
        stream.read_exact(&mut eight).await.expect("within the bound again");
        stream.read_exact(&mut eight).await.expect_err("beyond the bound");
    }
}

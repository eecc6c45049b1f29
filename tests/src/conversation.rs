//! One connection of a server, as those see it who decide what it says.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::request::Request;
use crate::server::Shared;

/// Both halves of a connection, with or without TLS.
pub(crate) trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// A connection that a client has opened. Every error means that the client is gone or the server ends.
pub(crate) struct Conversation<'a> {
    stream: &'a mut dyn Stream,
    raw: &'a TcpStream,
    address: SocketAddr,
    shared: &'a Shared,
}

impl<'a> Conversation<'a> {
    /// `raw` is the connection below `stream`.
    pub(crate) fn new(
        stream: &'a mut dyn Stream,
        raw: &'a TcpStream,
        shared: &'a Shared,
    ) -> io::Result<Self> {
        Ok(Self { stream, raw, address: raw.local_addr()?, shared })
    }

    /// The server's own.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a request and records it; `None` if the client ends without one.
    pub(crate) fn read_request(&mut self) -> io::Result<Option<Request>> {
        let request = Request::read_from(self.stream)?;
        if let Some(request) = &request {
            self.shared.record(request);
        }
        Ok(request)
    }

    /// Passes bytes on in both directions until both sides have said everything, with nothing of TLS in between.
    pub(crate) fn pass_on(&mut self, origin: SocketAddr) -> io::Result<()> {
        self.flush()?;
        let (mut client, mut origin) = (self.raw, &TcpStream::connect(origin)?);
        thread::scope(|scope| {
            scope.spawn(move || {
                let _ = io::copy(&mut client, &mut origin);
                let _ = origin.shutdown(Shutdown::Write);
            });
            let _ = io::copy(&mut origin, &mut client);
            client.shutdown(Shutdown::Write)
        })
    }

    /// Waits on the server's own clock.
    pub(crate) fn pause(&self, duration: Duration) {
        self.shared.pause(duration);
    }
}

impl Read for Conversation<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Conversation<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

//! Servers that have no configuration, each in its own way.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use provision_tests::{Answer, ClosedPort, Ending, Server};
use socket2::{Domain, Socket, Type};

/// One of them. It lives as long as the value.
pub(crate) enum Dead {
    Answering(Server),
    Refusing(ClosedPort),
    Dripping(Drip),
    /// What connects to it waits for ever.
    Hole(BlackHole),
}

impl Dead {
    pub(crate) fn resetting() -> Self {
        Self::Answering(Server::http(Answer::raw("").then(Ending::Reset)))
    }

    pub(crate) fn refusing() -> Self {
        Self::Refusing(Server::closed())
    }

    pub(crate) fn busy() -> Self {
        Self::Answering(Server::http(Answer::status(503)))
    }

    pub(crate) fn portal() -> Self {
        let page = "<!DOCTYPE html><html><body>Log in</body></html>";
        Self::Answering(Server::http(Answer::ok(page)))
    }

    pub(crate) fn truncating() -> Self {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n<options>";
        Self::Answering(Server::http(Answer::raw(cut)))
    }

    /// It takes the request, or the first message of TLS, and says nothing.
    pub(crate) fn silent() -> Self {
        Self::Answering(Server::http(Answer::silence()))
    }

    pub(crate) fn dripping() -> Self {
        Self::Dripping(Drip::new())
    }

    pub(crate) fn black_hole() -> Self {
        Self::Hole(BlackHole::new())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Answering(server) => server.address(),
            Self::Refusing(port) => port.address(),
            Self::Dripping(drip) => drip.address,
            Self::Hole(hole) => hole.address,
        }
    }
}

/// Sends a header without an end, byte by byte.
pub(crate) struct Drip {
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Drip {
    fn new() -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let ending = Arc::new(AtomicBool::new(false));
        let is_ending = Arc::clone(&ending);
        let listening = thread::spawn(move || {
            for stream in listener.incoming() {
                if is_ending.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { break };
                // It ends with its client.
                thread::spawn(move || drip(stream));
            }
        });
        Self { address, ending, listening: Some(listening) }
    }
}

impl Drop for Drip {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn drip(mut stream: TcpStream) {
    // What comes before the request is no answer to it, and would be a definite failure.
    if stream.read(&mut [0; 4096]).is_err() {
        return;
    }
    let mut piece: &[u8] = b"HTTP/1.1 200 OK\r\nX: ";
    while stream.write_all(piece).is_ok() {
        piece = b"x";
        thread::sleep(Duration::from_millis(50));
    }
}

/// A listener whose queue is full and that never takes anything out of it, so that the system drops what comes.
pub(crate) struct BlackHole {
    address: SocketAddr,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

impl BlackHole {
    fn new() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any: SocketAddr = ANY_PORT.parse().expect("an address");
        listener.bind(&any.into()).expect("a free port");
        listener.listen(0).expect("a bound socket can listen");
        let address = listener.local_addr().expect("a bound socket has an address");
        let address = address.as_socket().expect("it is an IP address");
        let patience = Duration::from_millis(300);
        let queue =
            std::iter::from_fn(|| TcpStream::connect_timeout(&address, patience).ok()).collect();
        Self { address, _listener: listener, _queue: queue }
    }
}

const ANY_PORT: &str = "127.0.0.1:0";

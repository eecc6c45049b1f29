//! The servers.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, SockRef, Socket, Type};

use crate::answer::{Answer, Ending};
use crate::certificate::Certificate;
use crate::request::Request;

/// A server on `127.0.0.1`. Dropping it ends every connection and joins its threads.
pub struct Server {
    scheme: &'static str,
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// A port at which nobody listens.
#[derive(Debug)]
pub struct ClosedPort {
    address: SocketAddr,
    /// Bound and not listening: it refuses, and nobody else can take the port.
    _socket: Socket,
}

struct Shared {
    behaviour: Behaviour,
    tls: Option<Arc<ServerConfig>>,
    requests: Mutex<Vec<Request>>,
    /// Connections that were accepted.
    accepted: AtomicUsize,
    /// Those that are open, by number, so that they can be ended.
    open: Mutex<HashMap<usize, TcpStream>>,
    ending: AtomicBool,
}

enum Behaviour {
    /// Reads a request and answers it.
    Answering(Box<dyn Fn(&Request) -> Answer + Send + Sync>),
    /// Sends before it has read anything.
    SpeakingFirst(Answer),
}

impl Server {
    /// Answers every request alike.
    pub fn http(answer: Answer) -> Self {
        Self::answering(move |_| answer.clone())
    }

    /// The same over TLS.
    pub fn https(answer: Answer, certificate: &Certificate) -> Self {
        let behaviour = Behaviour::Answering(Box::new(move |_| answer.clone()));
        Self::start(behaviour, Some(certificate))
    }

    /// Answers by path; 404 to every other one.
    pub fn routes<'a>(routes: impl IntoIterator<Item = (&'a str, Answer)>) -> Self {
        let routes: HashMap<String, Answer> =
            routes.into_iter().map(|(path, answer)| (path.to_owned(), answer)).collect();
        Self::answering(move |request| {
            routes.get(request.path()).cloned().unwrap_or_else(|| Answer::status(404))
        })
    }

    /// Answers as a function of the request.
    pub fn answering(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(Behaviour::Answering(Box::new(answer)), None)
    }

    /// Sends these bytes to whoever connects, reading nothing, like a server of another protocol.
    pub fn speaking_first(bytes: impl Into<Vec<u8>>, ending: Ending) -> Self {
        Self::start(Behaviour::SpeakingFirst(Answer::raw(bytes).then(ending)), None)
    }

    /// A port that refuses connections, and that nobody else gets while the value lives.
    ///
    /// # Panics
    ///
    /// If the system has no port left.
    pub fn closed() -> ClosedPort {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any: SocketAddr = ANY_PORT.parse().expect("an address");
        socket.bind(&any.into()).expect("a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        ClosedPort { address: address.as_socket().expect("it is an IP address"), _socket: socket }
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port` or `https://…`, without a slash at the end.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// A URL of this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The requests that came in so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// How many connections there were so far, with or without a request.
    pub fn connection_count(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many connections are open at this moment.
    pub fn open_connections(&self) -> usize {
        lock(&self.shared.open).len()
    }

    fn start(behaviour: Behaviour, certificate: Option<&Certificate>) -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            behaviour,
            tls: certificate.map(Certificate::server_config),
            requests: Mutex::new(Vec::new()),
            accepted: AtomicUsize::new(0),
            open: Mutex::new(HashMap::new()),
            ending: AtomicBool::new(false),
        });
        let listening = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || listen(&listener, &shared))
        };
        Self {
            scheme: if certificate.is_some() { "https" } else { "http" },
            address,
            shared,
            listening: Some(listening),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

impl ClosedPort {
    /// The address that refuses.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An http URL there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut serving = Vec::new();
    for stream in listener.incoming() {
        if shared.ending.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { break };
        let Ok(handle) = stream.try_clone() else { break };
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        lock(&shared.open).insert(number, handle);
        let shared = Arc::clone(shared);
        serving.push(thread::spawn(move || {
            // An error means that the client is gone, which is its right.
            let _ = serve(stream, number, &shared);
        }));
    }
    for connection in lock(&shared.open).values() {
        let _ = connection.shutdown(Shutdown::Both);
    }
    for serving in serving {
        let _ = serving.join();
    }
}

/// One request per connection.
fn serve(stream: TcpStream, number: usize, shared: &Shared) -> io::Result<()> {
    let raw = stream.try_clone()?;
    let ending = speak(stream, shared);
    match ending {
        Ok(Ending::Reset) => SockRef::from(&raw).set_linger(Some(Duration::ZERO))?,
        Ok(Ending::Hang) => wait_for_end(&raw),
        Ok(Ending::Close | Ending::Cut) | Err(_) => {
            let _ = raw.shutdown(Shutdown::Write);
            // Closing with unread bytes would be a reset.
            wait_for_end(&raw);
        }
    }
    // The last but one handle of the connection; the last is ours and goes now.
    lock(&shared.open).remove(&number);
    Ok(())
}

/// Up to the last byte of the answer.
fn speak(mut stream: TcpStream, shared: &Shared) -> io::Result<Ending> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(config) = &shared.tls else {
        return converse(&mut stream, shared);
    };
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let ending = converse(&mut stream, shared)?;
    if ending == Ending::Close {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(ending)
}

fn converse<S: Read + Write>(stream: &mut S, shared: &Shared) -> io::Result<Ending> {
    let answer = match &shared.behaviour {
        Behaviour::SpeakingFirst(answer) => answer.clone(),
        Behaviour::Answering(answer) => {
            let Some(request) = Request::read_from(stream)? else {
                return Ok(Ending::Close);
            };
            let answer = answer(&request);
            lock(&shared.requests).push(request);
            answer
        }
    };
    answer.write_to(stream)?;
    Ok(answer.ending())
}

/// Reads until the client is gone, the server is dropped, or patience is over.
fn wait_for_end(mut stream: &TcpStream) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
}

/// A test that failed while it held the lock is no reason for another failure.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const ANY_PORT: &str = "127.0.0.1:0";

/// How long a connection waits for its client. No test should come near it.
const PATIENCE: Duration = Duration::from_secs(20);

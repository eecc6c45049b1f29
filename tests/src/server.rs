//! The servers.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, SockRef, Socket, Type};

use crate::answer::{Answer, Ending};
use crate::certificate::Certificate;
use crate::conversation::{Conversation, Stream};
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

/// What all connections of a server share.
pub(crate) struct Shared {
    talk: Box<Talk>,
    tls: Option<Arc<ServerConfig>>,
    patience: Duration,
    requests: Mutex<Vec<Request>>,
    /// Connections that were accepted.
    accepted: AtomicUsize,
    /// Those that are open, by number, so that they can be ended.
    open: Mutex<HashMap<usize, TcpStream>>,
    ending: AtomicBool,
    /// A connection has gone, or everything is ending. Goes with the lock of `open`.
    changed: Condvar,
}

/// What a server says on a connection, up to its last byte, and what it does then.
pub(crate) type Talk = dyn Fn(&mut Conversation<'_>) -> io::Result<Ending> + Send + Sync;

/// How a server listens.
pub(crate) struct Listening {
    pub(crate) ip: IpAddr,
    /// 0 for one of the system's choice.
    pub(crate) port: u16,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// How long a connection waits for its client to say, to take or to end something.
    pub(crate) patience: Duration,
}

impl Server {
    /// Answers every request alike.
    pub fn http(answer: Answer) -> Self {
        Self::answering(move |_| answer.clone())
    }

    /// The same over TLS.
    pub fn https(answer: Answer, certificate: &Certificate) -> Self {
        let tls = Some(certificate.server_config());
        Self::expect(Listening { tls, ..Listening::default() }, answering(move |_| answer.clone()))
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
        Self::expect(Listening::default(), answering(answer))
    }

    /// Sends these bytes to whoever connects, reading nothing, like a server of another protocol.
    pub fn speaking_first(bytes: impl Into<Vec<u8>>, ending: Ending) -> Self {
        let bytes = bytes.into();
        let talk = move |conversation: &mut Conversation<'_>| {
            conversation.write_all(&bytes)?;
            Ok(ending)
        };
        Self::expect(Listening::default(), Box::new(talk))
    }

    /// A proxy that passes every connection on to `origin`, whatever host it is asked for.
    pub fn proxy(origin: SocketAddr) -> Self {
        let talk = move |conversation: &mut Conversation<'_>| {
            if conversation.read_request()?.is_some() {
                conversation.write_all(b"HTTP/1.1 200 Reason\r\n\r\n")?;
                conversation.pass_on(origin)?;
            }
            Ok(Ending::Close)
        };
        Self::expect(Listening::default(), Box::new(talk))
    }

    /// A port that refuses connections, and that nobody else gets while the value lives.
    ///
    /// # Panics
    ///
    /// If the system has no port left.
    pub fn closed() -> ClosedPort {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
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

    /// One that says what `talk` says.
    ///
    /// # Errors
    ///
    /// If the address is not to be had.
    pub(crate) fn start(listening: Listening, talk: Box<Talk>) -> io::Result<Self> {
        let listener = TcpListener::bind((listening.ip, listening.port))?;
        let address = listener.local_addr()?;
        let scheme = if listening.tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            talk,
            tls: listening.tls,
            patience: listening.patience,
            requests: Mutex::new(Vec::new()),
            accepted: AtomicUsize::new(0),
            open: Mutex::new(HashMap::new()),
            ending: AtomicBool::new(false),
            changed: Condvar::new(),
        });
        let listening = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || listen(&listener, &shared))
        };
        Ok(Self { scheme, address, shared, listening: Some(listening) })
    }

    fn expect(listening: Listening, talk: Box<Talk>) -> Self {
        Self::start(listening, talk).expect("a free port")
    }
}

/// Reads a request and answers it.
fn answering(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Box<Talk> {
    Box::new(move |conversation| {
        let Some(request) = conversation.read_request()? else {
            return Ok(Ending::Close);
        };
        let answer = answer(&request);
        answer.write_to(conversation)?;
        Ok(answer.ending())
    })
}

impl Default for Listening {
    /// Plain, on `127.0.0.1`, with more patience than any test needs.
    fn default() -> Self {
        Self {
            ip: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            tls: None,
            patience: Duration::from_secs(20),
        }
    }
}

impl Shared {
    pub(crate) fn record(&self, request: &Request) {
        lock(&self.requests).push(request.clone());
    }

    /// Waits, but not longer than the server lives.
    pub(crate) fn pause(&self, duration: Duration) {
        let open = lock(&self.open);
        let _ = self.changed.wait_timeout_while(open, duration, |_| !self.is_ending());
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    fn end(&self) {
        // Under the lock, so that nobody begins to wait between the look and the wait.
        let open = lock(&self.open);
        self.ending.store(true, Ordering::SeqCst);
        for connection in open.values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
    }

    fn add(&self, number: usize, handle: TcpStream) {
        let open = lock(&self.open);
        let crowded =
            |open: &mut HashMap<_, _>| open.len() >= MOST_CONNECTIONS && !self.is_ending();
        let mut open =
            self.changed.wait_while(open, crowded).unwrap_or_else(PoisonError::into_inner);
        open.insert(number, handle);
    }

    fn remove(&self, number: usize) {
        lock(&self.open).remove(&number);
        self.changed.notify_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.end();
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
    let mut serving: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if shared.is_ending() {
            break;
        }
        let Ok(stream) = stream else { break };
        let Ok(handle) = stream.try_clone() else { break };
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        shared.add(number, handle);
        serving.retain(|thread| !thread.is_finished());
        let shared = Arc::clone(shared);
        serving.push(thread::spawn(move || {
            // An error means that the client is gone, which is its right.
            let _ = serve(stream, number, &shared);
            shared.remove(number);
        }));
    }
    // One may have come while everything ended.
    shared.end();
    for serving in serving {
        let _ = serving.join();
    }
}

/// One conversation per connection.
fn serve(stream: TcpStream, number: usize, shared: &Shared) -> io::Result<()> {
    let raw = stream.try_clone()?;
    let ending = speak(stream, &raw, shared);
    match ending {
        Ok(Ending::Reset) => {
            SockRef::from(&raw).set_linger(Some(Duration::ZERO))?;
            // All handles must go for the reset to come.
            shared.remove(number);
        }
        Ok(Ending::Hang) => wait_for_end(&raw),
        Ok(Ending::Close | Ending::Cut) | Err(_) => {
            let _ = raw.shutdown(Shutdown::Write);
            // Closing with unread bytes would be a reset.
            wait_for_end(&raw);
        }
    }
    Ok(())
}

/// Up to the last byte of the answer.
fn speak(mut stream: TcpStream, raw: &TcpStream, shared: &Shared) -> io::Result<Ending> {
    stream.set_read_timeout(Some(shared.patience))?;
    stream.set_write_timeout(Some(shared.patience))?;
    // What is sent byte by byte is to arrive so.
    stream.set_nodelay(true)?;
    let converse =
        |stream: &mut dyn Stream| (shared.talk)(&mut Conversation::new(stream, raw, shared)?);
    let Some(config) = &shared.tls else {
        return converse(&mut stream);
    };
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let ending = converse(&mut stream)?;
    if ending == Ending::Close {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(ending)
}

/// Reads until the client is gone, the server is dropped, or patience is over.
fn wait_for_end(mut stream: &TcpStream) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
}

/// A test that failed while it held the lock is no reason for another failure.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Open connections of one server; more have to wait until one is gone.
const MOST_CONNECTIONS: usize = 256;

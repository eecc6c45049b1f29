//! An address at which a connection never comes about.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A listener that accepts nobody, with its queue full.
///
/// Linux then drops whatever asks for a connection, and macOS does so too. Windows refuses it, which is another
/// misbehaviour and to a client the easier one.
pub(super) struct Blackhole {
    address: SocketAddr,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

impl Blackhole {
    pub(super) fn new() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("no IP address"))?;
        let mut queue = Vec::new();
        // How many fit in is the system's to say.
        while queue.len() < LONGEST_QUEUE {
            match TcpStream::connect_timeout(&address, AT_ONCE) {
                Ok(stream) => queue.push(stream),
                Err(_) => break,
            }
        }
        Ok(Self { address, _listener: listener, _queue: queue })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Within which a connection on this machine comes about, or will not.
const AT_ONCE: Duration = Duration::from_millis(300);

const LONGEST_QUEUE: usize = 1024;

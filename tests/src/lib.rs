//! What tests, demonstrations, benchmarks and fuzzing need: real servers on loopback addresses, other parsers of XML to
//! compare ours with, and what measures.
//!
//! A [`Server`] listens on `127.0.0.1` at a port of the system's choice, answers as it was told, records every request,
//! and is gone when it is dropped. [`TestCa`] makes the certificates for its https kind.
//!
//! ```
//! use std::io::{Read as _, Write as _};
//! use provision_tests::{Answer, Server};
//!
//! let server = Server::http(Answer::ok("<options/>").header("X-Test", "1"));
//! let mut client = std::net::TcpStream::connect(server.address()).expect("it listens");
//! client.write_all(b"GET /p HTTP/1.1\r\nHost: h\r\n\r\n").expect("it reads");
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).expect("it answers and closes");
//! assert!(answer.ends_with("\r\n\r\n<options/>"));
//! assert_eq!(server.requests()[0].line, "GET /p HTTP/1.1");
//! ```

mod answer;
mod certificate;
mod conversation;
#[cfg(all(target_os = "linux", feature = "crash"))]
pub mod crash;
pub mod fuzz;
pub mod hostile;
#[cfg(feature = "measuring")]
pub mod measuring;
pub mod peers;
mod request;
mod server;

pub use answer::{Answer, Ending};
pub use certificate::{Certificate, TestCa};
pub use request::Request;
pub use server::{ClosedPort, Server};

/// The examples of documents that belong to no library.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../../crates/provision-cli/README.md")]
    struct CommandReadme;
    #[doc = include_str!("../../docs/architecture.md")]
    struct Architecture;
}

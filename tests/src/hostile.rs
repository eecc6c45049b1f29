//! A server that misbehaves in every way that its scripts say, for testing clients.
//!
//! The scripts lie in `fixtures/http`, whose `README.md` describes them. `cargo xtask hostile` serves them to any client;
//! the tests drive the command `provision` over all of them.
//!
//! ```
//! use provision_tests::hostile::{Hostile, Setup};
//!
//! let hostile = Hostile::start(&Setup::default())?;
//! let case = hostile.cases().iter().find(|case| case.id() == "ok/config").expect("it is there");
//! assert!(hostile.url(case).ends_with("/ok/config"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blackhole;
mod compression;
mod context;
mod library;
mod performance;
mod script;
mod source;
mod text;
mod words;

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::blackhole::Blackhole;
use self::context::{Context, Others};
use self::library::Library;
use self::performance::perform;
pub use self::script::{Authentication, Case, Outcome, ScriptError};
use self::script::{Identification, Place};
use crate::answer::{Answer, Ending};
use crate::certificate::{Certificate, TestCa};
use crate::request::Request;
use crate::server::{ClosedPort, Listening, Server, Talk};

/// How the servers are set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder of the scripts; that of this repository if not told.
    pub folder: PathBuf,
    /// The port that the shared cases have; 0 for one of the system's choice.
    pub port: u16,
    /// How long a connection waits for its client.
    pub patience: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/http"),
            port: 0,
            patience: Duration::from_secs(20),
        }
    }
}

/// All cases, served on loopback addresses. Dropping it ends every connection and every thread.
pub struct Hostile {
    library: Arc<Library>,
    shared: Server,
    /// Beside the cases; `None` for those that are shared.
    places: Vec<Option<Listener>>,
    good: Server,
    good_tls: Server,
    contacts: Contacts,
    _others: Vec<Server>,
    ca: TestCa,
}

/// Where a case runs that has a port of its own.
enum Listener {
    Server(Server, &'static str),
    Closed(ClosedPort),
    Blackhole(Blackhole),
}

type Contacts = Arc<Mutex<Vec<Vec<u8>>>>;

impl Hostile {
    /// Reads the scripts and starts all servers.
    ///
    /// # Errors
    ///
    /// If a script cannot be read, or a port is not to be had.
    pub fn start(setup: &Setup) -> Result<Self, Box<dyn Error>> {
        let library = Arc::new(Library::read(&setup.folder)?);
        let ca = TestCa::new();
        let contacts = Contacts::default();
        let listening = || Listening { patience: setup.patience, ..Listening::default() };
        let other = Server::start(listening(), recording(&contacts))?;
        let other_port = other.address().port();
        // A system may have no IPv6; then nobody is to be found there.
        let on_ipv6 = Listening { ip: Ipv6Addr::LOCALHOST.into(), ..listening() };
        let other6 = Server::start(on_ipv6, recording(&contacts)).ok();
        let others = Others {
            port: other_port,
            port6: other6.as_ref().map_or(other_port, |server| server.address().port()),
        };
        let shared = Server::start(
            Listening { port: setup.port, ..listening() },
            shared_cases(Arc::clone(&library), others),
        );
        let shared = shared.map_err(|error| format!("port {}: {error}", setup.port))?;
        let places = (0..library.cases.len())
            .map(|index| Listener::start(&library, index, others, &ca, setup.patience))
            .collect::<io::Result<_>>()?;
        let good = good_document(&library);
        Ok(Self {
            shared,
            places,
            good: Server::http(Answer::ok(good.clone())),
            good_tls: Server::https(Answer::ok(good), &ca.certificate()),
            contacts,
            _others: [Some(other), other6].into_iter().flatten().collect(),
            ca,
            library,
        })
    }

    /// The cases, by group and name.
    pub fn cases(&self) -> &[Case] {
        &self.library.cases
    }

    /// Where to find a case.
    pub fn url(&self, case: &Case) -> String {
        let place = self.index(case).and_then(|index| self.places[index].as_ref());
        let (scheme, address) = match place {
            None => ("http", self.shared.address()),
            Some(Listener::Server(server, scheme)) => (*scheme, server.address()),
            Some(Listener::Closed(port)) => ("http", port.address()),
            Some(Listener::Blackhole(blackhole)) => ("http", blackhole.address()),
        };
        format!("{scheme}://{}:{}/{}", case.host, address.port(), case.id())
    }

    /// A good server for behind a case: over TLS if the case is, since no client should go from TLS to none without need.
    pub fn good_url(&self, case: &Case) -> String {
        self.good_url_of(if self.url(case).starts_with("https:") { "https" } else { "http" })
    }

    /// The good server by the scheme `http` or `https`.
    pub fn good_url_of(&self, scheme: &str) -> String {
        let server = if scheme == "https" { &self.good_tls } else { &self.good };
        server.url("/good")
    }

    /// By which the good server's documents can be told from others.
    pub fn good_mark(&self) -> &'static str {
        GOOD_MARK
    }

    /// The requests for a case so far.
    pub fn requests(&self, case: &Case) -> Vec<Request> {
        let path = format!("/{}", case.id());
        let place = self.index(case).and_then(|index| self.places[index].as_ref());
        let mut requests = match place {
            None => self.shared.requests(),
            Some(Listener::Server(server, _)) => server.requests(),
            Some(Listener::Closed(_) | Listener::Blackhole(_)) => Vec::new(),
        };
        requests.retain(|request| {
            let rest = request.path().strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        requests
    }

    /// What came in at the other origins, at which scripts point and which no client has any business with; one text for
    /// each connection.
    pub fn contacts(&self) -> Vec<Vec<u8>> {
        lock(&self.contacts).clone()
    }

    /// Writes the certificate of the authority that the cases with TLS are to be trusted by.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_ca(&self, folder: &Path) -> io::Result<PathBuf> {
        self.ca.write_pem(folder)
    }

    fn index(&self, case: &Case) -> Option<usize> {
        self.library
            .cases
            .iter()
            .position(|other| (&other.group, &other.name) == (&case.group, &case.name))
    }
}

impl Listener {
    fn start(
        library: &Arc<Library>,
        index: usize,
        others: Others,
        ca: &TestCa,
        patience: Duration,
    ) -> io::Result<Option<Self>> {
        let (scheme, tls) = match library.cases[index].place {
            Place::Shared => return Ok(None),
            Place::Closed => return Ok(Some(Self::Closed(Server::closed()))),
            Place::Blackhole => return Ok(Some(Self::Blackhole(Blackhole::new()?))),
            Place::Own { scheme } => (scheme, None),
            Place::Tls(identification) => {
                ("https", Some(identification.certificate(ca).server_config()))
            }
        };
        let library = Arc::clone(library);
        let talk: Box<Talk> = Box::new(move |conversation| {
            let case = &library.cases[index];
            // Behind TLS it is as on the shared server: who asks is known when the script begins.
            let request = if matches!(case.place, Place::Tls(_)) {
                let Some(request) = conversation.read_request()? else {
                    return Ok(Ending::Close);
                };
                Some(request)
            } else {
                None
            };
            let (path, mark) = (format!("/{}", case.id()), case.mark());
            let context =
                context(case, &path, &mark, scheme, conversation.address(), others, request);
            perform(case, &library.good, context, conversation)
        });
        let server = Server::start(Listening { tls, patience, ..Listening::default() }, talk)?;
        Ok(Some(Self::Server(server, scheme)))
    }
}

impl Identification {
    fn certificate(self, ca: &TestCa) -> Certificate {
        match self {
            Self::Good => ca.certificate(),
            Self::SelfSigned => Certificate::self_signed(),
            Self::Expired => ca.expired(),
            Self::NotYetValid => ca.not_yet_valid(),
            Self::WithoutNames => ca.without_names(),
            Self::OtherName => ca.for_name("phones.example.com"),
            Self::WildcardAddress => ca.for_name("*.0.0.1"),
            Self::ByLeaf => ca.issued_by_leaf(),
            Self::AuthorityItself => ca.itself(),
            Self::OtherAuthority => TestCa::named("Another CA").certificate(),
            Self::ForClients => ca.for_clients(),
        }
    }
}

fn context<'a>(
    case: &Case,
    path: &'a str,
    mark: &'a str,
    scheme: &str,
    address: SocketAddr,
    others: Others,
    request: Option<Request>,
) -> Context<'a> {
    let port = address.port();
    Context {
        mark,
        origin: format!("{scheme}://{}:{port}", case.host),
        port,
        path,
        others,
        request,
    }
}

/// Finds the case by the path.
fn shared_cases(library: Arc<Library>, others: Others) -> Box<Talk> {
    Box::new(move |conversation| {
        let Some(request) = conversation.read_request()? else {
            return Ok(Ending::Close);
        };
        let mut parts = request.path().split('/').skip(1);
        let (group, name) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let case = library
            .cases
            .iter()
            .find(|case| case.place == Place::Shared && case.group == group && case.name == name);
        let Some(case) = case else {
            let text = format!("there is no case {group}/{name} here\n");
            Answer::status(404).body(text).write_to(conversation)?;
            return Ok(Ending::Close);
        };
        let (path, mark) = (format!("/{group}/{name}"), case.mark());
        let address = conversation.address();
        let context = context(case, &path, &mark, "http", address, others, Some(request));
        perform(case, &library.good, context, conversation)
    })
}

/// Keeps whatever comes in, up to the end of a request, and answers with a configuration that nobody may use.
fn recording(contacts: &Contacts) -> Box<Talk> {
    let contacts = Arc::clone(contacts);
    Box::new(move |conversation| {
        let mut contact = Vec::new();
        let mut chunk = [0; 4096];
        // Each connection counts at once, whether it ever says anything or not.
        let number = {
            let mut contacts = lock(&contacts);
            contacts.push(Vec::new());
            contacts.len() - 1
        };
        while contact.len() < LONGEST_CONTACT
            && !contact.windows(4).any(|window| window == b"\r\n\r\n")
        {
            let count = conversation.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            contact.extend_from_slice(&chunk[..count]);
            lock(&contacts)[number].clone_from(&contact);
        }
        let document = OTHER_DOCUMENT;
        write!(
            conversation,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{document}",
            document.len()
        )?;
        Ok(Ending::Close)
    })
}

fn good_document(library: &Library) -> Vec<u8> {
    library.good.fill(&Context {
        mark: GOOD_MARK,
        origin: String::new(),
        port: 0,
        path: "",
        others: Others { port: 0, port6: 0 },
        request: None,
    })
}

/// A test that failed while it held the lock is no reason for another failure.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that are kept of a contact.
const LONGEST_CONTACT: usize = 64 << 10;

const GOOD_MARK: &str = "the good server";

const OTHER_DOCUMENT: &str =
    "<options><accounts>the other origin</accounts><codecs>the other origin</codecs></options>";

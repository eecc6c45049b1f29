//! Where credentials may go: scheme, host and port.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The two schemes that are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A host as a URL names it: lower case, an IPv6 address in its canonical form.
///
/// `localhost.` and `localhost` differ, and so do an address and a number that means it: equal is only what is written
/// alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    /// A name or an IPv4 address.
    Name(String),
    Ipv6(Ipv6Addr),
}

impl Host {
    /// What the resolver is asked for.
    pub(crate) fn for_resolver(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Ipv6(address) => address.to_string(),
        }
    }

    pub(crate) fn is_address(&self) -> bool {
        match self {
            Self::Name(name) => name.parse::<IpAddr>().is_ok(),
            Self::Ipv6(_) => true,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ipv6(address) => write!(f, "[{address}]"),
        }
    }
}

/// Scheme, host and port. Equality is that of RFC 6454: the default port and the case are normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl Origin {
    /// Whether `self` is the https twin of `other`: the same host, both at their default ports (spec 3.7).
    pub(crate) fn is_https_twin_of(&self, other: &Self) -> bool {
        self.scheme == Scheme::Https
            && other.scheme == Scheme::Http
            && self.host == other.host
            && self.port == self.scheme.default_port()
            && other.port == other.scheme.default_port()
    }

    /// Host and port as the `Host` field and a URL carry them: without the default port.
    pub(crate) fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

//! Which proxy an origin is asked through (spec 3.14). No I/O.

use std::ffi::OsString;
use std::fmt;

use http::{HeaderValue, StatusCode};
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::attempt::Fault;
use crate::code::Code;
use crate::credentials::{Credentials, Password, Secret};
use crate::endpoint::Endpoint;
use crate::masked::MASK;
use crate::origin::{Host, Origin, Scheme};

/// The proxies through which servers are asked.
///
/// An https origin is reached through a tunnel (CONNECT), so that the proxy sees its host and port only; an http origin
/// is asked for with its whole URL, credentials included. A proxy is itself spoken to over http: one of another scheme
/// fails the URLs that would need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// As the environment says when the fetch begins, much as curl reads it: `http_proxy` for http URLs, `https_proxy`
    /// for https ones, `all_proxy` for those that have none of their own, and the hosts of `no_proxy` without. Each may
    /// be written in capitals; what is in lower case goes before it, and an empty one counts for nothing.
    ///
    /// `HTTP_PROXY` alone is not read where `REQUEST_METHOD` is set: in a CGI program its value comes from whoever asks.
    #[default]
    Environment,
    /// None: every server is asked directly.
    Direct,
    /// These, whatever the environment says.
    Settings(ProxySettings),
}

/// Proxies that a program or its user has set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// For http URLs.
    pub http: Option<ProxyUrl>,
    /// For https URLs.
    pub https: Option<ProxyUrl>,
    /// Hosts that are asked directly, by commas: names (with everything below them), addresses, networks such as
    /// `10.0.0.0/8`, or `*` for all. Ports do not count.
    pub no_proxy: String,
}

/// The URL of a proxy, such as `http://user:password@proxy.example:3128`.
///
/// Without a scheme it is taken for http, without a port for port 80. User and password, percent-encoded, are sent to
/// the proxy by basic authentication, and nowhere else. `Debug` shows host and port.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Secret);

impl ProxyUrl {
    /// Takes the text as it stands. What is wrong with it is told by the attempt that would need it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(Secret::new(url))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of a malformed one nobody knows which part is the password.
        match Proxy::parse(self.0.reveal(), "") {
            Ok(proxy) => write!(f, "ProxyUrl({})", proxy.address),
            Err(_) => write!(f, "ProxyUrl({MASK})"),
        }
    }
}

/// The proxies of a run. One that cannot be used fails the attempts that would need it.
pub(crate) struct ProxyRules {
    http: Option<Result<Proxy, Fault>>,
    https: Option<Result<Proxy, Fault>>,
    exempt: Exempt,
}

impl ProxyRules {
    /// `variable` looks into the environment.
    pub(crate) fn new(proxies: &Proxies, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        match proxies {
            Proxies::Environment => Self::of_variables(variable),
            Proxies::Direct => Self::of_settings(&ProxySettings::default()),
            Proxies::Settings(settings) => Self::of_settings(settings),
        }
    }

    fn of_settings(settings: &ProxySettings) -> Self {
        let proxy = |url: &Option<ProxyUrl>, source| {
            url.as_ref().map(|url| Proxy::parse(url.0.reveal(), source))
        };
        Self {
            http: proxy(&settings.http, "the setting for http URLs"),
            https: proxy(&settings.https, "the setting for https URLs"),
            exempt: Exempt::new(&settings.no_proxy),
        }
    }

    fn of_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_cgi = variable("REQUEST_METHOD").is_some();
        // The names of variables have no case on Windows.
        let is_asked_for = |name: &str| {
            name == "HTTP_PROXY" || (cfg!(windows) && name.eq_ignore_ascii_case("HTTP_PROXY"))
        };
        let first = |names: &[&'static str]| {
            let trusted = names.iter().copied().filter(|name| !(is_cgi && is_asked_for(name)));
            let mut set = trusted.filter_map(|name| Some((name, variable(name)?)));
            set.find(|(_, value)| !value.is_empty())
        };
        let proxy = |names: &[&'static str]| {
            let (name, value) = first(names)?;
            Some(match value.into_string().map(Zeroizing::new) {
                Ok(value) => Proxy::parse(&value, name),
                Err(_) => Err(malformed_fault(name)),
            })
        };
        let no_proxy = first(&["no_proxy", "NO_PROXY"]).map(|(_, value)| value);
        Self {
            http: proxy(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            exempt: Exempt::new(&no_proxy.unwrap_or_default().to_string_lossy()),
        }
    }

    /// The proxy for an origin; none if it is asked directly.
    pub(crate) fn choose(&self, origin: &Origin) -> Result<Option<&Proxy>, Fault> {
        match self.of_scheme(origin.scheme) {
            Some(proxy) if !self.exempt.holds(&origin.host) => {
                proxy.as_ref().map(Some).map_err(Clone::clone)
            }
            _ => Ok(None),
        }
    }

    /// The proxy for other origins of that scheme, of which this one makes no use.
    pub(crate) fn spared(&self, origin: &Origin) -> Option<&Proxy> {
        let proxy = self.of_scheme(origin.scheme)?.as_ref().ok()?;
        self.exempt.holds(&origin.host).then_some(proxy)
    }

    fn of_scheme(&self, scheme: Scheme) -> Option<&Result<Proxy, Fault>> {
        match scheme {
            Scheme::Http => self.http.as_ref(),
            Scheme::Https => self.https.as_ref(),
        }
    }

    /// What no server's words may show, for the [`Scrubber`](crate::scrub::Scrubber).
    pub(crate) fn secrets(&self) -> impl Iterator<Item = String> {
        let usable = [&self.http, &self.https].into_iter().flatten().flatten();
        usable.flat_map(|proxy| proxy.secrets.iter().map(|secret| secret.reveal().to_owned()))
    }
}

/// The hosts that are asked directly.
struct Exempt {
    all: bool,
    /// Some if anything is exempt; what it does not intercept is.
    others: Option<Matcher>,
}

impl Exempt {
    fn new(list: &str) -> Self {
        let entries = list.split(|character: char| character == ',' || character.is_whitespace());
        // What is below a name is meant by the name itself.
        let entries: Vec<&str> = entries
            .map(|entry| {
                entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry)
            })
            .filter(|entry| !entry.is_empty())
            .collect();
        Self {
            // The matcher's own asterisk does not mean addresses.
            all: entries.contains(&"*"),
            others: (!entries.is_empty())
                .then(|| Matcher::builder().all("http://proxy").no(entries.join(",")).build()),
        }
    }

    fn holds(&self, host: &Host) -> bool {
        let is_exempt = |matcher: &Matcher| {
            let url = format!("http://{host}/").parse();
            url.is_ok_and(|url| matcher.intercept(&url).is_none())
        };
        self.all || self.others.as_ref().is_some_and(is_exempt)
    }
}

/// A proxy that can be asked.
pub(crate) struct Proxy {
    origin: Origin,
    /// Host and port, which is all that is shown.
    address: String,
    /// Marked as sensitive.
    authorization: Option<HeaderValue>,
    secrets: Vec<Secret>,
    /// The variable or setting that names it.
    source: &'static str,
}

impl Proxy {
    fn parse(url: &str, source: &'static str) -> Result<Self, Fault> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(scheme_fault(source));
        }
        // A password with a slash would make another host of what stands in front of it, so nothing may follow.
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(malformed_fault(source));
        }
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let endpoint =
            Endpoint::parse(&format!("http://{address}/")).map_err(|_| malformed_fault(source))?;
        let origin = endpoint.origin().clone();
        let mut secrets = Vec::new();
        let mut authorization = None;
        if let Some(login) = login {
            let login = parse_login(login).ok_or_else(|| malformed_fault(source))?;
            authorization = login.basic_field();
            if let Password::Plain(password) = login.password() {
                secrets.push(password.clone());
            }
            secrets.extend(login.basic_token().map(|token| Secret::new(token.as_str())));
        }
        let address = format!("{}:{}", origin.host, origin.port);
        Ok(Self { origin, address, authorization, secrets, source })
    }

    pub(crate) fn host_and_port(&self) -> (&Host, u16) {
        (&self.origin.host, self.origin.port)
    }

    /// Host and port, to be shown.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What the proxy, and nobody else, is to know us by.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// A fault that is the proxy's, or that of whoever named it.
    pub(crate) fn blame(&self, fault: Fault) -> Fault {
        fault.prefixed("proxy").hint(format!(
            "check that the proxy runs and is the right one; {} names it",
            self.source
        ))
    }

    /// What it means that the proxy itself answers with `status`.
    pub(crate) fn refusal(&self, status: StatusCode) -> Fault {
        let (address, source) = (&self.address, self.source);
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            let message = match self.authorization {
                Some(_) => format!("proxy: {address} does not accept the user and the password"),
                None => format!("proxy: {address} wants a user and a password"),
            };
            return Fault::lasting(Code::ProxyAuthentication, message)
                .hint(format!("give them as http://user:password@{address} in {source}"));
        }
        // Our own name for the status, never the proxy's reason phrase.
        let reason = status.canonical_reason().map(|reason| format!(" ({reason})"));
        let message = format!(
            "proxy: {address} does not pass the connection on: status {}{}",
            status.as_u16(),
            reason.unwrap_or_default()
        );
        let hint =
            format!("ask the proxy's operator about this server, or change {source} or no_proxy");
        if status.is_server_error() {
            Fault::passing(Code::ProxyRefused, message).hint(hint)
        } else {
            Fault::lasting(Code::ProxyRefused, message).hint(hint)
        }
    }
}

/// User and password, each percent-encoded. A colon cannot be in a user name (RFC 7617 §2).
fn parse_login(login: &str) -> Option<Credentials> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let user = percent_decode_str(user).decode_utf8().ok()?;
    let password = percent_decode_str(password).decode_utf8().ok()?;
    let credentials = Credentials::new(user, Password::Plain(Secret::new(password)));
    (!credentials.user().contains(':')).then_some(credentials)
}

fn scheme_fault(source: &str) -> Fault {
    let message = format!("proxy: {source} names a proxy of a kind that is not supported");
    Fault::lasting(Code::ProxyScheme, message)
        .hint("give a proxy that is spoken to over http, as http://host:port; https and socks proxies are not supported")
}

/// The text may hold a password and is not repeated.
fn malformed_fault(source: &str) -> Fault {
    let message = format!("proxy: what {source} says is no URL of a proxy");
    Fault::lasting(Code::ProxyUrl, message)
        .hint("write http://host:port or http://user:password@host:port, both percent-encoded")
}

#[cfg(test)]
mod tests;

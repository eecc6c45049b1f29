//! A URL that can be asked: parsed by our own strict rules (spec 3.2).
//!
//! `http::Uri` alone will not do: it takes a bad port for none, drops a fragment silently, ignores user information and
//! accepts other schemes, so that a typing error would send credentials somewhere else.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::Ipv6Addr;

use http::uri::PathAndQuery;
use zeroize::Zeroizing;

use crate::attempt::Fault;
use crate::code::Code;
use crate::origin::{Host, Origin, Scheme};

/// An absolute http or https URL without user information and fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    origin: Origin,
    /// Begins with `/`. May hold credentials.
    target: Zeroizing<String>,
}

impl Endpoint {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlFault> {
        refuse_characters(text)?;
        if text.is_empty() {
            return Err(UrlFault::Empty);
        }
        if text.len() > LONGEST_URL {
            return Err(UrlFault::TooLong);
        }
        if text.contains('#') {
            return Err(UrlFault::Fragment);
        }
        let (scheme, rest) = split_scheme(text)?;
        let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(authority_end);
        let (host, port) = parse_authority(authority)?;
        let origin = Origin { scheme, host, port: port.unwrap_or_else(|| scheme.default_port()) };
        let target = parse_target(target)?;
        Ok(Self { origin, target })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Path and query, beginning with `/`. May hold credentials.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }
}

impl Hash for Endpoint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.origin.hash(state);
        self.target.as_str().hash(state);
    }
}

/// The target may hold credentials and is not shown.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}/…)", self.origin)
    }
}

fn refuse_characters(text: &str) -> Result<(), UrlFault> {
    for character in text.chars() {
        if character.is_whitespace() {
            return Err(UrlFault::WhiteSpace);
        }
        if character.is_control() {
            return Err(UrlFault::Control);
        }
    }
    Ok(())
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), UrlFault> {
    let (scheme, rest) = text.split_once("://").ok_or(UrlFault::Scheme)?;
    if scheme.eq_ignore_ascii_case("http") {
        Ok((Scheme::Http, rest))
    } else if scheme.eq_ignore_ascii_case("https") {
        Ok((Scheme::Https, rest))
    } else {
        Err(UrlFault::Scheme)
    }
}

fn parse_authority(authority: &str) -> Result<(Host, Option<u16>), UrlFault> {
    if authority.is_empty() {
        return Err(UrlFault::NoHost);
    }
    if authority.contains('@') {
        return Err(UrlFault::UserInformation);
    }
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']').ok_or(UrlFault::Ipv6)?;
        let address: Ipv6Addr = address.parse().map_err(|_| UrlFault::Ipv6)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(parse_port(port)?),
            None if rest.is_empty() => None,
            None => return Err(UrlFault::Ipv6),
        };
        return Ok((Host::Ipv6(address), port));
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Err(UrlFault::Ipv6);
    }
    let (name, port) = match authority.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (authority, None),
    };
    let name = parse_name(name)?;
    let port = port.map(parse_port).transpose()?;
    Ok((Host::Name(name), port))
}

fn parse_name(name: &str) -> Result<String, UrlFault> {
    if name.is_empty() {
        return Err(UrlFault::NoHost);
    }
    if !name.is_ascii() {
        return Err(UrlFault::NonAsciiHost);
    }
    let absolute = name.strip_suffix('.').unwrap_or(name);
    let well_formed = name.len() <= LONGEST_NAME
        && absolute.split('.').all(|label| !label.is_empty())
        && absolute
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if well_formed { Ok(name.to_ascii_lowercase()) } else { Err(UrlFault::Host) }
}

/// Port 0 names no server; `parse` alone would take `+80`.
fn parse_port(port: &str) -> Result<u16, UrlFault> {
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UrlFault::Port);
    }
    match port.parse() {
        Ok(0) | Err(_) => Err(UrlFault::Port),
        Ok(port) => Ok(port),
    }
}

fn parse_target(target: &str) -> Result<Zeroizing<String>, UrlFault> {
    if !target.is_ascii() {
        return Err(UrlFault::NonAsciiTarget);
    }
    let target = Zeroizing::new(match target.strip_prefix('/') {
        Some(_) => target.to_owned(),
        None => format!("/{target}"),
    });
    // What the request line will carry must be what we have judged.
    match PathAndQuery::try_from(target.as_str()) {
        Ok(read) if read.as_str() == target.as_str() => Ok(target),
        _ => Err(UrlFault::Character),
    }
}

/// Why a text is no URL that we ask. The text itself may hold credentials, so no message repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlFault {
    Empty,
    TooLong,
    WhiteSpace,
    Control,
    Scheme,
    NoHost,
    UserInformation,
    Fragment,
    Host,
    NonAsciiHost,
    Ipv6,
    Port,
    NonAsciiTarget,
    Character,
    EarlyPlaceholder,
}

impl UrlFault {
    pub(crate) fn code(self) -> Code {
        match self {
            Self::Empty => Code::UrlEmpty,
            Self::TooLong => Code::UrlLength,
            Self::WhiteSpace => Code::UrlWhiteSpace,
            Self::Control | Self::Character => Code::UrlCharacter,
            Self::Scheme => Code::UrlScheme,
            Self::NoHost | Self::Host | Self::Ipv6 => Code::UrlHost,
            Self::UserInformation => Code::UrlUserInformation,
            Self::Fragment => Code::UrlFragment,
            Self::Port => Code::UrlPort,
            Self::NonAsciiHost | Self::NonAsciiTarget => Code::UrlNonAscii,
            Self::EarlyPlaceholder => Code::UrlPlaceholder,
        }
    }

    /// What is wrong, without a subject: the URL of the list, or a redirect's target.
    pub(crate) fn predicate(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::TooLong => "is longer than 8192 bytes",
            Self::WhiteSpace => "contains white space",
            Self::Control => "contains a control character",
            Self::Scheme => "does not begin with http:// or https://",
            Self::NoHost => "names no host",
            Self::UserInformation => "has user information in front of the host (an @)",
            Self::Fragment => "has a fragment (a #)",
            Self::Host => "has a malformed host name",
            Self::NonAsciiHost => "has a host name outside ASCII",
            Self::Ipv6 => "has a malformed IPv6 address, or one without brackets",
            Self::Port => "has a port that is no number from 1 to 65535",
            Self::NonAsciiTarget => "has characters outside ASCII in its path or query",
            Self::Character => "has a character in its path or query that no URL may have",
            Self::EarlyPlaceholder => "has a placeholder in front of its path",
        }
    }

    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Empty | Self::Scheme | Self::NoHost => {
                "write it as http://host/path or https://host/path"
            }
            Self::TooLong => "give a shorter URL",
            Self::WhiteSpace => "remove the white space, or write it as %20",
            Self::Control => "remove the control character",
            Self::UserInformation => {
                "give user and password as credentials; in a path, write @ as %40"
            }
            Self::Fragment => "remove the # and what follows it, or write # as %23",
            Self::Host => "check the host name: letters, digits, hyphens and single dots",
            Self::NonAsciiHost => "write the host name in its ASCII form (punycode, xn--…)",
            Self::Ipv6 => "write it as http://[2001:db8::1]/path",
            Self::Port => "correct the port, or leave it out together with its colon",
            Self::NonAsciiTarget | Self::Character => "percent-encode the character",
            Self::EarlyPlaceholder => {
                "use placeholders in the path or the query only, or basic authentication"
            }
        }
    }
}

impl From<UrlFault> for Fault {
    fn from(fault: UrlFault) -> Self {
        Self::lasting(fault.code(), format!("the URL {}", fault.predicate())).hint(fault.hint())
    }
}

/// RFC 9110 §4.1 asks for at least 8,000.
const LONGEST_URL: usize = 8192;

/// RFC 1035 §2.3.4, as text.
const LONGEST_NAME: usize = 253;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_accepted_is_normalised() {
        for (text, origin, target) in [
            ("http://h", "http://h", "/"),
            ("http://h?x=1", "http://h", "/?x=1"),
            ("HTTP://Example.COM:80/A/b", "http://example.com", "/A/b"),
            ("https://h:443/", "https://h", "/"),
            ("https://h:80/", "https://h:80", "/"),
            ("http://h:0080/", "http://h", "/"),
            ("http://localhost./", "http://localhost.", "/"),
            ("http://[::1]:8080/", "http://[::1]:8080", "/"),
            ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]", "/"),
            ("http://h/a@b", "http://h", "/a@b"),
            ("http://h/[mac]", "http://h", "/[mac]"),
            ("http://h/p/?username=a&password=b", "http://h", "/p/?username=a&password=b"),
            ("http://a_b-c.example/", "http://a_b-c.example", "/"),
        ] {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!(endpoint.origin().to_string(), origin, "{text}");
            assert_eq!(endpoint.target(), target, "{text}");
        }
    }

    #[test]
    fn what_is_refused_is_named() {
        for (text, fault) in [
            ("", UrlFault::Empty),
            ("h/path", UrlFault::Scheme),
            ("ftp://h/", UrlFault::Scheme),
            ("http:/h/", UrlFault::Scheme),
            ("file:///etc/passwd", UrlFault::Scheme),
            ("http://", UrlFault::NoHost),
            ("http:///path", UrlFault::NoHost),
            ("http://:80/", UrlFault::NoHost),
            ("http://?x", UrlFault::NoHost),
            (" http://h/", UrlFault::WhiteSpace),
            ("http://h/a b", UrlFault::WhiteSpace),
            ("http://h/\u{a0}", UrlFault::WhiteSpace),
            ("http://h/\r\nx", UrlFault::WhiteSpace),
            ("http://h/\u{1b}[1m", UrlFault::Control),
            ("http://h/#x", UrlFault::Fragment),
            ("http://h#x", UrlFault::Fragment),
            ("http://u:p@h/", UrlFault::UserInformation),
            ("http://good.example\\@evil.example/", UrlFault::UserInformation),
            ("http://good.example\\.evil.example/", UrlFault::Host),
            ("http://h%2e/", UrlFault::Host),
            ("http://a..b/", UrlFault::Host),
            ("http://./", UrlFault::Host),
            ("http://münchen.example/", UrlFault::NonAsciiHost),
            ("http://h/ü", UrlFault::NonAsciiTarget),
            ("http://h:/", UrlFault::Port),
            ("http://h:0/", UrlFault::Port),
            ("http://h:65536/", UrlFault::Port),
            ("http://h:99999999999999999999/", UrlFault::Port),
            ("http://h:80a/", UrlFault::Port),
            ("http://h:+80/", UrlFault::Port),
            ("http://h:80:80/", UrlFault::Port),
            ("http://[::1/", UrlFault::Ipv6),
            ("http://[::1]x/", UrlFault::Ipv6),
            ("http://[::1%25eth0]/", UrlFault::Ipv6),
            ("http://[v1.x]/", UrlFault::Ipv6),
            ("http://[::1]:/", UrlFault::Port),
            ("http://2001:db8::1/", UrlFault::Ipv6),
        ] {
            assert_eq!(Endpoint::parse(text), Err(fault), "{text}");
        }
        let long = format!("http://h/{}", "a".repeat(LONGEST_URL));
        assert_eq!(Endpoint::parse(&long), Err(UrlFault::TooLong));
        let long = format!("http://{}.example/", "a.".repeat(LONGEST_NAME / 2));
        assert_eq!(Endpoint::parse(&long), Err(UrlFault::Host));
    }

    #[test]
    fn debug_hides_the_target() {
        let endpoint = Endpoint::parse("http://h:81/p?password=canary").expect("a URL");
        assert_eq!(format!("{endpoint:?}"), "Endpoint(http://h:81/…)");
    }

    /// The trap this parser exists for: whatever we accept, `http::Uri` reads as the same server.
    fn agrees_with_http(text: &str) {
        let Ok(endpoint) = Endpoint::parse(text) else {
            return;
        };
        let uri: http::Uri = text.parse().expect("http reads what we accept");
        let origin = endpoint.origin();
        assert_eq!(uri.scheme_str(), Some(origin.scheme.as_str()));
        assert_eq!(uri.port_u16().unwrap_or(origin.scheme.default_port()), origin.port);
        let host = uri.host().expect("a host").to_ascii_lowercase();
        match &origin.host {
            Host::Name(name) => assert_eq!(&host, name),
            Host::Ipv6(address) => {
                let read = host.trim_matches(['[', ']']).parse::<Ipv6Addr>();
                assert_eq!(read.as_ref(), Ok(address));
            }
        }
        let target = endpoint.target();
        assert_eq!(uri.path(), endpoint.path());
        assert_eq!(uri.query(), target.split_once('?').map(|(_, query)| query));
    }

    proptest! {
        #[test]
        fn agrees_with_http_on_near_urls(
            text in "(http|https|HTTP|ftp)(:|:/|://|:///)[a-zA-Z0-9.:@\\[\\]%_-]{0,12}(:[0-9+]{0,6})?[/?#a-z\\[\\]{}|^\"<>\\\\ü%=&]{0,10}"
        ) {
            agrees_with_http(&text);
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            agrees_with_http(&text);
        }
    }
}

//! Whether a redirect is followed (spec 3.7). No I/O.

use http::{HeaderMap, StatusCode, header};

use crate::attempt::Fault;
use crate::code::Code;
use crate::endpoint::Endpoint;
use crate::reference::resolve;
use crate::scrub::Scrubber;

/// What an attempt's redirects are judged by.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// Redirects of one attempt.
    pub(crate) limit: usize,
    /// For the host of a refused target, which is the server's text.
    pub(crate) scrubber: &'a Scrubber,
}

/// Whether the status is one of those whose `Location` we look at.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads that came for `from`, which this attempt asked after `earlier`.
///
/// Credentials go along, so a target is either of the same origin or its https twin; anything else is a fault, whatever
/// the list of URLs holds: its query may carry our digest.
pub(crate) fn follow(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Endpoint,
    earlier: &[Endpoint],
    rules: Rules<'_>,
) -> Result<Endpoint, Fault> {
    let mut locations = headers.get_all(header::LOCATION).into_iter();
    let location = match (locations.next(), locations.next()) {
        (None, _) => return Err(location_fault(status, "without saying where to")),
        (Some(_), Some(_)) => return Err(location_fault(status, "to more than one place")),
        (Some(location), None) => location,
    };
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| location_fault(status, "to a place outside ASCII"))?;
    let target = resolve(from, location)
        .map_err(|fault| location_fault(status, &format!("to a URL that {}", fault.predicate())))?;
    if target.origin() != from.origin() && !target.origin().is_https_twin_of(from.origin()) {
        return Err(other_origin_fault(status, &target, rules.scrubber));
    }
    if target == *from || earlier.contains(&target) {
        return Err(Fault::lasting(
            Code::RedirectLoop,
            format!("the server redirects ({}) in a circle", status.as_u16()),
        )
        .hint(ASK_THE_OPERATOR));
    }
    if earlier.len() >= rules.limit {
        return Err(Fault::lasting(
            Code::RedirectLimit,
            format!("the server redirects more than {} times", rules.limit),
        )
        .hint(ASK_THE_OPERATOR));
    }
    Ok(target)
}

fn location_fault(status: StatusCode, how: &str) -> Fault {
    Fault::lasting(
        Code::RedirectLocation,
        format!("the server redirects ({}) {how}", status.as_u16()),
    )
    .hint(ASK_THE_OPERATOR)
}

/// The host is the server's text, and may be made of our password.
fn other_origin_fault(status: StatusCode, target: &Endpoint, scrubber: &Scrubber) -> Fault {
    Fault::lasting(
        Code::RedirectOrigin,
        format!(
            "the server redirects ({}) to another origin, {}, which is not followed",
            status.as_u16(),
            scrubber.scrub(&target.origin().to_string())
        ),
    )
    .hint("if that is the right server, put the new URL into base_urls in place of this one")
}

const ASK_THE_OPERATOR: &str = "ask the operator of the server to correct the redirect";

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::{Credentials, Identity, Md5Digest, Password};
    use crate::origin::Scheme;

    const DIGEST: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn scrubber() -> Scrubber {
        let digest = Md5Digest::parse(DIGEST).expect("a digest");
        let credentials = Credentials::new("alice", Password::Md5Digest(digest));
        Scrubber::new(&Identity::Url(credentials), [])
    }

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url).expect(url)
    }

    fn headers(locations: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for location in locations {
            let value = HeaderValue::from_bytes(location).expect("a field value");
            headers.append(header::LOCATION, value);
        }
        headers
    }

    fn decide(from: &str, location: &str) -> Result<Endpoint, Fault> {
        decide_after(&[], from, &[location.as_bytes()])
    }

    fn decide_after(
        earlier: &[Endpoint],
        from: &str,
        locations: &[&[u8]],
    ) -> Result<Endpoint, Fault> {
        let scrubber = scrubber();
        let rules = Rules { limit: 5, scrubber: &scrubber };
        follow(StatusCode::FOUND, &headers(locations), &endpoint(from), earlier, rules)
    }

    fn code(decision: Result<Endpoint, Fault>) -> &'static str {
        decision.expect_err("it is not followed").code()
    }

    #[test]
    fn only_five_statuses_redirect() {
        let redirecting: Vec<u16> = (300..400)
            .filter(|code| is_redirect(StatusCode::from_u16(*code).expect("in range")))
            .collect();
        assert_eq!(redirecting, [301, 302, 303, 307, 308]);
    }

    #[test]
    fn the_same_origin_and_its_https_twin_are_followed() {
        for (from, location, target) in [
            ("http://h/a", "/b", "http://h/b"),
            ("http://h/a", "HTTP://H:80/b", "http://h/b"),
            ("https://h/a", "https://h:443/b", "https://h/b"),
            ("http://h:81/a", "//h:81/b?x", "http://h:81/b?x"),
            ("http://h/a", "https://h/a", "https://h/a"),
            ("http://h:80/a", "https://h:443/b", "https://h/b"),
        ] {
            assert_eq!(decide(from, location), Ok(endpoint(target)), "{location}");
        }
    }

    #[test]
    fn every_other_origin_is_refused() {
        for (from, location) in [
            ("http://h/a", "http://other/"),
            ("http://h/a", "http://h:81/"),
            ("http://h:81/a", "http://h/"),
            ("http://h:81/a", "https://h/"),
            ("http://h:81/a", "https://h:81/"),
            ("http://h/a", "https://h:444/"),
            ("https://h/a", "http://h/"),
            ("http://h/a", "//h:8080/"),
            ("http://localhost/a", "http://localhost./"),
            ("http://127.0.0.1/a", "http://2130706433/"),
            ("http://127.0.0.1/a", "http://[::1]/"),
            ("http://h/a", "http://h.evil.example/"),
        ] {
            assert_eq!(code(decide(from, location)), "redirect-origin", "{location}");
        }
    }

    #[test]
    fn a_refusal_names_the_origin_and_nothing_else_of_the_target() {
        let fault = decide("http://h/", "http://Other.example:81/p?password=canary")
            .expect_err("another origin");
        assert_eq!(
            fault.message(),
            "the server redirects (302) to another origin, http://other.example:81, which is not followed"
        );
    }

    #[test]
    fn a_host_made_of_our_digest_is_masked() {
        let fault = decide("http://h/", &format!("http://{DIGEST}.evil.example/"))
            .expect_err("another origin");
        assert!(!fault.message().contains(DIGEST));
        assert!(fault.message().contains("http://[masked].evil.example"));
    }

    #[test]
    fn a_location_must_be_one_usable_url() {
        for location in ["", "#x", "http://", "ftp://h/", "http://u@h/", "http://h:0/"] {
            assert_eq!(code(decide("http://h/a", location)), "redirect-location", "{location}");
        }
        for locations in [
            &[][..],
            &[b"/a".as_slice(), b"http://evil.example/"],
            &[b"/a".as_slice(), b"/a"],
            &[b"/\xff".as_slice()],
        ] {
            let decision = decide_after(&[], "http://h/", locations);
            assert_eq!(code(decision), "redirect-location", "{locations:?}");
        }
    }

    #[test]
    fn circles_and_chains_end() {
        let asked: Vec<Endpoint> =
            (0..6).map(|step| endpoint(&format!("http://h/{step}"))).collect();
        let decide = |earlier: usize, location: &str| {
            let from = format!("http://h/{earlier}");
            decide_after(&asked[..earlier], &from, &[location.as_bytes()])
        };
        assert_eq!(decide(4, "/6"), Ok(endpoint("http://h/6")));
        assert_eq!(code(decide(5, "/6")), "redirect-limit");
        assert_eq!(code(decide(1, "/0")), "redirect-loop");
        assert_eq!(code(decide(1, "/1")), "redirect-loop");
    }

    /// Parts of a URL of which a server may make a target: those of our own and those of others.
    fn a_location() -> impl Strategy<Value = String> {
        let scheme = prop::sample::select(vec!["", "http:", "https:", "HTTP:", "ftp:"]);
        let slashes = prop::sample::select(vec!["", "/", "//", "///"]);
        let host = prop::sample::select(vec!["", "h", "H", "evil", "u@h", "h.evil", "h.", "[::1]"]);
        let port = prop::sample::select(vec!["", ":80", ":443", ":81", ":0", ":"]);
        (scheme, slashes, host, port, "[/?a-c.]{0,5}").prop_map(
            |(scheme, slashes, host, port, target)| {
                format!("{scheme}{slashes}{host}{port}{target}")
            },
        )
    }

    proptest! {
        /// However often and wherever to an attempt is redirected: it stays at the origin of the list or goes to its https
        /// twin, never back, and not more often than it may.
        #[test]
        fn no_redirect_leads_credentials_astray(
            first in prop::sample::select(vec!["http://h/", "https://h/", "http://h:81/", "https://h:81/"]),
            locations in prop::collection::vec(a_location(), 0..12),
        ) {
            let scrubber = scrubber();
            let rules = Rules { limit: 5, scrubber: &scrubber };
            let listed = endpoint(first);
            let mut asked = vec![listed.clone()];
            for location in &locations {
                let Ok(value) = HeaderValue::from_str(location) else { continue };
                let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
                let (from, earlier) = asked.split_last().expect("one is there");
                if let Ok(to) = follow(StatusCode::FOUND, &headers, from, earlier, rules) {
                    let origin = to.origin();
                    let is_listed = origin == listed.origin();
                    prop_assert!(is_listed || origin.is_https_twin_of(listed.origin()));
                    prop_assert!(origin.scheme == Scheme::Https || from.origin() == origin);
                    prop_assert!(!asked.contains(&to));
                    asked.push(to);
                }
            }
            prop_assert!(asked.len() <= 6);
        }
    }
}

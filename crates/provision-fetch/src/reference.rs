//! Relative references (RFC 3986 §5.2), for the targets of redirects.

use crate::endpoint::{Endpoint, UrlFault};

/// The URL that `reference` means on a page of `base`, judged by the same rules as a URL of the list.
pub(crate) fn resolve(base: &Endpoint, reference: &str) -> Result<Endpoint, UrlFault> {
    if reference.is_empty() {
        return Err(UrlFault::Empty);
    }
    let absolute = if has_scheme(reference) {
        reference.to_owned()
    } else if reference.starts_with("//") {
        format!("{}:{reference}", base.origin().scheme.as_str())
    } else if reference.starts_with('/') {
        format!("{}{reference}", base.origin())
    } else if reference.starts_with(['?', '#']) {
        format!("{}{}{reference}", base.origin(), base.path())
    } else {
        let folder = base.path().rfind('/').map_or(0, |slash| slash + 1);
        format!("{}{}{reference}", base.origin(), &base.path()[..folder])
    };
    // Once as it came, so that what is refused is refused before dots are taken out of it.
    let endpoint = Endpoint::parse(&absolute)?;
    let path = remove_dot_segments(endpoint.path());
    let query = &endpoint.target()[endpoint.path().len()..];
    Endpoint::parse(&format!("{}{path}{query}", endpoint.origin()))
}

/// RFC 3986 §3.1: a letter, then letters, digits, `+`, `-` and `.`, then a colon.
fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// RFC 3986 §5.2.4, for a path that begins with `/`.
fn remove_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3986 §5.4, less what is no http URL or has a fragment.
    #[test]
    fn examples_of_the_rfc() {
        let base = Endpoint::parse("http://a/b/c/d;p?q").expect("the RFC's base");
        for (reference, target) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            (";x", "/b/c/;x"),
            ("g;x", "/b/c/g;x"),
            (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"),
            ("../", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../", "/"),
            ("../../g", "/g"),
            ("../../../g", "/g"),
            ("../../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            (".g", "/b/c/.g"),
            ("g..", "/b/c/g.."),
            ("..g", "/b/c/..g"),
            ("./../g", "/b/g"),
            ("./g/.", "/b/c/g/"),
            ("g/./h", "/b/c/g/h"),
            ("g/../h", "/b/c/h"),
            ("g;x=1/./y", "/b/c/g;x=1/y"),
            ("g;x=1/../y", "/b/c/y"),
            ("g?y/./x", "/b/c/g?y/./x"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("http://a/x/../y", "/y"),
            ("//a/y", "/y"),
            ("1:2", "/b/c/1:2"),
        ] {
            let endpoint = resolve(&base, reference).expect(reference);
            assert_eq!(endpoint.origin(), base.origin(), "{reference}");
            assert_eq!(endpoint.target(), target, "{reference}");
        }
    }

    #[test]
    fn other_origins_are_seen_as_such() {
        let base = Endpoint::parse("https://a/b").expect("a URL");
        for (reference, origin) in [
            ("//b/c", "https://b"),
            ("http://a/c", "http://a"),
            ("HTTPS://A:443/", "https://a"),
            ("//a:444/", "https://a:444"),
        ] {
            let endpoint = resolve(&base, reference).expect(reference);
            assert_eq!(endpoint.origin().to_string(), origin, "{reference}");
        }
    }

    #[test]
    fn what_is_no_url_of_ours_is_refused() {
        let base = Endpoint::parse("http://a/b").expect("a URL");
        for (reference, fault) in [
            ("", UrlFault::Empty),
            ("#x", UrlFault::Fragment),
            ("javascript:alert(1)", UrlFault::Scheme),
            ("http:g", UrlFault::Scheme),
            ("data:text/xml,x", UrlFault::Scheme),
            ("//u:p@a/", UrlFault::UserInformation),
            ("//", UrlFault::NoHost),
            ("////a/b", UrlFault::NoHost),
            ("//a:0/", UrlFault::Port),
            ("/a b", UrlFault::WhiteSpace),
            ("/\0", UrlFault::Control),
        ] {
            assert_eq!(resolve(&base, reference), Err(fault), "{reference:?}");
        }
    }
}

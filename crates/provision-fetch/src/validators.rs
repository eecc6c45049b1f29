//! What a server calls the state of a document, to ask later whether it is still that one (spec 3.13, RFC 9110 §8.8).

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};

use crate::credentials::Identity;
use crate::endpoint::Endpoint;

/// The `ETag` and the `Last-Modified` field of an answer, bound to the URL that it came from and to whoever asked.
///
/// For [`fetch_if_changed`](crate::fetch_if_changed). They are the server's words and the URL may hold credentials, so
/// nothing of them is shown, and nothing is stored.
#[derive(Clone)]
pub struct Validators(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    identity: Identity,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// Those of an answer; none if its head has neither field.
    pub(crate) fn of(
        headers: &HeaderMap,
        endpoint: &Endpoint,
        identity: &Identity,
    ) -> Option<Self> {
        let etag = headers.get(header::ETAG).cloned();
        let last_modified = headers.get(header::LAST_MODIFIED).cloned();
        (etag.is_some() || last_modified.is_some()).then(|| {
            let (endpoint, identity) = (endpoint.clone(), identity.clone());
            Self(Arc::new(Inner { endpoint, identity, etag, last_modified }))
        })
    }

    /// Whether a request for this URL by these credentials can be conditional.
    pub(crate) fn are_for(&self, endpoint: &Endpoint, identity: &Identity) -> bool {
        self.0.endpoint == *endpoint && self.0.identity == *identity
    }

    /// The fields that make a request conditional. A server that understands the first ignores the second
    /// (RFC 9110 §13.1.3).
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (header::HeaderName, &HeaderValue)> {
        let etag = self.0.etag.as_ref().map(|etag| (header::IF_NONE_MATCH, etag));
        let date = self.0.last_modified.as_ref().map(|date| (header::IF_MODIFIED_SINCE, date));
        etag.into_iter().chain(date)
    }
}

impl fmt::Debug for Validators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validators({:?})", self.0.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Credentials, Password, Secret};

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url).expect(url)
    }

    fn alice() -> Identity {
        Identity::Basic(Credentials::new("alice", Password::Plain(Secret::new("canary"))))
    }

    #[test]
    fn they_are_for_one_url_and_one_user() {
        let mut headers = HeaderMap::new();
        let url = endpoint("http://h/p");
        assert!(Validators::of(&headers, &url, &alice()).is_none());
        headers.insert(header::ETAG, HeaderValue::from_static("\"canary\""));
        let validators = Validators::of(&headers, &url, &alice()).expect("there is a tag");
        assert!(validators.are_for(&url, &alice()));
        assert!(!validators.are_for(&url, &Identity::Anonymous));
        assert!(!validators.are_for(&endpoint("http://h/p?x"), &alice()));
        assert!(!format!("{validators:?}").contains("canary"));
    }

    #[test]
    fn both_fields_become_conditions() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, HeaderValue::from_static("W/\"1\""));
        let date = HeaderValue::from_static("Mon, 23 Nov 2026 12:00:00 GMT");
        headers.insert(header::LAST_MODIFIED, date.clone());
        let validators = Validators::of(&headers, &endpoint("http://h/"), &Identity::Anonymous);
        let validators = validators.expect("there are two");
        let conditions: Vec<_> = validators.conditions().collect();
        assert_eq!(
            conditions,
            [
                (header::IF_NONE_MATCH, &HeaderValue::from_static("W/\"1\"")),
                (header::IF_MODIFIED_SINCE, &date)
            ]
        );
    }
}

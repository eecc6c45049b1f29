//! Which URLs a run has asked: each at most once, with the same credentials (spec 3.12).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::endpoint::Endpoint;

/// The URLs of a run that were asked, redirects included. Its attempts share it.
#[derive(Default)]
pub(crate) struct Tried(Mutex<HashSet<Endpoint>>);

impl Tried {
    /// Whether nobody has asked this URL in this run. From now on somebody has.
    pub(crate) fn claim(&self, endpoint: &Endpoint) -> bool {
        // Inserting leaves the set whole, whatever panics elsewhere.
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tried.insert(endpoint.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_claimed_once_however_it_is_written() {
        let tried = Tried::default();
        let endpoint = |url: &str| Endpoint::parse(url).expect(url);
        assert!(tried.claim(&endpoint("http://h/p?user=a")));
        assert!(!tried.claim(&endpoint("HTTP://H:80/p?user=a")));
        assert!(tried.claim(&endpoint("http://h/p?user=b")));
        assert!(tried.claim(&endpoint("https://h/p?user=a")));
    }
}

//! The cryptography under TLS, which is chosen when the crate is built.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// The library that does the cryptography of TLS: `aws-lc-rs` where that feature is on, else `ring` where that one is,
/// else none, and then no https URL can be asked.
///
/// What a program has chosen as its default provider is neither used nor changed.
pub fn tls_provider() -> Option<&'static str> {
    if cfg!(feature = "aws-lc-rs") {
        Some("aws-lc-rs")
    } else if cfg!(feature = "ring") {
        Some("ring")
    } else {
        None
    }
}

/// The provider by name: with two of them in one program, rustls panics where it is to find one by itself.
#[cfg(feature = "aws-lc-rs")]
pub(super) fn provider() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
pub(super) fn provider() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(super) fn provider() -> Option<Arc<CryptoProvider>> {
    None
}

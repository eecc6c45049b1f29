//! The certificate authorities that the platform trusts.

#[cfg(all(unix, not(target_os = "macos")))]
use std::path::PathBuf;

use rustls_native_certs::CertificateResult;

#[cfg(all(unix, not(target_os = "macos")))]
use super::variable;

/// Reads them. It blocks: a file of a few hundred kilobytes, or a few hundred files.
///
/// Where a platform has all of them in one file, its folder of certificates is that file's content once more, and is not
/// read. `SSL_CERT_FILE` and `SSL_CERT_DIR` stand in place of the platform's own; both are read where both are set.
pub(super) fn read() -> CertificateResult {
    #[cfg(all(unix, not(target_os = "macos")))]
    if let Some(bundle) = bundle() {
        let read = rustls_native_certs::load_certs_from_paths(Some(&bundle), None);
        if !read.certs.is_empty() {
            return read;
        }
    }
    rustls_native_certs::load_native_certs()
}

/// The platform's one file, unless the environment names others.
#[cfg(all(unix, not(target_os = "macos")))]
fn bundle() -> Option<PathBuf> {
    let named = [openssl_probe::ENV_CERT_FILE, openssl_probe::ENV_CERT_DIR];
    if named.iter().any(|name| variable(name).is_some()) {
        return None;
    }
    openssl_probe::probe().cert_file
}

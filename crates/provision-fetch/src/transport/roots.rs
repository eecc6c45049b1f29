//! The certificate authorities that the platform trusts.

use std::path::PathBuf;

use rustls::RootCertStore;
use rustls_native_certs::CertificateResult;

#[cfg(all(unix, not(target_os = "macos")))]
use super::variable;

/// Whom the platform trusts to vouch for servers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformTrust {
    /// How many certificate authorities.
    pub authorities: usize,
    /// How many certificates of the store are no use, since nothing can parse them.
    pub unusable: usize,
    /// The files and folders that they were read from; empty where the platform has them elsewhere.
    pub places: Vec<PathBuf>,
    /// What went wrong first, if something did.
    pub problem: Option<String>,
}

/// Reads the platform's trust store as a fetch does at its first https URL, and says what is in it. It blocks: a file of a
/// few hundred kilobytes, or a few hundred files.
pub fn platform_trust() -> PlatformTrust {
    let read = read();
    let problem = read.errors.first().map(ToString::to_string);
    let (authorities, unusable) = RootCertStore::empty().add_parsable_certificates(read.certs);
    PlatformTrust { authorities, unusable, places: places(), problem }
}

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
    if !named_places().is_empty() {
        return None;
    }
    openssl_probe::probe().cert_file
}

/// What the environment names in place of the platform's.
#[cfg(all(unix, not(target_os = "macos")))]
fn named_places() -> Vec<PathBuf> {
    let names = [openssl_probe::ENV_CERT_FILE, openssl_probe::ENV_CERT_DIR];
    names.into_iter().filter_map(variable).map(PathBuf::from).collect()
}

/// Where [`read`] looks.
#[cfg(all(unix, not(target_os = "macos")))]
fn places() -> Vec<PathBuf> {
    let named = named_places();
    if !named.is_empty() {
        return named;
    }
    match bundle() {
        Some(bundle) => vec![bundle],
        None => openssl_probe::probe().cert_dir.into_iter().collect(),
    }
}

/// The platform has a store that is no file, unless the environment names files.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn places() -> Vec<PathBuf> {
    let names = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
    names.into_iter().filter_map(super::variable).map(PathBuf::from).collect()
}

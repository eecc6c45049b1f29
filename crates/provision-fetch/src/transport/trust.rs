//! Whom we believe to be who they say: the platform's certificate authorities and the extra ones.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::Reporter;
use crate::attempt::{Fault, Stage};
use crate::error::Cause;

/// The trusted roots. The platform's are read when the first https URL is tried, and once.
pub(crate) struct Trust {
    extra: Vec<CertificateDer<'static>>,
    config: OnceCell<Result<Arc<ClientConfig>, Fault>>,
}

impl Trust {
    /// Reads the extra files; a file that cannot be used is an error of the run, not of a server.
    pub(crate) fn with_extra_files(files: &[PathBuf]) -> Result<Self, Cause> {
        let mut extra = Vec::new();
        for path in files {
            extra.extend(read_certificates(path)?);
        }
        Ok(Self { extra, config: OnceCell::new() })
    }

    /// Reads the platform's roots if nobody has yet: a stage of its own in the attempt that does.
    pub(super) async fn client_config(
        &self,
        reporter: &Reporter,
    ) -> Result<Arc<ClientConfig>, Fault> {
        let config = self.config.get_or_init(|| async {
            reporter.enter(Stage::Trust);
            // Reading a few hundred files blocks. If the runtime is shutting down there is nothing to read for.
            let native = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
                .await
                .unwrap_or_default();
            let reason = native.errors.first().map(ToString::to_string);
            client_config(native.certs, &self.extra, reason)
        });
        config.await.clone().inspect_err(|_| reporter.enter(Stage::Trust))
    }
}

fn read_certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, Cause> {
    let pem =
        fs::read(path).map_err(|source| Cause::CaFileUnreadable { path: path.clone(), source })?;
    let mut certificates = Vec::new();
    for section in CertificateDer::pem_slice_iter(&pem) {
        let malformed =
            || Cause::CaFileMalformed { path: path.clone(), certificate: certificates.len() + 1 };
        let certificate = section.map_err(|_| malformed())?;
        RootCertStore::empty().add(certificate.clone()).map_err(|_| malformed())?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        return Err(Cause::CaFileWithoutCertificate { path: path.clone() });
    }
    Ok(certificates)
}

fn client_config(
    native: Vec<CertificateDer<'static>>,
    extra: &[CertificateDer<'static>],
    reason: Option<String>,
) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    // Stores in the field hold certificates that no parser takes; they are not what anyone relies on.
    roots.add_parsable_certificates(native);
    roots.add_parsable_certificates(extra.iter().cloned());
    if roots.is_empty() {
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let message = format!(
            "this system has no trusted certificate authorities{reason}, so no https server can be verified"
        );
        return Err(Fault::lasting("tls-no-trust-roots", message)
            .hint("install the system's CA certificates, or give an extra CA file; SSL_CERT_FILE and SSL_CERT_DIR stand in place of the system's"));
    }
    // The provider is named, never the process's default: two providers in one program would make that one panic.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::lasting("tls-setup", "TLS cannot be set up"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_roots_at_all_is_told_plainly() {
        let fault = client_config(Vec::new(), &[], None).expect_err("no roots");
        assert_eq!(fault.code(), "tls-no-trust-roots");
        let unusable = CertificateDer::from(vec![1, 2, 3]);
        let fault = client_config(vec![unusable], &[], Some("why".to_owned()))
            .expect_err("no usable roots");
        assert_eq!(fault.code(), "tls-no-trust-roots");
    }
}

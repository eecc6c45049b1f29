//! Whom we believe to be who they say: the platform's certificate authorities and the extra ones.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::client_certificate::{self, ClientCertificate};
use super::provider::provider;
use super::{Reporter, roots};
use crate::attempt::{Fault, Stage};
use crate::code::Code;
use crate::error::Cause;

/// The trusted roots, and whom servers are to trust us to be. The platform's roots are read when the first https URL is
/// tried, and once.
pub(crate) struct Trust {
    provider: Option<Arc<CryptoProvider>>,
    extra: Vec<CertificateDer<'static>>,
    client: Option<Arc<CertifiedKey>>,
    config: OnceCell<Result<Arc<ClientConfig>, Fault>>,
}

impl Trust {
    /// Reads the files that are named; one that cannot be used is an error of the run, not of a server.
    pub(crate) fn new(
        extra_files: &[PathBuf],
        client: Option<&ClientCertificate>,
    ) -> Result<Self, Cause> {
        let provider = provider();
        let mut extra = Vec::new();
        for path in extra_files {
            extra.extend(read_certificates(path)?);
        }
        let client = match client {
            Some(files) => client_certificate::read(files, provider.as_deref())
                .map_err(Cause::ClientCertificate)?,
            None => None,
        };
        Ok(Self { provider, extra, client, config: OnceCell::new() })
    }

    /// Reads the platform's roots if nobody has yet: a stage of its own in the attempt that does.
    pub(super) async fn client_config(
        &self,
        reporter: &Reporter,
    ) -> Result<Arc<ClientConfig>, Fault> {
        let provider = self.provider.as_ref().ok_or_else(no_provider_fault)?;
        let config = self.config.get_or_init(|| async {
            reporter.enter(Stage::Trust);
            // Reading blocks. If the runtime is shutting down there is nothing to read for.
            let native = tokio::task::spawn_blocking(roots::read).await.unwrap_or_default();
            let reason = native.errors.first().map(ToString::to_string);
            let roots = root_store(native.certs, &self.extra, reason)?;
            client_config(Arc::clone(provider), roots, self.client.clone())
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

fn root_store(
    native: Vec<CertificateDer<'static>>,
    extra: &[CertificateDer<'static>],
    reason: Option<String>,
) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    // Stores in the field hold certificates that no parser takes; they are not what anyone relies on.
    roots.add_parsable_certificates(native);
    roots.add_parsable_certificates(extra.iter().cloned());
    if roots.is_empty() {
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let message = format!(
            "this system has no trusted certificate authorities{reason}, so no https server can be verified"
        );
        return Err(Fault::lasting(Code::TlsNoTrustRoots, message)
            .hint("install the system's CA certificates, or give an extra CA file; SSL_CERT_FILE and SSL_CERT_DIR stand in place of the system's"));
    }
    Ok(roots)
}

fn client_config(
    provider: Arc<CryptoProvider>,
    roots: RootCertStore,
    client: Option<Arc<CertifiedKey>>,
) -> Result<Arc<ClientConfig>, Fault> {
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::lasting(Code::TlsSetup, "TLS cannot be set up"))?
        .with_root_certificates(roots);
    let mut config = match client {
        None => config.with_no_client_auth(),
        Some(client) => {
            let shown: Arc<dyn ResolvesClientCert> = Arc::new(SingleCertAndKey::from(client));
            config.with_client_cert_resolver(shown)
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn no_provider_fault() -> Fault {
    let message = "this program was built without TLS, so no https server can be asked";
    Fault::lasting(Code::TlsUnavailable, message)
        .hint("build it with the feature `ring` or `aws-lc-rs`, or give an http URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_roots_at_all_is_told_plainly() {
        let fault = root_store(Vec::new(), &[], None).expect_err("no roots");
        assert_eq!(fault.code(), "tls-no-trust-roots");
        let unusable = CertificateDer::from(vec![1, 2, 3]);
        let fault =
            root_store(vec![unusable], &[], Some("why".to_owned())).expect_err("no usable roots");
        assert_eq!(fault.code(), "tls-no-trust-roots");
    }

    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    #[tokio::test]
    async fn without_a_provider_there_is_no_https() {
        let (driver, _reports) = tokio::sync::mpsc::unbounded_channel();
        let reporter = Reporter { url_index: 0, driver };
        let trust = Trust::new(&[], None).expect("there are no files to read");
        let fault = trust.client_config(&reporter).await.expect_err("no provider");
        assert_eq!(fault.code(), "tls-unavailable");
    }
}

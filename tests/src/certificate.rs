//! Certificates made on the spot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate authority that nobody trusts but who is given its file.
pub struct TestCa {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate with its key.
pub struct Certificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl TestCa {
    /// A new authority with a new key.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn new() -> Self {
        Self::named("Test CA")
    }

    /// One of another name. Two of the same name are told apart by their signatures only.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("random numbers");
        let certificate = params.self_signed(&key).expect("complete parameters");
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A good certificate for `127.0.0.1` and `localhost`.
    pub fn certificate(&self) -> Certificate {
        self.issue(&LOOPBACK, |_| {})
    }

    /// One that has expired long ago.
    pub fn expired(&self) -> Certificate {
        self.issue(&LOOPBACK, |params| {
            params.not_before = date_time_ymd(2015, 1, 1);
            params.not_after = date_time_ymd(2016, 1, 1);
        })
    }

    /// One that begins in a far future.
    pub fn not_yet_valid(&self) -> Certificate {
        self.issue(&LOOPBACK, |params| {
            params.not_before = date_time_ymd(2200, 1, 1);
            params.not_after = date_time_ymd(2201, 1, 1);
        })
    }

    /// A good one for another host.
    pub fn for_name(&self, name: &str) -> Certificate {
        self.issue(&[name], |_| {})
    }

    /// Writes the authority's own certificate into `directory`, for those who are to trust it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_pem(&self, directory: &Path) -> io::Result<PathBuf> {
        let path = directory.join("test-ca.pem");
        fs::write(&path, self.certificate.pem())?;
        Ok(path)
    }

    fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names that a certificate can carry");
        params.distinguished_name.push(DnType::CommonName, "Test server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        let key = KeyPair::generate().expect("random numbers");
        let leaf = params.signed_by(&key, &self.issuer).expect("complete parameters");
        Certificate {
            chain: vec![leaf.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }
}

impl Default for TestCa {
    fn default() -> Self {
        Self::new()
    }
}

impl Certificate {
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows the default versions")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

/// The names under which a test reaches its servers.
const LOOPBACK: [&str; 2] = ["127.0.0.1", "localhost"];

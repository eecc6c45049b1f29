//! Certificates made on the spot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS12;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A certificate authority that nobody trusts but who is given its file.
pub struct TestCa {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key: a server's, with what the server asks of TLS besides, or a client's.
pub struct Certificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: String,
    key_pem: String,
    /// The authority whose clients alone are served.
    clients: Option<CertificateDer<'static>>,
    versions: &'static [&'static SupportedProtocolVersion],
    protocol: &'static str,
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

    /// One by which a client is known.
    pub fn client_certificate(&self) -> Certificate {
        self.issue(&[], |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        })
    }

    /// One that is good for clients and, though it has the names, for no server.
    pub fn for_clients(&self) -> Certificate {
        self.issue(&LOOPBACK, |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        })
    }

    /// A server's whose only name is its subject, which counts no more.
    pub fn without_names(&self) -> Certificate {
        self.issue(&[], |params| {
            params.distinguished_name.push(DnType::CommonName, "localhost");
        })
    }

    /// A server's issued by a certificate that is no authority's, though the authority issued that.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn issued_by_leaf(&self) -> Certificate {
        let mut params = named_params(&LOOPBACK);
        params.distinguished_name.push(DnType::CommonName, "No authority");
        let key = KeyPair::generate().expect("random numbers");
        let leaf = params.signed_by(&key, &self.issuer).expect("complete parameters");
        let mut issued = issue(&Issuer::new(params, key), &named_params(&LOOPBACK));
        issued.chain.push(leaf.der().clone());
        issued
    }

    /// The authority's own, in place of one that it issued.
    pub fn itself(&self) -> Certificate {
        Certificate::new(&self.certificate, self.issuer.key())
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
        let mut params = named_params(names);
        change(&mut params);
        issue(&self.issuer, &params)
    }
}

impl Default for TestCa {
    fn default() -> Self {
        Self::new()
    }
}

impl Certificate {
    /// One that only itself vouches for.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn self_signed() -> Self {
        let params = named_params(&LOOPBACK);
        let key = KeyPair::generate().expect("random numbers");
        Self::new(&params.self_signed(&key).expect("complete parameters"), &key)
    }

    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            clients: None,
            versions: rustls::ALL_VERSIONS,
            protocol: "http/1.1",
        }
    }

    /// The same server, serving only those who show a client certificate of `ca`.
    pub fn for_clients_of(self, ca: &TestCa) -> Self {
        Self { clients: Some(ca.certificate.der().clone()), ..self }
    }

    /// The same server, speaking TLS 1.2 and no later version.
    pub fn in_tls12(self) -> Self {
        Self { versions: ONLY_TLS12, ..self }
    }

    /// The same server, speaking `protocol` over TLS and nothing else.
    pub fn speaking(self, protocol: &'static str) -> Self {
        Self { protocol, ..self }
    }

    /// Writes the certificate and its key into `directory`, and returns where.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write_pem(&self, directory: &Path) -> io::Result<(PathBuf, PathBuf)> {
        let (chain, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
        fs::write(&chain, &self.pem)?;
        fs::write(&key, &self.key_pem)?;
        Ok((chain, key))
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.versions)
            .expect("ring knows these versions");
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(ca) => {
                let mut roots = RootCertStore::empty();
                roots.add(ca.clone()).expect("an authority's certificate");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("it has a root"))
            }
        };
        let mut config = builder
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![self.protocol.as_bytes().to_vec()];
        Arc::new(config)
    }
}

fn issue(issuer: &Issuer<'static, KeyPair>, params: &CertificateParams) -> Certificate {
    let key = KeyPair::generate().expect("random numbers");
    let leaf = params.signed_by(&key, issuer).expect("complete parameters");
    Certificate::new(&leaf, &key)
}

fn named_params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names that a certificate can carry");
    params.distinguished_name.push(DnType::CommonName, "Test server");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// The names under which a test reaches its servers.
const LOOPBACK: [&str; 2] = ["127.0.0.1", "localhost"];

static ONLY_TLS12: &[&SupportedProtocolVersion] = &[&TLS12];

//! By what certificate servers know us.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, RootCertStore};
use zeroize::Zeroizing;

use crate::code::Code;

/// A certificate by which https servers that ask for one know this client, with its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// A file with the certificate in PEM form, and behind it those of the authorities in between, if any.
    pub chain: PathBuf,
    /// A file with the key in PEM form, not encrypted: PKCS #8, PKCS #1 or SEC 1. It may be the same file.
    pub key: PathBuf,
}

/// Reads both files. Without a provider nobody is to be shown the certificate, and whether the key fits is not looked at.
pub(super) fn read(
    files: &ClientCertificate,
    provider: Option<&CryptoProvider>,
) -> Result<Option<Arc<CertifiedKey>>, ClientCertificateFault> {
    let chain = read_chain(&files.chain)?;
    let key = read_key(&files.key)?;
    let Some(provider) = provider else {
        return Ok(None);
    };
    match CertifiedKey::from_der(chain, key, provider) {
        Ok(certified) => Ok(Some(Arc::new(certified))),
        Err(TlsError::InconsistentKeys(_)) => Err(ClientCertificateFault::OtherKey {
            chain: files.chain.clone(),
            key: files.key.clone(),
        }),
        Err(_) => Err(ClientCertificateFault::KeyUnusable { path: files.key.clone() }),
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientCertificateFault> {
    let pem = read_file(path)?;
    let mut chain = Vec::new();
    for section in CertificateDer::pem_slice_iter(&pem) {
        let malformed = || ClientCertificateFault::Malformed {
            path: path.to_owned(),
            certificate: chain.len() + 1,
        };
        let certificate = section.map_err(|_| malformed())?;
        RootCertStore::empty().add(certificate.clone()).map_err(|_| malformed())?;
        chain.push(certificate);
    }
    if chain.is_empty() {
        return Err(ClientCertificateFault::WithoutCertificate { path: path.to_owned() });
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, ClientCertificateFault> {
    let pem = read_file(path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| match error {
        pem::Error::NoItemsFound if is_encrypted(&pem) => {
            ClientCertificateFault::KeyEncrypted { path: path.to_owned() }
        }
        pem::Error::NoItemsFound => ClientCertificateFault::WithoutKey { path: path.to_owned() },
        _ => ClientCertificateFault::KeyUnusable { path: path.to_owned() },
    })
}

fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, ClientCertificateFault> {
    fs::read(path)
        .map(Zeroizing::new)
        .map_err(|source| ClientCertificateFault::Unreadable { path: path.to_owned(), source })
}

fn is_encrypted(pem: &[u8]) -> bool {
    let marker = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    pem.windows(marker.len()).any(|window| window == marker)
}

/// Why a client certificate cannot be used. Nothing of the files is repeated.
#[derive(Debug)]
pub(crate) enum ClientCertificateFault {
    Unreadable { path: PathBuf, source: io::Error },
    WithoutCertificate { path: PathBuf },
    Malformed { path: PathBuf, certificate: usize },
    WithoutKey { path: PathBuf },
    KeyEncrypted { path: PathBuf },
    KeyUnusable { path: PathBuf },
    OtherKey { chain: PathBuf, key: PathBuf },
}

impl ClientCertificateFault {
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::ClientCertificateUnreadable,
            Self::WithoutCertificate { .. } => Code::ClientCertificateEmpty,
            Self::Malformed { .. } => Code::ClientCertificateMalformed,
            Self::WithoutKey { .. } => Code::ClientKeyEmpty,
            Self::KeyEncrypted { .. } => Code::ClientKeyEncrypted,
            Self::KeyUnusable { .. } => Code::ClientKeyMalformed,
            Self::OtherKey { .. } => Code::ClientKeyMismatch,
        }
    }

    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check that it exists and that this user may read it",
            Self::WithoutCertificate { .. } | Self::Malformed { .. } => {
                "give a file of certificates in PEM form (BEGIN CERTIFICATE), the client's own first"
            }
            Self::WithoutKey { .. } | Self::KeyUnusable { .. } => {
                "give a file with an RSA, ECDSA or Ed25519 key in PEM form (BEGIN PRIVATE KEY)"
            }
            Self::KeyEncrypted { .. } => {
                "decrypt it into a file that only this user may read, as `openssl pkey` does"
            }
            Self::OtherKey { .. } => "give the key that the certificate was issued for",
        }
    }

    pub(crate) fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for ClientCertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, .. } => {
                write!(f, "the file {} cannot be read", path.display())
            }
            Self::WithoutCertificate { path } => {
                write!(f, "the file {} holds no client certificate", path.display())
            }
            Self::Malformed { path, certificate } => write!(
                f,
                "certificate {certificate} of the client certificate's file {} is malformed",
                path.display()
            ),
            Self::WithoutKey { path } => {
                write!(f, "the file {} holds no private key", path.display())
            }
            Self::KeyEncrypted { path } => {
                write!(f, "the private key in {} is encrypted", path.display())
            }
            Self::KeyUnusable { path } => write!(
                f,
                "the private key in {} is malformed or of a kind that is not supported",
                path.display()
            ),
            Self::OtherKey { chain, key } => write!(
                f,
                "the private key in {} does not belong to the certificate in {}",
                key.display(),
                chain.display()
            ),
        }
    }
}

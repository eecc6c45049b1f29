//! What a failed TLS handshake means.

use std::error::Error;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::causes;
use crate::attempt::Fault;
use crate::origin::Origin;

/// Why the handshake with `origin` failed. Nothing of the server's certificate is repeated.
pub(super) fn fault(error: &(dyn Error + 'static), origin: &Origin) -> Fault {
    match causes::find::<TlsError>(error) {
        Some(TlsError::InvalidCertificate(error)) => certificate_fault(error, origin),
        // What is no TLS record at all is, on a wrong port, mostly HTTP.
        Some(TlsError::InvalidMessage(_)) => {
            Fault::lasting("tls-not-spoken", format!("{origin} does not answer in TLS"))
                .hint("check the port; if the server has no TLS there, its URL begins with http://")
        }
        Some(TlsError::AlertReceived(alert)) => alert_fault(*alert, origin),
        Some(TlsError::PeerIncompatible(_)) => Fault::lasting(
            "tls-incompatible",
            format!("{origin} speaks no version or cipher of TLS that is safe to use"),
        )
        .hint("enable TLS 1.2 or 1.3 on the server"),
        Some(_) => Fault::lasting("tls-failed", format!("the TLS handshake with {origin} failed"))
            .hint("check the server's TLS settings"),
        None => Fault::passing(
            "tls-closed",
            format!("{origin} closed the connection during the TLS handshake"),
        )
        .hint("check the port, and that the server speaks TLS there"),
    }
}

fn certificate_fault(error: &CertificateError, origin: &Origin) -> Fault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::lasting(
            "tls-expired",
            format!("the certificate of {origin} has expired"),
        )
        .hint("renew the certificate on the server, and check this system's clock"),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Fault::lasting(
                "tls-not-yet-valid",
                format!("the certificate of {origin} is not valid yet"),
            )
            .hint("check this system's clock")
        }
        // A bad signature is what an issuer of a trusted name with another key gives.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Fault::lasting(
            "tls-untrusted",
            format!("the certificate of {origin} was issued by nobody this system trusts"),
        )
        .hint("if the server has a CA of its own, give that CA's certificate as an extra CA file"),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Fault::lasting(
                "tls-name",
                format!("the certificate of {origin} is not for {}", origin.host),
            )
            .hint("use the name that the certificate is for, or have a certificate issued for this one")
        }
        CertificateError::Revoked => Fault::lasting(
            "tls-revoked",
            format!("the certificate of {origin} has been revoked"),
        )
        .hint("renew the certificate on the server"),
        _ => Fault::lasting(
            "tls-certificate",
            format!("the certificate of {origin} is not acceptable for a server"),
        )
        .hint("have a proper server certificate issued: no CA's own, signed by a CA, for this use"),
    }
}

fn alert_fault(alert: AlertDescription, origin: &Origin) -> Fault {
    match alert {
        AlertDescription::CertificateRequired => {
            Fault::lasting("tls-client-certificate", format!("{origin} wants a client certificate"))
                .hint("ask the operator of the server how clients are to identify themselves")
        }
        AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => {
            Fault::lasting(
                "tls-incompatible",
                format!("{origin} speaks no version or cipher of TLS that is safe to use"),
            )
            .hint("enable TLS 1.2 or 1.3 on the server")
        }
        AlertDescription::UnrecognisedName => {
            Fault::lasting("tls-name", format!("{origin} does not know the name {}", origin.host))
                .hint("use the name that the server is set up for")
        }
        other => Fault::lasting(
            "tls-alert",
            format!("{origin} refused the TLS handshake (alert {})", u8::from(other)),
        )
        .hint("check the server's TLS settings and log"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::endpoint::Endpoint;

    #[test]
    fn every_handshake_error_has_its_code() {
        let origin = Endpoint::parse("https://h.example:8443/").expect("a URL");
        let origin = origin.origin();
        let certificate = TlsError::InvalidCertificate;
        for (error, code) in [
            (certificate(CertificateError::Expired), "tls-expired"),
            (certificate(CertificateError::NotValidYet), "tls-not-yet-valid"),
            (certificate(CertificateError::UnknownIssuer), "tls-untrusted"),
            (certificate(CertificateError::NotValidForName), "tls-name"),
            (certificate(CertificateError::Revoked), "tls-revoked"),
            (certificate(CertificateError::BadSignature), "tls-untrusted"),
            (certificate(CertificateError::InvalidPurpose), "tls-certificate"),
            (
                TlsError::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                "tls-not-spoken",
            ),
            (TlsError::AlertReceived(AlertDescription::HandshakeFailure), "tls-alert"),
            (TlsError::AlertReceived(AlertDescription::ProtocolVersion), "tls-incompatible"),
            (
                TlsError::AlertReceived(AlertDescription::CertificateRequired),
                "tls-client-certificate",
            ),
            (TlsError::DecryptError, "tls-failed"),
        ] {
            // As tokio-rustls and hyper-rustls wrap it.
            let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
            let fault = fault(&wrapped, origin);
            assert_eq!(fault.code(), code);
            assert!(fault.message().contains("https://h.example:8443"));
        }
        let closed = io::Error::other(io::Error::from(io::ErrorKind::UnexpectedEof));
        assert_eq!(fault(&closed, origin).code(), "tls-closed");
    }
}

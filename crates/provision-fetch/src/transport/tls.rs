//! The TLS handshake, and what a failed one means.

use std::error::Error;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error as TlsError, PeerMisbehaved,
    ProtocolVersion,
};
use tower_service::Service;

use super::connect::Stream;
use super::{Security, causes};
use crate::attempt::{Fault, TlsVersion};
use crate::code::Code;
use crate::origin::Origin;
use crate::validity::CertificateValidity;

/// Speaks TLS over `stream`, with the server that `name` is the name of. What is below may be a proxy's tunnel.
pub(super) async fn handshake(
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    stream: Stream,
    origin: &Origin,
) -> Result<(Stream, Security), Fault> {
    let below = Below(Some(stream));
    let names = Arc::new(FixedServerNameResolver::new(name));
    let mut connector = HttpsConnector::new(below, config, true, names);
    // The name is given above, and the stream is there: of the URL only the scheme is looked at.
    let stream = match connector.call(Uri::from_static("https://origin/")).await {
        Ok(MaybeHttpsStream::Https(stream)) => stream.into_inner(),
        Ok(MaybeHttpsStream::Http(_)) => return Err(closed_fault(origin)),
        Err(error) => return Err(fault(error.as_ref(), origin)),
    };
    // The configuration allows no other versions than these two.
    let session = stream.get_ref().1;
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => TlsVersion::Tls13,
        _ => TlsVersion::Tls12,
    };
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.and_then(|leaf| CertificateValidity::of(leaf));
    Ok((Box::new(stream), Security { version, certificate }))
}

/// A connector that has connected before: the stages below TLS are told and bounded one by one.
struct Below(Option<Stream>);

impl Service<Uri> for Below {
    type Response = Plain;
    type Error = io::Error;
    type Future = Ready<io::Result<Plain>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().map(|stream| Plain(TokioIo::new(stream)));
        ready(stream.ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// A stream in the shape that [`HttpsConnector`] wraps.
struct Plain(TokioIo<Stream>);

impl Connection for Plain {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl rt::Read for Plain {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl rt::Write for Plain {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Why the handshake with `origin` failed. Nothing of the server's certificate is repeated.
pub(super) fn fault(error: &(dyn Error + 'static), origin: &Origin) -> Fault {
    match causes::find::<TlsError>(error) {
        Some(TlsError::InvalidCertificate(error)) => certificate_fault(error, origin),
        // What is no TLS record at all is, on a wrong port, mostly HTTP.
        Some(TlsError::InvalidMessage(_)) => {
            Fault::lasting(Code::TlsNotSpoken, format!("{origin} does not answer in TLS"))
                .hint("check the port; if the server has no TLS there, its URL begins with http://")
        }
        Some(TlsError::AlertReceived(alert)) => alert_fault(*alert, origin),
        Some(TlsError::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol)) => {
            protocol_fault(origin)
        }
        Some(TlsError::PeerIncompatible(_)) => Fault::lasting(
            Code::TlsIncompatible,
            format!("{origin} speaks no version or cipher of TLS that is safe to use"),
        )
        .hint("enable TLS 1.2 or 1.3 on the server"),
        Some(_) => {
            Fault::lasting(Code::TlsFailed, format!("the TLS handshake with {origin} failed"))
                .hint("check the server's TLS settings")
        }
        None => closed_fault(origin),
    }
}

fn closed_fault(origin: &Origin) -> Fault {
    Fault::passing(
        Code::TlsClosed,
        format!("{origin} closed the connection during the TLS handshake"),
    )
    .hint("check the port, and that the server speaks TLS there")
}

fn certificate_fault(error: &CertificateError, origin: &Origin) -> Fault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::lasting(
            Code::TlsExpired,
            format!("the certificate of {origin} has expired"),
        )
        .hint("renew the certificate on the server, and check this system's clock"),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Fault::lasting(
                Code::TlsNotYetValid,
                format!("the certificate of {origin} is not valid yet"),
            )
            .hint("check this system's clock")
        }
        // A bad signature is what an issuer of a trusted name with another key gives.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Fault::lasting(
            Code::TlsUntrusted,
            format!("the certificate of {origin} was issued by nobody this system trusts"),
        )
        .hint("if the server has a CA of its own, give that CA's certificate as an extra CA file"),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Fault::lasting(
                Code::TlsName,
                format!("the certificate of {origin} is not for {}", origin.host),
            )
            .hint("use the name that the certificate is for, or have a certificate issued for this one")
        }
        CertificateError::Revoked => Fault::lasting(
            Code::TlsRevoked,
            format!("the certificate of {origin} has been revoked"),
        )
        .hint("renew the certificate on the server"),
        _ => Fault::lasting(
            Code::TlsCertificate,
            format!("the certificate of {origin} is not acceptable for a server"),
        )
        .hint("have a proper server certificate issued: no CA's own, signed by a CA, for this use"),
    }
}

fn alert_fault(alert: AlertDescription, origin: &Origin) -> Fault {
    match alert {
        AlertDescription::CertificateRequired => {
            Fault::lasting(Code::TlsClientCertificate, format!("{origin} wants a client certificate"))
                .hint("give the client certificate, with its key, that the operator of the server has for you")
        }
        // A server says this of the one certificate that a client can have.
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => Fault::lasting(
            Code::TlsClientCertificate,
            format!(
                "{origin} does not accept our client certificate, or that there is none (alert {})",
                u8::from(alert)
            ),
        )
        .hint("ask the operator of the server which client certificate it takes, and until when"),
        AlertDescription::NoApplicationProtocol => protocol_fault(origin),
        AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => {
            Fault::lasting(
                Code::TlsIncompatible,
                format!("{origin} speaks no version or cipher of TLS that is safe to use"),
            )
            .hint("enable TLS 1.2 or 1.3 on the server")
        }
        AlertDescription::UnrecognisedName => {
            Fault::lasting(Code::TlsName, format!("{origin} does not know the name {}", origin.host))
                .hint("use the name that the server is set up for")
        }
        other => Fault::lasting(
            Code::TlsAlert,
            format!("{origin} refused the TLS handshake (alert {})", u8::from(other)),
        )
        .hint("check the server's TLS settings and log"),
    }
}

fn protocol_fault(origin: &Origin) -> Fault {
    Fault::lasting(Code::TlsProtocol, format!("{origin} does not speak HTTP/1.1 over TLS"))
        .hint("enable HTTP/1.1 for this server, beside any later version")
}

#[cfg(test)]
mod tests {
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
            (TlsError::AlertReceived(AlertDescription::UnknownCA), "tls-client-certificate"),
            (TlsError::AlertReceived(AlertDescription::NoApplicationProtocol), "tls-protocol"),
            (
                TlsError::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol),
                "tls-protocol",
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

//! The codes of failures and warnings, and what they mean.

use std::fmt;

macro_rules! codes {
    ($( $group:literal { $( $(#[doc = $meaning:literal])+ $name:ident = $text:literal; mend: $mend:literal; )* } )*) => {
        /// Why a URL, or a whole fetch, failed, or what is doubtful about a URL.
        ///
        /// A [`Failure`](crate::Failure), a [`FetchError`](crate::FetchError) and a [`UrlWarning`](crate::UrlWarning)
        /// carry its name; what a judge rejects has a code of the judge's own. The name in kebab case is stable: names
        /// are added, never reused.
        ///
        /// ```
        /// use provision_fetch::Code;
        ///
        /// let code = Code::from_name("connect-refused").expect("it is one of ours");
        /// assert_eq!(code.meaning(), "The server, or the firewall before it, refuses connections at this port.");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $( $( $(#[doc = $meaning])+ $name, )* )*
        }

        impl Code {
            /// Every code, in the order of an attempt's stages.
            pub const ALL: &'static [Self] = &[$( $( Self::$name, )* )*];

            /// The stable name, such as `connect-refused`.
            pub fn as_str(self) -> &'static str {
                match self { $( $( Self::$name => $text, )* )* }
            }

            /// What the code means, in one or two sentences.
            pub fn meaning(self) -> &'static str {
                match self { $( $( Self::$name => concat!($($meaning),+).trim_ascii(), )* )* }
            }

            /// What to do about it, in one or two sentences.
            pub fn mend(self) -> &'static str {
                match self { $( $( Self::$name => $mend, )* )* }
            }

            /// The title under which codes of its kind stand together.
            pub fn group(self) -> &'static str {
                match self { $( $( Self::$name )|* => $group, )* }
            }
        }
    };
}

codes! {
    "Before a server is asked" {
        /// The list of servers is empty.
        NoUrls = "no-urls";
        mend: "Give at least one `base_url`.";

        /// The user name has a colon, which HTTP basic authentication cannot send (RFC 7617 §2).
        BasicUserColon = "basic-user-colon";
        mend: "Take another user name, or `url` authentication.";

        /// Only the digest of the password is known, and HTTP basic authentication needs the password itself.
        BasicDigest = "basic-digest";
        mend: "Give the plain password, or take `url` authentication.";

        /// A file with extra CA certificates cannot be read.
        CaFileUnreadable = "ca-file-unreadable";
        mend: "Check that it exists and that this user may read it.";

        /// A file that should hold extra CA certificates holds none.
        CaFileEmpty = "ca-file-empty";
        mend: "Give a file of certificates in PEM form, which begin with `-----BEGIN CERTIFICATE-----`.";

        /// A certificate in a file of extra CA certificates is malformed.
        CaFileMalformed = "ca-file-malformed";
        mend: "Give a file of certificates in PEM form, which begin with `-----BEGIN CERTIFICATE-----`.";

        /// The client certificate's file, or that of its key, cannot be read.
        ClientCertificateUnreadable = "client-certificate-unreadable";
        mend: "Check that it exists and that this user may read it.";

        /// The client certificate's file holds no certificate.
        ClientCertificateEmpty = "client-certificate-empty";
        mend: "Give a file of certificates in PEM form, the client's own first.";

        /// A certificate in the client certificate's file is malformed.
        ClientCertificateMalformed = "client-certificate-malformed";
        mend: "Give a file of certificates in PEM form, the client's own first.";

        /// The key's file holds no private key.
        ClientKeyEmpty = "client-key-empty";
        mend: "Give a file with an RSA, ECDSA or Ed25519 key in PEM form, which begins with `-----BEGIN PRIVATE KEY-----`.";

        /// The private key is encrypted, and nobody is asked for its password.
        ClientKeyEncrypted = "client-key-encrypted";
        mend: "Decrypt it into a file that only this user may read, as `openssl pkey` does.";

        /// The private key is malformed, or of a kind that is not supported.
        ClientKeyMalformed = "client-key-malformed";
        mend: "Give a file with an RSA, ECDSA or Ed25519 key in PEM form, which begins with `-----BEGIN PRIVATE KEY-----`.";

        /// The private key does not belong to the client certificate.
        ClientKeyMismatch = "client-key-mismatch";
        mend: "Give the key that the certificate was issued for.";
    }

    "The address of a server" {
        /// The address is empty.
        UrlEmpty = "url-empty";
        mend: "Write it as `https://host/path`.";

        /// The address is longer than 8,192 bytes.
        UrlLength = "url-length";
        mend: "Give a shorter one.";

        /// The address contains white space.
        UrlWhiteSpace = "url-white-space";
        mend: "Remove it, or write it as `%20`.";

        /// The address has a control character, or one that no path and no query can have.
        UrlCharacter = "url-character";
        mend: "Remove the character, or percent-encode it.";

        /// The address does not begin with `http://` or `https://`.
        UrlScheme = "url-scheme";
        mend: "Write it as `https://host/path`.";

        /// The address names no host, or one that is malformed.
        UrlHost = "url-host";
        mend: "Write a host name of letters, digits, hyphens and single dots, or an IP address; one of IPv6 in square brackets.";

        /// The address has a user name or a password in front of the host (an `@`).
        UrlUserInformation = "url-user-information";
        mend: "Give them as credentials; in a path, write `@` as `%40`.";

        /// The address has a fragment, which no server gets to see.
        UrlFragment = "url-fragment";
        mend: "Remove the `#` and what follows it, or write `#` as `%23`.";

        /// The port is no number from 1 to 65535.
        UrlPort = "url-port";
        mend: "Correct it, or leave it out together with its colon.";

        /// The address has characters outside ASCII.
        UrlNonAscii = "url-non-ascii";
        mend: "Write the host in its ASCII form (`xn--…`), and percent-encode the rest.";

        /// A placeholder stands in the scheme, the host or the port: credentials must not decide where they are sent.
        UrlPlaceholder = "url-placeholder";
        mend: "Put it into the path or the query, or take `basic` authentication.";

        /// The address was already tried in this run with the same credentials, and is not tried again.
        UrlRepeated = "url-repeated";
        mend: "Remove the repetition from the list.";

        /// No credentials go into the address, so its placeholders are left empty.
        UrlPlaceholderEmptied = "url-placeholder-emptied";
        mend: "Take `url` authentication, or remove the placeholders from the address.";

        /// The address has no `[pass]`, so the password is not sent to this server.
        UrlWithoutPassword = "url-without-password";
        mend: "Put `[user]` and `[pass]` into the address, or take `basic` authentication.";

        /// A word in square brackets is no placeholder and is sent as it stands.
        UrlPlaceholderUnknown = "url-placeholder-unknown";
        mend: "Write `[user]`, `[pass]` or `[version]`.";
    }

    "The connection" {
        /// The host's name was not found, or the name server does not work.
        ResolveFailed = "resolve-failed";
        mend: "Check the host name, and the network and its name server.";

        /// Looking up the host's name took too long.
        ResolveTimeout = "resolve-timeout";
        mend: "Check the host name and the network's name server.";

        /// The server, or the firewall before it, refuses connections at this port.
        ConnectRefused = "connect-refused";
        mend: "Check host and port, and whether the server runs.";

        /// No connection came about, for another reason than a refusal.
        ConnectFailed = "connect-failed";
        mend: "Check host and port, the network and the firewall.";

        /// Connecting took too long: nobody answers at this address, or something on the way drops what is sent.
        ConnectTimeout = "connect-timeout";
        mend: "Check host, port, network and firewall, or allow more time for connecting.";
    }

    "Proxies" {
        /// What stands for a proxy's address is none; the server is not asked without the proxy.
        ProxyUrl = "proxy-url";
        mend: "Write `http://host:port` or `http://user:password@host:port`, both percent-encoded, in the variable or setting.";

        /// The proxy is one that is spoken to over https or socks, which is not supported.
        ProxyScheme = "proxy-scheme";
        mend: "Give a proxy that is spoken to over http, as `http://host:port`.";

        /// The proxy took too long to open a way to the server.
        ProxyTimeout = "proxy-timeout";
        mend: "Check that the proxy can reach the server, or allow more time for connecting.";

        /// The proxy wants credentials of its own (status 407).
        ProxyAuthentication = "proxy-authentication";
        mend: "Give them as `http://user:password@host:port`, percent-encoded, in the variable or setting that names the proxy.";

        /// The proxy refuses to open a way to the server, or cannot.
        ProxyRefused = "proxy-refused";
        mend: "Check that the proxy may reach this host and port, or exempt the host with `no_proxy`.";

        /// The proxy sent more than an answer to CONNECT before the server could say anything.
        ProxyAnswer = "proxy-answer";
        mend: "Ask the operator of the proxy to look into it.";
    }

    "TLS and certificates" {
        /// This program was built without the cryptography that https needs.
        TlsUnavailable = "tls-unavailable";
        mend: "Build it with the feature `ring` or `aws-lc-rs`.";

        /// This system has no CA certificates by which a server could be known.
        TlsNoTrustRoots = "tls-no-trust-roots";
        mend: "Install the system's CA certificates, or give an extra CA file; `SSL_CERT_FILE` and `SSL_CERT_DIR` stand in place of the system's.";

        /// TLS cannot be set up in this program.
        TlsSetup = "tls-setup";
        mend: "Please report it.";

        /// The TLS handshake took too long.
        TlsTimeout = "tls-timeout";
        mend: "Check the port, and that the server speaks TLS there, or allow more time for connecting.";

        /// The server does not answer in TLS.
        TlsNotSpoken = "tls-not-spoken";
        mend: "Check the port. If the server has no TLS there, its address begins with `http://`.";

        /// The server closed the connection during the TLS handshake.
        TlsClosed = "tls-closed";
        mend: "Check the port, and that the server speaks TLS there.";

        /// The server refused the TLS handshake with an alert.
        TlsAlert = "tls-alert";
        mend: "Check the server's TLS settings and its log.";

        /// The server speaks no version or cipher of TLS that is safe to use.
        TlsIncompatible = "tls-incompatible";
        mend: "Enable TLS 1.2 or 1.3 on the server.";

        /// The server does not speak HTTP/1.1 over TLS.
        TlsProtocol = "tls-protocol";
        mend: "Enable HTTP/1.1 for this server, beside any later version.";

        /// The TLS handshake failed for another reason.
        TlsFailed = "tls-failed";
        mend: "Check the server's TLS settings.";

        /// The server's certificate was issued by nobody whom this system trusts.
        TlsUntrusted = "tls-untrusted";
        mend: "If the server has a CA of its own, give that CA's certificate as an extra CA file. A server that leaves out its intermediate certificates must send them.";

        /// The server's certificate is for another name, or the server does not know the name that it was asked by.
        TlsName = "tls-name";
        mend: "Use the name that the certificate is for, or have a certificate issued for this one.";

        /// The server's certificate has expired.
        TlsExpired = "tls-expired";
        mend: "Renew it on the server, and check this system's clock.";

        /// The server's certificate is not valid yet.
        TlsNotYetValid = "tls-not-yet-valid";
        mend: "Check this system's clock.";

        /// The server's certificate has been revoked.
        TlsRevoked = "tls-revoked";
        mend: "Renew it on the server.";

        /// The server's certificate is not acceptable for a server.
        TlsCertificate = "tls-certificate";
        mend: "Have a proper server certificate issued: no CA's own, signed by a CA, for this use.";

        /// The server wants a client certificate, or does not accept the one that it was shown.
        TlsClientCertificate = "tls-client-certificate";
        mend: "Ask the operator of the server which client certificate it takes, and give that one with its key.";
    }

    "The answer" {
        /// The attempt took longer than one URL may take.
        AttemptTimeout = "attempt-timeout";
        mend: "Check whether the server is overloaded, or allow more time.";

        /// The connection was closed without an answer.
        RequestClosed = "request-closed";
        mend: "Check that host and port are those of the provisioning server, or try again later.";

        /// The connection was reset in place of an answer.
        RequestReset = "request-reset";
        mend: "Check that host and port are those of the provisioning server, or try again later.";

        /// What came is not the beginning of an HTTP/1 answer.
        HeadMalformed = "head-malformed";
        mend: "Check the port: something else than a web server seems to answer there.";

        /// The head of the answer is larger than the limit.
        HeadTooLarge = "head-too-large";
        mend: "Check that the address leads to a provisioning server.";

        /// The server sent more interim answers (1xx) than the limit, and no final one.
        InterimAnswers = "interim-answers";
        mend: "Ask the operator of the server to look into it.";

        /// The answer has another status than 200, and only 200 carries a configuration.
        HttpStatus = "http-status";
        mend: "401 and 403: check user name, password and authentication type. 404: check the path of the address. 5xx: the server has a fault of its own.";

        /// The body is compressed or otherwise encoded, which was not asked for.
        ContentEncoding = "content-encoding";
        mend: "Switch content encoding off for this address on the server.";

        /// The body comes in a transfer coding that was not asked for.
        TransferEncoding = "transfer-encoding";
        mend: "Switch transfer compression off for this address on the server.";

        /// The body is larger than the limit.
        BodyTooLarge = "body-too-large";
        mend: "Check that the address leads to a configuration, or raise the limit.";

        /// The connection ended before the body was complete.
        BodyTruncated = "body-truncated";
        mend: "Try again later. If it stays, ask the operator of the server to look into it.";

        /// The framing of the body is malformed.
        BodyMalformed = "body-malformed";
        mend: "Ask the operator of the server to look into it.";

        /// The server sent an `<error>` in place of a configuration; its words are shown.
        ErrorAnswer = "error-answer";
        mend: "Check the user name and the password, or ask the operator of the server.";
    }

    "Redirects" {
        /// The server redirects to an address that is missing or malformed.
        RedirectLocation = "redirect-location";
        mend: "Ask the operator of the server for the right address.";

        /// The server redirects to another scheme, host or port, which is not followed: the address may carry credentials.
        RedirectOrigin = "redirect-origin";
        mend: "If the target is right, put it in place of this address.";

        /// The server redirects in a circle.
        RedirectLoop = "redirect-loop";
        mend: "Ask the operator of the server for the right address.";

        /// The server redirects too many times.
        RedirectLimit = "redirect-limit";
        mend: "Ask the operator of the server for the right address.";

        /// The server redirects to an address that was already tried in this run.
        RedirectRepeat = "redirect-repeat";
        mend: "Each address is tried once per run: remove one of the two from the list.";
    }

    "All servers together" {
        /// No server gave a usable answer; each of them has a reason of its own.
        AllUrlsFailed = "all-urls-failed";
        mend: "Look at the reasons of the servers, from the first one on.";

        /// The time of the whole run was over before a usable answer came.
        RunDeadline = "run-deadline";
        mend: "Put a server that answers first in the list, or allow more time.";

        /// Another server of the list answered meanwhile, and this one was not waited for.
        Outrun = "outrun";
        mend: "Nothing need be done. If this server should win, find out why it is slow.";

        /// Another server sent an `<error>`, which ends the run if so set.
        Stopped = "stopped";
        mend: "Let the next server be tried after an `<error>`, if that is wanted.";
    }
}

impl Code {
    /// The code of this name, such as `connect-refused`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct_kebab_case_and_explained() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}: {}", code.meaning());
            assert!(code.mend().ends_with('.'), "{code}: {}", code.mend());
            assert_eq!(Code::from_name(code.as_str()), Some(*code));
        }
    }
}

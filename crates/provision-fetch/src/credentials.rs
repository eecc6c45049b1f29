//! Who we are to the servers, and how that is kept out of every output (spec 3.3–3.6, 3.8).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

/// What goes out with every request of a run.
///
/// It comes from the provisioning file or from a person; a fetch never asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// No credentials. Placeholders in a URL become empty, with a warning.
    #[default]
    Anonymous,
    /// HTTP basic authentication (RFC 7617), sent with the first request. Needs the plain password.
    Basic(Credentials),
    /// The placeholders `[user]` and `[pass]` of each URL are replaced.
    Url(Credentials),
}

/// A user name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: Password,
}

impl Credentials {
    /// Takes both as they stand; nothing is trimmed.
    pub fn new(user: impl Into<String>, password: Password) -> Self {
        Self { user: user.into(), password }
    }

    /// The user name. It is no secret: it is shown in URLs and traces.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &Password {
        &self.password
    }

    /// RFC 7617's `user-pass`, encoded; `None` where only a digest is known.
    pub(crate) fn basic_token(&self) -> Option<Zeroizing<String>> {
        let Password::Plain(password) = &self.password else {
            return None;
        };
        let pair = Zeroizing::new(format!("{}:{}", self.user, password.reveal()));
        Some(Zeroizing::new(STANDARD.encode(pair.as_bytes())))
    }

    /// The value of an `Authorization` field, marked as sensitive; `None` where only a digest is known.
    pub(crate) fn basic_field(&self) -> Option<HeaderValue> {
        let token = self.basic_token()?;
        let text = Zeroizing::new(format!("Basic {}", token.as_str()));
        let mut value = HeaderValue::from_maybe_shared(zeroized_bytes(text)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Bytes that are overwritten when the last handle to them is dropped.
pub(crate) fn zeroized_bytes(text: Zeroizing<String>) -> Bytes {
    struct Owner(Zeroizing<String>);

    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }

    Bytes::from_owner(Owner(text))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("password", &self.password)
            .finish()
    }
}

/// A password, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// The password itself.
    Plain(Secret),
    /// Only its MD5 digest: fit for a URL, not for basic authentication (spec 3.6).
    Md5Digest(Md5Digest),
}

impl Password {
    /// What stands in a URL for `[pass]`.
    pub(crate) fn for_url(&self, form: UrlPassword) -> Secret {
        match (self, form) {
            (Self::Md5Digest(digest), _) => digest.0.clone(),
            (Self::Plain(plain), UrlPassword::Md5) => Md5Digest::of(plain.reveal()).0,
            (Self::Plain(plain), UrlPassword::Plain) => plain.clone(),
        }
    }
}

/// What a plain password becomes in a URL.
///
/// Whether the phones send the digest or the plain password is not documented, so it is a setting (spec 3.5).
/// A password of which only the digest is known goes in as that digest under both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UrlPassword {
    /// The MD5 digest of its UTF-8 bytes, 32 lower-case hexadecimal digits.
    #[default]
    Md5,
    /// The password itself, percent-encoded.
    Plain,
}

/// An MD5 digest that stands for a password, and is as good as one to whoever reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Md5Digest(Secret);

impl Md5Digest {
    /// The digest of a plain password's UTF-8 bytes, in lower case.
    pub fn of(password: &str) -> Self {
        use std::fmt::Write as _;

        let mut hexadecimal = String::with_capacity(DIGITS);
        for byte in Md5::digest(password.as_bytes()) {
            // Writing to a `String` cannot fail.
            let _ = write!(hexadecimal, "{byte:02x}");
        }
        Self(Secret::new(hexadecimal))
    }

    /// A digest as somebody wrote it: 32 hexadecimal digits, kept in their case. Anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digest = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| Self(Secret::new(text)))
    }

    /// The 32 digits. What is revealed must not be logged.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl fmt::Debug for Md5Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that never prints, and whose memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text as it stands.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text. What is revealed must not be logged.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Hexadecimal digits of an MD5 digest.
const DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_that_of_rfc_1321() {
        assert_eq!(Md5Digest::of("abc").reveal(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(Md5Digest::of("").reveal(), "d41d8cd98f00b204e9800998ecf8427e");
        // UTF-8 bytes, not code points or Latin-1.
        assert_eq!(Md5Digest::of("ü").reveal(), "c03410a5204b21cd8229ff754688d743");
    }

    #[test]
    fn digest_is_recognised_by_its_shape_and_kept_as_written() {
        let written = "900150983CD24fb0d6963f7d28e17f72";
        assert_eq!(Md5Digest::parse(written).as_ref().map(super::Md5Digest::reveal), Some(written));
        for other in [
            "",
            "900150983cd24fb0d6963f7d28e17f7",
            "g00150983cd24fb0d6963f7d28e17f72",
            "900150983cd24fb0d6963f7d28e17f720",
            "９００１５０９８",
        ] {
            assert_eq!(Md5Digest::parse(other), None, "{other}");
        }
    }

    #[test]
    fn basic_token_is_that_of_rfc_7617() {
        let token = |user: &str, password: &str| {
            Credentials::new(user, Password::Plain(Secret::new(password)))
                .basic_token()
                .map(|token| token.to_string())
        };
        assert_eq!(
            token("Aladdin", "open sesame").as_deref(),
            Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        );
        // RFC 7617 §2.1: UTF-8. A colon in the password is no trouble.
        assert_eq!(token("test", "123£").as_deref(), Some("dGVzdDoxMjPCow=="));
        assert_eq!(token("u", "a:b").as_deref(), Some("dTphOmI="));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let plain = Credentials::new("alice", Password::Plain(Secret::new("canary-plain")));
        let digest = Password::Md5Digest(Md5Digest::of("canary-plain"));
        let shown = format!(
            "{plain:?} {plain:#?} {:?} {:?} {digest:?} {:?}",
            Identity::Basic(plain.clone()),
            Identity::Url(Credentials::new("alice", digest.clone())),
            Secret::new("canary-plain"),
        );
        assert!(!shown.contains("canary-plain"), "{shown}");
        assert!(!shown.contains(Md5Digest::of("canary-plain").reveal()), "{shown}");
        assert!(shown.contains("alice"), "{shown}");
    }
}

//! Text that must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text: it prints as `[secret]`, and its memory is overwritten when it is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. It must not reach a message, a log or a file of ours.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has the form of an MD5 digest: 32 hexadecimal digits, with white space around them or
    /// not.
    pub fn looks_hashed(&self) -> bool {
        let text = self.0.trim_ascii();
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Whether it has the form in which phones encode passwords in their own file: base64 of a multiple
    /// of 16 bytes (spec 3.6). Some plain passwords have it too.
    pub fn looks_encoded(&self) -> bool {
        let text = self.0.trim_ascii();
        let digits = text.trim_end_matches('=');
        let padding = text.len() - digits.len();
        let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        let is_whole = !text.is_empty() && text.len() % 4 == 0 && padding <= 2;
        let is_base64 = is_whole && digits.bytes().all(is_digit);
        is_base64 && (text.len() / 4 * 3 - padding) % 16 == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_passwords_are_recognised_by_their_form() {
        for encoded in
            ["AAAAAAAAAAAAAAAAAAAAAA==", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n"]
        {
            assert!(Secret::new(encoded).looks_encoded(), "{encoded}");
        }
        for plain in ["", "secret", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA===", "=="] {
            assert!(!Secret::new(plain).looks_encoded(), "{plain}");
        }
    }

    #[test]
    fn digests_are_recognised_by_their_form() {
        assert!(Secret::new(" 0123456789abcdefABCDEF0123456789\n").looks_hashed());
        assert!(!Secret::new("0123456789abcdefABCDEF012345678").looks_hashed());
        assert!(!Secret::new("0123456789abcdefABCDEF01234567 9").looks_hashed());
    }
}

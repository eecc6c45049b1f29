//! Telling by 32 digits whether something is still what it was.

use std::fmt;

use md5::{Digest as _, Md5};

/// What tells a text from others that come about by accident. It is no proof against anybody who tries:
/// whoever can write a phone's files needs no collision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::of_parts([bytes])
    }

    /// Of several texts in their order; where one ends counts too.
    pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        use fmt::Write as _;

        let mut digest = Md5::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let mut digits = String::with_capacity(DIGITS);
        for byte in digest.finalize() {
            // Writing to a `String` cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Self(digits)
    }

    /// One as [`fmt::Display`] writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == DIGITS && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_part_ends_counts() {
        let of = |parts: &[&str]| Fingerprint::of_parts(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab"]));
        assert_ne!(of(&["a", "b"]), of(&["", "ab"]));
        assert_eq!(of(&["a"]), Fingerprint::of(b"a"));
    }

    #[test]
    fn what_is_written_is_read() {
        let fingerprint = Fingerprint::of(b"a");
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        assert_eq!(Fingerprint::parse("a"), None);
        assert_eq!(Fingerprint::parse("A0000000000000000000000000000000"), None);
    }
}

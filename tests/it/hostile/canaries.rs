//! The credentials of these tests, and every form in which they could come to light.

/// No colon, for basic authentication; else what needs care in URLs and markup.
pub(super) const USER: &str = "cana ry&<user>";
/// With a colon and what needs care in URLs, in markup and on the wire.
pub(super) const PASSWORD: &str = "c4n&ry:<p4ss> \"wörd'";
/// The MD5 digest of the password.
pub(super) const DIGEST: &str = "ebb53741420002bf34aaf9d8bbb2afc2";
/// `user:password` in base64, as RFC 7617 sends it.
pub(super) const TOKEN: &str = "Y2FuYSByeSY8dXNlcj46YzRuJnJ5OjxwNHNzPiAid8O2cmQn";

/// Pieces that all forms of the password hold: as it is, percent-encoded, of a form, in markup; its digest; the token.
const PIECES: [&str; 7] = ["c4n&ry", "c4n&amp;ry", "c4n%26ry", "<p4ss>", "p4ss", DIGEST, TOKEN];

/// What of the credentials is in `bytes`, in any case of its letters, or in UTF-16.
pub(super) fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    // Half of UTF-16's bytes are NULs for these pieces.
    let narrow = text.replace('\0', "");
    let is_in = |piece: &&str| narrow.contains(&piece.to_ascii_lowercase());
    PIECES.into_iter().filter(is_in).collect()
}

#[test]
fn every_form_is_found() {
    for form in [
        PASSWORD,
        DIGEST,
        &DIGEST.to_uppercase(),
        &format!("Basic {TOKEN}"),
        "c4n%26ry%3A%3Cp4ss%3E%20%22w%C3%B6rd%27",
        "c4n%26ry%3a%3cp4ss%3e+%22w%c3%b6rd%27",
        "c4n&amp;ry:&lt;p4ss&gt;",
        "c\x004\x00n\x00&\x00r\x00y\x00",
    ] {
        assert!(!found_in(form.as_bytes()).is_empty(), "{form}");
    }
    assert!(found_in(b"the good server for cana ry&<user>").is_empty());
}

//! The credentials of the phone that meets the hostile server.

/// No colon, for basic authentication; else what needs care in URLs and markup.
pub(super) const USER: &str = "cana ry&<user>";
/// With a colon and what needs care in URLs, in markup and on the wire.
pub(super) const PASSWORD: &str = "c4n&ry:<p4ss> \"wörd'";
/// `user:password` in base64, as RFC 7617 sends it.
pub(super) const TOKEN: &str = "Y2FuYSByeSY8dXNlcj46YzRuJnJ5OjxwNHNzPiAid8O2cmQn";

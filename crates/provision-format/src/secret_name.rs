//! Which elements and attributes hold secrets.

/// Whether the value of an element or attribute of this name must never be quoted.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "secret", "token", "key"].iter().any(|part| name.contains(part))
}

/// Whether an element or attribute of this name holds an address, into which a secret may have been
/// pasted.
pub(crate) fn is_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("url") || name.contains("uri")
}

/// What an element of some name may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing that must be hidden.
    Open,
    /// An address.
    Address,
    /// A secret.
    Secret,
}

/// What an element of this name may hold.
pub(crate) fn holds(name: &str) -> Holds {
    if is_secret(name) {
        Holds::Secret
    } else if is_address(name) {
        Holds::Address
    } else {
        Holds::Open
    }
}

/// Whether nothing unknown inside an element of this name may be quoted: it holds a secret, or an
/// address.
pub(crate) fn may_hold_secret(name: &str) -> bool {
    holds(name) != Holds::Open
}

/// Whether this is the name of an element of a provisioning file, which can be quoted anywhere.
pub(crate) fn is_public(name: &str) -> bool {
    ["provision", "base_urls", "base_url", "options", "significant_sections", "addressbook"]
        .contains(&name)
}

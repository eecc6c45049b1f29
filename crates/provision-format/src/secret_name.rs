//! Which elements and attributes hold secrets.

/// Whether the value of an element or attribute of this name must never be quoted.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "secret", "token", "key"].iter().any(|part| name.contains(part))
}

/// Whether nothing unknown inside an element of this name may be quoted: it holds a secret, or an
/// address, into which one may have been pasted.
pub(crate) fn may_hold_secret(name: &str) -> bool {
    is_secret(name) || name.contains("url")
}

/// Whether this is the name of an element of a provisioning file, which can be quoted anywhere.
pub(crate) fn is_public(name: &str) -> bool {
    ["provision", "base_urls", "base_url", "options", "significant_sections", "addressbook"]
        .contains(&name)
}

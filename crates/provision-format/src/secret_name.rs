//! Which elements and attributes hold secrets.

/// Whether the value of an element or attribute of this name must never be quoted.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "secret", "token", "key"].iter().any(|part| name.contains(part))
}

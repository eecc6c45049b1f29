//! "Did you mean …?"

/// The name among `known` that was most likely meant by `written`, if one is near enough.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // The distance costs the product of the lengths; no name of ours is near that long.
    if written.len() > 64 {
        return None;
    }
    let written = written.to_ascii_lowercase();
    let tolerated = (written.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("acounts", ["accounts", "audio"]), Some("accounts"));
        assert_eq!(nearest("Base_URL", ["base_url", "options"]), Some("base_url"));
        assert_eq!(nearest("skin", ["stun_options", "general"]), None);
        assert_eq!(nearest(&"a".repeat(100_000), ["general"]), None);
    }
}

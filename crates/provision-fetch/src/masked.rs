//! The only form in which a URL leaves this crate (spec 3.8).

use std::fmt;

use percent_encoding::percent_decode_str;

/// A URL that can be shown: substituted passwords, user information and values of parameters with telling names read
/// `[masked]`, control characters `\u{…}`, and its length is bounded.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MaskedUrl(String);

impl MaskedUrl {
    /// From a URL in which the substituted password already is [`MASK`]. The text need not be a valid URL.
    pub(crate) fn new(text: &str) -> Self {
        let text = mask_user_information(text);
        let text = mask_parameters(&text, &mut |_| ());
        Self(bound(&make_visible(&text)))
    }

    /// What is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MaskedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MaskedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskedUrl({})", self.0)
    }
}

/// The values that stand literally in a URL where a secret is expected: an operator pasted them there.
pub(crate) fn pasted_secrets(url: &str) -> Vec<String> {
    let mut found = Vec::new();
    mask_parameters(url, &mut |value| {
        found.push(value.to_owned());
        if let Ok(decoded) = percent_decode_str(value).decode_utf8() {
            if decoded != value {
                found.push(decoded.into_owned());
            }
        }
    });
    found
}

/// User information is refused later on, but the refused URL is shown.
///
/// A password with a `/` ends the authority early, so where the authority is malformed anyway everything up to the last
/// `@` goes.
fn mask_user_information(text: &str) -> String {
    let start = text.find("://").map_or(0, |scheme| scheme + "://".len());
    let (scheme, rest) = text.split_at(start);
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..authority_end];
    let suspicious = start == 0
        || authority.contains('@')
        || authority.rsplit_once(':').is_some_and(|(host, port)| {
            !host.starts_with('[') && !port.bytes().all(|byte| byte.is_ascii_digit())
        });
    match rest.rfind('@') {
        Some(at) if suspicious => format!("{scheme}{MASK}{}", &rest[at..]),
        _ => text.to_owned(),
    }
}

/// Masks the value of each parameter whose name tells of a secret, in the query and in a (refused) fragment.
///
/// A literal secret may hold any separator itself, so its value goes on up to the next `&name=` or the end; too much is
/// masked rather than too little.
fn mask_parameters(text: &str, found: &mut dyn FnMut(&str)) -> String {
    let Some(start) = text.find(['?', '#']) else {
        return text.to_owned();
    };
    let (head, mut rest) = text.split_at(start);
    let mut masked = head.to_owned();
    while let Some(separator) = rest.chars().next() {
        masked.push(separator);
        rest = &rest[separator.len_utf8()..];
        let end = rest.find(['?', '#', '&', ';']).unwrap_or(rest.len());
        match rest[..end].split_once('=') {
            Some((name, value)) if !value.is_empty() && tells_of_a_secret(name) => {
                let behind = &rest[name.len() + 1..];
                let length = if value == MASK { MASK.len() } else { secret_length(behind) };
                if value != MASK {
                    found(&behind[..length]);
                }
                masked.extend([name, "=", MASK]);
                rest = &behind[length..];
            }
            _ => {
                masked.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    masked
}

/// How far a literal secret goes at the most: to an `&` behind which a name and `=` stand.
fn secret_length(text: &str) -> usize {
    let begins_parameter = |at: &usize| {
        let behind = &text[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%');
        let name = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
        name > 0 && behind[name..].starts_with('=')
    };
    let mut ends = text.match_indices('&').map(|(at, _)| at);
    ends.find(begins_parameter).unwrap_or(text.len())
}

fn tells_of_a_secret(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    ["pass", "pwd", "secret", "token", "key"].iter().any(|telling| name.contains(telling))
}

/// A URL of the list may hold anything before it is refused; a terminal must not obey it (spec 7.1).
pub(crate) fn make_visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        let changes_direction = matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        );
        let breaks_line = matches!(character, '\u{2028}' | '\u{2029}');
        if character.is_control() || changes_direction || breaks_line {
            visible.extend(character.escape_unicode());
        } else {
            visible.push(character);
        }
    }
    visible
}

fn bound(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What stands in place of a secret.
pub(crate) const MASK: &str = "[masked]";

/// Characters of a URL that are shown.
const LONGEST_SHOWN: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_were_pasted() {
        for (text, shown) in [
            ("http://h/p?user=a", "http://h/p?user=a"),
            ("http://h/p?password=x&v=1", "http://h/p?password=[masked]&v=1"),
            ("http://h/p?v=1;PWD=x", "http://h/p?v=1;PWD=[masked]"),
            ("http://h/?password=ab&canary", "http://h/?password=[masked]"),
            ("http://h/?password=ab;canary&v=1", "http://h/?password=[masked]&v=1"),
            ("http://h/?password=ab?canary#canary", "http://h/?password=[masked]"),
            ("http://h/?password=[masked]&u=a;b", "http://h/?password=[masked]&u=a;b"),
            ("http://h/?api_key=x&Token=y", "http://h/?api_key=[masked]&Token=[masked]"),
            ("http://h/?p%61ss=x", "http://h/?p%61ss=[masked]"),
            ("http://h/?a=1?secret=x", "http://h/?a=1?secret=[masked]"),
            ("http://h/#token=x", "http://h/#token=[masked]"),
            ("http://h/?password=", "http://h/?password="),
            ("http://h/?password=[masked]", "http://h/?password=[masked]"),
            ("http://h/?pass=x=y", "http://h/?pass=[masked]"),
            ("http://u:x@h/p", "http://[masked]@h/p"),
            ("http://u:x/y@h/p", "http://[masked]@h/p"),
            ("http://u:1?y@h/p", "http://u:1?y@h/p"),
            ("u:x@h/p", "[masked]@h/p"),
            ("http://h/~u@d/", "http://h/~u@d/"),
            ("http://[::1]:80/~u@d", "http://[::1]:80/~u@d"),
            ("http://h/\u{1b}[2J\n\u{202e}", "http://h/\\u{1b}[2J\\u{a}\\u{202e}"),
        ] {
            assert_eq!(MaskedUrl::new(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn length_is_bounded_by_characters() {
        let shown = MaskedUrl::new(&format!("http://h/{}", "ü".repeat(9000))).to_string();
        assert_eq!(shown.chars().count(), LONGEST_SHOWN + 1);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn pasted_secrets_are_found_in_both_forms() {
        assert_eq!(
            pasted_secrets("http://h/?key=a%20b&user=u&password=[masked]"),
            ["a%20b", "a b"]
        );
        assert_eq!(pasted_secrets("http://h/?key=ab&cd;ef&user=u"), ["ab&cd;ef"]);
    }
}

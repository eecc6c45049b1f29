//! From a URL with placeholders to the URL that is asked and the one that is shown (spec 3.5).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::code::Code;
use crate::credentials::Secret;
use crate::endpoint::UrlFault;
use crate::event::UrlWarning;
use crate::masked::{MASK, MaskedUrl};

/// What the placeholders stand for.
pub(crate) struct Values<'a> {
    /// `None` where no credentials go into URLs.
    pub(crate) login: Option<Login<'a>>,
    pub(crate) version: &'a str,
}

/// The credentials as a URL carries them, not yet percent-encoded.
pub(crate) struct Login<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: Secret,
}

/// A template with its placeholders replaced, in the form that is sent and in the form that is shown.
pub(crate) struct Expansion {
    pub(crate) url: Result<Zeroizing<String>, UrlFault>,
    pub(crate) masked: MaskedUrl,
    pub(crate) warnings: Vec<UrlWarning>,
}

/// Replaces the placeholders in one pass over the template, so that what was put in is never looked at again.
pub(crate) fn expand(template: &str, values: &Values<'_>) -> Expansion {
    let path_start = path_start(template);
    let mut early_placeholder = false;
    let mut emptied = false;
    let mut replaced_password = false;
    let mut unknown: Vec<&str> = Vec::new();
    let mut sent = Zeroizing::new(String::with_capacity(template.len()));
    let mut shown = String::with_capacity(template.len());

    let mut position = 0;
    while let Some((start, end, word)) = next_word(template, position) {
        let literal = &template[position..start];
        sent.push_str(literal);
        shown.push_str(literal);
        position = end;
        let Some(placeholder) = Placeholder::named(word) else {
            if !unknown.contains(&word) {
                unknown.push(word);
            }
            let literal = &template[start..end];
            sent.push_str(literal);
            shown.push_str(literal);
            continue;
        };
        early_placeholder |= start < path_start;
        match (placeholder, &values.login) {
            (Placeholder::Version, _) => {
                let version = encode(values.version);
                sent.push_str(&version);
                shown.push_str(&version);
            }
            (Placeholder::User | Placeholder::Password, None) => emptied = true,
            (Placeholder::User, Some(login)) => {
                let user = encode(login.user);
                sent.push_str(&user);
                shown.push_str(&user);
            }
            (Placeholder::Password, Some(login)) => {
                sent.push_str(&encode(login.password.reveal()));
                shown.push_str(MASK);
                replaced_password = true;
            }
        }
    }
    sent.push_str(&template[position..]);
    shown.push_str(&template[position..]);

    let mut warnings = Vec::new();
    if emptied {
        warnings.push(emptied_warning());
    }
    if values.login.is_some() && !replaced_password {
        warnings.push(unused_warning());
    }
    warnings.extend(unknown.into_iter().map(unknown_warning));
    Expansion {
        url: if early_placeholder { Err(UrlFault::EarlyPlaceholder) } else { Ok(sent) },
        masked: MaskedUrl::new(&shown),
        warnings,
    }
}

#[derive(Clone, Copy)]
enum Placeholder {
    User,
    Password,
    Version,
}

impl Placeholder {
    fn named(word: &str) -> Option<Self> {
        match word {
            "user" | "username" => Some(Self::User),
            "pass" | "password" => Some(Self::Password),
            "version" => Some(Self::Version),
            _ => None,
        }
    }
}

/// The next `[word]` at or after `from`, with its place. An IPv6 address in brackets is none: it has colons.
fn next_word(template: &str, from: usize) -> Option<(usize, usize, &str)> {
    let mut search = from;
    while let Some(open) = template[search..].find('[') {
        let start = search + open;
        let inside = &template[start + 1..];
        let length = inside
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .count();
        if (1..=LONGEST_WORD).contains(&length) && inside.as_bytes().get(length) == Some(&b']') {
            return Some((start, start + length + 2, &inside[..length]));
        }
        search = start + 1;
    }
    None
}

/// Where scheme, host and port are over. No value can move it: what is put in has no `/`, `?` or `#`.
fn path_start(template: &str) -> usize {
    let authority = template.find("://").map_or(0, |scheme| scheme + "://".len());
    template[authority..].find(['/', '?', '#']).map_or(template.len(), |path| authority + path)
}

fn encode(value: &str) -> Zeroizing<String> {
    Zeroizing::new(utf8_percent_encode(value, RESERVED).to_string())
}

fn emptied_warning() -> UrlWarning {
    UrlWarning {
        code: Code::UrlPlaceholderEmptied.as_str(),
        message: "no credentials go into this URL, so its placeholders are left empty".to_owned(),
        hint: Some(
            "use authentication type url, or remove the placeholders from the URL".to_owned(),
        ),
    }
}

fn unused_warning() -> UrlWarning {
    UrlWarning {
        code: Code::UrlWithoutPassword.as_str(),
        message: "this URL has no [pass], so the password is not sent to it".to_owned(),
        hint: Some("add [user] and [pass] to the URL, or use authentication type basic".to_owned()),
    }
}

fn unknown_warning(word: &str) -> UrlWarning {
    UrlWarning {
        code: Code::UrlPlaceholderUnknown.as_str(),
        message: format!("[{word}] is no placeholder and is sent as it stands"),
        hint: closest_placeholder(word).map(|known| format!("did you mean [{known}]?")),
    }
}

fn closest_placeholder(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    PLACEHOLDERS
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&word, known), known))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

const PLACEHOLDERS: [&str; 5] = ["user", "username", "pass", "password", "version"];

/// `[mac]` is nobody's typing error; `[passwd]` and `[usr]` are.
const LIKE_ENOUGH: f64 = 0.8;

/// Bounds what a warning repeats of a template.
const LONGEST_WORD: usize = 32;

/// Everything except RFC 3986 §2.3's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::Md5Digest;

    fn login<'a>(user: &'a str, password: &str) -> Values<'a> {
        Values { login: Some(Login { user, password: Secret::new(password) }), version: "1.14" }
    }

    fn sent(template: &str, values: &Values<'_>) -> String {
        let expansion = expand(template, values);
        expansion.url.expect("no early placeholder").to_string()
    }

    #[test]
    fn every_placeholder_is_replaced_in_both_forms() {
        let values = login("alice", "digest");
        let template = "http://h/p/?username=[user]&password=[pass]&v=[version]";
        let expansion = expand(template, &values);
        assert_eq!(
            expansion.url.expect("good").as_str(),
            "http://h/p/?username=alice&password=digest&v=1.14"
        );
        assert_eq!(
            expansion.masked.as_str(),
            "http://h/p/?username=alice&password=[masked]&v=1.14"
        );
        assert_eq!(expansion.warnings, []);
        assert_eq!(
            sent("http://h/[username]/[password]/[pass]", &values),
            "http://h/alice/digest/digest"
        );
    }

    #[test]
    fn values_are_encoded_and_never_expanded_again() {
        assert_eq!(sent("http://h/[user]", &login("[pass]", "x")), "http://h/%5Bpass%5D");
        assert_eq!(
            sent("http://h/[user]", &login("a b/ü?&=#%~._-", "x")),
            "http://h/a%20b%2F%C3%BC%3F%26%3D%23%25~._-"
        );
        // A placeholder that only comes about by a replacement is none.
        assert_eq!(sent("http://h/[us[user]er]", &login("", "x")), "http://h/[user]");
    }

    #[test]
    fn without_a_login_placeholders_become_empty_and_say_so() {
        let values = Values { login: None, version: "2/3" };
        let expansion = expand("http://h/?u=[user]&p=[pass]&v=[version]", &values);
        assert_eq!(expansion.url.expect("good").as_str(), "http://h/?u=&p=&v=2%2F3");
        assert_eq!(expansion.masked.as_str(), "http://h/?u=&p=&v=2%2F3");
        assert_eq!(expansion.warnings[0].code, "url-placeholder-emptied");
        assert_eq!(expand("http://h/", &values).warnings, []);
    }

    #[test]
    fn unknown_words_stay_and_get_a_suggestion() {
        let expansion =
            expand("http://[::1]/[User]/[passwd]/[mac]/[]/[a b]/[User]/[pass]", &login("u", "p"));
        assert_eq!(
            expansion.url.expect("good").as_str(),
            "http://[::1]/[User]/[passwd]/[mac]/[]/[a b]/[User]/p"
        );
        let warnings: Vec<_> = expansion
            .warnings
            .iter()
            .map(|warning| (warning.message.as_str(), warning.hint.as_deref()))
            .collect();
        assert_eq!(
            warnings,
            [
                ("[User] is no placeholder and is sent as it stands", Some("did you mean [user]?")),
                (
                    "[passwd] is no placeholder and is sent as it stands",
                    Some("did you mean [password]?")
                ),
                ("[mac] is no placeholder and is sent as it stands", None),
            ]
        );
    }

    #[test]
    fn a_password_that_goes_nowhere_is_told() {
        let expansion = expand("http://h/[user]", &login("u", "p"));
        assert_eq!(expansion.warnings[0].code, "url-without-password");
    }

    #[test]
    fn a_placeholder_before_the_path_is_refused() {
        for template in [
            "http://[user]/",
            "http://[user].example/",
            "http://[user]:[pass]@h/",
            "http://h:[version]/",
            "[version]://h/",
            "[user]",
        ] {
            let expansion = expand(template, &login("u", "canary"));
            assert_eq!(expansion.url.err(), Some(UrlFault::EarlyPlaceholder), "{template}");
            assert!(!expansion.masked.as_str().contains("canary"), "{template}");
        }
        assert!(expand("http://h?[user]", &login("u", "p")).url.is_ok());
    }

    proptest! {
        /// The digits of a digest and the letters of the template do not mix, so any occurrence is a leak.
        #[test]
        fn shown_form_never_holds_the_password(
            template in "http://h/([/?&=g-z]|\\[user\\]|\\[pass\\]|\\[password\\]|\\[|\\]|\\[xyz\\]){0,12}",
            user in "[g-z\\[\\]/?# ]{0,8}",
            password in "[A-F0-9]{4,12}",
        ) {
            let digest = Md5Digest::of(&password);
            for secret in [password.as_str(), digest.reveal()] {
                let expansion = expand(&template, &login(&user, secret));
                prop_assert!(!expansion.masked.as_str().contains(secret));
                let warnings = format!("{:?}", expansion.warnings);
                prop_assert!(!warnings.contains(secret));
            }
        }

        /// One pass: with the values encoded, the outcome is what replacing piece by piece gives.
        #[test]
        fn expansion_is_one_pass(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["[user]", "[pass]", "[version]", "x", "/", "[", "]", "[other]", "[us", "er]"]),
                0..10,
            ),
            user in "[\\[\\]a-z%]{0,8}",
            password in "[\\[\\]a-z%]{0,8}",
        ) {
            let template = format!("http://h/{}", pieces.concat());
            let first = sent(&template, &login(&user, &password));
            // Expanding with markers that cannot occur, then replacing the markers, must give the same text.
            let marked = sent(&template, &login("~U~", "~P~"));
            let replaced = marked
                .split('~')
                .map(|piece| match piece {
                    "U" => encode(&user).to_string(),
                    "P" => encode(&password).to_string(),
                    other => other.to_owned(),
                })
                .collect::<String>();
            prop_assert_eq!(first, replaced);
        }
    }
}

//! Takes our credentials out of texts that a server had a hand in (spec 7.2).

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::answer::ServerMessage;
use crate::credentials::{Credentials, Identity, Md5Digest, Password};
use crate::masked::{MASK, make_visible};

/// Every form in which a server could give our secrets back.
///
/// Matching ignores ASCII case: host names are lowered, digests and percent-encodings may be written either way.
pub(crate) struct Scrubber {
    /// Lower case, the longest first, so that no form is cut by a shorter one that it contains.
    forms: Vec<Zeroizing<String>>,
}

/// It knows every secret and shows none.
impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrubber")
    }
}

impl Scrubber {
    /// `pasted` are the secrets that stand literally in the URLs.
    pub(crate) fn new(identity: &Identity, pasted: impl IntoIterator<Item = String>) -> Self {
        let mut scrubber = Self { forms: Vec::new() };
        match identity {
            Identity::Anonymous => {}
            Identity::Basic(credentials) | Identity::Url(credentials) => {
                scrubber.add_credentials(credentials);
            }
        }
        for secret in pasted {
            // A flag of a letter or two would turn every message into masks.
            if secret.len() >= SHORTEST_PASTED {
                scrubber.add(&secret);
            }
        }
        scrubber
            .forms
            .sort_by(|one, other| (other.len(), other.as_str()).cmp(&(one.len(), one.as_str())));
        scrubber.forms.dedup();
        scrubber
    }

    fn add_credentials(&mut self, credentials: &Credentials) {
        match credentials.password() {
            Password::Plain(plain) => {
                self.add(plain.reveal());
                self.add(Md5Digest::of(plain.reveal()).reveal());
            }
            Password::Md5Digest(digest) => self.add(digest.reveal()),
        }
        if let Some(token) = credentials.basic_token() {
            self.add(&token);
        }
    }

    /// A secret, and what a judge that trims a text and makes it one line leaves of it.
    fn add(&mut self, secret: &str) {
        let line = Zeroizing::new(in_one_line(secret));
        self.add_forms(secret);
        // Most secrets are a line already.
        if line.as_str() != secret {
            self.add_forms(&line);
        }
        if line.trim() != line.as_str() {
            self.add_forms(line.trim());
        }
    }

    fn add_forms(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let encoded = Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
        let unreserved = Zeroizing::new(
            encoded.replace("%2D", "-").replace("%2E", ".").replace("%5F", "_").replace("%7E", "~"),
        );
        let form = Zeroizing::new(unreserved.replace("%20", "+"));
        let markup = Zeroizing::new(
            secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;"),
        );
        let quoted = Zeroizing::new(markup.replace('\'', "&#039;"));
        let visible = Zeroizing::new(make_visible(secret));
        for text in [secret, &encoded, &unreserved, &form, &markup, &quoted, &visible] {
            self.forms.push(Zeroizing::new(text.to_ascii_lowercase()));
        }
    }

    /// The text with `[masked]` in place of every secret.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        let mut clean = String::with_capacity(text.len());
        let bounded = text.len() >= SHORTEST_BOUNDED || text.ends_with('…');
        let mut position = 0;
        while position < text.len() {
            let rest = &lower[position..];
            if let Some(form) = self.forms.iter().find(|form| rest.starts_with(form.as_str())) {
                clean.push_str(MASK);
                position += form.len();
            } else if bounded && self.is_cut_secret(rest) {
                clean.push_str(MASK);
                clean.extend(rest.ends_with('…').then_some('…'));
                break;
            } else if let Some(character) = text[position..].chars().next() {
                clean.push(character);
                position += character.len_utf8();
            }
        }
        clean
    }

    /// Whether a text that somebody bounded ends in the middle of a secret.
    fn is_cut_secret(&self, rest: &str) -> bool {
        let rest = rest.strip_suffix('…').unwrap_or(rest);
        rest.len() >= SHORTEST_CUT && self.forms.iter().any(|form| form.starts_with(rest))
    }

    pub(crate) fn server_message(&self, message: &ServerMessage) -> ServerMessage {
        ServerMessage {
            text: self.scrub(&message.text),
            code: message.code.as_deref().map(|code| self.scrub(code)),
        }
    }
}

/// Every line break as one space (spec 7.1).
fn in_one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\r', '\n', '\u{85}', '\u{2028}', '\u{2029}'], " ")
}

/// Bytes from which a literal value in a URL is looked for.
const SHORTEST_PASTED: usize = 4;

/// Bytes from which a text may have been cut off by the judge's bound, with or without an ellipsis.
const SHORTEST_BOUNDED: usize = 200;

/// Bytes from which the beginning of a secret at the end of a text is taken for one.
const SHORTEST_CUT: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    fn scrubber(password: &str) -> Scrubber {
        let password = Password::Plain(Secret::new(password));
        Scrubber::new(&Identity::Basic(Credentials::new("alice", password)), [])
    }

    #[test]
    fn every_form_of_a_password_is_masked() {
        let scrubber = scrubber("Pa<s> & \u{7}ü-x");
        for form in [
            "Pa<s> & \u{7}ü-x",
            "pa<s> & \u{7}ü-X",
            "Pa%3Cs%3E%20%26%20%07%C3%BC-x",
            "Pa%3cs%3e%20%26%20%07%c3%bc%2dx",
            "Pa%3Cs%3E+%26+%07%C3%BC-x",
            "Pa&lt;s&gt; &amp; \u{7}ü-x",
            "Pa<s> & \\u{7}ü-x",
            Md5Digest::of("Pa<s> & \u{7}ü-x").reveal(),
            &Md5Digest::of("Pa<s> & \u{7}ü-x").reveal().to_uppercase(),
            "YWxpY2U6UGE8cz4gJiAHw7wteA==",
        ] {
            assert_eq!(
                scrubber.scrub(&format!("ö {form}, {form}!")),
                "ö [masked], [masked]!",
                "{form}"
            );
        }
    }

    #[test]
    fn what_a_judge_makes_of_white_space_is_masked() {
        for (password, shown) in [
            (" lead ing ", "lead ing"),
            ("first\nsecond", "first second"),
            ("first\r\nsecond\u{2028}", "first second"),
            ("it's", "it&#039;s"),
        ] {
            assert_eq!(
                scrubber(password).scrub(&format!("<{shown}>")),
                "<[masked]>",
                "{password:?}"
            );
        }
    }

    #[test]
    fn other_text_stays() {
        assert_eq!(scrubber("hunter2").scrub("Ünknown user ‘bob’…"), "Ünknown user ‘bob’…");
        assert_eq!(scrubber("").scrub("any text"), "any text");
        let anonymous = Scrubber::new(&Identity::Anonymous, []);
        assert_eq!(anonymous.scrub("any text"), "any text");
    }

    #[test]
    fn a_secret_cut_off_at_the_end_is_masked() {
        let scrubber = scrubber("correct-horse");
        assert_eq!(scrubber.scrub("you sent correct-ho…"), "you sent [masked]…");
        let long = "x".repeat(300);
        assert_eq!(scrubber.scrub(&format!("{long} correct-ho")), format!("{long} [masked]"));
        // A whole short text, and a beginning that says nothing.
        assert_eq!(scrubber.scrub("is it correct"), "is it correct");
        assert_eq!(scrubber.scrub("it is cor…"), "it is cor…");
    }

    #[test]
    fn pasted_secrets_count_unless_they_are_flags() {
        let pasted = ["1".to_owned(), "tok-123".to_owned()];
        let scrubber = Scrubber::new(&Identity::Anonymous, pasted);
        assert_eq!(scrubber.scrub("1 TOK-123"), "1 [masked]");
    }
}

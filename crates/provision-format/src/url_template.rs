//! The address of a server, with the places for credentials in it.

use std::fmt;

use crate::section_names::XML_SPACE;

/// The words that stand for something in square brackets (spec 3.5).
pub(crate) const PLACEHOLDERS: [&str; 5] = ["user", "pass", "username", "password", "version"];

/// A word in brackets that is longer is no misspelt placeholder.
const LONGEST_WORD: usize = 32;

/// The text of a `base_url`: an address in which `[user]` and `[pass]` may stand. It is not empty
/// and has no white space around it; whether it is a URL shows when it is fetched.
///
/// An operator may have written a password into it, so `Debug` shows it only up to the query, and not
/// at all with user information.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UrlTemplate(String);

impl UrlTemplate {
    /// The address in `text`, less the white space around it (spec 1.4); none if there is nothing
    /// else.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_matches(XML_SPACE);
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text, with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is a place for the user name or the password.
    pub fn has_credentials(&self) -> bool {
        self.words().any(|word| word != "version" && PLACEHOLDERS.contains(&word))
    }

    /// The words in square brackets, placeholders or not, without the brackets. An IPv6 address is
    /// none: it has colons.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        self.0.split('[').skip(1).filter_map(move |behind| {
            let (word, _) = behind.split_once(']')?;
            let is_word = (1..=LONGEST_WORD).contains(&word.len()) && word.chars().all(is_part);
            is_word.then_some(word)
        })
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(['?', '#']) {
            _ if self.0.contains('@') => f.write_str("UrlTemplate(not shown)"),
            Some((before, _)) => write!(f, "UrlTemplate({before:?}…)"),
            None => write!(f, "UrlTemplate({:?})", self.0),
        }
    }
}

/// Whether an address has no user information and a query in which every parameter is a name and one
/// of the placeholders, such as `user=[user]&pass=[pass]`.
pub(crate) fn holds_only_placeholders(address: &str) -> bool {
    let Some((path, query)) = address.split_once('?') else { return false };
    let is_path = !path.contains(['@', '#', '&', '<', '>']);
    let mut parameters = query.split('&').map(|piece| piece.strip_prefix("amp;").unwrap_or(piece));
    is_path
        && parameters.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, "?"));
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            let word = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
            word.is_some_and(|word| PLACEHOLDERS.contains(&word)) && name.chars().all(is_name)
        })
}

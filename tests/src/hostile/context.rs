//! What a script can say about who asks, and who it is itself.

use crate::request::Request;

/// What is known when a client has connected.
pub(super) struct Context<'a> {
    /// By which the documents of one server are told from those of another.
    pub(super) mark: &'a str,
    pub(super) origin: String,
    pub(super) port: u16,
    /// `/group/case`.
    pub(super) path: &'a str,
    pub(super) others: Others,
    /// The last request, if one was read.
    pub(super) request: Option<Request>,
}

/// The ports of the other origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    pub(super) port: u16,
    pub(super) port6: u16,
}

impl Context<'_> {
    /// What of the requested path follows the case's own, without the slash between.
    pub(super) fn below(&self) -> &str {
        let path = self.request.as_ref().map_or("", Request::path);
        path.strip_prefix(self.path).unwrap_or("").trim_start_matches('/')
    }

    /// The number that is requested below the case's path; 0 if none.
    pub(super) fn step(&self) -> usize {
        self.below().parse().unwrap_or(0)
    }

    /// Whether the request has basic credentials of any user.
    pub(super) fn has_basic(&self) -> bool {
        self.basic().is_some_and(|pair| pair.contains(':'))
    }

    /// What the client is known by, in clear: `user:password` of basic authentication, and the values of the query with
    /// nothing percent-encoded.
    pub(super) fn credentials(&self) -> String {
        let query = self.request.as_ref().and_then(|request| request.target().split_once('?'));
        let values = query.map_or("", |(_, query)| query).split('&');
        let values = values.filter_map(|field| Some(percent_decoded(field.split_once('=')?.1)));
        self.basic().into_iter().chain(values).collect::<Vec<_>>().join(" ")
    }

    fn basic(&self) -> Option<String> {
        let value = self.request.as_ref()?.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        let pair = scheme.eq_ignore_ascii_case("basic").then(|| base64_decoded(token.trim()))??;
        Some(String::from_utf8_lossy(&pair).into_owned())
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The standard alphabet (RFC 4648 §4); padding ends it.
fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut count) = (0_u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let six = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
            held &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_is_known_by_is_decoded() {
        assert_eq!(base64_decoded("YWxpY2U6YTpi").as_deref(), Some(&b"alice:a:b"[..]));
        assert_eq!(base64_decoded("w7Y=").as_deref(), Some("ö".as_bytes()));
        assert_eq!(base64_decoded("a b"), None);
        assert_eq!(percent_decoded("a%20%C3%B6%2"), "a ö%2");
    }
}

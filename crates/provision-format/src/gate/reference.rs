//! `&…;` in text and in the values of attributes.

use crate::diagnostic::Diagnostic;
use crate::{Code, Span};

use super::{AMPERSAND_LIMIT, Scanner, Step, character};

/// What an `&` begins.
enum Reference {
    /// A character reference or one of the five entities.
    Good,
    /// Nothing: neither `#` nor a name and `;` follows (spec 1.5).
    Bare,
    Faulty(Code, String),
}

impl Scanner<'_> {
    /// The reference at `self.at`; moves behind it, or behind the `&` if it is a bare one.
    pub(super) fn reference(&mut self) -> Step {
        let start = self.at;
        self.at += 1;
        let reference = if self.bytes.get(self.at) == Some(&b'#') {
            self.at += 1;
            self.character_reference(start)
        } else {
            self.entity_reference(start)
        };
        match reference {
            Reference::Good => Ok(()),
            Reference::Bare => self.bare_ampersand(start),
            Reference::Faulty(code, message) => {
                let finding = Diagnostic::error(code, Span::new(start, self.at), message);
                self.findings.add(finding.with_help("write `&amp;` if an `&` itself is meant"));
                Ok(())
            }
        }
    }

    fn character_reference(&mut self, start: usize) -> Reference {
        let hexadecimal = self.bytes.get(self.at) == Some(&b'x');
        if hexadecimal {
            self.at += 1;
        }
        let radix = if hexadecimal { 16 } else { 10 };
        let digits = self.at;
        let mut value = 0_u32;
        while let Some(digit) = self.bytes.get(self.at).and_then(|b| char::from(*b).to_digit(radix))
        {
            value = value.saturating_mul(radix).saturating_add(digit);
            self.at += 1;
        }
        if self.at == digits || self.bytes.get(self.at) != Some(&b';') {
            let message = "this character reference is malformed".to_owned();
            return Reference::Faulty(Code::BadReference, message);
        }
        self.at += 1;
        if char::from_u32(value).is_some_and(character::is_allowed) {
            return Reference::Good;
        }
        let shown = self.quote(Span::new(start, self.at));
        let message = format!("the reference {shown} stands for no character that XML allows");
        Reference::Faulty(Code::BadCharacter, message)
    }

    /// What the name behind `&` stands for. A colon counts as a part of the name here: what looks
    /// like an entity is not repaired.
    fn entity_reference(&mut self, start: usize) -> Reference {
        let rest = &self.text[self.at..];
        let Some(length) = entity_name(rest) else {
            return Reference::Bare;
        };
        self.at += length + 1;
        if matches!(&rest[..length], "amp" | "lt" | "gt" | "quot" | "apos") {
            return Reference::Good;
        }
        let shown = self.quote(Span::new(start, self.at));
        Reference::Faulty(Code::UnknownEntity, format!("the entity {shown} is not known"))
    }

    fn bare_ampersand(&mut self, start: usize) -> Step {
        let place = Span::new(start, start + 1);
        let message = "`&` must be written `&amp;`";
        let finding = if self.forgives_ampersands {
            if self.ampersands.len() == AMPERSAND_LIMIT {
                let message = format!("more than {AMPERSAND_LIMIT} `&` are not written `&amp;`");
                return self.stop(Diagnostic::error(Code::TooComplex, place, message));
            }
            self.ampersands.push(start);
            Diagnostic::warning(Code::BareAmpersand, place, message)
        } else {
            Diagnostic::error(Code::BareAmpersand, place, message)
        };
        let finding = match self.mended_line(start) {
            Some(line) => finding.with_help(format!("write `{line}`")),
            None => finding.with_help("replace it by `&amp;`"),
        };
        self.findings.add(finding.with_fix(place, "&amp;"));
        Ok(())
    }

    /// The line of the bare `&` at `at` as it should be. Only of elements whose content may be shown,
    /// and not beyond their tags; of an address only what can hold no secret.
    fn mended_line(&self, at: usize) -> Option<String> {
        const REACH: usize = 300;
        let open = self.open.last().filter(|open| open.content <= at)?;
        let is_address = match &self.text[open.name.range()] {
            "base_url" => true,
            "error" => false,
            _ => return None,
        };
        if !self.findings.has_room() || self.is_inside_secret(at) {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'<' | b'>');
        let (before, behind) = (&self.bytes[open.content..at], &self.bytes[at..]);
        let start = match before.iter().rev().take(REACH).position(is_end) {
            Some(length) => at - length,
            None if before.len() <= REACH => open.content,
            None => return None,
        };
        let length = behind.iter().take(REACH).position(is_end)?;
        let line = self.text[start..at + length].trim_ascii();
        let line = if is_address { without_values(line)? } else { line.to_owned() };
        let mut mended = String::new();
        for (index, piece) in line.split('&').enumerate() {
            if index > 0 {
                mended.push_str(if begins_reference(piece) { "&" } else { "&amp;" });
            }
            mended.push_str(piece);
        }
        Some(crate::shown::shown(&mended))
    }
}

/// An address without the values of its query, but for placeholders such as `[user]`; none if it has
/// user information or a fragment.
fn without_values(address: &str) -> Option<String> {
    if address.contains(['@', '#']) {
        return None;
    }
    let (path, query) = address.split_once('?')?;
    let parameters: Vec<_> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if value.is_empty() || is_placeholder(value) => {
                format!("{name}={value}")
            }
            Some((name, _)) => format!("{name}=…"),
            None if begins_reference(parameter) => parameter.to_owned(),
            None => "…".to_owned(),
        })
        .collect();
    Some(format!("{path}?{}", parameters.join("&")))
}

fn is_placeholder(value: &str) -> bool {
    let word = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    word.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The length of the name in front of a `;`, if one begins here.
fn entity_name(rest: &str) -> Option<usize> {
    let begins = rest.starts_with(|c: char| c == ':' || character::is_name_start(c));
    let length = rest.find(|c: char| c != ':' && !character::is_name(c))?;
    (begins && rest[length..].starts_with(';')).then_some(length)
}

/// Whether what follows an `&` makes it a reference, good or not (spec 1.5).
fn begins_reference(rest: &str) -> bool {
    rest.starts_with('#') || entity_name(rest).is_some()
}

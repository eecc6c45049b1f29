//! `&…;` in text and in the values of attributes.

use crate::diagnostic::Diagnostic;
use crate::secret_name::Holds;
use crate::url_template::holds_only_placeholders;
use crate::{Code, Span};

use super::{FAULT_LIMIT, Scanner, Step, character};

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
            self.character_reference()
        } else {
            self.entity_reference()
        };
        match reference {
            Reference::Good => Ok(()),
            Reference::Bare => self.bare_ampersand(start),
            Reference::Faulty(code, message) => {
                let finding = Diagnostic::error(code, Span::new(start, self.at), message)
                    .with_help("write `&amp;` if an `&` itself is meant");
                self.fault(finding, Span::at(start + 1), "amp;")
            }
        }
    }

    fn character_reference(&mut self) -> Reference {
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
        let message = "this reference stands for no character that XML allows".to_owned();
        Reference::Faulty(Code::BadCharacter, message)
    }

    /// What the name behind `&` stands for. A colon counts as a part of the name here: what looks
    /// like an entity is not repaired.
    fn entity_reference(&mut self) -> Reference {
        let rest = &self.text[self.at..];
        let Some(length) = entity_name(rest) else {
            return Reference::Bare;
        };
        self.at += length + 1;
        if matches!(&rest[..length], "amp" | "lt" | "gt" | "quot" | "apos") {
            return Reference::Good;
        }
        // Any other name may be a piece of a password that holds an `&`.
        let message = match &rest[..length] {
            name @ ("nbsp" | "copy" | "reg" | "auml" | "ouml" | "uuml" | "szlig" | "eacute"
            | "euro") => {
                format!("the entity `&{name};` is not known")
            }
            _ => "this entity is not known".to_owned(),
        };
        Reference::Faulty(Code::UnknownEntity, message)
    }

    fn bare_ampersand(&mut self, start: usize) -> Step {
        let place = self.span(start, start + 1);
        let message = "`&` must be written `&amp;`";
        if self.forgives_ampersands && self.faults == FAULT_LIMIT {
            let message = format!("more than {FAULT_LIMIT} `&` are not written `&amp;`");
            return self.stop(Diagnostic::error(Code::TooComplex, place, message));
        }
        let finding = if self.forgives_ampersands {
            Diagnostic::warning(Code::BareAmpersand, place, message)
        } else {
            Diagnostic::error(Code::BareAmpersand, place, message)
        };
        let finding = match self.mended(start) {
            Some(text) => finding.with_help(format!("write `{text}`")),
            None => finding.with_help("replace it by `&amp;`"),
        };
        self.fault(finding.with_fix(place, "&amp;"), Span::at(start + 1), "amp;")
    }

    /// The text of the element around the bare `&` at `at` as it should be, if it is short and can hold
    /// no secret: an error's text, or an address with nothing but placeholders in its query.
    fn mended(&self, at: usize) -> Option<String> {
        const REACH: usize = 300;
        let open = self.open.last().filter(|open| open.content as usize <= at)?;
        let content = open.content as usize;
        let behind = self.bytes[at..].iter().take(REACH);
        let length = behind.clone().position(|byte| *byte == b'<')?;
        let is_hidden = self.open.iter().any(|open| self.holds(open) == Holds::Secret);
        if !self.findings.has_room() || is_hidden || at - content > REACH {
            return None;
        }
        // From the element's beginning, so nothing is taken for an address that is the end of one.
        let text = self.text[content..at + length].trim_ascii();
        let is_fit = match &self.text[open.name.range()] {
            "base_url" => holds_only_placeholders(text),
            "error" => self.open.len() == 1 && !text.contains('<'),
            _ => false,
        };
        if !is_fit {
            return None;
        }
        let mut mended = String::new();
        for (index, piece) in text.split('&').enumerate() {
            if index > 0 {
                mended.push_str(if begins_reference(piece) { "&" } else { "&amp;" });
            }
            mended.push_str(piece);
        }
        Some(crate::shown::shown(&mended))
    }
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

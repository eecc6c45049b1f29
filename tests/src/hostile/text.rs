//! A text of a script: bytes with escapes, and placeholders for what is known only when a client asks.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::context::Context;

/// Bytes, with gaps that a [`Context`] fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    /// What the placeholder stands for, escaped for XML where its name begins with `xml-`.
    Gap {
        placeholder: Placeholder,
        escaped: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Mark,
    Origin,
    Port,
    Other,
    OtherPort,
    Other6,
    Path,
    Step,
    Next,
    Request,
    Credentials,
}

impl Text {
    /// Reads escapes and placeholders; an error says what is wrong with them.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text, true)
    }

    /// Reads placeholders; a backslash is one.
    pub(super) fn of_document(text: &str) -> Result<Self, String> {
        Self::read(text, false)
    }

    /// The bytes, for who asks now.
    pub(super) fn fill(&self, context: &Context<'_>) -> Vec<u8> {
        let mut filled = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Bytes(bytes) => filled.extend_from_slice(bytes),
                Piece::Gap { placeholder, escaped: false } => {
                    filled.extend_from_slice(value(*placeholder, context).as_bytes());
                }
                Piece::Gap { placeholder, escaped: true } => {
                    filled.extend_from_slice(escape(&value(*placeholder, context)).as_bytes());
                }
            }
        }
        filled
    }

    fn read(text: &str, escapes: bool) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) =
                    after.split_once('}').ok_or("`${` without its `}`; write `$` and `{` apart")?;
                pieces.push(Piece::Bytes(std::mem::take(&mut bytes)));
                pieces.push(gap(name)?);
                rest = after;
            } else if character == '\\' && escapes {
                let (byte, after) = escape_sequence(&rest[1..])?;
                bytes.push(byte);
                rest = after;
            } else {
                let (first, after) = rest.split_at(character.len_utf8());
                bytes.extend_from_slice(first.as_bytes());
                rest = after;
            }
        }
        pieces.push(Piece::Bytes(bytes));
        Ok(Self(pieces))
    }
}

fn gap(name: &str) -> Result<Piece, String> {
    let (plain, escaped) = match name.strip_prefix("xml-") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == plain);
    let Some((_, placeholder)) = known else {
        let names: Vec<&str> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no placeholder `{name}`; there are {}", names.join(", ")));
    };
    Ok(Piece::Gap { placeholder: *placeholder, escaped })
}

/// What stands behind a backslash.
fn escape_sequence(rest: &str) -> Result<(u8, &str), String> {
    let bad = || format!("`\\{}` is no escape", rest.chars().next().unwrap_or(' '));
    if let Some(digits) = rest.strip_prefix('x') {
        let digits = digits.get(..2).ok_or_else(bad)?;
        let byte = u8::from_str_radix(digits, 16).map_err(|_| bad())?;
        return Ok((byte, &rest[3..]));
    }
    let byte = match rest.bytes().next().ok_or("a backslash at the end escapes nothing")? {
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => 0,
        same @ (b'\\' | b'"' | b'\'' | b'$') => same,
        _ => return Err(bad()),
    };
    Ok((byte, &rest[1..]))
}

fn value(placeholder: Placeholder, context: &Context<'_>) -> String {
    match placeholder {
        Placeholder::Mark => context.mark.to_owned(),
        Placeholder::Origin => context.origin.clone(),
        Placeholder::Port => context.port.to_string(),
        Placeholder::Other => format!("http://127.0.0.1:{}", context.others.port),
        Placeholder::OtherPort => context.others.port.to_string(),
        Placeholder::Other6 => format!("http://[::1]:{}", context.others.port6),
        Placeholder::Path => context.path.to_owned(),
        Placeholder::Step => context.step().to_string(),
        Placeholder::Next => (context.step() + 1).to_string(),
        Placeholder::Request => {
            context.request.as_ref().map(|request| request.raw.clone()).unwrap_or_default()
        }
        Placeholder::Credentials => context.credentials(),
    }
}

/// As element content or an attribute's value. What XML cannot carry becomes a question mark.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        let replaced: Cow<'_, str> = match character {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            '\r' => "".into(),
            '\n' | '\t' => " ".into(),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "?".into(),
            other => {
                escaped.push(other);
                continue;
            }
        };
        // Writing to a `String` cannot fail.
        let _ = write!(escaped, "{replaced}");
    }
    escaped
}

const PLACEHOLDERS: [(&str, Placeholder); 11] = [
    ("mark", Placeholder::Mark),
    ("origin", Placeholder::Origin),
    ("port", Placeholder::Port),
    ("other", Placeholder::Other),
    ("other-port", Placeholder::OtherPort),
    ("other6", Placeholder::Other6),
    ("path", Placeholder::Path),
    ("step", Placeholder::Step),
    ("next", Placeholder::Next),
    ("request", Placeholder::Request),
    ("credentials", Placeholder::Credentials),
];

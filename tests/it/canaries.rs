//! The secrets that tests use, and every form in which they could come to light.
//!
//! Nothing that the command prints, and no file that it writes, may hold a part of one. What runs the command for tests
//! looks for them by itself.

use std::collections::BTreeSet;

/// Parts of the passwords, and halves of their digests: a cut one is found too.
const PIECES: [&str; 7] = [
    "c4nary",
    "c4n&ry",
    "p4ss",
    "d80626962260420a",
    "9d3be8cf0c4fb534",
    "ebb53741420002bf",
    "34aaf9d8bbb2afc2",
];

/// What of the secrets is in `bytes`: in any case of its letters, escaped for whatever notation, twice even, in base64
/// as RFC 7617 has it, or with line breaks, colours or NULs in between.
pub(crate) fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let mut found = BTreeSet::new();
    let mut texts = vec![bytes.to_vec()];
    // A document of many megabytes is not worth the minute.
    let last = if bytes.len() > LARGE { 0 } else { DEPTH };
    for depth in 0..=last {
        for text in &texts {
            found.extend(plainly_in(text));
            found.extend(plainly_in(&base64(text)));
        }
        if depth < last {
            let decoded = |text: &Vec<u8>| DECODERS.map(|decode| decode(text));
            let mut next: Vec<Vec<u8>> = texts.iter().flat_map(decoded).collect();
            next.retain(|text| !texts.contains(text));
            next.sort();
            next.dedup();
            texts = next;
        }
    }
    found.into_iter().collect()
}

/// What of the secrets is in `bytes` as it is, in any case of its letters.
pub(crate) fn plainly_in(bytes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    PIECES.into_iter().filter(|piece| text.contains(piece)).collect()
}

/// Percent-encoding, in URLs and forms.
fn percent(text: &[u8]) -> Vec<u8> {
    replaced(text, |rest| {
        let digits = rest.strip_prefix(b"%")?.get(..2)?;
        Some((u8::try_from(number(digits, 16)?).ok()?, 3))
    })
}

/// Escapes as JSON, Rust and shells write them: `\u0070`, `\u{70}`, `\x70`, `\&`.
fn backslashes(text: &[u8]) -> Vec<u8> {
    replaced(text, |rest| {
        let escaped = rest.strip_prefix(b"\\")?;
        let (digits, length) = match escaped {
            [b'u', b'{', digits @ ..] => {
                let end = digits.iter().take(8).position(|byte| *byte == b'}')?;
                (&digits[..end], end + 4)
            }
            [b'u', digits @ ..] => (digits.get(..4)?, 6),
            [b'x', digits @ ..] => (digits.get(..2)?, 4),
            [other, ..] => return Some((*other, 2)),
            [] => return None,
        };
        Some((u8::try_from(number(digits, 16)?).ok()?, length))
    })
}

/// References as XML writes them.
fn references(text: &[u8]) -> Vec<u8> {
    replaced(text, |rest| {
        let named =
            [("&amp;", b'&'), ("&lt;", b'<'), ("&gt;", b'>'), ("&quot;", b'"'), ("&apos;", b'\'')];
        if let Some((name, byte)) = named.iter().find(|(name, _)| rest.starts_with(name.as_bytes()))
        {
            return Some((*byte, name.len()));
        }
        let digits = rest.strip_prefix(b"&#")?;
        let end = digits.iter().take(9).position(|byte| *byte == b';')?;
        let code = match &digits[..end] {
            [b'x', digits @ ..] => number(digits, 16),
            digits => number(digits, 10),
        };
        Some((u8::try_from(code?).ok()?, end + 3))
    })
}

/// The text without what may stand between two letters: line breaks, a terminal's sequences, the NULs of UTF-16.
fn joined(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        if let Some(sequence) = rest.strip_prefix(b"[").filter(|_| *byte == 0x1b) {
            let end = sequence
                .iter()
                .position(u8::is_ascii_alphabetic)
                .map_or(sequence.len(), |end| end + 1);
            rest = &sequence[end..];
        } else if *byte > b' ' {
            out.push(*byte);
        }
    }
    out
}

/// What all runs of base64's letters would mean, from each of the first four letters on: four of them are three bytes.
fn base64(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let runs = text.split(|byte| digit(*byte).is_none()).filter(|run| run.len() >= SHORTEST);
    let mut out = Vec::new();
    for run in runs.flat_map(|run| (0..4).map(|start| &run[start..])) {
        let mut bits = 0_u32;
        for (index, byte) in run.iter().filter_map(|byte| digit(*byte)).enumerate() {
            bits = bits << 6 | u32::from(byte);
            if index % 4 != 0 {
                // The eight bits that have become whole.
                let [.., byte] = (bits >> (6 - 2 * (index % 4))).to_be_bytes();
                out.push(byte);
            }
        }
        out.push(0);
    }
    out
}

/// The text with what `decode` takes for a byte of so many characters replaced by it.
fn replaced(text: &[u8], decode: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, ..] = rest {
        let (byte, length) = decode(rest).unwrap_or((*first, 1));
        out.push(byte);
        rest = &rest[length..];
    }
    out
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

type Decoder = fn(&[u8]) -> Vec<u8>;

const DECODERS: [Decoder; 4] = [percent, backslashes, references, joined];

/// How many of them are undone, one after the other.
const DEPTH: usize = 2;

/// No output of the command has as many bytes, and no file of a phone that the tests give a secret.
const LARGE: usize = 256 << 10;

/// Letters of base64 that can be a piece.
const SHORTEST: usize = 6;

#[test]
fn every_form_is_found() {
    for form in [
        "c4nary-p4ss",
        "the password is \"c4nary-p4",
        "D80626962260420A9D3BE8CF0C4FB534",
        "d80626962260420a9d3b…",
        "%63%34%6Eary%2Dp4ss",
        "%2563%2534nary",
        r"c4\u006eary",
        r"c\u0034nary\u002dp\u0034ss",
        r"c\u{34}nary",
        r"c\x34nary",
        "c4&#110;ary",
        "c4&#x6e;ary",
        "c4\n      nary",
        "\u{1b}[1mc4n\u{1b}[0mary",
        // `alice:` and the password; with other users they stand elsewhere among the digits.
        "Authorization: Basic YWxpY2U6YzRuYXJ5LXA0c3M=",
        "Basic Ym9iOmM0bmFyeS1wNHNz",
        "{\"field\":\"Basic%20YWxpY2U6YzRuYXJ5LXA0c3M%3D\"}",
        "YzRuYXJ5LXA0c3M",
        "c4n&ry:<p4ss> \"wörd'",
        "ebb53741420002bf34aaf9d8bbb2afc2",
        "Basic Y2FuYSByeSY8dXNlcj46YzRuJnJ5OjxwNHNzPiAid8O2cmQn",
        "c4n%26ry%3A%3Cp",
        "c4n%26ry%3a%3cp",
        "c4n&amp;ry:&lt;",
        "c4n&amp;amp;ry",
        "c\x004\x00n\x00&\x00r\x00y\x00",
        "\0c\x004\0n\0a\0r\0y",
    ] {
        assert!(!found_in(form.as_bytes()).is_empty(), "{form}");
    }
}

#[test]
fn nothing_else_is_taken_for_one() {
    for text in [
        "the good server for cana ry&<user>",
        "d8062696 2260 420b",
        r#"{"password":"[masked]","path":"C:\\users\\"}"#,
        "https://example.com/?user=alice&password=[masked]%20",
        "Basic YWxpY2U6c2VjcmV0",
        "\\",
        "%",
        "&#",
        "\u{1b}[",
        "",
    ] {
        assert_eq!(found_in(text.as_bytes()), [""; 0], "{text}");
    }
}

//! From bytes to text and back, strictly (spec 1.7).

use std::borrow::Cow;
use std::fmt;

use crate::diagnostic::Diagnostic;
use crate::section_names::XML_SPACE;
use crate::shown::quoted;
use crate::{Code, Span};

/// How a document's characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, the only encoding that we write by ourselves.
    Utf8,
    /// UTF-16, low byte first; always with a byte order mark.
    Utf16LittleEndian,
    /// UTF-16, high byte first; always with a byte order mark.
    Utf16BigEndian,
    /// ISO-8859-1: one byte a character, up to U+00FF.
    Latin1,
    /// US-ASCII: one byte a character, up to U+007F.
    Ascii,
}

/// A text holds a character that its encoding has no bytes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unencodable {
    /// The encoding.
    pub encoding: Encoding,
    /// The first such character.
    pub character: char,
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code_point = u32::from(self.character);
        write!(
            f,
            "U+{code_point:04X} cannot be written in {}; save the document as UTF-8",
            self.encoding
        )
    }
}

impl std::error::Error for Unencodable {}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16LittleEndian => "UTF-16LE",
            Self::Utf16BigEndian => "UTF-16BE",
            Self::Latin1 => "ISO-8859-1",
            Self::Ascii => "US-ASCII",
        })
    }
}

/// The text of `bytes`, without a byte order mark, or the reason why there is none.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    pub(crate) mark: bool,
    pub(crate) fault: Option<Diagnostic>,
}

const SAVE_AS_UTF8: &str = "save the document as UTF-8";

pub(crate) fn decode(bytes: Cow<'_, [u8]>) -> Decoded {
    match &*bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => refuse(&bytes, "UTF-32"),
        [0xef, 0xbb, 0xbf, ..] => marked(without_mark(bytes, 3), Encoding::Utf8),
        [0xff, 0xfe, ..] => marked(without_mark(bytes, 2), Encoding::Utf16LittleEndian),
        [0xfe, 0xff, ..] => marked(without_mark(bytes, 2), Encoding::Utf16BigEndian),
        [b'<', 0, second, ..] | [0, b'<', second, ..] if *second != 0 || bytes[1] != 0 => {
            let message = "this is UTF-16 without a byte order mark";
            fault(&bytes, Code::EncodingWithoutMark, Span::at(0), message)
        }
        [b'<', 0, ..] | [0, ..] => refuse(&bytes, "UTF-32 or no text at all"),
        [0x4c, 0x6f, 0xa7, 0x94, ..] => refuse(&bytes, "EBCDIC"),
        _ => unmarked(bytes),
    }
}

/// The bytes behind a byte order mark.
fn without_mark(bytes: Cow<'_, [u8]>, length: usize) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[length..]),
        Cow::Owned(mut bytes) => {
            bytes.drain(..length);
            Cow::Owned(bytes)
        }
    }
}

/// Text behind a byte order mark: a declaration may repeat the encoding, not contradict it.
fn marked(bytes: Cow<'_, [u8]>, encoding: Encoding) -> Decoded {
    let mut decoded = strictly(bytes, encoding);
    decoded.mark = true;
    if let (None, Some((name, span))) = (&decoded.fault, declared(decoded.text.as_bytes())) {
        let allowed: &[&str] = match encoding {
            Encoding::Utf16LittleEndian => &["utf-16", "utf-16le"],
            Encoding::Utf16BigEndian => &["utf-16", "utf-16be"],
            _ => &["utf-8"],
        };
        if !allowed.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!(
                "the encoding is declared as {}, but the byte order mark says {encoding}",
                quoted(&name)
            );
            decoded.fault = Some(contradiction(span, message));
        }
    }
    decoded
}

fn unmarked(bytes: Cow<'_, [u8]>) -> Decoded {
    let Some((name, span)) = declared(&bytes) else {
        return strictly(bytes, Encoding::Utf8);
    };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" => strictly(bytes, Encoding::Utf8),
        "iso-8859-1" => strictly(bytes, Encoding::Latin1),
        "us-ascii" | "ascii" => strictly(bytes, Encoding::Ascii),
        "utf-16" | "utf-16le" | "utf-16be" => {
            let message = format!(
                "the encoding is declared as {}, but the bytes are not UTF-16",
                quoted(&name)
            );
            let mut decoded = beginning(&bytes);
            decoded.fault = Some(contradiction(span, message));
            decoded
        }
        _ => {
            let message = format!("the encoding {} is not supported", quoted(&name));
            fault(&bytes, Code::EncodingUnsupported, span, &message)
        }
    }
}

fn strictly(bytes: Cow<'_, [u8]>, encoding: Encoding) -> Decoded {
    let (text, undecodable) = match encoding {
        Encoding::Utf8 => utf8(bytes),
        Encoding::Utf16LittleEndian => utf16(&bytes, u16::from_le_bytes),
        Encoding::Utf16BigEndian => utf16(&bytes, u16::from_be_bytes),
        Encoding::Latin1 => {
            let long = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            let mut text = String::with_capacity(bytes.len() + long);
            text.extend(bytes.iter().copied().map(char::from));
            (text, None)
        }
        Encoding::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
            Some(at) => up_to_fault(&bytes, at),
            None => utf8(bytes),
        },
    };
    let fault = undecodable.map(|(at, byte)| {
        let message = format!("the byte 0x{byte:02X} means nothing here in {encoding}");
        Diagnostic::error(Code::Undecodable, Span::at(at), message).with_help(SAVE_AS_UTF8)
    });
    Decoded { text, encoding, mark: false, fault }
}

/// Bytes that are the caller's no more become the text as they are.
fn utf8(bytes: Cow<'_, [u8]>) -> (String, Undecodable) {
    match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(error) => up_to_fault(bytes, error.valid_up_to()),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => up_to_fault(error.as_bytes(), error.utf8_error().valid_up_to()),
        },
    }
}

/// Where a text cannot be decoded: the offset in the text, and the byte there.
type Undecodable = Option<(usize, u8)>;

/// The text up to the byte at `at`, which cannot be decoded, and a little more, to show where it is.
fn up_to_fault(bytes: &[u8], at: usize) -> (String, Undecodable) {
    let behind = &bytes[at..bytes.len().min(at + SHOWN_BEHIND_FAULT)];
    let mut text = String::with_capacity(at + 3 * behind.len());
    text.push_str(&String::from_utf8_lossy(&bytes[..at]));
    text.push_str(&String::from_utf8_lossy(behind));
    (text, Some((at, bytes[at])))
}

/// So many bytes behind a fault are enough to show its line.
const SHOWN_BEHIND_FAULT: usize = 200;

/// The text up to where it stops being UTF-16, and what is there.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, Undecodable) {
    let pairs = bytes.chunks_exact(2);
    let odd = pairs.remainder().first().copied();
    let characters = || char::decode_utf16(pairs.clone().map(|pair| unit([pair[0], pair[1]])));
    let length = characters().map(|c| c.map_or(0, char::len_utf8)).sum();
    let mut text = String::with_capacity(length);
    for decoded in characters() {
        match decoded {
            Ok(character) => text.push(character),
            Err(error) => {
                let byte = error.unpaired_surrogate().to_be_bytes()[0];
                let fault = (text.len(), byte);
                return (text, Some(fault));
            }
        }
    }
    let fault = odd.map(|byte| (text.len(), byte));
    (text, fault)
}

/// The encoding's name in the XML declaration, and where it stands.
fn declared(bytes: &[u8]) -> Option<(String, Span)> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    // `<?xml-…` is something else.
    declaration.first().filter(|byte| XML_SPACE.contains(&char::from(**byte)))?;
    let window = &declaration[..declaration.len().min(256)];
    let end = window.windows(2).position(|pair| pair == b"?>").unwrap_or(window.len());
    let text = std::str::from_utf8(&window[..end]).ok()?;
    let name = text.find("encoding")?;
    let value = text[name + "encoding".len()..].trim_start_matches(XML_SPACE);
    let value = value.strip_prefix('=')?.trim_start_matches(XML_SPACE);
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let value = &value[1..];
    let value = &value[..value.find(quote)?];
    let start = "<?xml".len() + (value.as_ptr() as usize - text.as_ptr() as usize);
    Some((value.to_owned(), Span::new(start, start + value.len())))
}

fn contradiction(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(Code::EncodingContradiction, span, message).with_help(SAVE_AS_UTF8)
}

fn refuse(bytes: &[u8], what: &str) -> Decoded {
    let message = format!("this looks like {what}, which is not supported");
    fault(bytes, Code::EncodingUnsupported, Span::at(0), &message)
}

fn fault(bytes: &[u8], code: Code, span: Span, message: &str) -> Decoded {
    let mut decoded = beginning(bytes);
    decoded.fault = Some(Diagnostic::error(code, span, message).with_help(SAVE_AS_UTF8));
    decoded
}

/// The beginning of a document whose encoding is not known, to show its declaration.
fn beginning(bytes: &[u8]) -> Decoded {
    let shown = &bytes[..bytes.len().min(SHOWN_OF_UNKNOWN)];
    let text = String::from_utf8_lossy(shown).into_owned();
    Decoded { text, encoding: Encoding::Utf8, mark: false, fault: None }
}

/// So many bytes hold every declaration.
const SHOWN_OF_UNKNOWN: usize = 512;

/// The bytes of `text`, with the byte order mark if `mark` says so; those of the text itself, if they are the same.
pub(crate) fn encode(
    text: &str,
    encoding: Encoding,
    mark: bool,
) -> Result<Cow<'_, [u8]>, Unencodable> {
    let mark = if mark { "\u{feff}" } else { "" };
    let single_bytes = |limit: u32| {
        text.chars()
            .map(|character| match u32::from(character) {
                code if code < limit => Ok(code.to_le_bytes()[0]),
                _ => Err(Unencodable { encoding, character }),
            })
            .collect::<Result<_, _>>()
            .map(Cow::Owned)
    };
    let units = || mark.encode_utf16().chain(text.encode_utf16());
    match encoding {
        Encoding::Utf8 if mark.is_empty() => Ok(Cow::Borrowed(text.as_bytes())),
        Encoding::Utf8 => Ok([mark, text].concat().into_bytes().into()),
        Encoding::Utf16LittleEndian => Ok(units().flat_map(u16::to_le_bytes).collect()),
        Encoding::Utf16BigEndian => Ok(units().flat_map(u16::to_be_bytes).collect()),
        Encoding::Latin1 => single_bytes(0x100),
        Encoding::Ascii => single_bytes(0x80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> Option<Code> {
        decode(bytes.into()).fault.map(|fault| fault.code)
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn every_supported_encoding_comes_back_to_the_byte() {
        let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a>é</a>");
        let mut latin1 = declared("ISO-8859-1").replace('é', "_").into_bytes();
        for byte in &mut latin1 {
            if *byte == b'_' {
                *byte = 0xe9;
            }
        }
        let little = [&[0xff, 0xfe][..], &utf16le(&declared("UTF-16"))].concat();
        let mut big = little.clone();
        big.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        let ascii = declared("us-ascii").replace('é', "e").into_bytes();
        let utf8 = declared("utf-8").into_bytes();
        let marked = [&[0xef, 0xbb, 0xbf][..], &utf8].concat();
        for bytes in [latin1, little, big, ascii, utf8, marked] {
            let decoded = decode(Cow::Borrowed(&bytes));
            assert_eq!(decoded.fault, None);
            assert!(decoded.text.contains("<a>é</a>") || decoded.encoding == Encoding::Ascii);
            assert_eq!(
                encode(&decoded.text, decoded.encoding, decoded.mark).as_deref(),
                Ok(bytes.as_slice())
            );
            assert_eq!(decode(Cow::Owned(bytes)).text, decoded.text);
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert_eq!(
            code(b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
            Some(Code::EncodingContradiction)
        );
        assert_eq!(
            code(b"<?xml version='1.0' encoding='UTF-16'?><a/>"),
            Some(Code::EncodingContradiction)
        );
        assert_eq!(
            code(b"<?xml version='1.0' encoding='windows-1252'?><a/>"),
            Some(Code::EncodingUnsupported)
        );
        assert_eq!(code(b"<?xml-x encoding='UTF-7'?><a/>"), None);
        assert_eq!(code(b"\xff\xfe\0\0<\0\0\0"), Some(Code::EncodingUnsupported));
        assert_eq!(code(b"\x4c\x6f\xa7\x94\x93"), Some(Code::EncodingUnsupported));
        assert_eq!(code(&utf16le("<a/>")), Some(Code::EncodingWithoutMark));
        assert_eq!(code(b"\0<\0a"), Some(Code::EncodingWithoutMark));
    }

    #[test]
    fn undecodable_bytes_are_refused_at_their_place() {
        let fault = decode(b"<a>x\xe9</a>".into()).fault.expect("0xE9 is no UTF-8");
        assert_eq!((fault.code, fault.span), (Code::Undecodable, Span::at(4)));
        // CESU-8 writes characters beyond the BMP as two surrogates.
        assert_eq!(code(b"<a>\xed\xa0\xbd\xed\xb8\x80</a>"), Some(Code::Undecodable));
        assert_eq!(
            code(b"<?xml version='1.0' encoding='us-ascii'?><a>\xc3\xa9</a>"),
            Some(Code::Undecodable)
        );
        assert_eq!(
            code(&[&[0xff, 0xfe][..], &utf16le("<a/>"), &[0]].concat()),
            Some(Code::Undecodable)
        );
    }

    #[test]
    fn a_character_beyond_the_encoding_cannot_be_written() {
        let refused = encode("a€", Encoding::Latin1, false);
        assert_eq!(refused, Err(Unencodable { encoding: Encoding::Latin1, character: '€' }));
    }
}

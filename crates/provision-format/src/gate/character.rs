//! Which characters XML 1.0 (fifth edition) allows where.

/// Bytes that text is made of, with nothing more to look at.
pub(super) const TEXT: u8 = 1;
/// Bytes of a name; those above 0x7F need a look at the whole character.
pub(super) const NAME: u8 = 2;
/// Bytes that may begin a name.
pub(super) const NAME_START: u8 = 4;
/// Bytes of an attribute's value, with nothing more to look at; quotes are looked at.
pub(super) const VALUE: u8 = 8;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        let plain = matches!(b, b'\t' | b'\n' | b'\r' | 0x20..) && !matches!(b, b'<' | b'&' | 0xef);
        if plain && b != b']' {
            classes[byte] |= TEXT;
        }
        if plain && !matches!(b, b'"' | b'\'') {
            classes[byte] |= VALUE;
        }
        if matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            classes[byte] |= NAME | NAME_START;
        }
        if matches!(b, b'0'..=b'9' | b'-' | b'.') {
            classes[byte] |= NAME;
        }
        byte += 1;
    }
    classes
}

#[inline]
pub(super) fn is_class(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `Char` of XML 1.0 §2.2.
pub(crate) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// `NameStartChar` of XML 1.0 §2.3, without the colon.
pub(super) fn is_name_start(character: char) -> bool {
    match character {
        '\0'..='\x7f' => is_class(character as u8, NAME_START),
        _ => matches!(character,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
            | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
            | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}'),
    }
}

/// `NameChar` of XML 1.0 §2.3, without the colon.
pub(super) fn is_name(character: char) -> bool {
    match character {
        '\0'..='\x7f' => is_class(character as u8, NAME),
        '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}' => true,
        _ => is_name_start(character),
    }
}

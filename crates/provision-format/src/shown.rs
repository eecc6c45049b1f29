//! Text of others, made safe to show (spec 7.1).

/// The most characters that are shown of a text that is not ours.
const SHOWN_CHARACTERS: usize = 500;

/// `text` as it may be shown to a person (spec 7.1): C0, C1 and bidirectional controls stand as
/// `\u{…}`, a line break is one space, and at most 500 characters come out, the last of them `…` when
/// something was cut.
///
/// ```
/// assert_eq!(provision_format::shown("red\u{1b}[31m\r\nalert"), r"red\u{1b}[31m alert");
/// ```
pub fn shown(text: &str) -> String {
    shown_within(text, SHOWN_CHARACTERS)
}

/// Like [`shown`], with at most `limit` characters.
pub(crate) fn shown_within(text: &str, limit: usize) -> String {
    // Nearly every text is a short one that is shown as it is.
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut length = 0;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let escaped = match character {
            '\r' if rest.peek() == Some(&'\n') => continue,
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => " ".to_owned(),
            c if is_control(c) => c.escape_unicode().to_string(),
            c => c.to_string(),
        };
        let wanted = escaped.chars().count();
        let room = limit - length;
        // One place stays free for the mark, as long as more text follows.
        if wanted > room || (wanted == room && rest.peek().is_some()) {
            out.push('…');
            return out;
        }
        out.push_str(&escaped);
        length += wanted;
    }
    out
}

/// A short quotation of a document inside a message of ours.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shown_within(text, 60))
}

fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_made_visible() {
        assert_eq!(shown("a\u{0}b\u{9}c\u{7f}d\u{9b}e"), r"a\u{0}b\u{9}c\u{7f}d\u{9b}e");
        assert_eq!(shown("\u{202e}gpj.exe\u{2066}"), r"\u{202e}gpj.exe\u{2066}");
    }

    #[test]
    fn a_line_break_is_one_space() {
        assert_eq!(shown("a\r\nb\nc\rd\u{2028}e"), "a b c d e");
    }

    #[test]
    fn the_length_is_bounded_and_the_cut_is_visible() {
        assert_eq!(shown(&"x".repeat(500)), "x".repeat(500));
        let cut = shown(&"x".repeat(501));
        assert_eq!(cut.chars().count(), 500);
        assert!(cut.ends_with("x…"));
        assert!(shown(&"\u{1b}".repeat(400)).chars().count() <= 500);
    }
}

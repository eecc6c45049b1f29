//! The text that a piece of markup holds, without a tree of it.

/// All text in `markup`, whatever elements it stands in, up to about `limit` bytes: character data,
/// CDATA and references, with line ends as XML reads them. `markup` has passed the gate; a bare `&`
/// stands for itself (spec 1.5).
pub(crate) fn character_data(markup: &str, limit: usize) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while !rest.is_empty() && text.len() < limit {
        if let Some(cdata) = rest.strip_prefix("<![CDATA[") {
            let (inside, behind) = cdata.split_once("]]>").unwrap_or((cdata, ""));
            push_characters(&mut text, inside, limit);
            rest = behind;
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
        } else if rest.starts_with('<') {
            rest = &rest[tag_length(rest)..];
        } else if let Some(reference) = rest.strip_prefix('&') {
            let end = reference.find(|c: char| c != '#' && !c.is_ascii_alphanumeric());
            let decoded = end.and_then(|end| {
                let behind = reference[end..].strip_prefix(';')?;
                Some((decode(&reference[..end])?, behind))
            });
            let (character, behind) = decoded.unwrap_or(('&', reference));
            text.push(character);
            rest = behind;
        } else {
            let end = rest.find(['<', '&']).unwrap_or(rest.len());
            push_characters(&mut text, &rest[..end], limit);
            rest = &rest[end..];
        }
    }
    text
}

/// The length of the tag at the beginning of `markup`: a `>` in a quoted value does not end it.
pub(crate) fn tag_length(markup: &str) -> usize {
    let mut quote = None;
    for (at, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    markup.len()
}

fn push_characters(text: &mut String, raw: &str, limit: usize) {
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => text.push('\n'),
            other => text.push(other),
        }
        if text.len() >= limit {
            return;
        }
    }
}

/// What a reference stands for, by what is between `&` and `;`.
fn decode(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_text_is_read() {
        let markup =
            "a\r\nb\rc<x y='>'>&lt;&#x41;&#66;</x><!-- <no> -->&amp;amp;<![CDATA[<&]]> & d";
        assert_eq!(character_data(markup, 1000), "a\nb\nc<AB&amp;<& & d");
    }

    #[test]
    fn no_more_is_read_than_wanted() {
        assert_eq!(character_data(&"x".repeat(1_000_000), 10).len(), 10);
        assert_eq!(character_data(&"<a/>".repeat(100_000), 10), "");
        assert_eq!(character_data(&format!("<![CDATA[{}]]>", "x".repeat(1000)), 10).len(), 10);
    }
}

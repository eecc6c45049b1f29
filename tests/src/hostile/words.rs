//! The words of a line.

/// A word of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Plain(String),
    /// What stands between two `"` or two `'`, its escapes not read yet.
    Quoted(String),
    Open,
    Close,
}

/// The words of a line, up to its end or a `#` that begins a word.
pub(super) fn words(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '#' => break,
            '(' | ')' => {
                words.push(if first == '(' { Word::Open } else { Word::Close });
                rest = &rest[1..];
            }
            '"' | '\'' => {
                let end = closing_quote(&rest[1..], first)
                    .ok_or_else(|| format!("a text that begins with {first} does not end"))?;
                words.push(Word::Quoted(rest[1..=end].to_owned()));
                rest = &rest[end + 2..];
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()\"'".contains(c));
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                words.push(Word::Plain(word.to_owned()));
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    Ok(words)
}

/// Where the quote is that no backslash escapes.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_together_what_they_hold() {
        let plain = |word: &str| Word::Plain(word.to_owned());
        let quoted = |word: &str| Word::Quoted(word.to_owned());
        assert_eq!(
            words(r#"send "a \" b"'c"'(good) # why"#),
            Ok(vec![
                plain("send"),
                quoted(r#"a \" b"#),
                quoted("c\""),
                Word::Open,
                plain("good"),
                Word::Close
            ])
        );
        assert!(words("send \"a").is_err());
    }
}

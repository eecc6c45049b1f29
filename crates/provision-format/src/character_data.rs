//! The text that a piece of markup holds, without a tree of it.

use crate::Span;
use crate::tokens::{Token, Tokens, push_cdata, push_decoded};

/// All text in `markup`, whatever elements it stands in, up to about `limit` bytes. `markup` has passed
/// the gate; a bare `&` stands for itself (spec 1.5).
pub(crate) fn character_data(markup: &str, limit: usize) -> String {
    let mut text = String::new();
    for (token, place) in Tokens::new(markup, Span::new(0, markup.len())) {
        match token {
            Token::Text => push_decoded(&mut text, &markup[place.range()], limit),
            Token::Cdata(inside) => push_cdata(&mut text, &markup[inside.range()], limit),
            _ => {}
        }
        if text.len() >= limit {
            break;
        }
    }
    text
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
    fn what_a_repair_has_cut_off_is_read_to_its_end() {
        assert_eq!(character_data("a<![CDATA[b\u{fffd}", 1000), "ab\u{fffd}");
        assert_eq!(character_data("a<![CDATA[", 1000), "a");
    }

    #[test]
    fn no_more_is_read_than_wanted() {
        assert_eq!(character_data(&"x".repeat(1_000_000), 10).len(), 10);
        assert_eq!(character_data(&"<a/>".repeat(100_000), 10), "");
        assert_eq!(character_data(&format!("<![CDATA[{}]]>", "x".repeat(1000)), 10).len(), 10);
    }
}

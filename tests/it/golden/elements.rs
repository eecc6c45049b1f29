//! The table of a provisioning file's elements, in words.

use provision_format::{Dialect, ElementRule, Holds};

/// The first line of a file that is made and not written, without the signs of a comment.
pub(super) const MADE: &str =
    "Made by `cargo xtask fixtures` from what the reader goes by. Change that, not this file.";

/// The phones whose document has the element.
pub(super) fn phones(rule: &ElementRule) -> String {
    let dialects = [(rule.zoiper3, Dialect::Zoiper3), (rule.zoiper5, Dialect::Zoiper5)];
    let names = dialects.iter().filter(|(has, _)| *has).map(|(_, dialect)| dialect.to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// What the element can hold.
pub(super) fn content(holds: Holds) -> String {
    match holds {
        Holds::Elements => "elements, each at most once, in any order".to_owned(),
        Holds::List => "any number of elements, whose order counts".to_owned(),
        Holds::Address => "an address".to_owned(),
        Holds::Text => "text".to_owned(),
        Holds::Secret => "text, secret".to_owned(),
        Holds::Word(words) if words.concat().contains(char::is_alphabetic) => {
            format!("one of {}, in any case", quoted(words))
        }
        Holds::Word(words) => format!("one of {}", quoted(words)),
        Holds::Seconds => format!("whole seconds, from 0 to {}", u32::MAX),
        Holds::Sections => "names of sections, separated by commas".to_owned(),
        Holds::Words(words) => {
            format!("some of {}, separated by commas, in any case", quoted(words))
        }
        other => panic!("say what an element holds that is {other:?}"),
    }
}

/// Words as code, with commas between them.
pub(super) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A phrase as a sentence.
pub(super) fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.map(String::from).unwrap_or_default(), characters.as_str())
}

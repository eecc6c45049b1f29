//! XML at random, with everything that the accepted subset has.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A well-formed document whose root is `options`, in the accepted subset, as text without a byte order
/// mark.
pub(crate) fn document() -> impl Strategy<Value = String> {
    (option::of(declaration()), outside(), element("options"), outside()).prop_map(
        |(declaration, before, root, behind)| {
            format!("{}{before}{root}{behind}", declaration.unwrap_or_default())
        },
    )
}

/// `text` as bytes: in the encoding that it declares, or in one of those that need no declaration.
pub(crate) fn encoded(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    (text, select(vec!["", "UTF-8", "UTF-16LE", "UTF-16BE"])).prop_map(|(text, mark)| {
        let declaration = text.find("?>").map_or("", |end| &text[..end]).to_ascii_lowercase();
        let names = |name: &str| declaration.contains(name);
        let units = || "\u{feff}".encode_utf16().chain(text.encode_utf16());
        if names("iso-8859-1") || names("ascii") {
            let limit = if names("ascii") { 0x80 } else { 0x100 };
            // What the encoding lacks is written so that different names stay different.
            let bytes = |character: char| match u32::from(character) {
                code if code < limit => vec![code as u8],
                code => format!("_{code:x}").into_bytes(),
            };
            return text.chars().flat_map(bytes).collect();
        }
        match mark {
            "UTF-16BE" if !names("utf-8") => units().flat_map(u16::to_be_bytes).collect(),
            "UTF-16LE" if !names("utf-8") => units().flat_map(u16::to_le_bytes).collect(),
            _ if names("utf-16") => units().flat_map(u16::to_le_bytes).collect(),
            "" => text.into_bytes(),
            _ => format!("\u{feff}{text}").into_bytes(),
        }
    })
}

/// A document with pieces of markup put in, and pieces of its own taken out or put elsewhere, so that it
/// is nearly what it was.
pub(crate) fn damaged(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let place = any::<Index>;
    let change = prop_oneof![
        (place(), select(PIECES.to_vec())).prop_map(|(at, piece)| Change::Piece(at, piece)),
        (place(), place(), 0..20_usize)
            .prop_map(|(at, from, length)| Change::Copy(at, from, length)),
        (place(), 0..8_usize).prop_map(|(at, length)| Change::Removal(at, length)),
    ];
    (text, vec(change, 1..3)).prop_map(|(mut text, changes)| {
        for change in changes {
            let places = places(&text);
            let at = |index: Index, length: usize| {
                let first = index.index(places.len());
                places[first]..places[(first + length).min(places.len() - 1)]
            };
            match change {
                Change::Piece(to, piece) => text.insert_str(at(to, 0).start, piece),
                Change::Copy(to, from, length) => {
                    let copy = text[at(from, length)].to_owned();
                    text.insert_str(at(to, 0).start, &copy);
                }
                Change::Removal(from, length) => drop(text.drain(at(from, length))),
            }
        }
        text
    })
}

/// The boundaries between characters, those beside markup more often.
fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    for (at, character) in text.char_indices() {
        let count = if "<>/='\"&;".contains(character) { 4 } else { 1 };
        places.extend(std::iter::repeat_n(at, count));
    }
    places.push(text.len());
    places
}

/// Pieces of markup in any order, with bars in between and inside.
pub(crate) fn rubble() -> impl Strategy<Value = String> {
    let barred = [
        "|",
        "<|>",
        "<|/>",
        "</|>",
        "<|",
        "<|:a/>",
        "<a:|/>",
        "<a |=''/>",
        "<a |='' |=''/>",
        "<a b='|'/>",
        " |=''",
        "&|;",
        "&|",
        "&#|;",
        "&a|b;",
        "<?|?>",
        "<!|>",
        "<!--|-->",
        "<![CDATA[|]]>",
    ];
    let other = ["a", " ", "\n", "x='1'", "http://h/?u=[user]", "&v=[version]", "[pass]", "~"];
    let piece = prop_oneof![
        2 => select(barred.to_vec()),
        1 => select(PIECES.to_vec()),
        1 => select(other.to_vec()),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

#[derive(Clone, Debug)]
enum Change {
    Piece(Index, &'static str),
    Copy(Index, Index, usize),
    Removal(Index, usize),
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "/>",
    "</",
    "&",
    ";",
    "\"",
    "'",
    "=",
    ":",
    "]]>",
    "]",
    "<!--",
    "-->",
    "--",
    "-",
    "<![CDATA[",
    "<?",
    "?>",
    "<!",
    "<!DOCTYPE a>",
    "<a>",
    "</a>",
    "<:a/>",
    " a='1' a=\"2\"",
    " b=''",
    " xmlns=''",
    "<?xml version='1.0'?>",
    "&amp;",
    "&a;",
    "&:lt;",
    "&#xFFFE;",
    "&#xD800;",
    "&#x110000;",
    "&#0;",
    "&#x;",
    "&#;",
    "&#X41;",
    "&#12",
    "\u{1}",
    "\u{b}",
    "\u{85}",
    "\u{a0}",
    "\u{b7}",
    "\u{d7}",
    "\u{fffe}",
    "\u{feff}",
    "\r",
    "\r\n",
    "\t",
];

fn declaration() -> impl Strategy<Value = String> {
    let encodings = ["UTF-8", "utf-8", "UTF-16", "ISO-8859-1", "iso-8859-1", "US-ASCII", "ascii"];
    let encoding = option::of((space(), equals(), select(encodings.to_vec())));
    let standalone = option::of((space(), equals(), select(vec!["yes", "no"])));
    let quote = || select(vec!['"', '\'']);
    let end = prop_oneof![3 => Just(String::new()), 1 => space()];
    (space(), equals(), encoding, standalone, [quote(), quote(), quote()], end).prop_map(
        |(space, equals, encoding, standalone, [a, b, c], end)| {
            let mut text = format!("<?xml{space}version{equals}{a}1.0{a}");
            if let Some((space, equals, name)) = encoding {
                text += &format!("{space}encoding{equals}{b}{name}{b}");
            }
            if let Some((space, equals, value)) = standalone {
                text += &format!("{space}standalone{equals}{c}{value}{c}");
            }
            text + &end + "?>"
        },
    )
}

/// White space and comments.
fn outside() -> impl Strategy<Value = String> {
    vec(prop_oneof![space(), comment()], 0..3).prop_map(|pieces| pieces.concat())
}

fn element(name: &'static str) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => text(),
        2 => reference(),
        2 => space(),
        1 => comment(),
        1 => cdata(),
    ];
    let content = leaf.prop_recursive(4, 40, 6, |inner| {
        (name_of(NAMES), tag_rest(), vec(inner, 0..6), option::of(space()))
            .prop_map(|(name, rest, content, end)| tagged(&name, &rest, &content, end))
    });
    (tag_rest(), vec(content, 0..8), option::of(space()))
        .prop_map(move |(rest, content, end)| tagged(name, &rest, &content, end))
}

/// An element; without content it has one tag or two, as the length of its tag happens to be.
fn tagged(name: &str, rest: &str, content: &[String], end: Option<String>) -> String {
    let content = content.concat();
    let end = end.unwrap_or_default();
    if content.is_empty() && rest.len() % 2 == 0 {
        format!("<{name}{rest}/>")
    } else {
        format!("<{name}{rest}>{content}</{name}{end}>")
    }
}

/// Attributes with different names, and white space.
fn tag_rest() -> impl Strategy<Value = String> {
    let attribute = (space(), name_of(ATTRIBUTE_NAMES), equals(), select(vec!['"', '\'']), value());
    (vec(attribute, 0..4), option::of(space())).prop_map(|(attributes, end)| {
        let mut text = String::new();
        let mut names = Vec::new();
        for (space, name, equals, quote, value) in attributes {
            if !names.contains(&name) {
                text += &format!("{space}{name}{equals}{quote}{}{quote}", value.replace(quote, ""));
                names.push(name);
            }
        }
        text + &end.unwrap_or_default()
    })
}

fn value() -> impl Strategy<Value = String> {
    let plain = character().prop_map(|c| if "<&".contains(c) { '>' } else { c }.to_string());
    vec(prop_oneof![3 => plain, 1 => reference()], 0..8).prop_map(|pieces| pieces.concat())
}

/// Character data that does not become `]]>` with what follows it.
fn text() -> impl Strategy<Value = String> {
    vec(character(), 0..12).prop_map(|text| {
        let text = String::from_iter(text).replace(['<', '&'], ">").replace("]]>", "]] >");
        text + "|"
    })
}

fn cdata() -> impl Strategy<Value = String> {
    vec(character(), 0..12).prop_map(|text| {
        let text = String::from_iter(text).replace("]]>", "]] >");
        format!("<![CDATA[{text}]]>")
    })
}

fn comment() -> impl Strategy<Value = String> {
    vec(prop_oneof![4 => character(), 1 => Just('-')], 0..12).prop_map(|text| {
        let text = String::from_iter(text).replace('-', "- ");
        format!("<!--{text}-->")
    })
}

fn reference() -> impl Strategy<Value = String> {
    let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"];
    prop_oneof![
        select(entities.to_vec()).prop_map(str::to_owned),
        character().prop_map(|c| format!("&#{};", u32::from(c))),
        character().prop_map(|c| format!("&#x{:x};", u32::from(c))),
        character().prop_map(|c| format!("&#x{:010X};", u32::from(c))),
    ]
}

/// Names; many of them alike, so that they come twice.
fn name_of(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let start = prop_oneof![
        proptest::char::range('a', 'z'),
        select(vec![
            '_',
            'A',
            '\u{c0}',
            '\u{37f}',
            '\u{200d}',
            '\u{fdf0}',
            '\u{10000}',
            '\u{effff}'
        ]),
    ];
    let behind = prop_oneof![
        proptest::char::range('a', 'z'),
        select(vec!['-', '.', '0', '\u{b7}', '\u{300}', '\u{2040}', '\u{f8}', '\u{fffd}']),
    ];
    prop_oneof![
        3 => select(names.to_vec()).prop_map(str::to_owned),
        1 => (start, vec(behind, 0..4)).prop_map(|(start, behind)| {
            start.to_string() + &String::from_iter(behind)
        }),
    ]
}

const NAMES: &[&str] = &["a", "b", "options", "error", "xml", "password"];
const ATTRIBUTE_NAMES: &[&str] = &["a", "b", "code", "xmlnsx", "version"];

/// Any character that XML can carry, those with a meaning more often.
fn character() -> impl Strategy<Value = char> {
    let marked = "&<>\"'][;#!?-/=:\r\n\t ".chars().collect::<Vec<_>>();
    let odd =
        "\u{7f}\u{80}\u{85}\u{a0}é\u{2028}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{10000}\u{10ffff}";
    prop_oneof![
        4 => select(marked),
        2 => Just('\r'),
        4 => proptest::char::range('!', '~'),
        2 => select(odd.chars().collect::<Vec<_>>()),
    ]
}

/// White space, at least one character of it.
fn space() -> impl Strategy<Value = String> {
    let pieces = [" ", "\t", "\n", "\r\n", "\r", "\n\r"];
    vec(select(pieces.to_vec()), 1..3).prop_map(|pieces| pieces.concat())
}

fn equals() -> impl Strategy<Value = &'static str> {
    select(vec!["=", "=", " = ", "\r\n=\t"])
}

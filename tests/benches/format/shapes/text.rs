//! Text, references, and bytes that are no text.

use super::{Root, SIZE, Shape, filled, filled_with_bytes};

pub(super) const TEXT: &[Shape] = &[
    Shape { name: "one text of 1 MiB", document: |root| root.holding("<a>", "x", "</a>") },
    Shape { name: "white space", document: |root| root.holding("", " \n", "") },
    Shape { name: "LF on every line", document: |root| root.holding("<a>", LINE, "</a>") },
    Shape {
        name: "CR LF on every line",
        document: |root| root.holding("<a>", &LINE.replace('\n', "\r\n"), "</a>"),
    },
    Shape {
        name: "CR on every line",
        document: |root| root.holding("<a>", &LINE.replace('\n', "\r"), "</a>"),
    },
    Shape { name: "CR and nothing else", document: |root| root.holding("<a>", "\r", "</a>") },
    Shape { name: "LF and nothing else", document: |root| root.holding("<a>", "\n", "</a>") },
    Shape {
        name: "CR between elements",
        document: |root| root.holding("<a>", "<b>c</b>\r", "</a>"),
    },
    Shape {
        name: "a letter between elements",
        document: |root| root.holding("<a>", "b<c/>", "</a>"),
    },
    Shape { name: "`]`", document: |root| root.holding("<a>", "]", "</a>") },
    Shape { name: "`]]>`", document: |root| root.holding("<a>", "]]>", "</a>") },
    Shape { name: "`>`", document: |root| root.holding("<a>", ">", "</a>") },
    Shape { name: "U+0001", document: |root| root.holding("<a>", "\u{1}", "</a>") },
    Shape { name: "U+FFFE", document: |root| root.holding("<a>", "\u{fffe}", "</a>") },
    Shape { name: "U+FEFF", document: |root| root.holding("<a>", "\u{feff}", "</a>") },
    Shape {
        name: "letters whose first byte is 0xEF",
        document: |root| root.holding("<a>", "\u{ff41}", "</a>"),
    },
    Shape { name: "Chinese", document: |root| root.holding("<a>", "\u{6587}", "</a>") },
    Shape { name: "U+1F600", document: |root| root.holding("<a>", "\u{1f600}", "</a>") },
];

pub(super) const REFERENCES: &[Shape] = &[
    Shape { name: "`&`", document: |root| root.holding("<a>", "&", "</a>") },
    Shape { name: "`& ` on every line", document: |root| root.holding("<a>", "a & b\n", "</a>") },
    Shape { name: "`<a>&</a>`", document: |root| root.holding("<a>", "<a>&</a>", "</a>") },
    Shape {
        name: "a thousand `&`, then text",
        document: |root| {
            let before = format!("<a>{}", "& ".repeat(BARE));
            root.holding(&before, "x", "</a>")
        },
    },
    Shape {
        name: "a thousand `&`, then CR",
        document: |root| {
            let before = format!("<a>{}", "& ".repeat(BARE));
            root.holding(&before, "\r", "</a>")
        },
    },
    Shape {
        name: "`&<a/>` inside 62 names of 1024 bytes",
        document: |root| {
            let name = "a".repeat(1024);
            let before = format!("<{name}>").repeat(62);
            root.holding(&before, "&<a/>", &format!("</{name}>").repeat(62))
        },
    },
    Shape {
        name: "`&` in addresses that cannot be mended",
        document: |root| root.holding("<a>", "<base_url>h?a=[user]&b=[pass]&c</base_url>", "</a>"),
    },
    Shape { name: "`&amp;`", document: |root| root.holding("<a>", "&amp;", "</a>") },
    Shape { name: "`<a>&amp;</a>`", document: |root| root.holding("<a>", "<a>&amp;</a>", "</a>") },
    Shape { name: "`&amp;` and CR", document: |root| root.holding("<a>", "&amp;\r", "</a>") },
    Shape { name: "`&a`", document: |root| root.holding("<a>", "&a", "</a>") },
    Shape { name: "`&aaaa…`", document: |root| root.holding("<a>&", "a", "</a>") },
    Shape { name: "`&aaaa…;`", document: |root| root.holding("<a>&", "a", ";</a>") },
    Shape { name: "`&nbsp;`", document: |root| root.holding("<a>", "&nbsp;", "</a>") },
    Shape { name: "`&x;`", document: |root| root.holding("<a>", "&x;", "</a>") },
    Shape { name: "`&#65;`", document: |root| root.holding("<a>", "&#65;", "</a>") },
    Shape { name: "`&#0;`", document: |root| root.holding("<a>", "&#0;", "</a>") },
    Shape { name: "`&#`", document: |root| root.holding("<a>", "&#", "</a>") },
    Shape { name: "`&#1111…;`", document: |root| root.holding("<a>&#", "1", ";</a>") },
];

pub(super) const ENCODINGS: &[Shape] = &[
    Shape {
        name: "bytes that are no UTF-8",
        document: |root| filled_with_bytes(&root.start(), &[0xff], &root.end()),
    },
    Shape {
        name: "one byte at the end that is no UTF-8",
        document: |root| [&root.holding("<a>", "x", "</a>")[1..], &[0xff]].concat(),
    },
    Shape {
        name: "cut characters of UTF-8",
        document: |root| filled_with_bytes(&root.start(), &[0xe6, 0x96], &root.end()),
    },
    Shape { name: "NUL inside", document: |root| root.holding("<a>", "\0", "</a>") },
    Shape { name: "NUL and nothing else", document: |_| vec![0; SIZE] },
    Shape { name: "white space and nothing else", document: |_| vec![b' '; SIZE] },
    Shape {
        name: "a byte order mark",
        document: |root| filled(&format!("\u{feff}{}<a>", root.start()), LINE, &closed(root)),
    },
    Shape { name: "UTF-16 of ASCII", document: |root| utf16(root, &[u16::from(b'x')]) },
    Shape { name: "UTF-16 of elements", document: |root| utf16(root, &units("<a>b</a>")) },
    Shape { name: "UTF-16 of Chinese", document: |root| utf16(root, &[0x6587]) },
    Shape { name: "UTF-16 of U+1F600", document: |root| utf16(root, &units("\u{1f600}")) },
    Shape { name: "UTF-16 of half characters", document: |root| utf16(root, &[0xd83d]) },
    Shape {
        name: "UTF-16 without a mark",
        document: |root| utf16(root, &[u16::from(b'x')]).split_off(2),
    },
    Shape { name: "ISO-8859-1 of ASCII", document: |root| declared(root, "ISO-8859-1", b"x") },
    Shape { name: "ISO-8859-1 of `é`", document: |root| declared(root, "ISO-8859-1", &[0xe9]) },
    Shape { name: "US-ASCII of `é`", document: |root| declared(root, "US-ASCII", &[0xe9]) },
    Shape { name: "an unknown encoding", document: |root| declared(root, "x", &[0xe9]) },
    Shape {
        name: "declared as UTF-16, but none",
        document: |root| declared(root, "UTF-16", &[0xe9]),
    },
];

/// So many bare `&` are forgiven.
const BARE: usize = 1000;

const LINE: &str = "The quick brown fox jumps over the lazy dog.\n";

fn closed(root: Root) -> String {
    format!("</a>{}", root.end())
}

/// A document whose declaration names `encoding`, with `unit` for its text.
fn declared(root: Root, encoding: &str, unit: &[u8]) -> Vec<u8> {
    let declaration = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>");
    filled_with_bytes(&format!("{declaration}{}<a>", root.start()), unit, &closed(root))
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A document in UTF-16, low byte first, with `unit` for its content.
fn utf16(root: Root, unit: &[u16]) -> Vec<u8> {
    let before = units(&format!("\u{feff}{}<a>", root.start()));
    let after = units(&closed(root));
    let count = (SIZE / 2 - before.len() - after.len()) / unit.len();
    let all = [before, unit.repeat(count), after].concat();
    all.into_iter().flat_map(u16::to_le_bytes).collect()
}

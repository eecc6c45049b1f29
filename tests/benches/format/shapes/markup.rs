//! Tags, attributes, comments, CDATA, and markup that no document may have.

use super::{SIZE, Shape, filled, filled_by};

/// The deepest nesting that is accepted, less the root.
const DEPTH: usize = 63;
/// So many attributes an element may have.
const ATTRIBUTES_OF_ONE: usize = 256;
/// So long a name may be.
const LONGEST_NAME: usize = 1024;
/// With names of this length there are nearly as many elements in a document as the root may have children.
const CHILD_NAME: usize = 102;

pub(super) const TAGS: &[Shape] = &[
    Shape { name: "one name of 1 MiB", document: |root| root.holding("<", "a", "/>") },
    Shape {
        name: "names of 1024 bytes",
        document: |root| root.holding("<a>", &format!("<{}/>", "b".repeat(LONGEST_NAME)), "</a>"),
    },
    Shape {
        name: "names that are not ASCII",
        document: |root| root.holding("<a>", "<öäüß/>", "</a>"),
    },
    Shape { name: "names with a colon", document: |root| root.holding("<a>", "<b:c/>", "</a>") },
    Shape { name: "`<a>` again and again", document: |root| root.cut_off("", "<a>") },
    Shape {
        name: "64 deep, again and again",
        document: |root| root.holding("", &nested("a", ""), ""),
    },
    Shape {
        name: "64 deep with the longest names",
        document: |root| root.holding("", &nested(&"a".repeat(LONGEST_NAME), ""), ""),
    },
    Shape { name: "children `<a/>`", document: |root| root.holding("", "<a/>", "") },
    Shape { name: "grandchildren `<a/>`", document: |root| root.holding("<a>", "<a/>", "</a>") },
    Shape {
        name: "grandchildren `<a></a>`",
        document: |root| root.holding("<a>", "<a></a>", "</a>"),
    },
    Shape {
        name: "children of the same long name",
        document: |root| root.holding("", &format!("<{}/>", "a".repeat(CHILD_NAME)), ""),
    },
    Shape {
        name: "children of different long names",
        document: |root| {
            root.holding_numbered("", |number| format!("<a{number:00$}/>", CHILD_NAME - 1), "")
        },
    },
    Shape { name: "`</a>` again and again", document: |root| root.cut_off("<a>", "</a>") },
    Shape { name: "`<a></b>` again and again", document: |root| root.holding("", "<a></b>", "") },
    Shape { name: "`<` again and again", document: |root| root.cut_off("", "<") },
    Shape { name: "`<a/` again and again", document: |root| root.cut_off("", "<a/") },
    Shape {
        name: "a start tag full of white space",
        document: |root| root.holding("<a", " \n", "/>"),
    },
    Shape {
        name: "an end tag full of white space",
        document: |root| root.holding("<a></a", "\r\n", ">"),
    },
    Shape { name: "a start tag without an end", document: |root| root.cut_off("<a", " ") },
    Shape {
        name: "elements behind the root",
        document: |root| filled(&(root.start() + &root.end()), "<a/>", ""),
    },
    Shape { name: "text in front of the root", document: |root| filled("", "x", &root.start()) },
    Shape {
        name: "text and instructions before the root",
        document: |root| filled("", "x<?x?>", &(root.start() + &root.end())),
    },
    Shape {
        name: "a web page",
        document: |_| filled("<html><body>", "<p>x</p>", "</body></html>"),
    },
    Shape {
        name: "comments in front of a web page",
        document: |_| filled("", "<!---->", "<html></html>"),
    },
    Shape { name: "another root", document: |_| filled("<root>", "<a>b</a>", "</root>") },
];

pub(super) const ATTRIBUTES: &[Shape] = &[
    Shape { name: "one value of 1 MiB", document: |root| root.holding("<a b=\"", "x", "\"/>") },
    Shape {
        name: "`code` of 1 MiB at the root",
        document: |root| filled(&format!("<{} code=\"", root.0), "x", "\"/>"),
    },
    Shape {
        name: "one attribute each",
        document: |root| root.holding("<a>", "<a b=\"\"/>", "</a>"),
    },
    Shape {
        name: "one attribute each, escaped",
        document: |root| root.holding("<a>", "<a b=\"&amp;\"/>", "</a>"),
    },
    Shape {
        name: "100,000 attributes on one element",
        document: |root| root.holding_numbered("<a", |number| format!(" b{number:05}=\"\""), "/>"),
    },
    Shape {
        name: "256 attributes each",
        document: |root| root.holding("<a>", &with_attributes("b"), "</a>"),
    },
    Shape {
        name: "256 attributes with long names each",
        document: |root| root.holding("<a>", &with_attributes(&"b".repeat(1000)), "</a>"),
    },
    Shape {
        name: "256 times the same attribute each",
        document: |root| {
            let element = format!("<a{}/>", " b=\"\"".repeat(ATTRIBUTES_OF_ONE));
            root.holding("<a>", &element, "</a>")
        },
    },
    Shape {
        name: "doubled attributes",
        document: |root| root.holding("<a>", "<a b=\"\" b=\"\"/>", "</a>"),
    },
    Shape {
        name: "nested xmlns",
        document: |root| root.holding("", &nested("a", " xmlns=\"urn:b\""), ""),
    },
    Shape {
        name: "nested xmlns with prefixes",
        document: |root| {
            let start = |depth: usize| format!("<b{depth}:a xmlns:b{depth}=\"urn:{depth}\">");
            let starts: String = (0..DEPTH).map(start).collect();
            let ends: String = (0..DEPTH).rev().map(|depth| format!("</b{depth}:a>")).collect();
            root.holding("", &(starts + &ends), "")
        },
    },
    Shape {
        name: "wide xmlns",
        document: |root| root.holding("<a>", "<a xmlns=\"urn:b\"/>", "</a>"),
    },
    Shape {
        name: "wide xmlns with prefixes",
        document: |root| {
            let unit = |number| format!("<a xmlns:b{number}=\"urn:{number}\"/>");
            root.holding_numbered("<a>", unit, "</a>")
        },
    },
    Shape { name: "`<a b=c ` again and again", document: |root| root.cut_off("", "<a b=c ") },
    Shape { name: "`<a b=\"<` again and again", document: |root| root.cut_off("", "<a b=\"<") },
    Shape { name: "a quote without an end", document: |root| root.cut_off("<a b=\"", "x") },
    Shape { name: "a value full of `\"`", document: |root| root.holding("<a b='", "\"", "'/>") },
    Shape { name: "a value full of `>`", document: |root| root.holding("<a b='", ">", "'/>") },
    Shape {
        name: "a value full of line ends",
        document: |root| root.holding("<a b='", "\r\n", "'/>"),
    },
    Shape { name: "a value full of CR", document: |root| root.holding("<a b='", "\r", "'/>") },
    Shape { name: "a value full of tabs", document: |root| root.holding("<a b='", "\t", "'/>") },
    Shape {
        name: "a value full of `&amp;`",
        document: |root| root.holding("<a b='", "&amp;", "'/>"),
    },
    Shape { name: "a value full of `&`", document: |root| root.holding("<a b='", "&", "'/>") },
    Shape {
        name: "passwords with an unknown entity",
        document: |root| root.holding("<a>", "<a password='&x;'/>", "</a>"),
    },
    Shape {
        name: "white space around `=`",
        document: |root| root.holding("<a b", "\n", "=\"\"/>"),
    },
];

pub(super) const OTHERS: &[Shape] = &[
    Shape { name: "one comment of 1 MiB", document: |root| root.holding("<!--", "x", "-->") },
    Shape { name: "a comment full of `- `", document: |root| root.holding("<!--", "- ", "-->") },
    Shape { name: "a comment full of `-`", document: |root| root.holding("<!--", "-", "-->") },
    Shape { name: "a comment full of `<`", document: |root| root.holding("<!--", "<", "-->") },
    Shape { name: "`<!---->` again and again", document: |root| root.holding("", "<!---->", "") },
    Shape {
        name: "`<!--a--b-->` again and again",
        document: |root| root.holding("", "<!--a--b-->", ""),
    },
    Shape { name: "`<!--` again and again", document: |root| root.cut_off("", "<!--") },
    Shape {
        name: "comments in front of the root",
        document: |root| filled("", "<!---->", &(root.start() + &root.end())),
    },
    Shape {
        name: "comments behind the root",
        document: |root| filled(&(root.start() + &root.end()), "<!---->", ""),
    },
    Shape {
        name: "one CDATA section of 1 MiB",
        document: |root| root.holding("<![CDATA[", "x", "]]>"),
    },
    Shape {
        name: "a CDATA section full of `<`",
        document: |root| root.holding("<![CDATA[", "<", "]]>"),
    },
    Shape {
        name: "a CDATA section full of `]`",
        document: |root| root.holding("<![CDATA[", "]", "]]>"),
    },
    Shape {
        name: "a CDATA section full of CR",
        document: |root| root.holding("<![CDATA[", "\r", "]]>"),
    },
    Shape {
        name: "a CDATA section of control characters",
        document: |root| root.holding("<![CDATA[", "\u{1}", "]]>"),
    },
    Shape {
        name: "CDATA sections with nothing inside",
        document: |root| root.holding("", "<![CDATA[]]>", ""),
    },
    Shape {
        name: "text and CDATA sections in turns",
        document: |root| root.holding("<a>", "a<![CDATA[b]]>", "</a>"),
    },
    Shape { name: "`<![CDATA[` again and again", document: |root| root.cut_off("", "<![CDATA[") },
    Shape { name: "`<?x?>` again and again", document: |root| root.holding("", "<?x?>", "") },
    Shape { name: "`<?x` again and again", document: |root| root.cut_off("", "<?x") },
    Shape {
        name: "instructions in front of the root",
        document: |root| filled("", "<?x?>", &(root.start() + &root.end())),
    },
    Shape {
        name: "XML declarations inside",
        document: |root| root.holding("", "<?xml version=\"1.0\"?>", ""),
    },
    Shape {
        name: "an XML declaration of 1 MiB",
        document: |root| {
            let after = format!("?>{}{}", root.start(), root.end());
            filled("<?xml version=\"1.0\"", " ", &after)
        },
    },
    Shape { name: "`<!x>` again and again", document: |root| root.holding("", "<!x>", "") },
    Shape {
        name: "a document type with many entities",
        document: |root| {
            let before = format!("<!DOCTYPE {} [", root.0);
            let after = format!("]>{}&a9;{}", root.start(), root.end());
            let entity = |number| format!("<!ENTITY a{number} \"&a;&a;&a;&a;\">");
            filled_by(SIZE, &before, entity, &after).into_bytes()
        },
    },
    Shape {
        name: "a document type without an end",
        document: |root| filled(&format!("<!DOCTYPE {} [", root.0), "x", ""),
    },
];

/// Elements in each other, as deep as they may be inside the root.
fn nested(name: &str, attributes: &str) -> String {
    format!("<{name}{attributes}>").repeat(DEPTH) + &format!("</{name}>").repeat(DEPTH)
}

/// An element with as many attributes as it may have.
fn with_attributes(name: &str) -> String {
    let attributes = (0..ATTRIBUTES_OF_ONE).map(|number| format!(" {name}{number}=\"\""));
    format!("<a{}/>", attributes.collect::<String>())
}

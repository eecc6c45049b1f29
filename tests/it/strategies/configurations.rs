//! Configurations with what real ones and odd ones have, made of a handful of bytes: the fewer and the smaller these are, the
//! simpler is the configuration.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

/// The names that the sections have.
pub(crate) const NAMES: [&str; 6] =
    ["general", "accounts", "codecs", "options", "contact_services", "enable.auto.away"];

/// Stands in every value that is a secret, and nowhere else.
pub(crate) const SECRET: &str = "kx7q";

const SECRET_ATTRIBUTE: &str = " x='1' password='kx7q'";

/// Some of [`NAMES`].
pub(crate) fn names() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(NAMES.to_vec(), 0..=NAMES.len())
}

/// A configuration in the pieces that a merge tells apart. Line breaks in them stand for those of the document.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    pub(crate) before_root: String,
    /// With the blanks around them.
    pub(crate) root_attributes: String,
    pub(crate) sections: Vec<Piece>,
    /// Between the last section and the end tag; none if the root is self-closing.
    pub(crate) end: Option<String>,
    pub(crate) behind_root: String,
    /// One after the other, and again from the first.
    line_ends: &'static [&'static str],
}

/// A section with what stands before it.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) before: String,
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// Any such configuration: sections may stand twice, line ends may be mixed, text may stand where it should not.
pub(crate) fn configuration() -> impl Strategy<Value = Configuration> {
    vec(any::<u8>(), 0..56).prop_map(|bytes| Writer { bytes: bytes.into_iter() }.configuration())
}

/// The text of any such configuration.
pub(crate) fn text() -> impl Strategy<Value = String> {
    configuration().prop_map(|configuration| configuration.text())
}

/// The text of a configuration in which no two elements side by side have the same name, nor any that identifies an item.
pub(crate) fn text_without_lists() -> impl Strategy<Value = String> {
    vec(any::<u8>(), 0..60).prop_map(|bytes| {
        let mut writer = Writer { bytes: bytes.into_iter() };
        let mut sections = String::new();
        for name in NAMES {
            if writer.one_of(&[false, true]) {
                sections += &writer.unique(name, 3);
            }
        }
        format!("<options>{sections}</options>")
    })
}

impl Configuration {
    pub(crate) fn text(&self) -> String {
        let sections = self.sections.iter().map(|piece| format!("{}{}", piece.before, piece.text));
        let sections: String = sections.collect();
        let attributes = &self.root_attributes;
        let root = match &self.end {
            Some(end) => format!("<options{attributes}>{sections}{end}</options>"),
            None => format!("<options{attributes}/>"),
        };
        let text = format!("{}{root}{}", self.before_root, self.behind_root);
        let mut ends = self.line_ends.iter().cycle();
        let lines = text.split('\n');
        let mut out = String::new();
        for (number, line) in lines.enumerate() {
            if number > 0 {
                out.extend(ends.next().copied());
            }
            out += line;
        }
        out
    }
}

/// Chooses by the bytes; the first choice when they are used up.
struct Writer {
    bytes: std::vec::IntoIter<u8>,
}

impl Writer {
    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.bytes.next().unwrap_or(0)) % choices.len()]
    }

    fn configuration(&mut self) -> Configuration {
        let line_ends = self.one_of::<&[&str]>(&[
            &["\n"],
            &["\r\n"],
            &["\r"],
            &["\n", "\r\n", "\r"],
            &["\r\n", "\n", "\n"],
        ]);
        let before_root = self.one_of(&[
            "",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<!-- <options/> -->\n",
        ]);
        let root_attributes = self.one_of(&["", " ", " version=\"1\"", " x='/>' "]);
        let margin = self.one_of(&["\n  ", "\n\t", "\n", "", "\n    "]);
        let count = self.one_of(&[2, 3, 1, 4, 5, 0]);
        let sections = (0..count)
            .map(|_| {
                let before = self.between(margin);
                let name = self.one_of(&NAMES);
                Piece { before, name, text: self.element(name, margin, 3) }
            })
            .collect::<Vec<_>>();
        let end = self.between(margin.trim_end_matches([' ', '\t']));
        let is_open = !sections.is_empty() || self.one_of(&[true, false]);
        let behind_root = self.one_of(&["", "\n", "\n<!-- </options> -->\n"]);
        Configuration {
            before_root: before_root.to_owned(),
            root_attributes: root_attributes.to_owned(),
            sections,
            end: is_open.then_some(end),
            behind_root: behind_root.to_owned(),
            line_ends,
        }
    }

    /// What stands between two elements. No two of these meet without an element in between.
    fn between(&mut self, margin: &str) -> String {
        match self.one_of(&[0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]) {
            1 => String::new(),
            2 => format!("\n{margin}"),
            3 => format!("{margin}<!-- <general>1</general> -->{margin}"),
            4 => "<!-- - --> ".to_owned(),
            5 => "]]".to_owned(),
            6 => format!(">{margin}"),
            7 => format!("]]{margin}"),
            _ => margin.to_owned(),
        }
    }

    fn element(&mut self, name: &str, margin: &str, depth: usize) -> String {
        let attributes = self.one_of(&[
            "",
            "",
            "",
            "",
            " x='1'",
            " x=\"1\" ",
            " x='2'",
            " type=\"subtree\"",
            "\n y = '&lt;\"/>' x=\"1\"",
            " x='é\t&#10;'",
            SECRET_ATTRIBUTE,
        ]);
        let shape = self.one_of(if depth == 0 { &[0, 1, 0] } else { &[0, 2, 3, 2, 3, 1] });
        let content = match shape {
            0 => self.value(name),
            1 if self.one_of(&[true, false]) => return format!("<{name}{attributes}/>"),
            1 => String::new(),
            2 => self.keys(margin, depth),
            _ => self.list(name, margin, depth),
        };
        format!("<{name}{attributes}>{content}</{name}>")
    }

    fn keys(&mut self, margin: &str, depth: usize) -> String {
        let deeper = format!("{margin}{}", if margin.is_empty() { "" } else { "  " });
        let mut text = String::new();
        for _ in 0..self.one_of(&[1, 2, 3, 4]) {
            let name = self.one_of(&["a", "b", "name", "password", "item", "url", "ident"]);
            text += &self.between(&deeper);
            text += &self.element(name, &deeper, depth - 1);
        }
        text + margin
    }

    /// A list of items, with or without what tells them apart.
    fn list(&mut self, section: &str, margin: &str, depth: usize) -> String {
        let deeper = format!("{margin}{}", if margin.is_empty() { "" } else { "  " });
        let item = match (section, self.one_of(&[true, true, false])) {
            ("accounts", true) => "account",
            ("contact_services", true) => "contact_service",
            ("codecs", true) => "codec",
            _ => "item",
        };
        let key = self.one_of(&["ident", "codec_id", "name", "", "both"]);
        let mut text = String::new();
        for _ in 0..self.one_of(&[2, 3, 1, 4]) {
            let identity = self.one_of(&["1", "2", "3", "4", " 2 ", "", "\u{a0}"]);
            let identity = match key {
                "" => String::new(),
                // The better of two counts.
                "both" => {
                    let number = self.one_of(&["1", "2", "3", "4"]);
                    format!("<codec_id>{number}</codec_id><ident>{identity}</ident>")
                }
                key => format!("<{key}>{identity}</{key}>"),
            };
            let more = self.one_of(&["a", "password", "item"]);
            let more = match self.one_of(&[true, false]) {
                true => self.element(more, &deeper, depth - 1),
                false => String::new(),
            };
            let (one, other) =
                if self.one_of(&[true, false]) { (identity, more) } else { (more, identity) };
            text += &format!("{}<{item}>{one}{other}</{item}>", self.between(&deeper));
        }
        text + margin
    }

    fn value(&mut self, name: &str) -> String {
        let number = self.one_of(&[1, 2, 3, 4, 5, 6, 7]);
        match name {
            "password" => return format!("{SECRET}{number}"),
            "url" => return format!("https://h.example.com/{number}?key={SECRET}{number}"),
            _ => {}
        }
        self.one_of(&[
            "1",
            "2",
            "",
            " .-()[]{}",
            "<![CDATA[</general><a>1</a>]]>",
            "<!-- <a>1</a> -->2",
            "é€ &amp; &lt;a/>",
            "a\nb",
            " ",
            "\u{a0}",
            "]]",
            "&#13;&#x20AC;",
            "1<![CDATA[]]]]><![CDATA[>]]>",
        ])
        .to_owned()
    }

    /// An element without lists.
    fn unique(&mut self, name: &str, depth: usize) -> String {
        let attributes =
            self.one_of(&["", "", " x='1'", " x=\"2\" y='3'", " y='1'", SECRET_ATTRIBUTE]);
        // Whatever stood inside would be a secret, too.
        let depth = if matches!(name, "password" | "url") { 0 } else { depth };
        let mut content = String::new();
        if depth > 0 && self.one_of(&[false, true, true]) {
            for name in ["a", "b", "password", "url", "c"] {
                if self.one_of(&[false, true, false]) {
                    content += &self.unique(name, depth - 1);
                }
            }
        }
        if content.is_empty() {
            content = self.value(name);
        }
        format!("<{name}{attributes}>{content}</{name}>")
    }
}

//! Writing XML that reads back as what was written (spec 1.10).
//!
//! `xmlwriter` escapes too little, indents into text and panics on misuse; this wrapper gives it
//! only what it gets right.

use xmlwriter::{Indent, Options, XmlWriter};

use crate::gate::is_allowed_character;
use crate::provision_file::WriteError;

pub(crate) struct XmlOut {
    writer: XmlWriter,
    fault: Option<WriteError>,
}

impl XmlOut {
    pub(crate) fn new() -> Self {
        let options = Options { indent: Indent::Spaces(2), ..Options::default() };
        Self { writer: XmlWriter::new(options), fault: None }
    }

    /// An element with the elements that `children` writes.
    pub(crate) fn element(&mut self, name: &'static str, children: impl FnOnce(&mut Self)) {
        self.writer.start_element(name);
        children(self);
        self.writer.end_element();
    }

    /// An element with nothing but `text`, exactly.
    pub(crate) fn leaf(&mut self, name: &'static str, text: &str) {
        self.leaf_with(name, None, text);
    }

    /// The same, with an attribute.
    pub(crate) fn leaf_with(
        &mut self,
        name: &'static str,
        attribute: Option<(&'static str, &str)>,
        text: &str,
    ) {
        let value = attribute.map_or("", |(_, value)| value);
        let mut characters = text.chars().chain(value.chars());
        if let Some(character) = characters.find(|character| !is_allowed_character(*character)) {
            self.fault.get_or_insert(WriteError { element: name, character });
            return;
        }
        self.writer.start_element(name);
        if let Some((name, value)) = attribute {
            self.writer.write_attribute_raw(name, |out| {
                out.extend_from_slice(escaped_value(value).as_bytes());
            });
        }
        self.writer.set_preserve_whitespaces(true);
        self.writer.write_text(&escaped(text));
        self.writer.end_element();
        self.writer.set_preserve_whitespaces(false);
    }

    pub(crate) fn finish(self) -> Result<String, WriteError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.writer.end_document()),
        }
    }
}

/// The value of an attribute: a reader takes a TAB or a line break that stands there as such for a space
/// (XML 1.0 §3.3.3).
fn escaped_value(value: &str) -> String {
    escaped(value).replace('"', "&quot;").replace('\t', "&#9;")
}

/// Text with everything written as a reference that a reader would not give back: a CR becomes a LF,
/// and a LF at the ends of a value is layout (spec 1.4).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            other => out.push(other),
        }
    }
    out
}

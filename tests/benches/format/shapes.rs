//! Documents that are made to cost much. What a reader refuses at once costs nothing, so most of them keep to what it
//! takes, or to faults behind which it goes on.

mod markup;
mod text;
mod values;

use provision_tests::measuring::filled_by;

/// The size of every such document, but for what does not go in whole at the end.
pub(crate) const SIZE: usize = 1 << 20;

/// A kind of document, for whichever root.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) document: fn(Root) -> Vec<u8>,
}

/// Shapes of one subject.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
}

pub(crate) const GROUPS: &[Group] = &[
    Group { name: "tags", shapes: markup::TAGS },
    Group { name: "attributes", shapes: markup::ATTRIBUTES },
    Group { name: "comments, CDATA and what is refused", shapes: markup::OTHERS },
    Group { name: "text", shapes: text::TEXT },
    Group { name: "references", shapes: text::REFERENCES },
    Group { name: "encodings", shapes: text::ENCODINGS },
    Group { name: "values of a provisioning file", shapes: values::VALUES },
];

/// The name of a root element.
#[derive(Clone, Copy)]
pub(crate) struct Root(pub(crate) &'static str);

impl Root {
    fn start(self) -> String {
        format!("<{}>", self.0)
    }

    fn end(self) -> String {
        format!("</{}>", self.0)
    }

    /// The root with `before`, as many of `unit` as there is room for, and `after` inside.
    fn holding(self, before: &str, unit: &str, after: &str) -> Vec<u8> {
        filled(&(self.start() + before), unit, &(after.to_owned() + &self.end()))
    }

    /// [`Root::holding`] units that differ by their number.
    fn holding_numbered(
        self,
        before: &str,
        unit: impl Fn(usize) -> String,
        after: &str,
    ) -> Vec<u8> {
        let after = after.to_owned() + &self.end();
        filled_by(SIZE, &(self.start() + before), unit, &after).into_bytes()
    }

    /// The root with `before` inside and units up to the end of the document.
    fn cut_off(self, before: &str, unit: &str) -> Vec<u8> {
        filled(&(self.start() + before), unit, "")
    }
}

fn filled(before: &str, unit: &str, after: &str) -> Vec<u8> {
    filled_with_bytes(before, unit.as_bytes(), after)
}

/// For units that are no UTF-8.
fn filled_with_bytes(before: &str, unit: &[u8], after: &str) -> Vec<u8> {
    let count = (SIZE - before.len() - after.len()) / unit.len();
    [before.as_bytes(), &unit.repeat(count), after.as_bytes()].concat()
}

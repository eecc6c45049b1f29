//! Where the root element and its children stand.

use crate::Span;

/// How an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementForm {
    /// `<x/>`
    SelfClosing,
    /// `<x>…</x>`
    Paired,
}

/// The places of the root element and of its children; of anything deeper only what the gate needed
/// to judge it. Configurations are merged by this index, so no tree of them is ever built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub(crate) root: Places,
    pub(crate) root_attributes: Vec<Attribute>,
    pub(crate) children: Vec<Child>,
}

/// One attribute's places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: Span,
    /// Between the quotes.
    pub(crate) value: Span,
}

/// One element's places. Those of its attributes lie in the start tag, behind the name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    /// From `<` to the last `>`.
    pub(crate) whole: Span,
    /// The name in the start tag.
    pub(crate) name: Span,
    /// Between the tags; of a self-closing element empty, behind its `/>`.
    pub(crate) content: Span,
}

impl Places {
    pub(crate) fn form(&self) -> ElementForm {
        if self.content.end == self.whole.end {
            ElementForm::SelfClosing
        } else {
            ElementForm::Paired
        }
    }
}

/// A child of the root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Child {
    pub(crate) element: Places,
    /// Whether it holds nothing but white space and comments.
    pub(crate) empty: bool,
}

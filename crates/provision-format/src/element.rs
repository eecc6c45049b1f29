//! Looking into a configuration without a tree of it.

use std::borrow::Cow;
use std::fmt;

use crate::Span;
use crate::outline::{ElementForm, Places};
use crate::section_names::XML_SPACE;
use crate::tokens::{Token, Tokens, decoded, decoded_value, name_length, push_cdata, tag_length};

/// An element of a text that has passed the gate.
///
/// It is a pair of places: what it holds is found by going over the text when it is asked for, so each
/// question costs a time that grows with the element's length.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    text: &'a str,
    places: Places,
}

/// Something that stands directly inside an [`Element`]. `Debug` shows no text: it may be a password.
#[derive(Clone)]
#[non_exhaustive]
pub enum Node<'a> {
    /// An element.
    Element(Element<'a>),
    /// A run of character data or a CDATA section, as it reads.
    Text(Cow<'a, str>),
    /// The place of a comment, with its marks.
    Comment(Span),
}

/// An attribute of an [`Element`].
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    name: &'a str,
    raw: &'a str,
}

/// The text of an element is no value of the kind that was asked for. It is not quoted: it may be a
/// password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnexpectedValue {
    /// What was asked for, such as "boolean".
    pub expected: &'static str,
    /// The place of the element's content.
    pub span: Span,
}

impl<'a> Element<'a> {
    pub(crate) fn new(text: &'a str, places: Places) -> Self {
        Self { text, places }
    }

    /// The name in its tags.
    pub fn name(self) -> &'a str {
        &self.text[self.places.name.range()]
    }

    /// From the `<` of its start tag to the `>` that ends it.
    pub fn span(self) -> Span {
        self.places.whole
    }

    /// The name in its start tag.
    pub fn name_span(self) -> Span {
        self.places.name
    }

    /// Between its tags; empty, behind its `/>`, if it is self-closing.
    pub fn content_span(self) -> Span {
        self.places.content
    }

    /// The whole element as it is written, tags and all.
    pub fn as_written(self) -> &'a str {
        &self.text[self.places.whole.range()]
    }

    /// The start tag, or the whole element if it is self-closing.
    pub fn start_tag_span(self) -> Span {
        match self.form() {
            ElementForm::SelfClosing => self.places.whole,
            ElementForm::Paired => {
                Span { start: self.places.whole.start, end: self.places.content.start }
            }
        }
    }

    /// How it is written.
    pub fn form(self) -> ElementForm {
        self.places.form()
    }

    /// Its attributes, in their order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        let tag = &self.text[self.places.name.end as usize..self.places.whole.end as usize];
        let tag = &tag[..tag_length(tag.as_bytes())];
        let mut rest = tag.trim_end_matches('>').trim_end_matches('/');
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(XML_SPACE);
            let (name, behind) = rest.split_at(name_length(rest.as_bytes()));
            let behind = behind.trim_start_matches(XML_SPACE).strip_prefix('=')?;
            let behind = behind.trim_start_matches(XML_SPACE);
            let quote = behind.chars().next()?;
            let (raw, behind) = behind[1..].split_once(quote)?;
            rest = behind;
            Some(Attribute { name, raw })
        })
    }

    /// What stands directly inside, in its order.
    pub fn nodes(self) -> impl Iterator<Item = Node<'a>> {
        let text = self.text;
        let mut tokens = Tokens::new(text, self.places.content);
        std::iter::from_fn(move || {
            let (token, place) = tokens.next()?;
            Some(match token {
                Token::Start { name, self_closing } => {
                    Node::Element(Self::new(text, ended(&mut tokens, place, name, self_closing)))
                }
                Token::Cdata(inside) => {
                    let mut data = String::new();
                    push_cdata(&mut data, &text[inside.range()], usize::MAX);
                    Node::Text(Cow::Owned(data))
                }
                Token::Text => Node::Text(decoded(&text[place.range()])),
                Token::Comment | Token::Other | Token::End => Node::Comment(place),
            })
        })
    }

    /// The elements directly inside, in their order.
    pub fn children(self) -> impl Iterator<Item = Element<'a>> {
        self.nodes().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The first element directly inside that has this name.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// Whether no element stands inside.
    pub fn is_leaf(self) -> bool {
        let mut tokens = Tokens::new(self.text, self.places.content);
        !tokens.any(|(token, _)| matches!(token, Token::Start { .. }))
    }

    /// The text directly inside, as it reads: that of elements inside is not part of it.
    pub fn text(self) -> Cow<'a, str> {
        let mut runs = self.nodes().filter_map(|node| match node {
            Node::Text(text) => Some(text),
            _ => None,
        });
        let mut text = runs.next().unwrap_or_default();
        for run in runs {
            text.to_mut().push_str(&run);
        }
        text
    }

    /// The value of a boolean: `0`, `1`, `false` or `true` in any ASCII case (spec 1.1); none if there
    /// is no text.
    ///
    /// # Errors
    ///
    /// When the text is anything else.
    pub fn boolean(self) -> Result<Option<bool>, UnexpectedValue> {
        self.value("boolean", boolean)
    }

    /// The value of a whole number, which may have a sign; none if there is no text.
    ///
    /// # Errors
    ///
    /// When the text is no whole number or is beyond 64 bits.
    pub fn integer(self) -> Result<Option<i64>, UnexpectedValue> {
        self.value("whole number", |text| text.parse().ok())
    }

    fn value<T>(
        self,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, UnexpectedValue> {
        let text = self.text();
        match text.trim_matches(XML_SPACE) {
            "" => Ok(None),
            text => match parse(text) {
                Some(value) => Ok(Some(value)),
                None => Err(UnexpectedValue { expected, span: self.content_span() }),
            },
        }
    }
}

/// The places of the element whose start tag at `tag` was the last token; goes behind its end.
fn ended(tokens: &mut Tokens<'_>, tag: Span, name: Span, self_closing: bool) -> Places {
    let behind = Span { start: tag.end, end: tag.end };
    if self_closing {
        return Places { whole: tag, name, content: behind };
    }
    let mut depth = 1_usize;
    let mut last = behind;
    for (token, place) in tokens {
        last = place;
        match token {
            Token::Start { self_closing: false, .. } => depth += 1,
            Token::End => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    let content = Span { start: tag.end, end: last.start };
    Places { whole: Span { start: tag.start, end: last.end }, name, content }
}

/// What a trimmed text means as a boolean (spec 1.1).
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ => None,
    }
}

/// An element inside another one in which no element stands.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// The names of the elements around it and its own, from below the one that was asked, with `/`
    /// between them, such as `account/host`.
    pub path: String,
    /// The leaf itself.
    pub element: Element<'a>,
}

/// The leaves inside an element, in their order, in one pass over its text.
#[derive(Clone, Debug)]
pub struct Leaves<'a> {
    text: &'a str,
    tokens: Tokens<'a>,
    /// The elements that are open: start tag, name, and how long the path was before it.
    open: Vec<(Span, Span, usize)>,
    path: String,
    /// Whether the last tag was the start tag of the innermost open element.
    fresh: bool,
}

impl<'a> Leaves<'a> {
    pub(crate) fn inside(element: Element<'a>) -> Self {
        Self {
            text: element.text,
            tokens: Tokens::new(element.text, element.places.content),
            open: Vec::new(),
            path: String::new(),
            fresh: false,
        }
    }

    fn leaf(&self, places: Places) -> Leaf<'a> {
        Leaf { path: self.path.clone(), element: Element::new(self.text, places) }
    }

    fn push_name(&mut self, name: Span) -> usize {
        let before = self.path.len();
        if before > 0 {
            self.path.push('/');
        }
        self.path.push_str(&self.text[name.range()]);
        before
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = Leaf<'a>;

    fn next(&mut self) -> Option<Leaf<'a>> {
        while let Some((token, place)) = self.tokens.next() {
            match token {
                Token::Start { name, self_closing } => {
                    let before = self.push_name(name);
                    self.fresh = !self_closing;
                    if self_closing {
                        let content = Span { start: place.end, end: place.end };
                        let leaf = self.leaf(Places { whole: place, name, content });
                        self.path.truncate(before);
                        return Some(leaf);
                    }
                    self.open.push((place, name, before));
                }
                Token::End => {
                    let (tag, name, before) = self.open.pop()?;
                    let whole = Span { start: tag.start, end: place.end };
                    let content = Span { start: tag.end, end: place.start };
                    let leaf = self.fresh.then(|| self.leaf(Places { whole, name, content }));
                    self.fresh = false;
                    self.path.truncate(before);
                    if leaf.is_some() {
                        return leaf;
                    }
                }
                _ => {}
            }
        }
        None
    }
}

impl<'a> Attribute<'a> {
    /// The name.
    pub fn name(self) -> &'a str {
        self.name
    }

    /// The value, as it reads: a TAB or a line break that stands there as such is a space (XML 1.0
    /// §3.3.3).
    pub fn value(self) -> Cow<'a, str> {
        decoded_value(self.raw)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({} at {:?})", self.name(), self.span())
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(element) => element.fmt(f),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Comment(span) => write!(f, "Comment({span:?})"),
        }
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({})", self.name)
    }
}

impl fmt::Display for UnexpectedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text is no {}", self.expected)
    }
}

impl std::error::Error for UnexpectedValue {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect("the text is valid").value
    }

    #[test]
    fn what_stands_inside_is_found_in_its_order() {
        let config = config(
            "<options>x<a b='1' c = \"&lt;\t/>\"><d/>1<!-- <e> --><![CDATA[<\r\n]]>&gt;</a></options>",
        );
        let a = config.root().child("a").expect("it is there");
        let attributes: Vec<_> = a.attributes().map(|a| (a.name(), a.value())).collect();
        assert_eq!(attributes, [("b", "1".into()), ("c", "< />".into())]);
        assert_eq!(a.text(), "1<\n>");
        assert_eq!(a.children().map(Element::name).collect::<Vec<_>>(), ["d"]);
        assert_eq!(&config.text()[a.span().range()], &config.text()[10..config.text().len() - 10]);
        assert!(!a.is_leaf());
    }

    #[test]
    fn leaves_have_their_path_and_their_type() {
        let config = config(
            "<options><s><a><b>true</b><b> 7 </b></a><c/><d><!-- --></d><e>x</e></s></options>",
        );
        let section = config.section("s").expect("it is there");
        let leaves: Vec<_> = section.leaves().map(|leaf| (leaf.path, leaf.element)).collect();
        let paths: Vec<_> = leaves.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a/b", "a/b", "c", "d", "e"]);
        assert_eq!(leaves[0].1.boolean(), Ok(Some(true)));
        assert_eq!(leaves[1].1.integer(), Ok(Some(7)));
        assert_eq!(leaves[2].1.boolean(), Ok(None));
        let refused = leaves[4].1.boolean().expect_err("x is no boolean");
        assert_eq!(&config.text()[refused.span.range()], "x");
    }
}

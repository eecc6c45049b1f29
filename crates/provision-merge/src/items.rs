//! What elements mean, apart from how they are written, and which items of two lists are the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use provision_format::{Element, Node};

/// The leaves that tell items of a list apart, the better ones first (spec 4.9).
const IDENTITIES: [&str; 2] = ["ident", "codec_id"];

/// Whether both say the same: the same names, attributes, texts and elements in the same order, whatever the quotes, the
/// comments, the white space between elements and the form of what is empty.
pub(crate) fn mean_the_same(one: Element<'_>, other: Element<'_>) -> bool {
    are_alike(one, other, &|one, other| {
        one.name() == other.name()
            && attributes(one) == attributes(other)
            && texts_mean_the_same(one, other)
    })
}

/// Whether both have the same names, attributes and leaves in the same order, whatever text stands between elements.
pub(crate) fn are_in_one_order(one: Element<'_>, other: Element<'_>) -> bool {
    are_alike(one, other, &|one, other| {
        one.name() == other.name()
            && attributes(one) == attributes(other)
            && one.is_leaf() == other.is_leaf()
            && (!one.is_leaf() || one.text() == other.text())
    })
}

/// Whether the same text stands between the elements inside, white space apart, if both are in one order.
pub(crate) fn have_one_text_between(one: Element<'_>, other: Element<'_>) -> bool {
    let is_text = |character: &char| !matches!(character, ' ' | '\t' | '\r' | '\n');
    are_alike(one, other, &|one, other| {
        let (ours, theirs) = (one.text(), other.text());
        one.is_leaf() || ours.chars().filter(is_text).eq(theirs.chars().filter(is_text))
    })
}

/// Whether both are `alike` with all elements inside, each with the one in its place.
fn are_alike(
    one: Element<'_>,
    other: Element<'_>,
    alike: &impl Fn(Element<'_>, Element<'_>) -> bool,
) -> bool {
    if one.as_written() == other.as_written() {
        return true;
    }
    let (mut ours, mut theirs) = (one.children(), other.children());
    alike(one, other)
        && loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break true,
                (Some(one), Some(other)) if are_alike(one, other, alike) => {}
                _ => break false,
            }
        }
}

/// The text of a leaf counts to the last blank; between elements only what is more than white space does.
fn texts_mean_the_same(one: Element<'_>, other: Element<'_>) -> bool {
    let (ours, theirs) = (one.text(), other.text());
    ours == theirs
        || (!one.is_leaf() && !other.is_leaf() && ours.trim_ascii() == theirs.trim_ascii())
}

/// The attributes by name.
pub(crate) fn attributes<'a>(element: Element<'a>) -> BTreeMap<&'a str, Cow<'a, str>> {
    element.attributes().map(|attribute| (attribute.name(), attribute.value())).collect()
}

/// Whether nothing stands in it but white space and comments.
pub(crate) fn is_empty(element: Element<'_>) -> bool {
    element.nodes().all(|node| match node {
        Node::Element(_) => false,
        Node::Text(text) => text.trim_ascii().is_empty(),
        _ => true,
    })
}

/// The identity of an item by the leaf `key`, if it has one.
pub(crate) fn identity<'a>(item: Element<'a>, key: &str) -> Option<Cow<'a, str>> {
    let text = item.child(key).filter(|leaf| leaf.is_leaf())?.text();
    let trimmed = text.trim_ascii();
    match trimmed.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(Cow::Owned(trimmed.to_owned())),
    }
}

/// The leaf by which every one of these items can be told apart (spec 4.9).
pub(crate) fn identifying_leaf(items: &[Element<'_>]) -> Option<&'static str> {
    told_apart(items, &IDENTITIES)
}

/// The same for people, who know an item by its name as well; an overlay does not rely on that.
pub(crate) fn label_leaf(items: &[Element<'_>]) -> Option<&'static str> {
    identifying_leaf(items).or_else(|| told_apart(items, &["name"]))
}

fn told_apart(items: &[Element<'_>], by: &[&'static str]) -> Option<&'static str> {
    by.iter().copied().find(|key| {
        let mut seen = HashSet::new();
        !items.is_empty()
            && items.iter().all(|item| identity(*item, key).is_some_and(|text| seen.insert(text)))
    })
}

/// The elements directly inside that have this name.
pub(crate) fn named<'a>(element: Element<'a>, name: &str) -> Vec<Element<'a>> {
    element.children().filter(|child| child.name() == name).collect()
}

/// The elements directly inside, by name, in the order of the first of each.
pub(crate) fn groups<'a>(element: Element<'a>) -> Vec<(&'a str, Vec<Element<'a>>)> {
    let mut groups: Vec<(&str, Vec<Element<'_>>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for child in element.children() {
        let place = *places.entry(child.name()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, items)) => items.push(child),
            None => groups.push((child.name(), vec![child])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use provision_format::Config;

    use super::*;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect("the text is valid").value
    }

    #[test]
    fn writing_is_no_meaning() {
        for (one, other, same) in [
            ("<a/>", "<a></a>", true),
            ("<a><b x='1' y='2'/></a>", "<a>\n <b y=\"2\" x=\"1\"></b><!-- c -->\n</a>", true),
            ("<a>&lt;</a>", "<a><![CDATA[<]]></a>", true),
            ("<a>1\r\n</a>", "<a>1\n</a>", true),
            ("<a> 1</a>", "<a>1</a>", false),
            ("<a><b/><c/></a>", "<a><c/><b/></a>", false),
            ("<a><b/></a>", "<a><b/><b/></a>", false),
            ("<a x='1'/>", "<a/>", false),
            ("<a/>", "<b/>", false),
        ] {
            let [one, other] =
                [one, other].map(|text| config(&format!("<options>{text}</options>")));
            let child = |config: &Config| config.sections().next().map(|s| s.element().span());
            assert!(child(&one).is_some() && child(&other).is_some());
            let elements = [&one, &other].map(|config| config.root().children().next());
            let [Some(left), Some(right)] = elements else { panic!("each has a child") };
            assert_eq!(mean_the_same(left, right), same, "{one:?} {other:?}");
        }
    }

    /// What a person types to make a value look empty is a value all the same.
    #[test]
    fn only_the_blanks_of_xml_are_white_space() {
        let config = config(
            "<options><a>\u{a0}</a><a><b/>\u{a0}</a><a><ident>1\u{2003}</ident></a><c> \t\r\n</c></options>",
        );
        let sections: Vec<_> = config.sections().map(provision_format::Section::element).collect();
        assert_eq!(
            sections.iter().map(|a| is_empty(*a)).collect::<Vec<_>>(),
            [false, false, false, true]
        );
        let other = self::config("<options><a><b/></a></options>");
        assert!(!mean_the_same(sections[1], other.sections().next().expect("one").element()));
        assert_eq!(identity(sections[2], "ident").as_deref(), Some("1\u{2003}"));
    }

    #[test]
    fn items_are_identified_by_all_or_none() {
        for (items, key) in [
            ("<i><ident>a</ident></i><i><ident>b</ident></i>", Some("ident")),
            ("<i><ident>a</ident><codec_id>1</codec_id></i>", Some("ident")),
            (
                "<i><ident/><codec_id>1</codec_id></i><i><codec_id> 2 </codec_id></i>",
                Some("codec_id"),
            ),
            ("<i><ident>a</ident></i><i/>", None),
            ("<i><codec_id>1</codec_id></i><i><codec_id> 1</codec_id></i>", None),
            ("", None),
        ] {
            let config = config(&format!("<options><s>{items}</s></options>"));
            let section = config.section("s").expect("it is there").element();
            let items: Vec<_> = section.children().collect();
            assert_eq!(identifying_leaf(&items), key);
        }
    }
}

//! Where a key stands: the names of the elements around it, and which of several items.

use std::fmt;
use std::str::FromStr;

use provision_format::{Config, Element, shown};

use crate::items::{identity, label_leaf, named};

/// The place of an element below the root, such as `accounts/account[2]/host` or `accounts/account["Office"]/host`.
///
/// An item of a list is told by its number, from 1, among the elements of its name, or by what identifies it: the text of
/// its `ident`, else its `codec_id`, else its `name`, the first of these that all elements of its name beside it have and
/// no two share. Without either the first is meant. Attributes have no path.
///
/// It is parsed from what is written like that. An identity stands between its quotes as it is, and may hold anything but
/// `"]`; `Display` shows it bounded and escaped, so what is shown of a very long or odd one leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) item: Item,
}

/// Which of the elements of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// The first, where nothing else is said.
    Only,
    /// From 1.
    Number(usize),
    /// By a text that identifies it.
    Identity(String),
}

/// A text is no path to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoPath {
    /// Where in the text the fault is, in bytes.
    pub offset: usize,
}

impl KeyPath {
    /// The path of a section.
    pub(crate) fn section(name: &str) -> Self {
        Self(vec![Step { name: name.to_owned(), item: Item::Only }])
    }

    pub(crate) fn below(&self, name: &str, item: Item) -> Self {
        let step = Step { name: name.to_owned(), item };
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The section that the key belongs to.
    pub fn section_name(&self) -> &str {
        self.0.first().map_or("", |step| step.name.as_str())
    }

    /// Whether it leads to an item of a list as a whole.
    pub fn is_item(&self) -> bool {
        self.0.last().is_some_and(|step| step.item != Item::Only)
    }

    /// The element at this place; none if there is none.
    pub fn find<'a>(&self, config: &'a Config) -> Option<Element<'a>> {
        self.0.iter().try_fold(config.root(), |element, step| {
            let named = named(element, &step.name);
            step.place(&named).and_then(|place| named.get(place).copied())
        })
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl Step {
    /// Which of these elements, all of this step's name, it leads to.
    pub(crate) fn place(&self, named: &[Element<'_>]) -> Option<usize> {
        let place = match &self.item {
            Item::Only => 0,
            Item::Number(number) => number.checked_sub(1)?,
            Item::Identity(text) => {
                let key = label_leaf(named)?;
                named.iter().position(|item| identity(*item, key).as_deref() == Some(text))?
            }
        };
        Some(place).filter(|place| *place < named.len())
    }
}

/// Identities are shown bounded and escaped.
impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            let slash = if place == 0 { "" } else { "/" };
            write!(f, "{slash}{}", shown(&step.name))?;
            match &step.item {
                Item::Only => {}
                Item::Number(number) => write!(f, "[{number}]")?,
                Item::Identity(text) => write!(f, "[\"{}\"]", shown(text))?,
            }
        }
        Ok(())
    }
}

impl FromStr for KeyPath {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let offset = text.len() - rest.len();
            let end = rest.find(['/', '[']).unwrap_or(rest.len());
            let name = &rest[..end];
            if name.is_empty() || name.contains([' ', '\t', '\r', '\n', '"', ']', '<', '>', '&']) {
                return Err(NoPath { offset });
            }
            rest = &rest[end..];
            let mut item = Item::Only;
            if let Some(inside) = rest.strip_prefix('[') {
                let fault = NoPath { offset: text.len() - inside.len() };
                let (read, behind) = match inside.strip_prefix('"') {
                    Some(quoted) => {
                        let (identity, behind) = quoted.split_once("\"]").ok_or(fault)?;
                        (Item::Identity(identity.to_owned()), behind)
                    }
                    None => {
                        let (number, behind) = inside.split_once(']').ok_or(fault)?;
                        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
                        let number = number.parse().ok().filter(|number| is_number && *number > 0);
                        (Item::Number(number.ok_or(fault)?), behind)
                    }
                };
                (item, rest) = (read, behind);
            }
            steps.push(Step { name: name.to_owned(), item });
            match rest.strip_prefix('/') {
                Some(more) => rest = more,
                None if rest.is_empty() => return Ok(Self(steps)),
                None => return Err(NoPath { offset: text.len() - rest.len() }),
            }
        }
    }
}

impl fmt::Display for NoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this is no path to a key, from byte {} on: write it like accounts/account[2]/host",
            self.offset
        )
    }
}

impl std::error::Error for NoPath {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_elements() {
        let config = Config::read(
            b"<options><s><i><name>a</name><x>1</x></i><i><name>b</name><x>2</x></i></s></options>",
        );
        let config = config.expect("valid").value;
        for (path, text) in [
            ("s/i/x", Some("1")),
            ("s/i[2]/x", Some("2")),
            ("s/i[\"b\"]/x", Some("2")),
            ("s/i[3]/x", None),
            ("s/i[\"c\"]/x", None),
            ("t", None),
        ] {
            let path: KeyPath = path.parse().expect(path);
            let found = path.find(&config).map(Element::text);
            assert_eq!(found.as_deref(), text, "{path}");
            assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn what_is_no_path_is_told_with_its_place() {
        for (text, offset) in [
            ("", 0),
            ("a//b", 2),
            ("a/", 2),
            ("a[", 2),
            ("a[0]", 2),
            ("a[+1]", 2),
            ("a[x]", 2),
            ("a[\"b]", 2),
            ("a[1]b", 4),
            ("a b", 0),
        ] {
            assert_eq!(text.parse::<KeyPath>(), Err(NoPath { offset }), "{text:?}");
        }
    }
}

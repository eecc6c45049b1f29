//! Which parts of a document must not be shown, however broken the document is.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3_iter};

use crate::secret_name::{is_address, is_secret};
use crate::section_names::XML_SPACE;
use crate::tokens::name_length;
use crate::url_template::holds_only_placeholders;
use crate::{Source, Span};

/// What stands in place of a part that is not shown.
const MASK: &str = "[masked]";

/// A document's text as it may be shown: in place of every value of an element or attribute such as
/// `password`, and of all in an address behind its path that is more than placeholders, stands
/// `[masked]`.
///
/// It is made by a look at the tags' names alone, so it holds for a document that is no XML too. Where
/// the end of such a value cannot be found, nothing behind its beginning is shown.
#[derive(Clone)]
pub struct Masked {
    text: String,
    /// The parts of the original that are masked, disjoint and ascending, each with the offset of its
    /// mask.
    masks: Vec<(Range<usize>, usize)>,
}

impl Source {
    /// The text as it may be shown.
    pub fn masked(&self) -> Masked {
        Masked::new(self.text())
    }
}

impl Masked {
    pub(crate) fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut masks = Vec::new();
        let mut done = 0;
        for part in confidential(original) {
            text.push_str(&original[done..part.start]);
            masks.push((part.clone(), text.len()));
            text.push_str(MASK);
            done = part.end;
        }
        text.push_str(&original[done..]);
        Self { text, masks }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text a place of the document is. What lies inside a masked part is the whole mask.
    pub fn range(&self, span: Span) -> Range<usize> {
        let Range { start, end } = span.range();
        let first = self.offset(start).0;
        first..self.offset(end).1.max(first)
    }

    /// The offset in the text for one in the document: inside of a masked part, where the mask begins
    /// and where it ends.
    fn offset(&self, offset: usize) -> (usize, usize) {
        let before = self.masks.partition_point(|(part, _)| part.end <= offset);
        let moved = match before.checked_sub(1) {
            Some(last) => self.masks[last].1 + MASK.len() + (offset - self.masks[last].0.end),
            None => offset,
        };
        match self.masks.get(before) {
            Some((part, mask)) if part.start < offset => (*mask, mask + MASK.len()),
            Some((part, mask)) if part.start == offset => (*mask, *mask),
            _ => (moved, moved),
        }
    }
}

/// The parts that must not be shown, disjoint, ascending and not empty.
fn confidential(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut done = 0;
    let next_tag = |from: usize| {
        memchr(b'<', &text.as_bytes()[from..]).map_or(text.len(), |found| from + found)
    };
    parts.extend(secret_of_text(text, 0..next_tag(0)));
    for tag in memchr_iter(b'<', text.as_bytes()) {
        if tag < done {
            continue;
        }
        let name_start = tag + 1;
        let length = name_length(&text.as_bytes()[name_start..]);
        let name = &text[name_start..name_start + length];
        let name_end = name_start + length;
        // A tag that does not end before the next one begins is broken; its values may be anywhere.
        let tag_end = match memchr2(b'<', b'>', &text.as_bytes()[name_end..]) {
            Some(at) => name_end + at + usize::from(text.as_bytes()[name_end + at] == b'>'),
            None => text.len(),
        };
        if text[name_start..].starts_with(['/', '!', '?']) {
            parts.extend(secret_of_text(text, name_start..next_tag(name_start)));
            continue;
        }
        if is_secret(name) {
            done = end_of_secret(text, name, tag_end);
            // Something in the tag itself may be secret as well, or be a broken value.
            let inside_tag = text[name_end..tag_end].trim_end_matches('>').trim_end_matches('/');
            let is_bare = inside_tag.trim_matches(XML_SPACE).is_empty();
            parts.extend(not_empty(text, if is_bare { tag_end..done } else { name_end..done }));
        } else if is_address(name) {
            let end = end_of_address(text, name, tag_end);
            parts.extend(secrets_of_attributes(text, name_end..tag_end));
            parts.extend(secret_of_address(text, tag_end..end));
            // What may be tags inside of it may hold secrets of their own.
            done = name_end;
        } else {
            parts.extend(secrets_of_attributes(text, name_end..tag_end));
            parts.extend(secret_of_text(text, tag_end..next_tag(tag_end)));
            done = name_end;
        }
    }
    // Parts of broken tags can overlap.
    parts.sort_by_key(|part| part.start);
    let mut disjoint: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match disjoint.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => disjoint.push(part),
        }
    }
    disjoint
}

/// Where the content of the secret element `name`, which begins at `content`, ends.
fn end_of_secret(text: &str, name: &str, content: usize) -> usize {
    if text[..content].ends_with("/>") {
        // What stands there may be its value all the same, behind a slash too many.
        return text[content..].find('<').map_or(text.len(), |at| content + at);
    }
    let end = format!("</{name}");
    text[content..].find(&end).map_or(text.len(), |at| content + at)
}

/// Where the content at `content` of the element `name`, which has an address, ends: at an end tag, at
/// another such element, or at the first address of a list. Any other `<` may be a piece of it.
fn end_of_address(text: &str, name: &str, content: usize) -> usize {
    let tags = memchr_iter(b'<', &text.as_bytes()[content..]).map(|at| content + at);
    let mut ends = tags.filter(|at| {
        let behind = &text[at + 1..];
        let tag = &behind[..name_length(behind.as_bytes())];
        behind.starts_with('/') || tag == name || tag == "base_url"
    });
    ends.next().unwrap_or(text.len())
}

/// The values of secret attributes between a tag's name and its end.
fn secrets_of_attributes(text: &str, tag: Range<usize>) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut at = tag.start;
    while let Some(equals) = text[at..tag.end].find('=').map(|found| at + found) {
        let name = text[at..equals].trim_end_matches(XML_SPACE);
        let name = &name[name.rfind(['"', '\'', ' ', '\t', '\r', '\n']).map_or(0, |end| end + 1)..];
        // Where a quote is missing, the next attribute may stand in what looks like a value.
        at = equals + 1;
        if is_secret(name) {
            let value = value(text, at);
            at = value.end.max(at);
            secrets.extend(not_empty(text, value));
        } else if is_address(name) {
            let value = value(text, at);
            if !text[value.clone()].contains(XML_SPACE) {
                at = value.end.max(at);
            }
            secrets.extend(secret_of_address(text, value));
        }
        if at >= tag.end {
            break;
        }
    }
    secrets
}

/// The value of an attribute whose `=` stands before `at`.
fn value(text: &str, at: usize) -> Range<usize> {
    let start = text.len() - text[at..].trim_start_matches(XML_SPACE).len();
    let end = |from: usize, ends: &dyn Fn(char) -> bool| {
        text[from..].find(ends).map_or(text.len(), |found| from + found)
    };
    match text[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => start + 1..end(start + 1, &|c| c == quote),
        _ => start..end(start, &|c| c == '>' || XML_SPACE.contains(&c)),
    }
}

/// What of a text that is no markup is not shown: all behind the name of a secret that looks as if its
/// value followed, as in a tag without its `<`, in JSON, or in a list of settings; and all behind the
/// scheme of an address with user information.
fn secret_of_text(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let named = behind_secret_name(text, part.clone());
    let user = behind_scheme_with_user(&text[part.clone()]).map(|at| part.start + at);
    let start = named.into_iter().chain(user).min()?;
    not_empty(text, start..part.end)
}

/// Where an address with user information goes on behind its scheme.
fn behind_scheme_with_user(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(scheme) = text[at..].find("://") {
        at += scheme + "://".len();
        let ends = |c: char| c == '@' || c == '"' || c == '\'' || c.is_whitespace();
        let end = at + text[at..].find(ends)?;
        if text[end..].starts_with('@') {
            return Some(at);
        }
        at = end;
    }
    None
}

fn behind_secret_name(text: &str, part: Range<usize>) -> Option<usize> {
    let bytes = &text.as_bytes()[part.clone()];
    let behind = memchr3_iter(b'=', b':', b'>', bytes).find(|at| {
        let before = &text[part.start..part.start + at];
        let before = before.trim_end_matches(XML_SPACE).trim_end_matches(['"', '\'']);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        is_secret(&before[before.trim_end_matches(is_name).len()..])
    })?;
    Some(part.start + behind + 1)
}

/// What of an address is not shown: all behind the scheme if there may be user information, else all
/// behind the path, unless that is nothing but placeholders.
fn secret_of_address(text: &str, address: Range<usize>) -> Option<Range<usize>> {
    let shown = text[address.clone()].trim_end_matches(XML_SPACE);
    let end = address.start + shown.len();
    if shown.contains('@') {
        let start = shown.find("://").map_or(0, |scheme| scheme + "://".len());
        return not_empty(text, address.start + start..end);
    }
    let start = address.start + shown.find(['?', '#', '&', ';'])?;
    if holds_only_placeholders(shown.trim_start_matches(XML_SPACE)) {
        return None;
    }
    not_empty(text, start..end)
}

fn not_empty(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    text.get(part.clone())
        .is_some_and(|part| !part.trim_matches(XML_SPACE).is_empty())
        .then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Masked::new(text).text().to_owned()
    }

    #[test]
    fn passwords_are_masked_in_sound_and_in_broken_documents() {
        for text in [
            "<a><password>hunter2</password><b/></a>",
            "<a><Password x='hunter2'>y</Password></a>",
            "<a password=\"hunter2\" b=\"1\"/>",
            "<a b='1' auth_token = 'hunter2'/>",
            "<a password=hunter2 b=1>",
            "<a password='hunter2>",
            "<a><password>hunter2</passwords></a>",
            "<a><password>hun<b>hunter2</b></password></a>",
            "<a><password\n>hunter2</a>",
            "<a><password hunter2",
            "<a><password><![CDATA[</a>hunter2]]></password></a>",
            "<a><!-- <password>hunter2</password> --></a>",
            "<base_url>https://alice:hunter2@example.com/</base_url>",
            "<base_url>https://example.com/?a=[user]&b=hun&hunter2</base_url>",
            "<base_url>https://example.com/#hunter2</base_url>",
            "<base_url>https://example.com/?p=a<hunter2</base_url>",
            "<base_url>https://example.com/?p=a<b c='hunter2'/></base_url>",
            "<base_url>https://example.com/?p=a<!hunter2</base_url>",
            "<base_url>https://example.com/?p=a<some_url>hunter2</base_url>",
            "<base_urls><options><password>hunter2\n&hunter2</password></options>",
            "<base_url>https://example.com/?hunter2</base_url",
            "<a url='https://example.com/?hunter2'/>",
            "<a><password/>hunter2</password></a>",
            "<a b='1 password='hunter2'/>",
            "<a url='x password='hunter2'/>",
            "account password=\"hunter2\"/>",
            "password>hunter2</password>",
            "<a>password>hunter2</password></a>",
            "</password>password>hunter2",
            "{\"user\": \"alice\", \"auth_token\" : \"hunter2\"}",
            "<!-- password: hunter2 -->",
            "<!-- https://example.com/ and https://alice:hunter2@example.com/ -->",
            "<a>https://alice:hunter2@example.com/</a>",
            "<?php $password = 'hunter2'; ?>",
        ] {
            let shown = masked(text);
            assert!(!shown.contains("hunter2"), "{text}: {shown}");
            assert!(shown.contains(MASK), "{text}: {shown}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "<a><user>alice</user><password></password><password/></a>",
            "<base_url> https://example.com/p/?u=[user]&amp;p=[pass]&v=[version] </base_url>",
            "<base_urls><base_url>https://example.com/</base_url><base_url>http://b/</base_url></base_urls>",
            "no markup & nothing",
            "<a url='https://example.com/?user=[user]&amp;password=[pass]' b='a=b'/>",
            "<a>password</a>b=c: d>e",
            "<password/>\n<b/>",
            "<base_url>https://example.com/?user=[user]&password=[pass]</base_url>",
            "<",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn places_lead_to_where_things_are_shown() {
        let text = "<a><password>hunter2</password><b/></a>";
        let shown = Masked::new(text);
        let of = |part: &str| {
            let start = text.find(part).expect("it is there");
            &shown.text()[shown.range(Span::new(start, start + part.len()))]
        };
        assert_eq!(shown.text(), "<a><password>[masked]</password><b/></a>");
        assert_eq!(of("<b/>"), "<b/>");
        assert_eq!(of("unte"), "[masked]");
        assert_eq!(of("hunter2"), "[masked]");
        assert_eq!(of("<password>hun"), "<password>[masked]");
        assert_eq!(shown.range(Span::at(text.len())), shown.text().len()..shown.text().len());
    }
}

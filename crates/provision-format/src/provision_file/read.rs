//! The model from a file.

use std::ops::Range;

use roxmltree::Node;

use crate::diagnostic::{Diagnostic, Reading, Report};
use crate::findings::Findings;
use crate::gate::{self, Judgement};
use crate::repaired::{Repaired, tree};
use crate::root::{PROVISION, wrong_root};
use crate::secret_name::{is_secret, may_hold_secret};
use crate::section_names::{SignificantSections, XML_SPACE};
use crate::shown::quoted;
use crate::suggestion::nearest;
use crate::tokens::{Token, Tokens, tag_length};
use crate::{Code, Secret, Source, Span, UrlTemplate};

use super::layout::{
    AUTHENTICATION_TYPE, BOOLEAN, PASSWORD_FORMAT, PROVISION_ELEMENTS, RESTRICTIONS, children_of,
    is_known,
};
use super::remarks::{ListedSections, Places, remark, remark_on_sections};
use super::{
    AddressBook, AuthenticationType, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions,
};

pub(super) fn read(source: Source) -> Result<Reading<ProvisionFile>, Report> {
    let Judgement { outline, mut findings, repairs } = gate::judge(source.text());
    let mut file = None;
    if let Some(outline) = outline {
        let place = outline.root.name;
        match &source.text()[place.range()] {
            PROVISION => {
                if let Some(finding) = too_much_for_a_tree(source.text(), place) {
                    findings.add(finding);
                    return Err(Report::new(source, findings));
                }
                let repaired = Repaired::new(source.text(), &repairs);
                // What could not be repaired is not looked into.
                if findings.have_errors() && !gate::passes(repaired.text()) {
                    return Err(Report::new(source, findings));
                }
                let text = repaired.for_tree();
                match tree(&text) {
                    Ok(tree) => {
                        let mut reader = Reader::new(&repaired, findings);
                        let read = reader.provision_file(tree.root_element());
                        findings = reader.findings;
                        if !reader.has_bad_value {
                            remark(&read, &reader.places, &mut findings);
                        }
                        file = Some(read);
                    }
                    Err(finding) => findings.add(finding),
                }
            }
            other => {
                findings.drop_warnings();
                findings.add(wrong_root(other, place, &[PROVISION]));
            }
        }
    }
    Reading::unless_errors(file, Report::new(source, findings))
}

/// A provisioning file has about twenty elements; a tree of a file with a million would need many times
/// its size.
const MARKUP_LIMIT: usize = 20_000;
/// No address and no password is longer than this many bytes.
const VALUE_LIMIT: usize = 64 << 10;
/// No phone has more sections.
const LIST_LIMIT: usize = 1000;

fn too_much_for_a_tree(text: &str, root: Span) -> Option<Diagnostic> {
    let refuse = |message| Some(Diagnostic::error(Code::TooComplex, root, message));
    // roxmltree makes room for as many nodes as there are `<`, wherever they stand.
    let markup = memchr::memchr2_iter(b'<', b'=', text.as_bytes()).take(MARKUP_LIMIT + 1).count();
    if markup > MARKUP_LIMIT {
        return refuse(format!(
            "a provisioning file has at most {MARKUP_LIMIT} tags and attributes"
        ));
    }
    let mut value = 0;
    for (token, place) in Tokens::new(text, Span::new(0, text.len())) {
        let length = match token {
            Token::Text | Token::Cdata(_) => {
                value += place.len();
                value
            }
            Token::Start { .. } | Token::End => {
                value = 0;
                place.len()
            }
            Token::Comment | Token::Other => 0,
        };
        if length > VALUE_LIMIT {
            return refuse(format!(
                "a value in a provisioning file has at most {VALUE_LIMIT} bytes"
            ));
        }
    }
    None
}

/// Collects what is wrong while the values are read.
struct Reader<'t> {
    repaired: &'t Repaired<'t>,
    findings: Findings,
    places: Places,
    /// The text has faults. What seems to be missing or out of place may be so because of them.
    is_faulty: bool,
    /// A value could not be read, so what the file says as a whole is not known.
    has_bad_value: bool,
}

impl<'t> Reader<'t> {
    fn new(repaired: &'t Repaired<'t>, findings: Findings) -> Self {
        let is_faulty = findings.have_errors();
        Self { repaired, findings, places: Places::default(), is_faulty, has_bad_value: false }
    }

    fn provision_file(&mut self, root: Node<'_, '_>) -> ProvisionFile {
        let children = self.children(root, "");
        let base_urls = match only(&children, "base_urls") {
            Some(node) => self.base_urls(node),
            None => Vec::new(),
        };
        if base_urls.is_empty() && !self.is_faulty {
            let place = self.name(only(&children, "base_urls").unwrap_or(root));
            let finding = Diagnostic::warning(Code::NoServer, place, "no server is named");
            self.findings.add(finding.with_help("add a `base_url` inside `base_urls`"));
        }
        ProvisionFile {
            base_urls,
            options: only(&children, "options").map(|node| self.options(node)).unwrap_or_default(),
            significant_sections: only(&children, "significant_sections")
                .map(|node| self.significant_sections(node)),
            address_book: AddressBook {
                use_addressbook: only(&children, "addressbook").is_some_and(|node| {
                    let children = self.children(node, "addressbook");
                    self.boolean(&children, "use_addressbook").unwrap_or(false)
                }),
                restrictions: only(&children, "restrictions")
                    .map(|node| self.restrictions(node))
                    .unwrap_or_default(),
            },
        }
    }

    fn base_urls(&mut self, parent: Node<'_, '_>) -> Vec<UrlTemplate> {
        let mut urls = Vec::new();
        for child in self.known_children(parent, &children_of("base_urls")) {
            match UrlTemplate::new(&self.leaf(child)) {
                Some(url) => {
                    urls.push(url);
                    let place = self.content(child);
                    self.places.urls.push(place);
                }
                None => self.empty(child, "it is left out"),
            }
        }
        urls
    }

    fn options(&mut self, node: Node<'_, '_>) -> ProvisionOptions {
        let children = self.children(node, "options");
        for rule in PROVISION_ELEMENTS.iter().filter(|rule| rule.parent() == "options") {
            if let Some(child) = only(&children, rule.name()) {
                let place = self.name(child);
                self.places.options.insert(rule.name(), place);
            }
        }
        let defaults = ProvisionOptions::default();
        let authentication_types = [AuthenticationType::Basic, AuthenticationType::Url];
        let password_formats = [PasswordFormat::Md5Digest, PasswordFormat::Plain];
        ProvisionOptions {
            use_authentication: self
                .boolean(&children, "use_authentication")
                .unwrap_or(defaults.use_authentication),
            user_input_authentication: self
                .boolean(&children, "user_input_authentication")
                .unwrap_or(defaults.user_input_authentication),
            authentication_type: self
                .choice(&children, "authentication_type", AUTHENTICATION_TYPE, authentication_types)
                .unwrap_or(defaults.authentication_type),
            user: only(&children, "user")
                .map(|node| self.exact_leaf(node))
                .unwrap_or(defaults.user),
            password: only(&children, "password")
                .map(|node| Secret::new(self.exact_leaf(node)))
                .unwrap_or(defaults.password),
            refresh_rate: self.seconds(&children, "refresh_rate").unwrap_or(defaults.refresh_rate),
            password_format: self.choice(
                &children,
                "password_format",
                PASSWORD_FORMAT,
                password_formats,
            ),
            delete_accounts_beforehand: self
                .boolean(&children, "delete_accounts_beforehand")
                .unwrap_or(defaults.delete_accounts_beforehand),
            delete_contact_services_beforehand: self
                .boolean(&children, "delete_contact_services_beforehand")
                .unwrap_or(defaults.delete_contact_services_beforehand),
        }
    }

    fn significant_sections(&mut self, node: Node<'_, '_>) -> SignificantSections {
        let list = self.leaf(node);
        if self.is_too_long(node, &list) {
            return SignificantSections::default();
        }
        let place = self.content(node);
        let sections = SignificantSections::from_list(&list);
        let literal = content_range(self.repaired.text(), node);
        let listed = ListedSections {
            list: &list,
            place,
            is_literal: self.repaired.text()[literal] == list && place.len() == list.len(),
        };
        remark_on_sections(&listed, &mut self.findings);
        if sections.is_empty() {
            let message = "`significant_sections` is empty, so nothing is provisioned";
            let help = "list the sections that the server owns, such as `accounts,codecs`";
            self.warn(Code::NothingProvisioned, self.name(node), message, Some(help.to_owned()));
        }
        sections
    }

    fn restrictions(&mut self, node: Node<'_, '_>) -> Restrictions {
        let list = self.leaf(node);
        let mut restrictions = Restrictions::default();
        if self.is_too_long(node, &list) {
            return restrictions;
        }
        for word in list.split(',').map(|word| word.trim_matches(XML_SPACE)) {
            match word.to_ascii_lowercase().as_str() {
                "" => {}
                "add" => restrictions.add = true,
                "update" => restrictions.update = true,
                "delete" => restrictions.delete = true,
                _ => self.bad_value(node, word, &RESTRICTIONS),
            }
        }
        restrictions
    }

    fn is_too_long(&mut self, node: Node<'_, '_>, list: &str) -> bool {
        let is_too_long = list.split(',').nth(LIST_LIMIT).is_some();
        if is_too_long {
            let message = format!("a list in a provisioning file has at most {LIST_LIMIT} words");
            let place = self.name(node);
            self.findings.add(Diagnostic::error(Code::TooComplex, place, message));
        }
        is_too_long
    }

    // Values of one element.

    /// A boolean (spec 1.1).
    fn boolean(&mut self, children: &[Node<'_, '_>], name: &str) -> Option<bool> {
        self.choice(children, name, BOOLEAN, [false, false, true, true])
    }

    /// What the element's word stands for; absent if the element is, or is empty.
    fn choice<T: Copy, const N: usize>(
        &mut self,
        children: &[Node<'_, '_>],
        name: &str,
        words: [&str; N],
        values: [T; N],
    ) -> Option<T> {
        let node = only(children, name)?;
        let text = self.value(node)?;
        let found = words.iter().position(|word| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            self.bad_value(node, &text, &words);
        }
        found.map(|index| values[index])
    }

    fn seconds(&mut self, children: &[Node<'_, '_>], name: &str) -> Option<u32> {
        let node = only(children, name)?;
        let text = self.value(node)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|_| digits);
        if seconds.is_none() {
            let message = format!("{} is no number of whole seconds", quoted(&text));
            let help = format!("write a number from 0 to {}", u32::MAX);
            self.has_bad_value = true;
            let finding = Diagnostic::error(Code::BadValue, self.content(node), message);
            self.findings.add(finding.with_help(help));
        }
        seconds
    }

    /// The text to interpret, trimmed (spec 1.4); an empty one counts as absent (spec 1.1).
    fn value(&mut self, node: Node<'_, '_>) -> Option<String> {
        let text = self.leaf(node);
        let text = text.trim_matches(XML_SPACE);
        if text.is_empty() {
            self.empty(node, "it counts as absent");
            return None;
        }
        Some(text.to_owned())
    }

    /// The text as it stands, less one line break and its indentation at either end, where these
    /// stand in the source as such (spec 1.4).
    fn exact_leaf(&mut self, node: Node<'_, '_>) -> String {
        let text = self.leaf(node);
        let raw = &self.repaired.text()[content_range(self.repaired.text(), node)];
        let mut value = text.as_str();
        let mut raw_rest = raw;
        if let Some(behind) = strip_line_break(raw) {
            let indented = behind.trim_start_matches([' ', '\t']);
            // In the value a line break is always one LF.
            value = value.get(1 + behind.len() - indented.len()..).unwrap_or("");
            raw_rest = indented;
        }
        let unindented = raw_rest.trim_end_matches([' ', '\t']);
        if unindented.ends_with(['\n', '\r']) {
            let cut = 1 + raw_rest.len() - unindented.len();
            value = value.get(..value.len().saturating_sub(cut)).unwrap_or("");
        }
        value.to_owned()
    }

    /// All text directly inside an element that should hold nothing else.
    fn leaf(&mut self, node: Node<'_, '_>) -> String {
        self.attributes(node);
        let name = node.tag_name().name();
        for child in node.children().filter(Node::is_element) {
            if !self.findings.has_room() {
                self.findings.leave_out();
                continue;
            }
            let message = if may_hold_secret(name) {
                format!("no element belongs inside `{name}`; it is left out")
            } else {
                let child = quoted(child.tag_name().name());
                format!("{child} does not belong inside `{name}`; it is left out")
            };
            self.warn(Code::UnknownElement, self.name(child), message, None);
        }
        node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
    }

    // Elements that hold elements.

    /// The children of `parent`, at `path`, that the table knows, each name once (spec 1.3).
    fn children<'a, 'i>(&mut self, parent: Node<'a, 'i>, path: &str) -> Vec<Node<'a, 'i>> {
        let mut first: Vec<Node<'a, 'i>> = Vec::new();
        for child in self.known_children(parent, &children_of(path)) {
            match first.iter().find(|earlier| earlier.tag_name() == child.tag_name()) {
                None => first.push(child),
                Some(earlier) => {
                    let name = child.tag_name().name();
                    let message = format!("`{name}` stands twice; the first one counts");
                    let place = self.name(child);
                    let finding = Diagnostic::warning(Code::RepeatedElement, place, message)
                        .with_label(self.name(*earlier), "the first one")
                        .with_help("remove one of them");
                    self.findings.add(finding);
                }
            }
        }
        first
    }

    /// All children of `parent` that are `known`.
    fn known_children<'a, 'i>(
        &mut self,
        parent: Node<'a, 'i>,
        known: &[&str],
    ) -> Vec<Node<'a, 'i>> {
        self.attributes(parent);
        let mut children = Vec::new();
        for child in parent.children() {
            let stray = child.text().filter(|text| !text.trim_matches(XML_SPACE).is_empty());
            if child.is_element() && known.contains(&child.tag_name().name()) {
                children.push(child);
            } else if self.is_faulty && is_known(child.tag_name().name()) {
                // Most likely an element before it was not closed.
            } else if !self.findings.has_room() && (child.is_element() || stray.is_some()) {
                self.findings.leave_out();
            } else if child.is_element() {
                let name = child.tag_name().name();
                let message = format!(
                    "{} has no meaning inside `{}`; it is left out",
                    quoted(name),
                    parent.tag_name().name()
                );
                let help = self.suggest(name, known);
                let help = help.map(|known| format!("did you mean `{known}`?"));
                self.warn(Code::UnknownElement, self.name(child), message, help);
            } else if child.is_text() && stray.is_some() {
                let message = format!("text has no meaning inside `{}`", parent.tag_name().name());
                // White space around it is layout.
                let raw = &self.repaired.text()[child.range()];
                let start =
                    child.range().start + raw.len() - raw.trim_start_matches(XML_SPACE).len();
                let end = start + raw.trim_matches(XML_SPACE).len();
                let place = self.repaired.original(start..end);
                self.warn(Code::StrayText, place, message, None);
            }
        }
        children
    }

    fn attributes(&mut self, node: Node<'_, '_>) {
        for attribute in node.attributes() {
            if !self.findings.has_room() {
                self.findings.leave_out();
                continue;
            }
            let element = node.tag_name().name();
            let message = if is_secret(element) {
                format!("an attribute has no meaning on `{element}`")
            } else {
                format!(
                    "the attribute {} has no meaning on {}",
                    quoted(attribute.name()),
                    quoted(element)
                )
            };
            let place = self.repaired.original(attribute.range_qname());
            self.warn(Code::UnknownAttribute, place, message, None);
        }
    }

    // Findings.

    /// A suggestion costs more than a finding that nobody will see.
    fn suggest<'n>(&self, written: &str, known: &[&'n str]) -> Option<&'n str> {
        self.findings.has_room().then(|| nearest(written, known.iter().copied()))?
    }

    fn empty(&mut self, node: Node<'_, '_>, consequence: &str) {
        let message = format!("`{}` is empty; {consequence}", node.tag_name().name());
        self.warn(Code::EmptyValue, self.name(node), message, None);
    }

    fn bad_value(&mut self, node: Node<'_, '_>, value: &str, good: &[&str]) {
        self.has_bad_value = true;
        if !self.findings.takes_an_error() {
            return self.findings.leave_out();
        }
        let name = node.tag_name().name();
        let message = if is_secret(name) {
            format!("this is no value of `{name}`")
        } else {
            format!("{} is no value of `{name}`", quoted(value))
        };
        let list: Vec<_> = good.iter().map(|word| format!("`{word}`")).collect();
        let help = match nearest(value, good.iter().copied().filter(|word| word.len() > 1)) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write one of {}", list.join(", ")),
        };
        let finding = Diagnostic::error(Code::BadValue, self.content(node), message);
        self.findings.add(finding.with_help(help));
    }

    fn warn(&mut self, code: Code, place: Span, message: impl Into<String>, help: Option<String>) {
        let mut finding = Diagnostic::warning(code, place, message);
        finding.help = help;
        self.findings.add(finding);
    }

    /// The place of an element's name.
    fn name(&self, node: Node<'_, '_>) -> Span {
        let start = node.range().start + 1;
        self.repaired.original(start..start + node.tag_name().name().len())
    }

    /// The place of an element's content, or of its name if it has none.
    fn content(&self, node: Node<'_, '_>) -> Span {
        let content = content_range(self.repaired.text(), node);
        if content.is_empty() { self.name(node) } else { self.repaired.original(content) }
    }
}

fn only<'a, 'i>(children: &[Node<'a, 'i>], name: &str) -> Option<Node<'a, 'i>> {
    children.iter().copied().find(|child| child.has_tag_name(name))
}

/// What lies between an element's tags, in a text that is well-formed.
fn content_range(text: &str, node: Node<'_, '_>) -> Range<usize> {
    let range = node.range();
    let element = &text[range.clone()];
    let start = tag_length(element.as_bytes());
    let end = element.rfind("</").filter(|end| *end >= start).unwrap_or(start);
    range.start + start..range.start + end
}

fn strip_line_break(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix(['\n', '\r']))
}

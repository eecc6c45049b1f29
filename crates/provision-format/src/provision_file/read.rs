//! The model from a file.

use std::collections::HashSet;
use std::ops::Range;

use roxmltree::Node;

use crate::diagnostic::{Diagnostic, Reading, Report};
use crate::findings::Findings;
use crate::repaired::Repaired;
use crate::root::{PROVISION, wrong_root};
use crate::secret_name::{is_secret, may_hold_secret};
use crate::section_names::{KNOWN_SECTIONS, SectionName, SignificantSections, XML_SPACE};
use crate::shown::quoted;
use crate::suggestion::nearest;
use crate::tokens::tag_length;
use crate::{Code, Secret, Source, Span, gate};

use super::{
    AddressBook, AuthenticationType, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions,
    UrlTemplate,
};

pub(super) fn read(source: Source) -> Result<Reading<ProvisionFile>, Report> {
    let judgement = gate::judge(source.text());
    let mut findings = judgement.findings;
    let mut file = None;
    let sound = !findings.have_errors();
    if let Some(outline) = judgement.outline.filter(|_| sound) {
        let place = outline.root.name;
        match &source.text()[place.range()] {
            PROVISION => {
                let repaired = Repaired::new(source.text(), judgement.ampersands);
                match repaired.tree() {
                    Ok(tree) => {
                        let mut reader = Reader { repaired: &repaired, findings };
                        file = Some(reader.provision_file(tree.root_element()));
                        findings = reader.findings;
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

const LAYOUT: [&str; 5] =
    ["base_urls", "options", "significant_sections", "addressbook", "restrictions"];

const OPTIONS: [&str; 9] = [
    "use_authentication",
    "user_input_authentication",
    "authentication_type",
    "user",
    "password",
    "refresh_rate",
    "password_format",
    "delete_accounts_beforehand",
    "delete_contact_services_beforehand",
];

/// Collects what is wrong while the values are read.
struct Reader<'t> {
    repaired: &'t Repaired,
    findings: Findings,
}

impl Reader<'_> {
    fn provision_file(&mut self, root: Node<'_, '_>) -> ProvisionFile {
        let children = self.children(root, &LAYOUT);
        let base_urls = match only(&children, "base_urls") {
            Some(node) => self.base_urls(node),
            None => Vec::new(),
        };
        if base_urls.is_empty() {
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
                    let children = self.children(node, &["use_addressbook"]);
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
        for child in self.known_children(parent, &["base_url"]) {
            match UrlTemplate::new(&self.leaf(child)) {
                Some(url) => urls.push(url),
                None => self.empty(child, "it is left out"),
            }
        }
        urls
    }

    fn options(&mut self, node: Node<'_, '_>) -> ProvisionOptions {
        let children = self.children(node, &OPTIONS);
        let defaults = ProvisionOptions::default();
        let authentication_types =
            [("basic", AuthenticationType::Basic), ("url", AuthenticationType::Url)];
        let password_formats = [("0", PasswordFormat::Md5Digest), ("1", PasswordFormat::Plain)];
        ProvisionOptions {
            use_authentication: self
                .boolean(&children, "use_authentication")
                .unwrap_or(defaults.use_authentication),
            user_input_authentication: self
                .boolean(&children, "user_input_authentication")
                .unwrap_or(defaults.user_input_authentication),
            authentication_type: self
                .choice(&children, "authentication_type", &authentication_types)
                .unwrap_or(defaults.authentication_type),
            user: only(&children, "user")
                .map(|node| self.exact_leaf(node))
                .unwrap_or(defaults.user),
            password: only(&children, "password")
                .map(|node| Secret::new(self.exact_leaf(node)))
                .unwrap_or(defaults.password),
            refresh_rate: self.seconds(&children, "refresh_rate").unwrap_or(defaults.refresh_rate),
            password_format: self.choice(&children, "password_format", &password_formats),
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
        let place = self.content(node);
        let mut names = HashSet::new();
        for name in list.split(',').filter_map(SectionName::new) {
            let shown = quoted(name.as_str());
            if !names.insert(name.clone()) {
                let message = format!("the section {shown} is listed twice");
                self.warn(
                    Code::RepeatedSection,
                    place,
                    message,
                    Some("remove one of them".to_owned()),
                );
                continue;
            }
            if !name.is_known() {
                let message =
                    format!("the section {shown} is not one that phones are known to have");
                let help = self.suggest(name.as_str(), &KNOWN_SECTIONS);
                let help = help.map(|known| format!("did you mean `{known}`?"));
                self.warn(Code::UnknownSection, place, message, help);
            }
        }
        if names.is_empty() {
            let message = "`significant_sections` is empty, so nothing is provisioned";
            let help = "list the sections that the server owns, such as `accounts,codecs`";
            self.warn(Code::NothingProvisioned, self.name(node), message, Some(help.to_owned()));
        }
        SignificantSections::from_list(&list)
    }

    fn restrictions(&mut self, node: Node<'_, '_>) -> Restrictions {
        let list = self.leaf(node);
        let mut restrictions = Restrictions::default();
        for word in list.split(',').map(|word| word.trim_matches(XML_SPACE)) {
            match word.to_ascii_lowercase().as_str() {
                "" => {}
                "add" => restrictions.add = true,
                "update" => restrictions.update = true,
                "delete" => restrictions.delete = true,
                _ => self.bad_value(node, word, &["add", "update", "delete"]),
            }
        }
        restrictions
    }

    // Values of one element.

    /// A boolean (spec 1.1).
    fn boolean(&mut self, children: &[Node<'_, '_>], name: &str) -> Option<bool> {
        let values = [("0", false), ("1", true), ("false", false), ("true", true)];
        self.choice(children, name, &values)
    }

    /// One of `values`, in any ASCII case; absent if the element is, or is empty.
    fn choice<T: Copy>(
        &mut self,
        children: &[Node<'_, '_>],
        name: &str,
        values: &[(&str, T)],
    ) -> Option<T> {
        let node = only(children, name)?;
        let text = self.value(node)?;
        let found = values.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<_> = values.iter().map(|(word, _)| *word).collect();
            self.bad_value(node, &text, &words);
        }
        found.map(|(_, value)| *value)
    }

    fn seconds(&mut self, children: &[Node<'_, '_>], name: &str) -> Option<u32> {
        let node = only(children, name)?;
        let text = self.value(node)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|_| digits);
        if seconds.is_none() {
            let message = format!("{} is no number of whole seconds", quoted(&text));
            let help = format!("write a number from 0 to {}", u32::MAX);
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

    /// The children of `parent` that are `known`, each name once (spec 1.3).
    fn children<'a, 'i>(&mut self, parent: Node<'a, 'i>, known: &[&str]) -> Vec<Node<'a, 'i>> {
        let mut first: Vec<Node<'a, 'i>> = Vec::new();
        for child in self.known_children(parent, known) {
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
                let place = self.repaired.original(child.range());
                self.warn(Code::StrayText, place, message, None);
            }
        }
        children
    }

    fn attributes(&mut self, node: Node<'_, '_>) {
        for attribute in node.attributes() {
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

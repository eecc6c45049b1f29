//! What is remarkable about a configuration that can be read: what contradicts itself, and what a server
//! should not send.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::element::{Element, Leaves};
use crate::findings::Findings;
use crate::section_names::XML_SPACE;
use crate::shown::quoted;
use crate::suggestion::nearest;
use crate::{Code, Config, Section, Span};

/// Where a configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The phone itself.
    Phone,
    /// A server.
    Server,
}

/// Values of one machine, by their path from the section on. A path that ends with `/` stands for all
/// leaves below it.
const MACHINE_LOCAL: [(&str, &str); 12] = [
    ("general/window_main/", "where the window stands on one screen"),
    ("audio/input_device", "a sound device of one machine"),
    ("audio/output_device", "a sound device of one machine"),
    ("audio/ringing_device", "a sound device of one machine"),
    ("audio/speaker_input_device", "a sound device of one machine"),
    ("audio/speaker_device", "a sound device of one machine"),
    ("audio/selected_input_device/", "a sound device of one machine"),
    ("audio/selected_output_device/", "a sound device of one machine"),
    ("audio/selected_ringing_device/", "a sound device of one machine"),
    ("audio/selected_speaker_input_device/", "a sound device of one machine"),
    ("audio/selected_speaker_output_device/", "a sound device of one machine"),
    ("video/camera_device", "a camera of one machine"),
];

/// Leaves that hold a path of one machine wherever they stand. An empty one says nothing.
const PATHS: [&str; 11] = [
    "record_path",
    "record_path_bookmark",
    "custom_browser",
    "ring_tone_file",
    "custom_ringtone_location",
    "custom_certificate_location",
    "tls_certificate_file",
    "domain_certificate_file",
    "new_message_sound_file",
    "destination_folder",
    "custom_command",
];

/// Adds the remarks on `config`; `place` leads from a place in its text to the one to point at.
pub(crate) fn remark(
    config: &Config,
    origin: Origin,
    place: impl Fn(Range<usize>) -> Span,
    findings: &mut Findings,
) {
    let mut remarks = Remarks { config, place, findings };
    remarks.default_account();
    if origin == Origin::Server {
        remarks.empty_accounts();
        remarks.machine_local();
    }
}

struct Remarks<'a, P> {
    config: &'a Config,
    place: P,
    findings: &'a mut Findings,
}

impl<P: Fn(Range<usize>) -> Span> Remarks<'_, P> {
    /// `general/account` names the default account by its `name`, in later phones by its `ident`.
    fn default_account(&mut self) {
        let section = |name: &str| self.config.section(name).map(Section::element);
        let (Some(general), Some(accounts)) = (section("general"), section("accounts")) else {
            return;
        };
        let Some(account) = general.child("account") else { return };
        let wanted = account.text();
        let wanted = wanted.trim_matches(XML_SPACE);
        if wanted.is_empty() {
            return;
        }
        let mut names = Vec::new();
        for account in accounts.children().filter(|child| child.name() == "account") {
            for name in account.children().filter(|leaf| matches!(leaf.name(), "name" | "ident")) {
                let text = name.text();
                let text = text.trim_matches(XML_SPACE);
                if text == wanted {
                    return;
                }
                if names.len() < MOST_SUGGESTED {
                    names.push(text.to_owned());
                }
            }
        }
        let message = format!("no account has the name or the identifier {}", quoted(wanted));
        let mut finding =
            Diagnostic::warning(Code::DanglingAccount, self.content(account), message)
                .with_label((self.place)(accounts.name_span().range()), "not among these");
        finding = match nearest(wanted, names.iter().map(String::as_str)) {
            Some(name) => finding.with_help(format!("did you mean {}?", quoted(name))),
            None => finding.with_help("write the name of an account that is there"),
        };
        self.findings.add(finding);
    }

    /// Spec 4.4.
    fn empty_accounts(&mut self) {
        let Some(accounts) = self.config.section("accounts").filter(|section| section.is_empty())
        else {
            return;
        };
        let message = "`accounts` is empty: a phone that gets it has no account at all";
        let place = (self.place)(accounts.element().name_span().range());
        let finding = Diagnostic::warning(Code::EmptyAccounts, place, message)
            .with_help("send the accounts, or leave the section out to keep those of the phone");
        self.findings.add(finding);
    }

    fn machine_local(&mut self) {
        for section in self.config.sections() {
            for leaf in Leaves::inside(section.element()) {
                if !self.findings.has_room() {
                    return;
                }
                let element = leaf.element;
                let path = format!("{}/{}", section.name(), leaf.path);
                let known = MACHINE_LOCAL.iter().find(|(local, _)| match local.strip_suffix('/') {
                    Some(_) => path.starts_with(local),
                    None => path == *local,
                });
                let what = match known {
                    Some((_, what)) => *what,
                    None if PATHS.contains(&element.name()) && !is_blank(element) => {
                        "a path of one machine"
                    }
                    None => continue,
                };
                let message = format!("{} is {what}, and comes from a server", quoted(&path));
                let finding = Diagnostic::warning(Code::MachineLocal, self.name(element), message)
                    .with_help("leave it to the phone");
                self.findings.add(finding);
            }
        }
    }

    fn name(&self, element: Element<'_>) -> Span {
        (self.place)(element.name_span().range())
    }

    /// The content, or the name of an element that has none.
    fn content(&self, element: Element<'_>) -> Span {
        let content = element.content_span();
        if content.is_empty() { self.name(element) } else { (self.place)(content.range()) }
    }
}

/// So many names are looked through for a suggestion.
const MOST_SUGGESTED: usize = 1000;

fn is_blank(element: Element<'_>) -> bool {
    element.text().trim_matches(XML_SPACE).is_empty()
}

#[cfg(test)]
mod tests {
    use crate::{Checked, Code, DocumentKind, Source};

    fn codes(kind: DocumentKind, text: &str) -> Vec<Code> {
        let source = Source::from(text.to_owned());
        let report = Checked::new(source, Some(kind)).report;
        report.diagnostics().iter().map(|finding| finding.code).collect()
    }

    const LOCAL: &str = "<options><general><window_main><col>1</col></window_main><record_path>/x\
        </record_path><account>a</account></general><audio><input_device/><agc>1</agc></audio>\
        <accounts/><chat><new_message_sound_file> </new_message_sound_file></chat></options>";

    #[test]
    fn only_a_server_is_told_what_it_should_not_send() {
        assert_eq!(codes(DocumentKind::Configuration, LOCAL), [Code::DanglingAccount]);
        assert_eq!(
            codes(DocumentKind::Answer, LOCAL),
            [
                Code::MachineLocal,
                Code::MachineLocal,
                Code::DanglingAccount,
                Code::MachineLocal,
                Code::EmptyAccounts
            ]
        );
    }

    #[test]
    fn an_account_is_found_by_its_name_or_its_identifier() {
        let config = |account: &str| {
            format!(
                "<options><general><account>{account}</account></general><accounts><account><name>A &amp; B</name><ident>7</ident></account></accounts></options>"
            )
        };
        for good in ["A &#38; B", " 7\n", ""] {
            assert_eq!(codes(DocumentKind::Configuration, &config(good)), [], "{good}");
        }
        assert_eq!(codes(DocumentKind::Configuration, &config("8")), [Code::DanglingAccount]);
        let general_alone = "<options><general><account>x</account></general></options>";
        assert_eq!(codes(DocumentKind::Configuration, general_alone), []);
    }

    #[test]
    fn what_is_remarkable_is_found_behind_an_error_too() {
        let text =
            "<options><a>R&D</a><general><account>x</account></general><accounts/></options>";
        let source = Source::from(text.to_owned());
        let report = Checked::new(source, Some(DocumentKind::Configuration)).report;
        let found: Vec<_> = report
            .diagnostics()
            .iter()
            .map(|finding| (finding.code, &text[finding.span.range()]))
            .collect();
        assert_eq!(found, [(Code::BareAmpersand, "&"), (Code::DanglingAccount, "x")]);
    }
}

//! What is remarkable about a provisioning file that can be read: what will not work, and what is not
//! meant (spec 3).

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::findings::Findings;
use crate::section_names::{KNOWN_SECTIONS, XML_SPACE};
use crate::suggestion::nearest;
use crate::url_template::PLACEHOLDERS;
use crate::{Code, Span, UrlTemplate};

use super::{Authentication, AuthenticationType, Dialect, PasswordFormat, ProvisionFile};

/// Where the values stand that are spoken of.
#[derive(Default)]
pub(super) struct Places {
    /// The content of each `base_url` that counts.
    pub(super) urls: Vec<Span>,
    /// The names of elements inside `options`, for those that are there.
    pub(super) options: HashMap<&'static str, Span>,
}

/// A refresh more often than this is not done (spec 6.2).
const SHORTEST_REFRESH: u32 = 30;

pub(super) fn remark(file: &ProvisionFile, places: &Places, findings: &mut Findings) {
    let mut remarks = Remarks { file, findings };
    remarks.servers(&places.urls);
    remarks.credentials(&places.options);
    if let Some(place) = places.options.get("refresh_rate") {
        let seconds = file.options.refresh_rate;
        if (1..SHORTEST_REFRESH).contains(&seconds) {
            let message = format!(
                "a refresh every {seconds} s is too often; {SHORTEST_REFRESH} s are taken instead"
            );
            remarks.add(Code::ShortRefresh, *place, message, "write 30 or more");
        }
    }
}

struct Remarks<'a> {
    file: &'a ProvisionFile,
    findings: &'a mut Findings,
}

impl Remarks<'_> {
    // Servers.

    fn servers(&mut self, places: &[Span]) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut https: Option<Span> = None;
        for (template, place) in self.file.base_urls.iter().zip(places) {
            if let Some(first) = seen.get(template.as_str()) {
                let message = "this address stands here a second time; it is asked only once";
                let finding = Diagnostic::warning(Code::RepeatedServer, *place, message)
                    .with_label(*first, "the first one")
                    .with_help("remove one of them");
                self.findings.add(finding);
                continue;
            }
            seen.insert(template.as_str(), *place);
            self.placeholders(template, *place);
            match Address::of(template) {
                Ok(address) if address.is_https => {
                    https.get_or_insert(*place);
                }
                Ok(address) => self.plain_http(template, &address, *place, https),
                Err(fault) => self.add(fault.code, *place, fault.message, fault.help),
            }
        }
    }

    fn plain_http(
        &mut self,
        template: &UrlTemplate,
        address: &Address<'_>,
        place: Span,
        https: Option<Span>,
    ) {
        if address.is_loopback() {
            return;
        }
        let sent = match self.file.options.authentication() {
            Authentication::Off => None,
            Authentication::Preset(AuthenticationType::Basic)
            | Authentication::Ask(AuthenticationType::Basic) => Some("user name and password"),
            _ if template.has_credentials() => Some("user name and password digest"),
            _ => None,
        };
        if let Some(sent) = sent {
            let message =
                format!("{sent} go over plain http, where anyone on the way can read them");
            self.add(Code::CredentialsOverHttp, place, message, "write `https://`");
        }
        if let Some(https) = https {
            let message = "a plain http server behind an https one: whoever blocks the first one \
                           decides what this phone is configured with";
            let finding = Diagnostic::warning(Code::HttpAfterHttps, place, message)
                .with_label(https, "the https server")
                .with_help("write `https://`");
            self.findings.add(finding);
        }
    }

    fn placeholders(&mut self, template: &UrlTemplate, place: Span) {
        for word in template.words() {
            if !PLACEHOLDERS.contains(&word) {
                // The word may be a piece of a password.
                let message =
                    "a word in square brackets is no placeholder; it is sent as it stands";
                let help = match nearest(word, PLACEHOLDERS) {
                    Some(known) => format!("did you mean `[{known}]`?"),
                    None => "the placeholders are `[user]`, `[pass]` and `[version]`".to_owned(),
                };
                self.add(Code::UnknownPlaceholder, place, message, help);
            }
        }
        let has_credentials = template.has_credentials();
        match self.file.options.authentication() {
            Authentication::Off if has_credentials => {
                let message =
                    "no credentials are sent, so the placeholders in this address become empty";
                let help = "set `use_authentication` to 1, or remove the placeholders";
                self.add(Code::PlaceholdersUnused, place, message, help);
            }
            Authentication::Preset(AuthenticationType::Basic)
            | Authentication::Ask(AuthenticationType::Basic)
                if has_credentials =>
            {
                let message = "`basic` sends credentials in a header, so the placeholders in this \
                               address become empty";
                let help = "set `authentication_type` to `url`, or remove the placeholders";
                self.add(Code::PlaceholdersUnused, place, message, help);
            }
            Authentication::Preset(AuthenticationType::Url)
            | Authentication::Ask(AuthenticationType::Url)
                if !has_credentials =>
            {
                let message =
                    "credentials are to be sent in the address, and this one has no place for them";
                let help =
                    "put `[user]` and `[pass]` into it, or set `authentication_type` to `basic`";
                self.add(Code::PlaceholdersMissing, place, message, help);
            }
            _ => {}
        }
    }

    // Credentials.

    fn credentials(&mut self, places: &HashMap<&'static str, Span>) {
        let options = &self.file.options;
        let place = |name: &str| places.get(name).copied();
        match options.authentication() {
            Authentication::Off => {
                let unused = [
                    ("user", !options.user.is_empty()),
                    ("password", !options.password.is_empty()),
                ];
                for (name, is_set) in unused {
                    if let (true, Some(place)) = (is_set, place(name)) {
                        let message = format!("`{name}` is set and never sent");
                        let help = "set `use_authentication` to 1, or remove it";
                        self.add(Code::UnusedCredentials, place, message, help);
                    }
                }
            }
            Authentication::Ask(_) => {
                if let (false, Some(place)) = (options.password.is_empty(), place("password")) {
                    let message = "`password` is set and never sent: the user is asked for it";
                    let help = "remove it, or set `user_input_authentication` to 0";
                    self.add(Code::UnusedCredentials, place, message, help);
                }
            }
            Authentication::Preset(authentication_type) => {
                if options.user.is_empty() {
                    let place = place("user").or_else(|| place("use_authentication"));
                    let message = "credentials are to be sent, and there is no `user`";
                    let help =
                        "write `user` and `password`, or set `user_input_authentication` to 1";
                    self.add(Code::MissingCredentials, place.unwrap_or_default(), message, help);
                }
                if authentication_type == AuthenticationType::Basic && options.user.contains(':') {
                    let message =
                        "a user name with a colon cannot be sent by `basic` authentication";
                    let help = "take another user name, or `url` authentication";
                    self.add(Code::ColonInUser, place("user").unwrap_or_default(), message, help);
                }
                if let (false, Some(place)) = (options.password.is_empty(), place("password")) {
                    self.preset_password(authentication_type, place);
                }
            }
        }
    }

    /// What the preset password is taken for, and whether that can be meant. It is never quoted.
    fn preset_password(&mut self, authentication_type: AuthenticationType, place: Span) {
        let password = &self.file.options.password;
        let is_digest = self.file.password_format() == PasswordFormat::Md5Digest;
        match (self.file.options.password_format, self.file.dialect()) {
            (Some(PasswordFormat::Md5Digest), _) if !password.looks_hashed() => {
                let message = "`password_format` says that this is an MD5 digest, and it is not 32 \
                               hexadecimal digits";
                let help = "write the digest, or set `password_format` to 1";
                self.add(Code::NotADigest, place, message, help);
            }
            (None, Dialect::Zoiper5) => {
                let taken = if is_digest { "an MD5 digest" } else { "the password itself" };
                let message =
                    format!("nothing says what `password` holds; it is taken for {taken}");
                let help = "write `password_format`: 0 for a digest, 1 for the password itself";
                self.add(Code::PasswordFormatGuessed, place, message, help);
            }
            (None, Dialect::Zoiper3) if password.looks_hashed() => {
                let message = "this looks like an MD5 digest, and is taken for the password itself";
                let help = "write the plain password, or say with `password_format` what it is";
                self.add(Code::PasswordLooksHashed, place, message, help);
            }
            _ => {}
        }
        if is_digest && authentication_type == AuthenticationType::Basic {
            let message = "`basic` needs the password itself, and this is taken for its digest";
            let help = "write the plain password, or set `authentication_type` to `url`";
            self.add(Code::DigestWithBasic, place, message, help);
        }
        if !is_digest && password.looks_encoded() {
            let message = "this looks like a password that a phone has encoded for its own file; \
                           it is used as it stands";
            self.add(Code::PasswordLooksEncoded, place, message, "write the plain password");
        }
    }

    fn add(
        &mut self,
        code: Code,
        place: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.add(Diagnostic::warning(code, place, message).with_help(help));
    }
}

/// What stands in front of an address's path.
struct Address<'a> {
    is_https: bool,
    host: &'a str,
}

/// Why no request can be sent to an address (spec 3.2). Nothing of the address is quoted but a scheme.
struct Fault {
    code: Code,
    message: String,
    help: String,
}

impl<'a> Address<'a> {
    fn of(template: &'a UrlTemplate) -> Result<Self, Fault> {
        let text = template.as_str();
        let fault = |message: &str, help: &str| {
            Err(Fault { code: Code::BadServer, message: message.to_owned(), help: help.to_owned() })
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            let help = "write the whole address, such as `https://example.com/phones/`";
            return fault("this is no http or https address", help);
        };
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            other => {
                let help = match nearest(other, ["http", "https"]) {
                    Some(scheme) => format!("did you mean `{scheme}://`?"),
                    None => "only http and https servers are asked".to_owned(),
                };
                return fault("this is no http or https address", &help);
            }
        };
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return fault("there is white space inside of this address", "write `%20` for a space");
        }
        if text.contains('#') {
            return fault(
                "an address of a server has no fragment (`#`)",
                "remove it, or write `%23`",
            );
        }
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        if has_placeholder(authority) {
            let message = "a placeholder must not stand in front of the path";
            let help = "put it into the path or the query";
            let code = Code::MisplacedPlaceholder;
            return Err(Fault { code, message: message.to_owned(), help: help.to_owned() });
        }
        if authority.contains('@') {
            let help = "use `basic` authentication, with `user` and `password`";
            return fault("an address must not hold a user name or a password", help);
        }
        let host_end = authority.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match authority[host_end..].split_once(':') {
            Some((host, port)) => (&authority[..host_end + host.len()], Some(port)),
            None => (authority, None),
        };
        let is_port = |port: &str| {
            port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        };
        if host.is_empty() {
            return fault("this address has no host", "write it behind `://`");
        }
        if !host.is_ascii() {
            let help = "write it in its ASCII form, which begins with `xn--`";
            return fault("the host has characters beyond ASCII", help);
        }
        if port.is_some_and(|port| !is_port(port)) {
            return fault("the port is no number from 1 to 65535", "write a number, or no colon");
        }
        Ok(Self { is_https, host })
    }

    /// Nobody else can read what stays on the machine.
    fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.starts_with("127.")
            || self.host == "[::1]"
    }
}

fn has_placeholder(text: &str) -> bool {
    PLACEHOLDERS.iter().any(|word| text.contains(&format!("[{word}]")))
}

/// What is listed, and where each name stands.
pub(super) struct ListedSections<'a> {
    /// The content of the element, as it reads.
    pub(super) list: &'a str,
    /// The place of the content.
    pub(super) place: Span,
    /// Whether the content stands in the document as it reads, so that every name has a place.
    pub(super) is_literal: bool,
}

/// Sections that hold what only the phone itself can know.
const MACHINE_LOCAL: [(&str, &str); 2] = [("audio", "sound devices"), ("video", "cameras")];

/// What is remarkable about the list of significant sections (spec 1.8).
pub(super) fn remark_on_sections(listed: &ListedSections<'_>, findings: &mut Findings) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut offset = 0;
    for piece in listed.list.split(',') {
        let start = offset + (piece.len() - piece.trim_start_matches(XML_SPACE).len());
        let name = piece.trim_matches(XML_SPACE);
        let behind_comma = offset;
        offset += piece.len() + 1;
        if name.is_empty() {
            continue;
        }
        let within = |start: usize, end: usize| {
            let content = listed.place.start as usize;
            Span::new(content + start, content + end)
        };
        let place =
            if listed.is_literal { within(start, start + name.len()) } else { listed.place };
        let shown = crate::shown::quoted(name);
        if let Some(first) = seen.get(name) {
            let message = format!("the section {shown} is listed twice");
            let mut finding = Diagnostic::warning(Code::RepeatedSection, place, message)
                .with_help("remove one of them");
            if listed.is_literal {
                // A name that was seen has a comma before it.
                let with_comma = within(behind_comma - 1, start + name.len());
                finding = finding.with_label(*first, "the first one").with_fix(with_comma, "");
            }
            findings.add(finding);
            continue;
        }
        seen.insert(name, place);
        if let Some((_, what)) = MACHINE_LOCAL.iter().find(|(local, _)| *local == name) {
            let message = format!("the section {shown} names {what} of one machine");
            let finding = Diagnostic::warning(Code::MachineLocal, place, message)
                .with_help("leave it to the phone, unless all phones have the same ones");
            findings.add(finding);
        } else if !KNOWN_SECTIONS.contains(&name) {
            let message = format!("the section {shown} is not one that phones are known to have");
            let mut finding = Diagnostic::warning(Code::UnknownSection, place, message);
            // A suggestion costs more than a finding that nobody will see.
            if let Some(known) =
                findings.has_room().then(|| nearest(name, KNOWN_SECTIONS)).flatten()
            {
                finding = finding.with_help(format!("did you mean `{known}`?"));
            }
            findings.add(finding);
        }
    }
}

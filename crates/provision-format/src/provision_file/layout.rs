//! The elements of a provisioning file (spec 1), in one table for the reader, the schema and the
//! documentation.

/// An element of a provisioning file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ElementRule {
    /// The names from below the root, with `/` between them, such as `options/user`.
    pub path: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What counts where it is absent.
    pub default: &'static str,
    /// What it says, in words that need no other entry.
    pub meaning: &'static str,
    /// Whether the document of Zoiper 3 has it.
    pub zoiper3: bool,
    /// Whether that of Zoiper 5 has it.
    pub zoiper5: bool,
}

/// What an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holds {
    /// Other elements, each once, in any order.
    Elements,
    /// Any number of one other element, in an order that counts.
    List,
    /// An address with placeholders.
    Address,
    /// Any text.
    Text,
    /// A text that must not be seen.
    Secret,
    /// One of these words, in any ASCII case.
    Word(&'static [&'static str]),
    /// A number of whole seconds.
    Seconds,
    /// The names of sections, separated by commas.
    Sections,
    /// Some of these words, separated by commas, in any ASCII case.
    Words(&'static [&'static str]),
}

/// The words for a boolean (spec 1.1): twice no, then yes.
pub(super) const BOOLEAN: [&str; 4] = ["0", "false", "1", "true"];
pub(super) const AUTHENTICATION_TYPE: [&str; 2] = ["basic", "url"];
pub(super) const PASSWORD_FORMAT: [&str; 2] = ["0", "1"];
pub(super) const RESTRICTIONS: [&str; 3] = ["add", "update", "delete"];

const BOTH: (bool, bool) = (true, true);
const ONLY_3: (bool, bool) = (true, false);
const ONLY_5: (bool, bool) = (false, true);

/// Every element that a provisioning file can have below its root `provision`, in the order in which
/// they are written.
pub const PROVISION_ELEMENTS: [ElementRule; 16] = [
    rule(
        "base_urls",
        Holds::List,
        "none",
        BOTH,
        "the servers, in the order in which they are tried",
    ),
    rule(
        "base_urls/base_url",
        Holds::Address,
        "",
        BOTH,
        "the address of a server; `[user]` and `[pass]` stand for the credentials",
    ),
    rule("options", Holds::Elements, "", BOTH, "how the servers are asked"),
    rule(
        "options/use_authentication",
        Holds::Word(&BOOLEAN),
        "0",
        BOTH,
        "whether credentials are sent to the servers",
    ),
    rule(
        "options/user_input_authentication",
        Holds::Word(&BOOLEAN),
        "0",
        BOTH,
        "whether the user is asked for the credentials",
    ),
    rule(
        "options/authentication_type",
        Holds::Word(&AUTHENTICATION_TYPE),
        "url",
        BOTH,
        "how the credentials are sent: by HTTP Basic, or in the address",
    ),
    rule("options/user", Holds::Text, "empty", BOTH, "the preset user name"),
    rule("options/password", Holds::Secret, "empty", BOTH, "the preset password"),
    rule(
        "options/refresh_rate",
        Holds::Seconds,
        "0",
        ONLY_3,
        "seconds from one run to the next; 0 is at the start only",
    ),
    rule(
        "options/password_format",
        Holds::Word(&PASSWORD_FORMAT),
        "absent",
        ONLY_5,
        "what `password` holds: 0 its MD5 digest, 1 itself; if it is absent, later phones take 32 hexadecimal digits for a digest",
    ),
    rule(
        "options/delete_accounts_beforehand",
        Holds::Word(&BOOLEAN),
        "1",
        ONLY_5,
        "whether local accounts are removed before the server's are laid over",
    ),
    rule(
        "options/delete_contact_services_beforehand",
        Holds::Word(&BOOLEAN),
        "0",
        ONLY_5,
        "whether local contact services are removed before the server's are laid over",
    ),
    rule(
        "significant_sections",
        Holds::Sections,
        "absent",
        ONLY_3,
        "the sections of the configuration that the server owns; if it is absent, all that the server sends is laid over the phone's own, key by key",
    ),
    rule("addressbook", Holds::Elements, "", ONLY_3, "the remote address book"),
    rule(
        "addressbook/use_addressbook",
        Holds::Word(&BOOLEAN),
        "0",
        ONLY_3,
        "whether the remote address book is used",
    ),
    rule(
        "restrictions",
        Holds::Words(&RESTRICTIONS),
        "none",
        ONLY_3,
        "what may not be done to the remote address book",
    ),
];

const fn rule(
    path: &'static str,
    holds: Holds,
    default: &'static str,
    dialects: (bool, bool),
    meaning: &'static str,
) -> ElementRule {
    ElementRule { path, holds, default, meaning, zoiper3: dialects.0, zoiper5: dialects.1 }
}

impl ElementRule {
    /// The element's own name.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The path of the element around it; empty for one directly below the root.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

/// The names of the elements that can stand directly inside the one at `parent`.
pub(super) fn children_of(parent: &str) -> Vec<&'static str> {
    let inside = PROVISION_ELEMENTS.iter().filter(|rule| rule.parent() == parent);
    inside.map(ElementRule::name).collect()
}

/// Whether any element has this name.
pub(super) fn is_known(name: &str) -> bool {
    PROVISION_ELEMENTS.iter().any(|rule| rule.name() == name)
}

//! `Provision.xml`: where the configuration comes from, and which of it counts.

mod read;
mod write;

use std::fmt;

use crate::section_names::{SignificantSections, XML_SPACE};
use crate::{Reading, Report, Secret, Source};

pub use write::WriteError;

/// A provisioning file (spec 1). A value that exists is valid; `Default` is a file in which every
/// element is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvisionFile {
    /// `base_urls`: the servers' addresses, in the order in which they are tried.
    pub base_urls: Vec<UrlTemplate>,
    /// `options`
    pub options: ProvisionOptions,
    /// `significant_sections`; absent in the later dialect.
    pub significant_sections: Option<SignificantSections>,
    /// `addressbook` and `restrictions`
    pub address_book: AddressBook,
}

impl ProvisionFile {
    /// Reads a provisioning file of at most 64 MiB.
    ///
    /// # Errors
    ///
    /// The report, when the bytes are no text, the text is outside the accepted XML, its root is not
    /// `provision`, or a value is not one that its element can have.
    pub fn read(bytes: &[u8]) -> Result<Reading<Self>, Report> {
        Self::from_source(Source::decode(bytes, Source::FILE_LIMIT)?)
    }

    /// Reads a provisioning file from text that was decoded before.
    ///
    /// # Errors
    ///
    /// As for [`ProvisionFile::read`].
    pub fn from_source(source: Source) -> Result<Reading<Self>, Report> {
        read::read(source)
    }

    /// The file as text in UTF-8, indented by two spaces; it reads back equal (spec 1.10).
    ///
    /// # Errors
    ///
    /// When a value has a character that XML cannot carry.
    pub fn to_xml(&self) -> Result<String, WriteError> {
        write::write(self)
    }

    /// Which phones the file speaks to, by whether it lists significant sections (spec 1.8).
    pub fn dialect(&self) -> Dialect {
        match self.significant_sections {
            Some(_) => Dialect::Zoiper3,
            None => Dialect::Zoiper5,
        }
    }
}

/// How a file says what is provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// By a list of sections, which are replaced whole (spec 4.1).
    Zoiper3,
    /// Everything, laid over key by key (spec 4.9).
    Zoiper5,
}

/// The text of a `base_url`: an address in which `[user]` and `[pass]` may stand. It is not empty
/// and has no white space around it; whether it is a URL shows when it is fetched.
///
/// An operator may have written a password into it, so `Debug` shows it only up to the query, and not
/// at all with user information.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UrlTemplate(String);

impl UrlTemplate {
    /// The address in `text`, less the white space around it (spec 1.4); none if there is nothing
    /// else.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_matches(XML_SPACE);
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text, with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(['?', '#']) {
            _ if self.0.contains('@') => f.write_str("UrlTemplate(not shown)"),
            Some((before, _)) => write!(f, "UrlTemplate({before:?}…)"),
            None => write!(f, "UrlTemplate({:?})", self.0),
        }
    }
}

/// The `options` of a provisioning file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionOptions {
    /// Whether credentials go to the servers at all. Default false.
    pub use_authentication: bool,
    /// Whether the user is asked for them, instead of `user` and `password` being used. Default
    /// false.
    pub user_input_authentication: bool,
    /// How they are sent. Default `url`.
    pub authentication_type: AuthenticationType,
    /// The preset user name. Default empty.
    pub user: String,
    /// The preset password. Default empty.
    pub password: Secret,
    /// Seconds from one run's end to the next run; 0 (the default) is at start only.
    pub refresh_rate: u32,
    /// What `password` holds; absent, it is the plain password.
    pub password_format: Option<PasswordFormat>,
    /// Later phones: local accounts are removed before the server's are laid over. Default true.
    pub delete_accounts_beforehand: bool,
    /// Later phones: the same for contact services. Default false.
    pub delete_contact_services_beforehand: bool,
}

impl Default for ProvisionOptions {
    fn default() -> Self {
        Self {
            use_authentication: false,
            user_input_authentication: false,
            authentication_type: AuthenticationType::default(),
            user: String::new(),
            password: Secret::default(),
            refresh_rate: 0,
            password_format: None,
            delete_accounts_beforehand: true,
            delete_contact_services_beforehand: false,
        }
    }
}

impl ProvisionOptions {
    /// What the three authentication elements say together (spec 3.3).
    pub fn authentication(&self) -> Authentication {
        match (self.use_authentication, self.user_input_authentication) {
            (false, _) => Authentication::Off,
            (true, false) => Authentication::Preset(self.authentication_type),
            (true, true) => Authentication::Ask(self.authentication_type),
        }
    }
}

/// Whose credentials are sent, and how (spec 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// None are sent.
    Off,
    /// The file's own `user` and `password`.
    Preset(AuthenticationType),
    /// Those that the user enters.
    Ask(AuthenticationType),
}

/// How credentials are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AuthenticationType {
    /// HTTP Basic (RFC 7617).
    Basic,
    /// In place of `[user]` and `[pass]` in the URL.
    #[default]
    Url,
}

/// What the element `password` holds (later phones).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PasswordFormat {
    /// `0`: the MD5 digest of the password, in hexadecimal.
    Md5Digest,
    /// `1`: the password itself.
    Plain,
}

/// The remote address book (spec 6.3): a policy that a phone can ask. How a remote address book is
/// reached is said nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressBook {
    /// Whether a remote address book is to be used. Default false.
    pub use_addressbook: bool,
    /// What may not be done to it.
    pub restrictions: Restrictions,
}

impl AddressBook {
    /// Whether `operation` may be done to the remote address book.
    pub fn allows(&self, operation: Operation) -> bool {
        !match operation {
            Operation::Add => self.restrictions.add,
            Operation::Update => self.restrictions.update,
            Operation::Delete => self.restrictions.delete,
        }
    }
}

/// The restrictions that stand in the file; by default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Restrictions {
    /// `add`: no entry may be added.
    pub add: bool,
    /// `update`: no entry may be changed.
    pub update: bool,
    /// `delete`: no entry may be deleted.
    pub delete: bool,
}

/// Something that a phone does to an address book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A new entry.
    Add,
    /// A change of an entry.
    Update,
    /// The end of an entry.
    Delete,
}

#[cfg(test)]
mod tests;

//! `Provision.xml`: where the configuration comes from, and which of it counts.

mod layout;
mod read;
mod remarks;
mod write;

use std::fmt;

use crate::section_names::SignificantSections;
use crate::{Reading, Report, Secret, Source, UrlTemplate};

pub use layout::{ElementRule, Holds, PROVISION_ELEMENTS};
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

    /// What `password` holds: what the file says, else what its dialect means by saying nothing. Phones
    /// of the later one take 32 hexadecimal digits for a digest.
    pub fn password_format(&self) -> PasswordFormat {
        match (self.options.password_format, self.dialect()) {
            (Some(format), _) => format,
            (None, Dialect::Zoiper5) if self.options.password.looks_hashed() => {
                PasswordFormat::Md5Digest
            }
            (None, _) => PasswordFormat::Plain,
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

impl Dialect {
    /// How a file shows that it is of this dialect, and what follows from it.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Zoiper3 => {
                "`significant_sections` is there: the sections that it lists are replaced whole, all others stay the phone's own"
            }
            Self::Zoiper5 => {
                "there is no `significant_sections`: everything that the server sends is laid over the phone's own, key by key"
            }
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zoiper3 => "Zoiper 3",
            Self::Zoiper5 => "Zoiper 5",
        })
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
    /// What `password` holds, as far as the file says so; see
    /// [`ProvisionFile::password_format`].
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

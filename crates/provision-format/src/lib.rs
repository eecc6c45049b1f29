#![doc = include_str!("../README.md")]

mod answer;
mod character_data;
mod code;
mod confidential;
mod config;
mod configuration_remarks;
mod diagnostic;
mod document;
mod element;
mod encoding;
mod findings;
mod gate;
mod line_index;
mod outline;
mod provision_file;
mod repaired;
mod root;
mod secret;
mod secret_name;
mod section_names;
mod shown;
mod source;
mod span;
mod suggestion;
mod tokens;
mod url_template;
mod xml_out;

pub use answer::{Answer, ErrorAnswer};
pub use code::Code;
pub use confidential::Masked;
pub use config::{Config, Section};
pub use diagnostic::{Diagnostic, Fix, Label, Reading, Report, Severity};
pub use document::{Checked, Document, DocumentKind};
pub use element::{Attribute, Element, Leaf, Leaves, Node, UnexpectedValue};
pub use encoding::{Encoding, Unencodable};
pub use line_index::{LineIndex, Position};
pub use outline::ElementForm;
pub use provision_file::{
    AddressBook, Authentication, AuthenticationType, Dialect, ElementRule, Holds, Operation,
    PROVISION_ELEMENTS, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions, WriteError,
};
pub use secret::Secret;
pub use section_names::{KNOWN_SECTIONS, SectionName, SignificantSections};
pub use shown::shown;
pub use source::Source;
pub use span::Span;
pub use url_template::UrlTemplate;

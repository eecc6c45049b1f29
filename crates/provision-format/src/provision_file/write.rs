//! The model as a file.

use std::fmt;

use crate::xml_out::XmlOut;

use super::{AuthenticationType, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions};

/// A value has a character that XML cannot carry, such as NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteError {
    /// The element that would hold the value.
    pub element: &'static str,
    /// The character.
    pub character: char,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code_point = u32::from(self.character);
        write!(
            f,
            "the value of `{}` has the character U+{code_point:04X}, which XML cannot carry",
            self.element
        )
    }
}

impl std::error::Error for WriteError {}

pub(super) fn write(file: &ProvisionFile) -> Result<String, WriteError> {
    let mut out = XmlOut::new();
    out.element("provision", |out| {
        out.element("base_urls", |out| {
            for url in &file.base_urls {
                out.leaf("base_url", url.as_str());
            }
        });
        out.element("options", |out| options(out, &file.options));
        if let Some(sections) = &file.significant_sections {
            out.leaf("significant_sections", &sections.to_string());
        }
        out.element("addressbook", |out| {
            out.leaf("use_addressbook", boolean(file.address_book.use_addressbook));
        });
        out.leaf("restrictions", &restrictions(file.address_book.restrictions));
    });
    out.finish()
}

/// What only later phones know is written only where it says something.
fn options(out: &mut XmlOut, options: &ProvisionOptions) {
    let defaults = ProvisionOptions::default();
    out.leaf("use_authentication", boolean(options.use_authentication));
    out.leaf("user_input_authentication", boolean(options.user_input_authentication));
    let authentication_type = match options.authentication_type {
        AuthenticationType::Basic => "basic",
        AuthenticationType::Url => "url",
    };
    out.leaf("authentication_type", authentication_type);
    out.leaf("user", &options.user);
    out.leaf("password", options.password.reveal());
    out.leaf("refresh_rate", &options.refresh_rate.to_string());
    if let Some(format) = options.password_format {
        let digit = match format {
            PasswordFormat::Md5Digest => "0",
            PasswordFormat::Plain => "1",
        };
        out.leaf("password_format", digit);
    }
    if options.delete_accounts_beforehand != defaults.delete_accounts_beforehand {
        out.leaf("delete_accounts_beforehand", boolean(options.delete_accounts_beforehand));
    }
    if options.delete_contact_services_beforehand != defaults.delete_contact_services_beforehand {
        let delete = boolean(options.delete_contact_services_beforehand);
        out.leaf("delete_contact_services_beforehand", delete);
    }
}

fn boolean(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

fn restrictions(restrictions: Restrictions) -> String {
    let Restrictions { add, update, delete } = restrictions;
    let listed = [(add, "add"), (update, "update"), (delete, "delete")];
    let names: Vec<_> = listed.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    names.join(",")
}

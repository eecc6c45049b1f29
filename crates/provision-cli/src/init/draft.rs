//! What the file is to say, as far as it is known.

use provision::format::{
    AddressBook, AuthenticationType, Checked, Diagnostic, Dialect, DocumentKind, PasswordFormat,
    ProvisionFile, ProvisionOptions, Restrictions, Secret, SignificantSections, UrlTemplate,
    WriteError,
};

use crate::arguments::{AuthenticationForm, InitArguments, PasswordForm, Restriction};

/// The options, and the answers to what they leave open.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) urls: Vec<String>,
    pub(super) authentication: Option<AuthenticationForm>,
    pub(super) holder: Option<Holder>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) password_form: Option<PasswordForm>,
    pub(super) refresh: Option<u32>,
    pub(super) sections: Option<Sections>,
    pub(super) deletes_accounts: Option<bool>,
    pub(super) deletes_contact_services: Option<bool>,
    pub(super) uses_address_book: Option<bool>,
    pub(super) restrictions: Option<Restrictions>,
}

/// Who has the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The phone's user, whom it asks.
    User,
    /// The file.
    File,
}

/// What the server owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sections {
    /// What it sends, key by key (spec 4.9).
    All,
    /// These, whole (spec 4.1).
    Listed(String),
}

impl Draft {
    /// What the options say; no password is read yet.
    pub(super) fn new(arguments: &InitArguments) -> Self {
        let (credentials, content) = (&arguments.credentials, &arguments.content);
        let has = |word| content.restrict.contains(&word);
        let restrictions = Restrictions {
            add: has(Restriction::Add),
            update: has(Restriction::Update),
            delete: has(Restriction::Delete),
        };
        Self {
            urls: arguments.urls.clone(),
            authentication: credentials.auth,
            holder: match (credentials.ask_user, &credentials.user) {
                (true, _) => Some(Holder::User),
                (false, Some(_)) => Some(Holder::File),
                (false, None) => None,
            },
            user: credentials.user.clone(),
            password: None,
            password_form: credentials.password_format,
            refresh: content.refresh,
            sections: arguments.sections.clone().map(Sections::Listed),
            deletes_accounts: content.keep_accounts.then_some(false),
            deletes_contact_services: content.delete_contact_services.then_some(true),
            uses_address_book: content.address_book.then_some(true),
            restrictions: (!content.restrict.is_empty()).then_some(restrictions),
        }
    }

    /// How credentials are sent: as is said, else as the rest shows.
    pub(super) fn authentication(&self) -> AuthenticationForm {
        let in_addresses = || match self.templates().any(|template| template.has_credentials()) {
            true => AuthenticationForm::Url,
            false => AuthenticationForm::Basic,
        };
        self.authentication.unwrap_or_else(|| match self.holder {
            Some(_) => in_addresses(),
            None => AuthenticationForm::Off,
        })
    }

    /// How credentials are most likely sent, where nothing says whether they are.
    pub(super) fn likely_authentication(&self) -> AuthenticationForm {
        let has_places = self.templates().any(|template| template.has_credentials());
        if has_places { AuthenticationForm::Url } else { self.authentication() }
    }

    fn templates(&self) -> impl Iterator<Item = UrlTemplate> {
        self.urls.iter().filter_map(|url| UrlTemplate::new(url))
    }

    /// The file; what nobody has said is as if it were absent.
    pub(super) fn file(&self) -> ProvisionFile {
        let significant_sections = match &self.sections {
            Some(Sections::Listed(list)) => Some(SignificantSections::from_list(list)),
            Some(Sections::All) | None => None,
        };
        let defaults = ProvisionOptions::default();
        let authentication = self.authentication();
        let options = ProvisionOptions {
            use_authentication: authentication != AuthenticationForm::Off,
            user_input_authentication: self.holder == Some(Holder::User),
            authentication_type: match authentication {
                AuthenticationForm::Basic => AuthenticationType::Basic,
                AuthenticationForm::Off | AuthenticationForm::Url => AuthenticationType::Url,
            },
            user: self.user.clone().unwrap_or_default(),
            password: self.password.clone().unwrap_or_default(),
            refresh_rate: self.refresh.unwrap_or(defaults.refresh_rate),
            password_format: None,
            delete_accounts_beforehand: self
                .deletes_accounts
                .unwrap_or(defaults.delete_accounts_beforehand),
            delete_contact_services_beforehand: self
                .deletes_contact_services
                .unwrap_or(defaults.delete_contact_services_beforehand),
        };
        let address_book = AddressBook {
            use_addressbook: self.uses_address_book.unwrap_or(false),
            restrictions: self.restrictions.unwrap_or_default(),
        };
        let base_urls = self.templates().collect();
        let mut file = ProvisionFile { base_urls, options, significant_sections, address_book };
        file.options.password_format = self.password_format(&file);
        file
    }

    /// It is written where phones would otherwise have to guess (spec 1, `password_format`).
    fn password_format(&self, file: &ProvisionFile) -> Option<PasswordFormat> {
        let password = self.password.as_ref()?;
        match self.password_form {
            Some(PasswordForm::Md5) => Some(PasswordFormat::Md5Digest),
            Some(PasswordForm::Plain) | None
                if file.dialect() == Dialect::Zoiper5 || password.looks_hashed() =>
            {
                Some(PasswordFormat::Plain)
            }
            Some(PasswordForm::Plain) | None => None,
        }
    }

    /// The file as text, and everything that is to be said about it.
    pub(super) fn checked(&self) -> Result<Checked, WriteError> {
        let text = self.file().to_xml()?;
        Ok(Checked::read(text.as_bytes(), Some(DocumentKind::ProvisionFile)))
    }

    /// What is to be said about this file and was not about an `earlier` one.
    pub(super) fn new_findings(&self, earlier: &Self) -> Result<Vec<Diagnostic>, WriteError> {
        let mut known = earlier.checked()?.report.diagnostics().to_vec();
        let mut new = self.checked()?.report.diagnostics().to_vec();
        new.retain(|finding| {
            let is_same = |other: &Diagnostic| {
                (other.code, &other.message) == (finding.code, &finding.message)
            };
            let place = known.iter().position(is_same);
            place.map(|place| known.swap_remove(place)).is_none()
        });
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(url: &str) -> Draft {
        Draft { urls: vec![url.to_owned()], ..Draft::default() }
    }

    #[test]
    fn the_address_shows_how_credentials_are_sent() {
        let mut draft = draft("https://example.com/?u=[user]&p=[pass]");
        assert_eq!(draft.authentication(), AuthenticationForm::Off);
        assert_eq!(draft.likely_authentication(), AuthenticationForm::Url);
        draft.holder = Some(Holder::User);
        assert_eq!(draft.authentication(), AuthenticationForm::Url);
        draft.urls = vec!["https://example.com/".to_owned()];
        assert_eq!(draft.authentication(), AuthenticationForm::Basic);
        draft.authentication = Some(AuthenticationForm::Off);
        assert_eq!(draft.authentication(), AuthenticationForm::Off);
    }

    #[test]
    fn what_a_password_is_never_has_to_be_guessed() {
        let digest = "0123456789abcdef0123456789abcdef";
        let listed = || Some(Sections::Listed("accounts".to_owned()));
        for (sections, password, form, written) in [
            (None, "made up", None, Some(PasswordFormat::Plain)),
            (listed(), "made up", None, None),
            (listed(), digest, None, Some(PasswordFormat::Plain)),
            (None, digest, Some(PasswordForm::Md5), Some(PasswordFormat::Md5Digest)),
            (listed(), digest, Some(PasswordForm::Md5), Some(PasswordFormat::Md5Digest)),
        ] {
            let draft = Draft {
                holder: Some(Holder::File),
                user: Some("alice".to_owned()),
                password: Some(Secret::new(password)),
                password_form: form,
                sections,
                ..draft("https://example.com/?u=[user]&p=[pass]")
            };
            assert_eq!(draft.file().options.password_format, written, "{password} {form:?}");
            let report = draft.checked().expect("XML can carry it").report;
            assert!(report.diagnostics().is_empty(), "{report}");
        }
    }

    #[test]
    fn only_what_is_new_is_found() {
        let before = draft("ftp://example.com/");
        let mut after = before.clone();
        assert_eq!(after.new_findings(&before), Ok(Vec::new()));
        after.urls.push("ftp://two.example.com/".to_owned());
        after.refresh = Some(5);
        let found = after.new_findings(&before).expect("XML can carry it");
        let codes: Vec<_> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["bad-server", "short-refresh"]);
    }
}

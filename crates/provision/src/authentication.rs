//! Whose credentials are sent (spec 3.3).

use std::fmt;
use std::pin::Pin;

use provision_fetch::{Credentials, Identity, Md5Digest, Password, Secret};
use provision_format::{Authentication, AuthenticationType, PasswordFormat, ProvisionFile};

use crate::event::Note;

/// Where credentials come from when the provisioning file asks for some.
pub enum CredentialSource<'a> {
    /// The provisioning file; where it says that the user is asked, the run ends.
    Preset,
    /// The program has them already. They go before a preset.
    Given(Credentials),
    /// The program asks the user, when it comes to it. `None` for an answer is "cancelled" and ends
    /// the run without an attempt.
    Ask(Box<dyn FnMut(Question) -> AskFuture<'a> + Send + 'a>),
}

/// The user's answer, when it comes.
pub type AskFuture<'a> = Pin<Box<dyn Future<Output = Option<Credentials>> + Send + 'a>>;

impl fmt::Debug for CredentialSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preset => f.write_str("Preset"),
            Self::Given(credentials) => f.debug_tuple("Given").field(credentials).finish(),
            Self::Ask(_) => f.write_str("Ask(..)"),
        }
    }
}

/// What a program may tell the user whom it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// The user name that the provisioning file presets; may be empty.
    pub preset_user: String,
    /// How the credentials will be sent.
    pub authentication_type: AuthenticationType,
}

/// Why there is no identity to fetch with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoIdentity {
    /// Credentials are needed, and there are none.
    Missing,
    /// The user did not want to give any.
    Cancelled,
    /// `password_format` says that the password is a digest, and it is none.
    NotADigest,
}

/// Finds out as whom to fetch.
pub(crate) async fn identity(
    file: &ProvisionFile,
    source: &mut CredentialSource<'_>,
    notes: &mut Vec<Note>,
) -> Result<Identity, NoIdentity> {
    let options = &file.options;
    let authentication_type = match options.authentication() {
        Authentication::Off => {
            if let CredentialSource::Given(_) = source {
                notes.push(Note::CredentialsUnused);
            }
            return Ok(Identity::Anonymous);
        }
        Authentication::Preset(authentication_type) | Authentication::Ask(authentication_type) => {
            authentication_type
        }
    };
    let is_preset = matches!(options.authentication(), Authentication::Preset(_));
    let credentials = match source {
        CredentialSource::Given(credentials) => {
            if is_preset {
                notes.push(Note::PresetOverridden);
            }
            credentials.clone()
        }
        _ if is_preset => preset(file)?,
        CredentialSource::Preset => return Err(NoIdentity::Missing),
        CredentialSource::Ask(ask) => {
            let preset_user = options.user.clone();
            let question = Question { preset_user, authentication_type };
            ask(question).await.ok_or(NoIdentity::Cancelled)?
        }
    };
    Ok(match authentication_type {
        AuthenticationType::Basic => Identity::Basic(credentials),
        AuthenticationType::Url => Identity::Url(credentials),
    })
}

/// The file's own credentials; an empty user is none (spec 8.5).
fn preset(file: &ProvisionFile) -> Result<Credentials, NoIdentity> {
    let options = &file.options;
    if options.user.is_empty() {
        return Err(NoIdentity::Missing);
    }
    let text = options.password.reveal();
    let password = match file.password_format() {
        PasswordFormat::Md5Digest => {
            // White space around 32 digits can only be layout.
            Password::Md5Digest(Md5Digest::parse(text.trim()).ok_or(NoIdentity::NotADigest)?)
        }
        PasswordFormat::Plain => Password::Plain(Secret::new(text)),
    };
    Ok(Credentials::new(options.user.clone(), password))
}

//! Whose credentials are sent (spec 3.3).

use std::fmt;
use std::pin::Pin;

use provision_fetch::{Credentials, Identity, Md5Digest, Password, Secret};
use provision_format::{Authentication, AuthenticationType, PasswordFormat, ProvisionOptions};

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
    options: &ProvisionOptions,
    source: &mut CredentialSource<'_>,
    notes: &mut Vec<Note>,
) -> Result<Identity, NoIdentity> {
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
        _ if is_preset => {
            let credentials = preset(options)?;
            if matches!(credentials.password(), Password::Plain(plain) if looks_encoded(plain.reveal()))
            {
                notes.push(Note::PasswordLooksEncoded);
            }
            credentials
        }
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
fn preset(options: &ProvisionOptions) -> Result<Credentials, NoIdentity> {
    if options.user.is_empty() {
        return Err(NoIdentity::Missing);
    }
    let text = options.password.reveal();
    let password = match options.password_format {
        Some(PasswordFormat::Md5Digest) => {
            // White space around 32 digits can only be layout.
            Password::Md5Digest(Md5Digest::parse(text.trim()).ok_or(NoIdentity::NotADigest)?)
        }
        Some(PasswordFormat::Plain) | None => Password::Plain(Secret::new(text)),
    };
    Ok(Credentials::new(options.user.clone(), password))
}

/// Whether a text is base64 of a multiple of 16 bytes, as phones encode passwords (spec 3.6).
fn looks_encoded(text: &str) -> bool {
    let text = text.trim_ascii();
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_base64 = digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let is_whole = !text.is_empty() && text.len() % 4 == 0 && padding <= 2;
    is_base64 && is_whole && (text.len() / 4 * 3 - padding) % 16 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_passwords_are_recognised_by_their_form() {
        for encoded in
            ["AAAAAAAAAAAAAAAAAAAAAA==", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n"]
        {
            assert!(looks_encoded(encoded), "{encoded}");
        }
        for plain in ["", "secret", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA===", "=="] {
            assert!(!looks_encoded(plain), "{plain}");
        }
    }
}

//! Whose credentials are sent (spec 3.3).

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use provision_fetch::{
    Credentials, FetchError, Identity, Md5Digest, Password, Secret, ServerMessage,
};
use provision_format::{Authentication, AuthenticationType, PasswordFormat, ProvisionFile};

use crate::event::Note;

/// Where credentials come from when the provisioning file asks for some.
pub enum CredentialSource<'a> {
    /// The provisioning file; where it says that the user is asked, the run ends.
    Preset,
    /// The program has them already. They go before a preset.
    Given(Credentials),
    /// The program asks the user, when it comes to it, and once more if the servers refuse the answer
    /// (spec 3.12). `None` for an answer is "cancelled" and ends the run without an attempt, or without a
    /// second one.
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
    /// The user name that the provisioning file presets; may be empty. When the user is asked once more,
    /// the name that was refused.
    pub preset_user: String,
    /// How the credentials will be sent.
    pub authentication_type: AuthenticationType,
    /// Why the user is asked once more; none for the first time.
    pub refusal: Option<Refusal>,
}

/// That the servers have refused credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What the first of them says to the user, if one says anything.
    pub message: Option<ServerMessage>,
}

/// Decodes a preset password that a phone has encoded as in its own configuration file, of which only the
/// phone knows how (spec 3.6). It is asked about values of that form alone: base64 of a multiple of 16 bytes.
/// `None` means that the value is a plain password after all.
#[derive(Clone)]
pub struct PasswordDecoder(Arc<Decode>);

type Decode = dyn Fn(&str) -> Option<Secret> + Send + Sync;

impl PasswordDecoder {
    /// One that asks this function.
    pub fn new(decode: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static) -> Self {
        Self(Arc::new(decode))
    }
}

impl fmt::Debug for PasswordDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordDecoder(..)")
    }
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

/// Where a run's credentials come from, and what the user has answered.
#[derive(Debug)]
pub(crate) struct Asking<'s, 'a> {
    pub(crate) source: &'s mut CredentialSource<'a>,
    /// What the user has answered, or given without being asked. It counts until the servers refuse it: a refresh asks
    /// nobody again.
    pub(crate) answer: &'s mut Option<Credentials>,
    pub(crate) decoder: Option<&'s PasswordDecoder>,
}

impl Asking<'_, '_> {
    /// Finds out as whom to fetch.
    pub(crate) async fn identity(
        &mut self,
        file: &ProvisionFile,
        notes: &mut Vec<Note>,
    ) -> Result<Identity, NoIdentity> {
        let options = &file.options;
        let (is_preset, authentication_type) = match options.authentication() {
            Authentication::Off => {
                if let CredentialSource::Given(_) = self.source {
                    notes.push(Note::CredentialsUnused);
                }
                return Ok(Identity::Anonymous);
            }
            Authentication::Preset(authentication_type) => (true, authentication_type),
            Authentication::Ask(authentication_type) => (false, authentication_type),
        };
        let given = match &*self.source {
            CredentialSource::Given(credentials) => Some(credentials),
            _ => None,
        };
        let given = self.answer.as_ref().or(given).cloned();
        let credentials = match (&mut *self.source, given) {
            (_, Some(credentials)) => {
                if is_preset {
                    notes.push(Note::PresetOverridden);
                }
                credentials
            }
            _ if is_preset => preset(file, self.decoder)?,
            (CredentialSource::Preset | CredentialSource::Given(_), None) => {
                return Err(NoIdentity::Missing);
            }
            (CredentialSource::Ask(ask), None) => {
                let preset_user = options.user.clone();
                let question = Question { preset_user, authentication_type, refusal: None };
                let answer = ask(question).await.ok_or(NoIdentity::Cancelled)?;
                *self.answer = Some(answer.clone());
                answer
            }
        };
        Ok(identity(authentication_type, credentials))
    }

    /// Whether there is a user who can be asked once more.
    pub(crate) fn can_ask_again(&self, file: &ProvisionFile) -> bool {
        let asks = matches!(file.options.authentication(), Authentication::Ask(_));
        asks && matches!(self.source, CredentialSource::Ask(_))
    }

    /// Asks the user once more. `None` is "cancelled", or the same credentials again, with which no URL is
    /// tried twice (spec 3.12).
    pub(crate) async fn identity_after(
        &mut self,
        error: &FetchError,
        refused: &Identity,
    ) -> Option<Identity> {
        *self.answer = None;
        let CredentialSource::Ask(ask) = self.source else { return None };
        let (authentication_type, credentials) = match refused {
            Identity::Anonymous => return None,
            Identity::Basic(credentials) => (AuthenticationType::Basic, credentials),
            Identity::Url(credentials) => (AuthenticationType::Url, credentials),
        };
        let question = Question {
            preset_user: credentials.user().to_owned(),
            authentication_type,
            refusal: Some(Refusal { message: error.server_message().cloned() }),
        };
        let answer = ask(question).await?;
        if answer == *credentials {
            return None;
        }
        *self.answer = Some(answer.clone());
        Some(identity(authentication_type, answer))
    }

    /// Forgets an answer that was refused.
    pub(crate) fn forget(&mut self) {
        *self.answer = None;
    }
}

fn identity(authentication_type: AuthenticationType, credentials: Credentials) -> Identity {
    match authentication_type {
        AuthenticationType::Basic => Identity::Basic(credentials),
        AuthenticationType::Url => Identity::Url(credentials),
    }
}

/// The file's own credentials; an empty user is none (spec 8.5).
fn preset(
    file: &ProvisionFile,
    decoder: Option<&PasswordDecoder>,
) -> Result<Credentials, NoIdentity> {
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
        PasswordFormat::Plain => {
            let encoded = decoder.filter(|_| options.password.looks_encoded());
            let decoded = encoded.and_then(|decoder| (decoder.0)(text.trim()));
            Password::Plain(decoded.unwrap_or_else(|| Secret::new(text)))
        }
    };
    Ok(Credentials::new(options.user.clone(), password))
}

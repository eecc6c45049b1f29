//! The servers of a provisioning file, asked with whose credentials it says (spec 3).

use std::fmt;
use std::path::Path;

use bytes::Bytes;
use provision_fetch::{self as fetch, FetchError, Fetched, Identity, Refetched, Verdict};
use provision_format::{Config, ProvisionFile};
use tokio::time::Instant;

use crate::authentication::{Asking, NoIdentity};
use crate::error::RunError;
use crate::event::Event;
use crate::judge::judge;
use crate::run::News;

/// A configuration, and the bytes that it was read from.
#[derive(Clone)]
pub(crate) struct Accepted {
    pub(crate) config: Config,
    pub(crate) document: Bytes,
}

/// The document holds passwords.
impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = format_args!("{} bytes", self.document.len());
        f.debug_struct("Accepted")
            .field("config", &self.config)
            .field("document", &document)
            .finish()
    }
}

/// What came of asking, and as whom that was.
pub(crate) struct Asked {
    pub(crate) identity: Identity,
    pub(crate) answer: Result<Supplied, FetchError>,
}

/// What a server has.
pub(crate) struct Supplied {
    pub(crate) fetched: Fetched<Accepted>,
    pub(crate) news: News,
}

/// A provisioning file's servers.
pub(crate) struct Servers<'a> {
    pub(crate) provision: &'a ProvisionFile,
    /// Where it was read.
    pub(crate) file: &'a Path,
    pub(crate) options: &'a fetch::Options,
}

impl Servers<'_> {
    /// Gets credentials, if they are asked for, and a configuration from the first server that has one. If
    /// the servers refuse the credentials and there is a user to be asked, that is done once more (spec
    /// 3.12). `known` is what a server sent earlier.
    ///
    /// # Errors
    ///
    /// When there are no credentials; that no server has a configuration is an answer.
    pub(crate) async fn ask(
        &self,
        mut asking: Asking<'_, '_>,
        known: Option<&Fetched<Accepted>>,
        events: &mut impl FnMut(&Event),
    ) -> Result<Asked, RunError> {
        let mut notes = Vec::new();
        let identity = asking.identity(self.provision, &mut notes).await;
        for note in notes {
            events(&Event::Note(note));
        }
        let path = || self.file.to_owned();
        let mut identity = identity.map_err(|reason| match reason {
            NoIdentity::Missing => RunError::CredentialsMissing { path: path() },
            NoIdentity::Cancelled => RunError::Cancelled,
            NoIdentity::NotADigest => RunError::NotADigest { path: path() },
        })?;

        // The time that a person takes to answer does not count (spec 3.10).
        let begin = Instant::now();
        let mut answer = self.fetch(&identity, known, self.options, events).await;
        let left = self.options.limits.run.saturating_sub(begin.elapsed());
        if let Err(error) = &answer {
            if error.is_authentication() && asking.can_ask_again(self.provision) {
                events(&Event::CredentialsRefused);
                if let Some(other) = asking.identity_after(error, &identity).await {
                    let mut options = self.options.clone();
                    options.limits.run = left;
                    answer = self.fetch(&other, known, &options, events).await;
                    identity = other;
                }
            }
        }
        if answer.as_ref().is_err_and(FetchError::is_authentication) {
            asking.forget();
        }
        Ok(Asked { identity, answer })
    }

    async fn fetch(
        &self,
        identity: &Identity,
        known: Option<&Fetched<Accepted>>,
        options: &fetch::Options,
        events: &mut impl FnMut(&Event),
    ) -> Result<Supplied, FetchError> {
        let urls = self.provision.base_urls.iter().map(|url| url.as_str().to_owned());
        let urls: Vec<String> = urls.collect();
        let plan = fetch::Plan { urls: &urls, identity };
        let limit = options.limits.body;
        let accept = |answer: fetch::Answer<'_>| match judge(&answer, limit) {
            Verdict::Accept(config) => {
                Verdict::Accept(Accepted { config, document: answer.body.clone() })
            }
            Verdict::Reject(rejection) => Verdict::Reject(rejection),
            Verdict::ErrorAnswer(message) => Verdict::ErrorAnswer(message),
        };
        let tell = |event: &fetch::Event| events(&Event::Fetch(event.clone()));
        let sent = |fetched| Supplied { fetched, news: News::Sent };
        let known = known.and_then(|known| Some((known, known.validators.as_ref()?)));
        let Some((known, validators)) = known else {
            return fetch::fetch(&plan, options, accept, tell).await.map(sent);
        };
        Ok(match fetch::fetch_if_changed(&plan, validators, options, accept, tell).await? {
            Refetched::Changed(fetched) => sent(fetched),
            Refetched::Unchanged(unchanged) => {
                let mut fetched = known.clone();
                fetched.url = unchanged.url;
                fetched.url_index = unchanged.url_index;
                fetched.attempts = unchanged.attempts;
                Supplied { fetched, news: News::Unchanged }
            }
        })
    }
}

//! The servers of a provisioning file, asked with whose credentials it says (spec 3).

use std::path::Path;

use bytes::Bytes;
use provision_fetch::{self as fetch, Fetched, Verdict};
use provision_format::{Config, ProvisionFile};

use crate::authentication::{self, CredentialSource, NoIdentity};
use crate::error::RunError;
use crate::event::Event;
use crate::judge::judge;

/// A configuration, and the bytes that it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) config: Config,
    pub(crate) document: Bytes,
}

/// Gets credentials, if they are asked for, and a configuration from the first server that has one.
/// `provision` is what is in `file`.
pub(crate) async fn ask(
    provision: &ProvisionFile,
    file: &Path,
    credentials: &mut CredentialSource<'_>,
    options: &fetch::Options,
    events: &mut impl FnMut(&Event),
) -> Result<Fetched<Accepted>, RunError> {
    let mut notes = Vec::new();
    let identity = authentication::identity(provision, credentials, &mut notes).await;
    for note in notes {
        events(&Event::Note(note));
    }
    let identity = identity.map_err(|reason| match reason {
        NoIdentity::Missing => RunError::CredentialsMissing { path: file.to_owned() },
        NoIdentity::Cancelled => RunError::Cancelled,
        NoIdentity::NotADigest => RunError::NotADigest { path: file.to_owned() },
    })?;

    let urls: Vec<String> = provision.base_urls.iter().map(|url| url.as_str().to_owned()).collect();
    let plan = fetch::Plan { urls: &urls, identity: &identity };
    let limit = options.limits.body;
    let accept = |answer: fetch::Answer<'_>| match judge(&answer, limit) {
        Verdict::Accept(config) => {
            Verdict::Accept(Accepted { config, document: answer.body.clone() })
        }
        Verdict::Reject(rejection) => Verdict::Reject(rejection),
        Verdict::ErrorAnswer(message) => Verdict::ErrorAnswer(message),
    };
    let tell = |event: &fetch::Event| events(&Event::Fetch(event.clone()));
    fetch::fetch(&plan, options, accept, tell).await.map_err(RunError::Fetch)
}

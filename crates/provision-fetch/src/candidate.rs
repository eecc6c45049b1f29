//! A URL of the list, ready to be asked or known to be unfit, before anything is sent.

use crate::attempt::Fault;
use crate::credentials::{Identity, UrlPassword};
use crate::endpoint::Endpoint;
use crate::event::UrlWarning;
use crate::masked::{MaskedUrl, pasted_secrets};
use crate::origin::Scheme;
use crate::template::{Login, Values, expand};

/// One entry of the list.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) url: MaskedUrl,
    pub(crate) endpoint: Result<Endpoint, Fault>,
    pub(crate) warnings: Vec<UrlWarning>,
}

impl Candidate {
    /// Replaces the placeholders of `template` and judges the result (spec 3.2, 3.5).
    pub(crate) fn new(
        template: &str,
        identity: &Identity,
        password: UrlPassword,
        version: &str,
    ) -> Self {
        let login = match identity {
            Identity::Anonymous | Identity::Basic(_) => None,
            Identity::Url(credentials) => Some(Login {
                user: credentials.user(),
                password: credentials.password().for_url(password),
            }),
        };
        let expansion = expand(template, &Values { login, version });
        Self {
            url: expansion.masked,
            endpoint: expansion.url.and_then(|url| Endpoint::parse(&url)).map_err(Fault::from),
            warnings: expansion.warnings,
        }
    }

    /// None if the URL cannot be asked.
    pub(crate) fn scheme(&self) -> Option<Scheme> {
        self.endpoint.as_ref().ok().map(|endpoint| endpoint.origin().scheme)
    }
}

/// The secrets that stand literally in the list, for the [`Scrubber`](crate::scrub::Scrubber).
pub(crate) fn pasted_in_list(templates: &[String]) -> impl Iterator<Item = String> {
    templates
        .iter()
        .flat_map(|template| pasted_secrets(template))
        // A placeholder is no secret.
        .filter(|value| !(value.starts_with('[') && value.ends_with(']')))
}

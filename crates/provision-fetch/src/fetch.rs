//! What is asked of a fetch and what it brings.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderValue;

use crate::answer::{Answer, Verdict};
use crate::attempt::Attempt;
use crate::candidate::{Candidate, pasted_in_list};
use crate::credentials::{Identity, UrlPassword};
use crate::driver::{Content, Run, Won};
use crate::error::{Cause, FetchError};
use crate::event::Event;
use crate::failover::{OnErrorAnswer, Order, Rules};
use crate::limits::Limits;
use crate::masked::MaskedUrl;
use crate::proxy::{Proxies, ProxyRules};
use crate::scrub::Scrubber;
use crate::transport::{ClientCertificate, Reach, Transport, Trust, variable};
use crate::tried::Tried;
use crate::validators::Validators;

/// What to fetch, and as whom.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The URLs in their order, with their placeholders. An operator may have pasted a secret into one, so `Debug` masks
    /// them too.
    pub urls: &'a [String],
    /// The credentials and how they travel.
    pub identity: &'a Identity,
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<MaskedUrl> = self.urls.iter().map(|url| MaskedUrl::new(url)).collect();
        f.debug_struct("Plan").field("urls", &urls).field("identity", self.identity).finish()
    }
}

/// How to fetch. Everything has a default.
#[derive(Clone, Debug)]
pub struct Options {
    /// Times and sizes.
    pub limits: Limits,
    /// What a plain password becomes in a URL.
    pub url_password: UrlPassword,
    /// What `[version]` in a URL stands for. `1.14`, as the phones say.
    pub version: String,
    /// Files of certificates in PEM form that are trusted beside the platform's own. None.
    pub extra_ca_files: Vec<PathBuf>,
    /// What https servers that ask for it are shown. None.
    pub client_certificate: Option<ClientCertificate>,
    /// The proxies through which servers are asked. Those of the environment.
    pub proxies: Proxies,
    /// Whether a slow server is waited for before the next one is asked.
    pub order: Order,
    /// Whether a server's error message ends the run.
    pub on_error_answer: OnErrorAnswer,
    /// The `User-Agent` field of every request.
    pub user_agent: HeaderValue,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            url_password: UrlPassword::default(),
            version: "1.14".to_owned(),
            extra_ca_files: Vec::new(),
            client_certificate: None,
            proxies: Proxies::default(),
            order: Order::default(),
            on_error_answer: OnErrorAnswer::default(),
            user_agent: HeaderValue::from_static(concat!("provision/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// What a fetch brought.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// What the judge made of the body.
    pub value: T,
    /// The URL of the list that brought it, masked.
    pub url: MaskedUrl,
    /// Its place in the list, from 0.
    pub url_index: usize,
    /// Every URL that was asked, in the order of the list.
    pub attempts: Vec<Attempt>,
    /// For asking later whether it is still what the server has; none if the server said nothing to that end.
    pub validators: Option<Validators>,
    scrubber: Arc<Scrubber>,
}

impl<T> Fetched<T> {
    /// `text`, in which the server may have had a hand, with `[masked]` in place of our credentials:
    /// a server can repeat them in a body that is accepted, too (spec 7.2).
    pub fn mask(&self, text: &str) -> String {
        self.scrubber.scrub(text)
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fetched<U> {
        let Self { value, url, url_index, attempts, validators, scrubber } = self;
        Fetched { value: change(value), url, url_index, attempts, validators, scrubber }
    }
}

/// What a fetch brought that asked for what has changed.
#[derive(Clone, Debug)]
pub enum Refetched<T> {
    /// A body that the judge accepted.
    Changed(Fetched<T>),
    /// The server that is to be used has nothing new.
    Unchanged(Unchanged),
}

/// That nothing has changed, and how we know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unchanged {
    /// The URL of the list that said so, masked.
    pub url: MaskedUrl,
    /// Its place in the list, from 0.
    pub url_index: usize,
    /// Every URL that was asked, in the order of the list.
    pub attempts: Vec<Attempt>,
}

/// Asks the URLs in their order, the next one beside those that are slow ([`Order`]), until `judge` accepts a body.
///
/// The judge sees every complete body under status 200, and the bodies of other answers for the sake of an error message
/// in them; see [`Verdict`]. It is called on this task, and `events` too; the time that they take is theirs, and no limit
/// holds for it. It can accept more than one body: the earliest URL's is used.
///
/// It needs a tokio runtime with time and I/O; the current-thread one will do. Dropping the future aborts every attempt:
/// their connections are closed when the runtime runs next, or is dropped. What cannot be aborted is a name resolution or
/// the reading of the trust store, on a thread of the runtime: a program that must end at once calls the runtime's
/// `shutdown_background`.
///
/// # Errors
///
/// If there is nothing to ask, if the credentials, an extra CA file or the client certificate cannot be used (all before
/// anything is sent), or if no URL brought a body that the judge accepts. The error holds every attempt.
pub async fn fetch<T>(
    plan: &Plan<'_>,
    options: &Options,
    judge: impl FnMut(Answer<'_>) -> Verdict<T>,
    events: impl FnMut(&Event),
) -> Result<Fetched<T>, FetchError> {
    match ask(plan, None, options, judge, events).await? {
        Refetched::Changed(fetched) => Ok(fetched),
        // Without a condition, 304 fails its URL.
        Refetched::Unchanged(unchanged) => {
            Err(FetchError::after(Cause::AllFailed, unchanged.attempts))
        }
    }
}

/// As [`fetch`], but the URL that brought what is `known` is asked whether it has anything else by now (spec 3.13).
///
/// The other URLs, and that one with other credentials, are asked as ever: an earlier server that works again wins.
///
/// # Errors
///
/// As [`fetch`].
pub async fn fetch_if_changed<T>(
    plan: &Plan<'_>,
    known: &Validators,
    options: &Options,
    judge: impl FnMut(Answer<'_>) -> Verdict<T>,
    events: impl FnMut(&Event),
) -> Result<Refetched<T>, FetchError> {
    ask(plan, Some(known), options, judge, events).await
}

/// Asks every URL of the list by itself, whatever comes of the others, and says what became of each: for those who want
/// to know what is wrong, not for a phone that wants a configuration.
///
/// No more than a few are asked at a time, in the order of the list, each once with the same credentials. With
/// [`Reach::Connection`] nothing is asked: an attempt is good when it could be. [`Options::order`] and
/// [`Options::on_error_answer`] do not count here; the limits do.
///
/// # Errors
///
/// As [`fetch`], but only before anything is sent: that a URL fails is what its [`Attempt`] says.
pub async fn survey<T>(
    plan: &Plan<'_>,
    options: &Options,
    reach: Reach,
    judge: impl FnMut(Answer<'_>) -> Verdict<T>,
    events: impl FnMut(&Event),
) -> Result<Vec<Attempt>, FetchError> {
    let mut transport = prepare(plan, None, options).map_err(FetchError::local)?;
    transport.reach = reach;
    let run = Run::new(transport, candidates(plan, options), judge, events);
    Ok(run.survey(options.limits.attempt, options.limits.run).await)
}

async fn ask<T>(
    plan: &Plan<'_>,
    known: Option<&Validators>,
    options: &Options,
    judge: impl FnMut(Answer<'_>) -> Verdict<T>,
    events: impl FnMut(&Event),
) -> Result<Refetched<T>, FetchError> {
    let transport = prepare(plan, known, options).map_err(FetchError::local)?;
    let rules = Rules {
        order: options.order,
        on_error_answer: options.on_error_answer,
        attempt_limit: options.limits.attempt,
        run_limit: options.limits.run,
    };
    let scrubber = Arc::clone(&transport.scrubber);
    let run = Run::new(transport, candidates(plan, options), judge, events);
    let Won { content, url, url_index, attempts } =
        run.drive(rules).await.map_err(|error| error.asked_as(plan.identity))?;
    Ok(match content {
        Content::New { value, validators } => {
            Refetched::Changed(Fetched { value, url, url_index, attempts, validators, scrubber })
        }
        Content::Unchanged => Refetched::Unchanged(Unchanged { url, url_index, attempts }),
    })
}

fn candidates(plan: &Plan<'_>, options: &Options) -> Vec<Candidate> {
    let candidate =
        |url: &String| Candidate::new(url, plan.identity, options.url_password, &options.version);
    plan.urls.iter().map(candidate).collect()
}

/// Everything that can be found wrong before a connection is made.
fn prepare(
    plan: &Plan<'_>,
    known: Option<&Validators>,
    options: &Options,
) -> Result<Transport, Cause> {
    if plan.urls.is_empty() {
        return Err(Cause::NoUrls);
    }
    let proxies = ProxyRules::new(&options.proxies, variable);
    let pasted = pasted_in_list(plan.urls).chain(proxies.secrets());
    Ok(Transport {
        limits: options.limits.clone(),
        user_agent: options.user_agent.clone(),
        authorization: authorization(plan.identity)?,
        trust: Trust::new(&options.extra_ca_files, options.client_certificate.as_ref())?,
        scrubber: Arc::new(Scrubber::new(plan.identity, pasted)),
        proxies,
        identity: plan.identity.clone(),
        known: known.cloned(),
        tried: Tried::default(),
        reach: Reach::Answer,
    })
}

fn authorization(identity: &Identity) -> Result<Option<HeaderValue>, Cause> {
    let Identity::Basic(credentials) = identity else {
        return Ok(None);
    };
    // RFC 7617 §2: the first colon ends the user name, so the server would read another one (spec 3.4).
    if credentials.user().contains(':') {
        return Err(Cause::ColonInUser);
    }
    credentials.basic_field().map(Some).ok_or(Cause::DigestWithBasic)
}

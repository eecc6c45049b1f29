//! The first half of a run by itself: from a provisioning file to the document that a server has.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use provision_fetch::{self as fetch, Attempt, MaskedUrl};
use provision_format::Config;

use crate::authentication::{Asking, CredentialSource, PasswordDecoder};
use crate::discovery::{Discovery, LookedAt};
use crate::error::RunError;
use crate::event::Event;
use crate::provision_file;
use crate::servers::Servers;
use crate::store::{StoredFile, check_output, replace_file};

/// What a fetch can be told, and does well without.
#[derive(Clone, Debug, Default)]
pub struct FetchOptions {
    /// How the provisioning file is found. Default: the places of spec 2.1.
    pub discovery: Discovery,
    /// Where the document is written, as [`replace_file`](crate::replace_file) writes it. It holds what
    /// the server sent, passwords included. Default: nowhere; the outcome has it.
    pub output: Option<PathBuf>,
    /// Who can decode a preset password that a phone has encoded. Default: nobody; it is used as it stands.
    pub password_decoder: Option<PasswordDecoder>,
    /// How the servers are asked.
    pub fetch: fetch::Options,
}

/// How a fetch ended well.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FetchOutcome {
    /// There is no provisioning file, so there is nobody to ask (spec 2.3).
    #[non_exhaustive]
    Off {
        /// Every place that was looked at.
        looked_at: Vec<LookedAt>,
    },
    /// A server has a configuration.
    Fetched(Box<FetchedDocument>),
}

/// A server's configuration. `Debug` does not show what is in it.
#[derive(Clone)]
#[non_exhaustive]
pub struct FetchedDocument {
    /// The provisioning file.
    pub file: PathBuf,
    /// What the server sent, byte for byte.
    pub document: Bytes,
    /// What it says.
    pub config: Config,
    /// The URL that brought it.
    pub url: MaskedUrl,
    /// Its place in the provisioning file, from 0.
    pub url_index: usize,
    /// Every URL that was asked, in the order of the list.
    pub attempts: Vec<Attempt>,
    /// Where it was written, if a place was named.
    pub written: Option<StoredFile>,
}

impl fmt::Debug for FetchedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedDocument")
            .field("file", &self.file)
            .field("document", &format_args!("{} bytes", self.document.len()))
            .field("url", &self.url)
            .field("attempts", &self.attempts)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

/// Gets a phone's configuration and does nothing with it: discovers and reads the provisioning file,
/// gets credentials, and fetches from the first server that works, each as [`run`](crate::run) does it.
///
/// `events` is told every step. The future can be dropped at any time.
///
/// # Errors
///
/// A [`RunError`], which says where it ended. That there is no provisioning file is none.
///
/// ```no_run
/// use provision::{CredentialSource, FetchOptions, FetchOutcome, fetch_document};
///
/// # async fn example() -> Result<(), provision::RunError> {
/// let credentials = CredentialSource::Preset;
/// match fetch_document(credentials, &FetchOptions::default(), |_| {}).await? {
///     FetchOutcome::Fetched(fetched) => {
///         println!("{} sent {} bytes", fetched.url, fetched.document.len());
///     }
///     _ => println!("no Provision.xml: provisioning is off"),
/// }
/// # Ok(())
/// # }
/// ```
pub async fn fetch_document(
    mut credentials: CredentialSource<'_>,
    options: &FetchOptions,
    mut events: impl FnMut(&Event),
) -> Result<FetchOutcome, RunError> {
    let file = match provision_file::find(&options.discovery, &mut events) {
        Ok(file) => file,
        Err(looked_at) => return Ok(FetchOutcome::Off { looked_at }),
    };
    if let Some(output) = &options.output {
        check_output(output, &[&file])?;
    }
    let provision = provision_file::read(&file, &mut events)?;
    let servers = Servers { provision: &provision, file: &file, options: &options.fetch };
    let asking = Asking {
        source: &mut credentials,
        answer: &mut None,
        decoder: options.password_decoder.as_ref(),
    };
    let asked = servers.ask(asking, None, &mut events).await?;
    let fetched = asked.answer.map_err(RunError::Fetch)?.fetched;

    let document = fetched.value.document;
    let write = |path: &PathBuf| {
        let written =
            replace_file(path, &document).map_err(|source| RunError::unwritten(path, source))?;
        events(&Event::DocumentWritten(written.clone()));
        Ok(written)
    };
    let written = options.output.as_ref().map(write).transpose()?;
    Ok(FetchOutcome::Fetched(Box::new(FetchedDocument {
        file,
        document,
        config: fetched.value.config,
        url: fetched.url,
        url_index: fetched.url_index,
        attempts: fetched.attempts,
        written,
    })))
}

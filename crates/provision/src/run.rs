//! The run: the order of the steps, and nothing else (spec 6.1).

use std::path::PathBuf;

use provision_fetch::{self as fetch, Attempt, MaskedUrl};
use provision_format::{AddressBook, Config, Reading};
use provision_merge::{MergeReport, Mode, SectionOutcome};

use crate::authentication::CredentialSource;
use crate::discovery::{Discovery, LookedAt};
use crate::error::RunError;
use crate::event::{Event, Note};
use crate::profile::Profile;
use crate::store::Stored;
use crate::{provision_file, servers};

/// What a run cannot do without.
#[derive(Debug)]
pub struct Context<'a> {
    /// The folder that holds the phone's `Config.xml`, and files of ours. It has to exist.
    pub profile: PathBuf,
    /// Where credentials come from, should they be asked for.
    pub credentials: CredentialSource<'a>,
}

/// What a run can be told, and does well without.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the provisioning file is found. Default: the places of spec 2.1.
    pub discovery: Discovery,
    /// Where the effective configuration is written. It holds what the server sent, passwords
    /// included. Default: nowhere; the outcome has it.
    pub effective: Option<PathBuf>,
    /// How the servers are asked.
    pub fetch: fetch::Options,
}

/// How a run ended well.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// There is no provisioning file, so there is nothing to do (spec 2.3).
    #[non_exhaustive]
    Off {
        /// Every place that was looked at.
        looked_at: Vec<LookedAt>,
    },
    /// The phone is provisioned.
    Provisioned(Box<Provisioned>),
}

/// A run that brought a configuration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Provisioned {
    /// The provisioning file.
    pub file: PathBuf,
    /// What the phone is to run with.
    pub effective: Config,
    /// What happened to each section.
    pub report: MergeReport,
    /// The URL that brought the configuration.
    pub url: MaskedUrl,
    /// Every URL that was asked, in the order of the list.
    pub attempts: Vec<Attempt>,
    /// The files.
    pub stored: Stored,
    /// What may be done to a remote address book (spec 6.3).
    pub address_book: AddressBook,
    /// Seconds until the next run is due; 0 if none is (spec 6.2).
    pub refresh_rate: u32,
}

/// Provisions a phone once (spec 6.1): discovers and reads the provisioning file, gets credentials,
/// fetches from the first server that works, merges, parses again, and stores.
///
/// `events` is told every step. Until the files are replaced, at the very end and without waiting for
/// anything, the phone's files are as they were; so the future can be dropped at any time.
///
/// # Errors
///
/// A [`RunError`], which says where the run ended. That there is no provisioning file is none.
pub async fn run(
    mut context: Context<'_>,
    options: &Options,
    mut events: impl FnMut(&Event),
) -> Result<Outcome, RunError> {
    let file = match provision_file::find(&options.discovery, &mut events) {
        Ok(file) => file,
        Err(looked_at) => return Ok(Outcome::Off { looked_at }),
    };
    let profile = Profile::new(&context.profile)?;
    if let Some(effective) = &options.effective {
        profile.check_effective(effective, &file)?;
    }
    let provision = provision_file::read(&file, &mut events)?;

    let credentials = &mut context.credentials;
    let fetched = servers::ask(&provision, &file, credentials, &options.fetch, &mut events).await?;

    let local = match profile.local()? {
        Some(Reading { value, report }) => {
            events(&Event::LocalConfigRead { file: profile.config.clone(), report });
            value
        }
        None => {
            events(&Event::Note(Note::NoLocalConfig));
            Config::empty()
        }
    };
    let displaced = profile.displaced()?;
    let mode = Mode::of(&provision);
    let merged = mode.merge(&local, &fetched.value.config, displaced.as_ref());
    let mut merged = merged.map_err(RunError::Merge)?;
    for change in &mut merged.report.sections {
        let is_the_servers = match change.outcome {
            SectionOutcome::Ignored => true,
            SectionOutcome::Added => matches!(mode, Mode::Overlay(_)),
            // The phone's name, or the provisioning file's.
            _ => false,
        };
        if is_the_servers {
            change.name = fetched.mask(&change.name);
        }
    }
    events(&Event::Merged(merged.report.clone()));

    let stored = profile.stage(&local, &merged, options.effective.as_deref())?.commit()?;
    events(&Event::Stored(stored.clone()));
    Ok(Outcome::Provisioned(Box::new(Provisioned {
        file,
        effective: merged.effective,
        report: merged.report,
        url: fetched.url,
        attempts: fetched.attempts,
        stored,
        address_book: provision.address_book,
        refresh_rate: provision.options.refresh_rate,
    })))
}

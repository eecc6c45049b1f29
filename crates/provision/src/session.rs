//! The run: the order of the steps, and nothing else (spec 6.1).

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use provision_fetch::{Credentials, FetchError, FetchErrorKind, Fetched};
use provision_format::{Config, ProvisionFile, Reading};
use provision_merge::{MergeReport, Merged, Mode, SectionOutcome, restore};

use crate::authentication::Asking;
use crate::commit::{Commit, Role, Stored, to_bytes};
use crate::discovery::LookedAt;
use crate::error::RunError;
use crate::event::{Event, Note};
use crate::fingerprint::Fingerprint;
use crate::last_good::{self, LastGood, LastGoodFile};
use crate::original::Original;
use crate::profile::Profile;
use crate::run::{Context, Options, Outcome, Provisioned, Supplier};
use crate::servers::{Accepted, Asked, Servers, Supplied};
use crate::store::is_same;
use crate::{lock, provision_file};

/// A phone that is provisioned again and again by one process.
///
/// From one run to the next it remembers, in memory only, what the user has answered, until the servers
/// refuse it, and what the servers sent: so nobody is asked twice, and a server that has nothing new need
/// not send it again (spec 3.13).
///
/// ```no_run
/// use provision::{Context, CredentialSource, Options, Session};
///
/// # async fn example() -> Result<(), provision::RunError> {
/// let context = Context { profile: "profile".into(), credentials: CredentialSource::Preset };
/// let mut session = Session::new(context, Options::default());
/// let at_start = session.run(|_| {}).await?;
/// // ... later:
/// let refreshed = session.run(|_| {}).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session<'a> {
    context: Context<'a>,
    options: Options,
    answer: Option<Credentials>,
    known: Option<Fetched<Accepted>>,
}

/// What a run would do (spec 8.2).
#[derive(Debug)]
#[non_exhaustive]
pub struct Preview {
    /// The provisioning file.
    pub file: PathBuf,
    /// What the phone runs with now, as far as it is known here: its own configuration, with the last good
    /// provisioned sections if they are kept.
    pub before: Config,
    /// What it would run with.
    pub effective: Config,
    /// What would happen to each section of `before`.
    pub report: MergeReport,
    /// Who brought the provisioned sections.
    pub supplier: Supplier,
    /// For masking; none if no server has answered in this session.
    answer: Option<Fetched<()>>,
}

impl Preview {
    /// `text` of one of the configurations, with `[masked]` in place of the credentials that were sent: a
    /// server can repeat them in what it provisions (spec 7.2).
    pub fn mask(&self, text: &str) -> String {
        self.answer.as_ref().map_or_else(|| text.to_owned(), |answer| answer.mask(text))
    }
}

/// How a preview ended well.
#[derive(Debug)]
#[non_exhaustive]
pub enum PreviewOutcome {
    /// There is no provisioning file, so a run would do nothing (spec 2.3).
    #[non_exhaustive]
    Off {
        /// Every place that was looked at.
        looked_at: Vec<LookedAt>,
    },
    /// A run would do this.
    Preview(Box<Preview>),
}

/// What there is for this phone.
struct Provided {
    mode: Mode,
    remote: Config,
    supplier: Supplier,
    binding: Fingerprint,
    /// When it came: the same however often the configurations are merged.
    time: SystemTime,
    /// What the last good file says, in the mode that has one.
    last_good: Option<String>,
}

/// What comes of it with the phone's own configuration.
struct Laid {
    local: Option<Config>,
    displaced: Option<Config>,
    merged: Merged,
}

impl<'a> Session<'a> {
    /// One that has not run yet.
    pub fn new(context: Context<'a>, options: Options) -> Self {
        Self { context, options, answer: None, known: None }
    }

    /// From the next run on these credentials are used, before all others, until the servers refuse them: the user has
    /// given them without being asked.
    pub fn use_credentials(&mut self, credentials: Credentials) {
        self.answer = Some(credentials);
    }

    /// Provisions the phone, as [`run`](crate::run()) does.
    ///
    /// # Errors
    ///
    /// A [`RunError`], which says where the run ended. That there is no provisioning file is none, and that
    /// no server answers is none where one did earlier (spec 5.3).
    pub async fn run(&mut self, mut events: impl FnMut(&Event)) -> Result<Outcome, RunError> {
        let file = match provision_file::find(&self.options.discovery, &mut events) {
            Ok(file) => file,
            Err(looked_at) => return Ok(Outcome::Off { looked_at }),
        };
        let profile = Profile::new(&self.context.profile)?;
        if let Some(effective) = &self.options.effective {
            profile.check_effective(effective, &file)?;
        }
        // Before the lock: what it says about the next run counts, whatever becomes of this one.
        let provision = provision_file::read(&file, &mut events)?;
        let lock = lock::take(&profile.lock, &mut events).await?;
        let leftovers = lock.remove_leftovers(&profile.folder);
        if !leftovers.is_empty() {
            events(&Event::LeftoversRemoved { files: leftovers });
        }
        let provided = self.ask(&provision, &file, &profile, &mut events).await?;
        let (merged, stored) = self.apply(&provided, &profile, &mut events)?;
        events(&Event::Stored(stored.clone()));
        Ok(Outcome::Provisioned(Box::new(Provisioned {
            file,
            effective: merged.effective,
            report: merged.report,
            supplier: provided.supplier,
            stored,
            address_book: provision.address_book,
            refresh_rate: provision.options.refresh_rate,
        })))
    }

    /// Does what a run does, but for writing: not even the lock is taken.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn preview(
        &mut self,
        mut events: impl FnMut(&Event),
    ) -> Result<PreviewOutcome, RunError> {
        let file = match provision_file::find(&self.options.discovery, &mut events) {
            Ok(file) => file,
            Err(looked_at) => return Ok(PreviewOutcome::Off { looked_at }),
        };
        let profile = Profile::new(&self.context.profile)?;
        let provision = provision_file::read(&file, &mut events)?;
        let provided = self.ask(&provision, &file, &profile, &mut events).await?;
        let Laid { local, displaced, merged } = self.lay(&provided, &profile, &mut events)?;
        let Provided { mode, remote, supplier, binding, last_good, .. } = provided;
        let local = local.unwrap_or_else(Config::empty);
        let last_good = last_good.as_deref().and_then(LastGoodFile::parse);
        let last_good = last_good.filter(|file| file.is_for(&binding));
        let before = match last_good.and_then(|file| file.config()) {
            Some(last) => {
                let before = mode.merge(&local, &last, displaced.as_ref());
                before.map_err(RunError::Merge)?.effective
            }
            None => local,
        };
        let mut report =
            mode.merge(&before, &remote, displaced.as_ref()).map_err(RunError::Merge)?.report;
        self.mask(&mode, &mut report);
        // What is kept elsewhere depends on what is in the file.
        report.superseded = merged.report.superseded;
        let effective = merged.effective;
        let answer = self.known.clone().map(|known| known.map(|_| ()));
        let preview = Preview { file, before, effective, report, supplier, answer };
        Ok(PreviewOutcome::Preview(Box::new(preview)))
    }

    /// Gets what a server has for this phone, or had.
    async fn ask(
        &mut self,
        provision: &ProvisionFile,
        file: &Path,
        profile: &Profile,
        events: &mut impl FnMut(&Event),
    ) -> Result<Provided, RunError> {
        let mode = Mode::of(provision);
        let servers = Servers { provision, file, options: &self.options.fetch };
        let asking = Asking {
            source: &mut self.context.credentials,
            answer: &mut self.answer,
            decoder: self.options.password_decoder.as_ref(),
        };
        let Asked { identity, answer } = servers.ask(asking, self.known.as_ref(), events).await?;

        let binding = last_good::binding(provision, &identity);
        let last_good = match mode {
            Mode::Sections(_) => profile.last_good()?,
            Mode::Overlay(_) => None,
        };
        let in_need = last_good.as_deref().filter(|_| self.options.last_good == LastGood::Kept);
        let (remote, supplier) = match answer {
            Ok(Supplied { fetched, news }) => {
                let (url, attempts) = (fetched.url.clone(), fetched.attempts.clone());
                let remote = fetched.value.config.clone();
                self.known = Some(fetched);
                (remote, Supplier::Server { url, attempts, news })
            }
            Err(failure) => {
                let Some((age, config)) = usable(&failure, in_need, &binding, events) else {
                    return Err(RunError::Fetch(failure));
                };
                events(&Event::LastGoodUsed { age });
                (config, Supplier::LastGood { age, failure })
            }
        };
        let time = SystemTime::now();
        Ok(Provided { mode, remote, supplier, binding, time, last_good })
    }

    /// Lays it over the phone's own configuration, as it is at this moment.
    fn lay(
        &self,
        provided: &Provided,
        profile: &Profile,
        events: &mut impl FnMut(&Event),
    ) -> Result<Laid, RunError> {
        let Provided { mode, remote, .. } = provided;
        let local = match profile.local()? {
            Some(Reading { value, report }) => {
                events(&Event::LocalConfigRead { file: profile.config.clone(), report });
                Some(value)
            }
            None => {
                events(&Event::Note(Note::NoLocalConfig));
                None
            }
        };
        let displaced = profile.displaced()?;
        let empty = Config::empty();
        let merged = mode.merge(local.as_ref().unwrap_or(&empty), remote, displaced.as_ref());
        let mut merged = merged.map_err(RunError::Merge)?;
        self.mask(mode, &mut merged.report);
        Ok(Laid { local, displaced, merged })
    }

    /// Lays it over and stores what comes of it; anew if the phone saves its configuration in the meantime, so that what
    /// it saves is not lost.
    fn apply(
        &self,
        provided: &Provided,
        profile: &Profile,
        events: &mut impl FnMut(&Event),
    ) -> Result<(Merged, Stored), RunError> {
        let mut attempts_left = MOST_ATTEMPTS;
        loop {
            attempts_left -= 1;
            let laid = self.lay(provided, profile, events)?;
            events(&Event::Merged(laid.merged.report.clone()));
            match self.store(provided, &laid, profile) {
                Ok(stored) => return Ok((laid.merged, stored)),
                Err(RunError::ConfigChanged { .. }) if attempts_left > 0 => {
                    events(&Event::Note(Note::ConfigChanged));
                }
                Err(error) => return Err(error.with_effective(&laid.merged.effective)),
            }
        }
    }

    /// Masks what a server may have echoed: names of sections that neither the phone nor the provisioning
    /// file has given (spec 7.2).
    fn mask(&self, mode: &Mode, report: &mut MergeReport) {
        let Some(known) = &self.known else { return };
        for change in &mut report.sections {
            let is_the_servers = match change.outcome {
                SectionOutcome::Ignored => true,
                SectionOutcome::Added => matches!(mode, Mode::Overlay(_)),
                _ => false,
            };
            if is_the_servers {
                change.name = known.mask(&change.name);
            }
        }
    }

    /// Puts into files what has come of it, and keeps what must not be lost (spec 5).
    fn store(
        &self,
        provided: &Provided,
        laid: &Laid,
        profile: &Profile,
    ) -> Result<Stored, RunError> {
        let Laid { local, merged, .. } = laid;
        let is_overlay = matches!(provided.mode, Mode::Overlay(_));
        let before = local.as_ref().map(to_bytes).transpose()?;
        let stored = to_bytes(&merged.stored)?;
        let kept = profile.original()?;

        let mut commit = Commit::of_config(&profile.config, before.as_deref(), &stored)?;
        if let Some(effective) = &self.options.effective {
            commit.stage(Role::Effective, effective, &to_bytes(&merged.effective)?, None)?;
        }
        if let Some(local) = before.as_deref().filter(|_| !merged.report.superseded.is_empty()) {
            let place = profile.place_for_superseded(local)?;
            commit.stage(Role::Superseded, &place, local, None)?;
        }
        if let Some(displaced) = &merged.displaced {
            let read = laid.displaced.as_ref().map(to_bytes).transpose()?;
            let bytes = to_bytes(&displaced.before)?;
            commit.stage(Role::Displaced, &profile.displaced, &bytes, read.as_deref())?;
            let [before, after] =
                [&displaced.before, &displaced.after].map(|config| config.text().as_bytes());
            if !is_same(before, after) {
                commit.displaced_after(&profile.displaced, &displaced.after);
            }
        }
        // An overlay takes nothing out (spec 4.6).
        let original = if is_overlay {
            None
        } else {
            original(kept.as_ref(), laid.displaced.as_ref(), before.as_deref(), &stored)
        };
        match original {
            Some(original) => {
                let read = kept.as_ref().map(Original::bytes);
                commit.stage(Role::Original, &profile.original, original.bytes(), read)?;
            }
            None => commit.remove(&profile.original),
        }

        match &provided.supplier {
            // Nothing is known about what came last that was not known before.
            Supplier::LastGood { .. } => {}
            Supplier::Server { .. } if is_overlay => {
                commit.remove(&profile.last_good);
                commit.remove(&profile.previous_good);
                match local.as_ref().filter(|_| commit.changes_config()) {
                    Some(local) => {
                        let whole = whole(kept, local, laid.displaced.as_ref())?;
                        commit.stage(
                            Role::PreviousConfig,
                            &profile.previous_config,
                            &whole,
                            None,
                        )?;
                        // What was to be given back is now the server's to change, and is kept nowhere else.
                        let gave_way = laid
                            .displaced
                            .as_ref()
                            .and_then(|displaced| displaced.sections().next());
                        if gave_way.is_some() {
                            let place = profile.place_for_superseded(&whole)?;
                            commit.stage(Role::Superseded, &place, &whole, None)?;
                        }
                    }
                    None => commit.remove(&profile.previous_config),
                }
            }
            Supplier::Server { .. } => {
                commit.remove(&profile.previous_config);
                self.keep(provided, &merged.report, profile, &mut commit)?;
            }
        }
        commit.carry_out()
    }

    /// Keeps what the server sent (spec 5.3), and what it had sent before until a run has succeeded with
    /// that: a configuration that makes the next run impossible must not cost the last one that did not.
    fn keep(
        &self,
        provided: &Provided,
        report: &MergeReport,
        profile: &Profile,
        commit: &mut Commit<'_>,
    ) -> Result<(), RunError> {
        if self.options.last_good == LastGood::Off {
            commit.remove(&profile.last_good);
            commit.remove(&profile.previous_good);
            return Ok(());
        }
        let Provided { remote, binding, time, last_good: before, .. } = provided;
        let parsed = before.as_deref().and_then(LastGoodFile::parse);
        let text = last_good::write(remote, report, binding, parsed.as_ref(), *time);
        // An attempt before this one may have put it there since it was read.
        commit.stage(Role::LastGood, &profile.last_good, text.as_bytes(), None)?;
        match before {
            Some(before) if !is_same(before.as_bytes(), text.as_bytes()) => {
                commit.keep_last_good_as(&profile.last_good, &profile.previous_good);
            }
            _ => commit.remove(&profile.previous_good),
        }
        Ok(())
    }
}

/// What a server sent last, if it may be used now that none brought anything: not if one has refused the
/// credentials or said why, since that is an answer; and not if it was for somebody else.
fn usable(
    failure: &FetchError,
    last_good: Option<&str>,
    binding: &Fingerprint,
    events: &mut impl FnMut(&Event),
) -> Option<(Duration, Config)> {
    let is_silence = matches!(failure.kind(), FetchErrorKind::AllFailed | FetchErrorKind::Deadline);
    if !is_silence || failure.is_authentication() {
        return None;
    }
    let text = last_good?;
    let file = LastGoodFile::parse(text);
    if file.as_ref().is_some_and(|file| !file.is_for(binding)) {
        events(&Event::Note(Note::LastGoodNotOurs));
        return None;
    }
    let usable = file.and_then(|file| Some((file.age(SystemTime::now()), file.config()?)));
    if usable.is_none() {
        events(&Event::Note(Note::LastGoodDamaged));
    }
    usable
}

/// `Config.xml` with everything that provisioning has taken out of it: what a server's keys are laid over.
fn whole(
    kept: Option<Original>,
    local: &Config,
    displaced: Option<&Config>,
) -> Result<Vec<u8>, RunError> {
    let bytes = to_bytes(local)?;
    let original = kept.filter(|kept| kept.counts_for(&bytes)).and_then(Original::before);
    match (original, displaced) {
        (Some(original), _) => Ok(original),
        (None, Some(displaced)) => {
            let whole = restore(local, displaced).map_err(RunError::Merge)?;
            Ok(to_bytes(&whole)?.into_owned())
        }
        (None, None) => Ok(bytes.into_owned()),
    }
}

/// What `Config.xml` is to become again when provisioning is undone (spec 5.4), if that can be said.
fn original<'k>(
    kept: Option<&'k Original>,
    displaced: Option<&Config>,
    local: Option<&[u8]>,
    stored: &[u8],
) -> Option<Cow<'k, Original>> {
    match (kept, local) {
        (Some(kept), Some(local)) if kept.counts_for(local) => Some(kept.carried_on(local, stored)),
        // The phone has written its file anew, so what is kept is of no use any more. What it has now is
        // the original only if provisioning has nothing else of it.
        _ => {
            let has_more = displaced.is_some_and(|kept| kept.sections().next().is_some());
            let is_same = local.is_some_and(|local| is_same(local, stored));
            (!has_more && !is_same).then(|| Cow::Owned(Original::new(local, stored)))
        }
    }
}

/// How often the configurations are merged in one run, at most, because the phone saves its own in the meantime.
const MOST_ATTEMPTS: usize = 3;

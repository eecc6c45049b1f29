//! What a run would meet here, with nothing changed (spec 8).

mod checkup;
mod folder;
mod servers;

use std::io;
use std::path::Path;

use provision_fetch::{Identity, Reach};
use provision_format::{Authentication, Checked, Document, DocumentKind, ProvisionFile, Severity};

use self::checkup::Findings;
pub use self::checkup::{
    Checkup, CheckupFinding, ExaminedClock, ExaminedFile, ExaminedLastGood, ExaminedProfile,
    Fitness, FolderAccess, Holder, LockState, Part, ProfileFile, ProfileRole, Sending,
};
use crate::authentication::{Asking, CredentialSource, NoIdentity};
use crate::bounded_file;
use crate::code::Code;
use crate::error::RunError;
use crate::event::Event;
use crate::judge::as_part;
use crate::last_good;
use crate::run::{Context, Options};

/// Examines what a [`run`](crate::run()) with these arguments would meet: the places of the provisioning file
/// and the file itself, the credentials, the phone's folder, every server of the list, the clock. No file is
/// written, not even a lock, and what the servers send is judged and dropped.
///
/// Every server is asked, not the first good one alone, each as a run would ask it; with no credentials where
/// some are needed each is connected to and not asked. A server notices, and what refuses a password counts
/// it. [`Options::effective`] is not looked at.
///
/// It never fails: what would make a run fail is what it finds. `events` is told of the fetch.
///
/// ```no_run
/// use provision::{Context, CredentialSource, Options, examine};
///
/// # async fn example() {
/// let context = Context { profile: "profile".into(), credentials: CredentialSource::Preset };
/// let checkup = examine(context, &Options::default(), |_| {}).await;
/// for finding in &checkup.findings {
///     println!("{}: {}", finding.code, finding.message);
/// }
/// # }
/// ```
pub async fn examine(
    context: Context<'_>,
    options: &Options,
    mut events: impl FnMut(&Event),
) -> Checkup {
    let Context { profile, mut credentials } = context;
    let mut findings = Findings::default();
    let (looked_at, path) = options.discovery.look();
    if path.is_none() {
        let code = Code::ProvisioningOff;
        findings.warn(Part::Discovery, code, as_part(code.meaning()));
    }
    let provision = path.as_deref().and_then(|path| read(path, &mut findings));
    let file = path.map(|path| ExaminedFile {
        path,
        dialect: provision.as_ref().map(ProvisionFile::dialect),
        refresh_rate: provision.as_ref().map_or(0, |file| file.options.refresh_rate),
    });

    let (credentials, identity) = match &provision {
        Some(file) => sending(file, &mut credentials, options, &mut findings).await,
        None => (Sending::Unknown, None),
    };
    let binding = provision.as_ref().zip(identity.as_ref());
    let binding = binding.map(|(file, identity)| last_good::binding(file, identity));
    let profile = folder::examine(&profile, options, binding.as_ref(), &mut findings);

    if file.is_none() {
        // A run ends before it looks at the folder.
        findings.soften(Part::Profile);
    }

    // Without credentials nobody is asked: an answer to nobody tells nothing.
    let reach = if identity.is_some() { Reach::Answer } else { Reach::Connection };
    let identity = identity.unwrap_or_default();
    let asking = servers::Asking { identity: &identity, reach, options: &options.fetch };
    let asked = match &provision {
        Some(file) => asking.all(file, &mut findings, &mut events).await,
        None => servers::Asked::default(),
    };
    let clock = servers::clock(&asked.servers, &mut findings);
    findings.0.sort_by_key(|finding| finding.part);
    Checkup {
        looked_at,
        file,
        credentials,
        profile,
        trust: asked.trust,
        reach: (!asked.servers.is_empty()).then_some(reach),
        servers: asked.servers,
        supplier: asked.supplier,
        clock,
        findings: findings.0,
    }
}

/// The provisioning file, with everything that `check` says about it.
fn read(path: &Path, findings: &mut Findings) -> Option<ProvisionFile> {
    let unreadable = |source: io::Error| RunError::ReadFile { path: path.to_owned(), source };
    let bytes = match bounded_file::read(path) {
        Ok(bytes) => bytes,
        Err(source) => {
            findings.fail(Part::File, &unreadable(source));
            return None;
        }
    };
    let checked = Checked::read(&bytes, Some(DocumentKind::ProvisionFile));
    findings.report(Part::File, &checked.report);
    match checked.document {
        Some(Document::ProvisionFile(file)) => Some(file),
        _ => None,
    }
}

/// As whom the servers would be asked.
async fn sending(
    file: &ProvisionFile,
    source: &mut CredentialSource<'_>,
    options: &Options,
    findings: &mut Findings,
) -> (Sending, Option<Identity>) {
    let authentication = file.options.authentication();
    let holder = match (&source, authentication) {
        (CredentialSource::Given(_), _) | (_, Authentication::Ask(_)) => Holder::Program,
        _ => Holder::File,
    };
    let mut notes = Vec::new();
    let decoder = options.password_decoder.as_ref();
    let mut asking = Asking { source, answer: &mut None, decoder };
    let identity = asking.identity(file, &mut notes).await;
    for note in notes {
        findings.note(Part::Credentials, note);
    }
    let reason = match identity {
        Ok(identity) => {
            let sending = match (&identity, authentication) {
                (
                    Identity::Basic(credentials) | Identity::Url(credentials),
                    Authentication::Preset(authentication_type)
                    | Authentication::Ask(authentication_type),
                ) => {
                    let user = credentials.user().to_owned();
                    Sending::Credentials { user, holder, authentication_type }
                }
                _ => Sending::Nothing,
            };
            return (sending, Some(identity));
        }
        Err(reason) => reason,
    };
    let code = match reason {
        NoIdentity::Missing => Code::CredentialsMissing,
        NoIdentity::Cancelled => Code::Cancelled,
        NoIdentity::NotADigest => Code::PasswordNoDigest,
    };
    // Who is to be asked can still answer.
    let severity = match authentication {
        Authentication::Ask(_) => Severity::Warning,
        _ => Severity::Error,
    };
    let help = Some(as_part(code.mend()));
    findings.push(Part::Credentials, severity, code.as_str(), as_part(code.meaning()), help);
    (Sending::Missing, None)
}

//! What `provision doctor --format json` writes. `docs/json.md` explains every field.

use std::io;
use std::time::{Duration, SystemTime};

use provision::fetch::{self, PlatformTrust, Reach};
use provision::format::{AuthenticationType, Severity};
use provision::{
    Checkup, CheckupFinding, ExaminedClock, ExaminedProfile, Fitness, FolderAccess, Holder,
    LockState, LookedAt, Part, ProfileRole, Sending,
};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, path_fields};
use crate::narrator::{kind_words, sighting_words};

#[derive(Default, Serialize)]
struct Body {
    places: Vec<Place>,
    provision_file: Option<ProvisionFile>,
    credentials: Option<Credentials>,
    profile: Option<Profile>,
    trust: Option<Trust>,
    reach: Option<&'static str>,
    supplier: Option<usize>,
    servers: Vec<Server>,
    clock: Option<Clock>,
    findings: Vec<Finding>,
    fallback_age_s: Option<u64>,
    next: Option<String>,
    summary: Summary,
}

#[derive(Serialize)]
struct Place {
    path: String,
    path_bytes: Option<String>,
    kind: &'static str,
    sighting: &'static str,
}

#[derive(Serialize)]
struct ProvisionFile {
    path: String,
    path_bytes: Option<String>,
    dialect: Option<String>,
    refresh_rate_s: u32,
}

#[derive(Serialize)]
struct Credentials {
    state: &'static str,
    user: Option<String>,
    holder: Option<&'static str>,
    authentication_type: Option<&'static str>,
}

#[derive(Serialize)]
struct Profile {
    path: String,
    path_bytes: Option<String>,
    access: &'static str,
    sections: Option<usize>,
    lock: &'static str,
    files: Vec<File>,
    last_good: Option<LastGood>,
    goes_back_to_the_byte: Option<bool>,
}

#[derive(Serialize)]
struct File {
    path: String,
    path_bytes: Option<String>,
    role: &'static str,
    bytes: u64,
    mode: Option<String>,
}

#[derive(Serialize)]
struct LastGood {
    age_s: u64,
    fitness: &'static str,
}

#[derive(Serialize)]
struct Trust {
    authorities: usize,
    unusable: usize,
    places: Vec<String>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct Server {
    url_index: usize,
    url: String,
    good: bool,
    addresses: Vec<String>,
    address: Option<String>,
    proxy: Option<String>,
    exempt_from: Option<String>,
    tls: Option<String>,
    certificate: Option<Certificate>,
    server_time: Option<i64>,
    stages: Vec<StageTiming>,
    elapsed_ms: f64,
    server_message: Option<json::ServerMessage>,
}

#[derive(Serialize)]
struct Certificate {
    valid_from: i64,
    valid_until: i64,
}

#[derive(Serialize)]
struct StageTiming {
    stage: String,
    elapsed_ms: f64,
}

#[derive(Serialize)]
struct Clock {
    time: i64,
    server: Option<usize>,
    difference_s: Option<u64>,
}

#[derive(Serialize)]
struct Finding {
    part: &'static str,
    server: Option<usize>,
    code: &'static str,
    severity: &'static str,
    unreadable: bool,
    message: String,
    help: Option<String>,
}

#[derive(Default, Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    exit_status: u8,
    failure: Option<String>,
}

/// Everything that was found.
pub(super) fn object(
    checkup: &Checkup,
    next: String,
    failure: Option<&Failure>,
) -> io::Result<Vec<u8>> {
    let errors = checkup.findings.iter().filter(|found| found.severity == Severity::Error).count();
    let body = Body {
        places: checkup.looked_at.iter().map(Place::from).collect(),
        provision_file: checkup.file.as_ref().map(|file| {
            let (path, path_bytes) = path_fields(&file.path);
            let dialect = file.dialect.map(|dialect| dialect.to_string());
            ProvisionFile { path, path_bytes, dialect, refresh_rate_s: file.refresh_rate }
        }),
        credentials: Some(Credentials::from(&checkup.credentials)),
        profile: Some(Profile::from(&checkup.profile)),
        trust: checkup.trust.as_ref().map(Trust::from),
        reach: checkup.reach.map(|reach| match reach {
            Reach::Connection => "connection",
            Reach::Answer => "answer",
        }),
        supplier: checkup.supplier,
        servers: checkup.servers.iter().map(Server::from).collect(),
        clock: Some(Clock::from(&checkup.clock)),
        findings: checkup.findings.iter().map(Finding::from).collect(),
        fallback_age_s: checkup.fallback().map(|age| age.as_secs()),
        next: Some(next),
        summary: Summary {
            errors,
            warnings: checkup.findings.len() - errors,
            exit_status: failure.map_or(Exit::Done, |failure| failure.exit) as u8,
            failure: failure.map(|failure| failure.ticket.clone()),
        },
    };
    json::object("doctor", body)
}

/// Why nothing was examined.
pub(super) fn failure(failure: &Failure) -> io::Result<Vec<u8>> {
    let summary = Summary {
        errors: 1,
        exit_status: failure.exit as u8,
        failure: Some(failure.ticket.clone()),
        ..Summary::default()
    };
    json::object("doctor", Body { summary, ..Body::default() })
}

impl From<&LookedAt> for Place {
    fn from(looked: &LookedAt) -> Self {
        let (path, path_bytes) = path_fields(&looked.place.file);
        let (kind, sighting) = (kind_words(looked.place.kind), sighting_words(looked.sighting));
        Self { path, path_bytes, kind, sighting }
    }
}

impl From<&Sending> for Credentials {
    fn from(sending: &Sending) -> Self {
        let bare = |state| Self { state, user: None, holder: None, authentication_type: None };
        match sending {
            Sending::Nothing => bare("none"),
            Sending::Credentials { user, holder, authentication_type, .. } => Self {
                state: "known",
                user: Some(user.clone()),
                holder: Some(match holder {
                    Holder::File => "file",
                    Holder::Program => "user",
                }),
                authentication_type: Some(match authentication_type {
                    AuthenticationType::Basic => "basic",
                    AuthenticationType::Url => "url",
                }),
            },
            Sending::Missing => bare("missing"),
            _ => bare("unknown"),
        }
    }
}

impl From<&ExaminedProfile> for Profile {
    fn from(profile: &ExaminedProfile) -> Self {
        let (path, path_bytes) = path_fields(&profile.folder);
        let file = |file: &provision::ProfileFile| {
            let (path, path_bytes) = path_fields(&file.path);
            let mode = file.mode.map(|mode| format!("{mode:03o}"));
            File { path, path_bytes, role: role(file.role), bytes: file.bytes, mode }
        };
        Self {
            path,
            path_bytes,
            access: match profile.access {
                FolderAccess::Writable => "writable",
                FolderAccess::ReadOnly => "read-only",
                FolderAccess::Missing => "missing",
                FolderAccess::Unknown => "unknown",
            },
            sections: profile.sections,
            lock: match profile.lock {
                LockState::Free => "free",
                LockState::Held => "held",
                LockState::Unknown => "unknown",
            },
            files: profile.files.iter().map(file).collect(),
            last_good: profile.last_good.map(|kept| LastGood {
                age_s: kept.age.as_secs(),
                fitness: match kept.fitness {
                    Fitness::Fit => "fit",
                    Fitness::NotOurs => "not-ours",
                    Fitness::Damaged => "damaged",
                    _ => "unknown",
                },
            }),
            goes_back_to_the_byte: profile.goes_back_to_the_byte,
        }
    }
}

fn role(role: ProfileRole) -> &'static str {
    match role {
        ProfileRole::Config => "config",
        ProfileRole::Displaced => "displaced",
        ProfileRole::Superseded => "superseded",
        ProfileRole::Original => "original",
        ProfileRole::LastGood => "last-good",
        ProfileRole::Previous => "previous",
        ProfileRole::Lock => "lock",
        _ => "other",
    }
}

impl From<&PlatformTrust> for Trust {
    fn from(trust: &PlatformTrust) -> Self {
        Self {
            authorities: trust.authorities,
            unusable: trust.unusable,
            places: trust.places.iter().map(|place| path_fields(place).0).collect(),
            problem: trust.problem.clone(),
        }
    }
}

impl From<&fetch::Attempt> for Server {
    fn from(attempt: &fetch::Attempt) -> Self {
        let stage = |timing: &fetch::StageTiming| StageTiming {
            stage: timing.stage.to_string(),
            elapsed_ms: milliseconds(timing.elapsed),
        };
        let failure = attempt.outcome.as_ref().err();
        let message = failure.and_then(|failure| failure.server_message.as_ref());
        Self {
            url_index: attempt.url_index,
            url: attempt.url.to_string(),
            good: attempt.outcome.is_ok(),
            addresses: attempt.addresses.iter().map(ToString::to_string).collect(),
            address: attempt.address.map(|address| address.to_string()),
            proxy: attempt.proxy.clone(),
            exempt_from: attempt.exempt_from.clone(),
            tls: attempt.tls.map(|version| version.to_string()),
            certificate: attempt.certificate.map(|valid| Certificate {
                valid_from: seconds(valid.from),
                valid_until: seconds(valid.until),
            }),
            server_time: attempt.server_clock.map(|clock| seconds(clock.said)),
            stages: attempt.stages.iter().map(stage).collect(),
            elapsed_ms: milliseconds(attempt.elapsed),
            server_message: message.map(json::ServerMessage::from),
        }
    }
}

impl From<&ExaminedClock> for Clock {
    fn from(clock: &ExaminedClock) -> Self {
        Self {
            time: seconds(clock.now),
            server: clock.server.map(|(index, _)| index),
            difference_s: clock.difference().map(|apart| apart.as_secs()),
        }
    }
}

impl From<&CheckupFinding> for Finding {
    fn from(found: &CheckupFinding) -> Self {
        let (part, server) = match found.part {
            Part::Discovery => ("discovery", None),
            Part::File => ("file", None),
            Part::Credentials => ("credentials", None),
            Part::Profile => ("profile", None),
            Part::Trust => ("trust", None),
            Part::Server(index) => ("server", Some(index)),
            Part::Clock => ("clock", None),
            _ => ("other", None),
        };
        Self {
            part,
            server,
            code: found.code,
            severity: match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            unreadable: found.is_unreadable,
            message: found.message.clone(),
            help: found.help.clone(),
        }
    }
}

/// Seconds since 1970, in UTC.
fn seconds(time: SystemTime) -> i64 {
    let signed = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => signed(since),
        Err(before) => -signed(before.duration()),
    }
}

/// To the microsecond, which is as much as a clock tells of a network.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

//! An examination for people: a line for each part with a mark, and below it what is wrong with it.

use std::time::Duration;

use provision::fetch::{Attempt, Reach};
use provision::format::{AuthenticationType, Severity, shown};
use provision::{
    Checkup, Fitness, FolderAccess, Holder, LockState, Part, ProfileFile, ProfileRole, Sending,
};

use super::part_words;
use crate::console::{Console, path};
use crate::lines::MARKED;
use crate::narrator::{age_words, kind_words, place};

pub(super) fn tell(checkup: &Checkup, console: &mut Console) {
    let mut pages = Pages { checkup, console };
    pages.part(Part::Discovery, &discovery(checkup), &discovery_details(checkup));
    if let Some(file) = &checkup.file {
        let dialect = match file.dialect {
            Some(dialect) => format!(": {dialect}, {}", refresh(file.refresh_rate)),
            None => String::new(),
        };
        pages.part(Part::File, &format!("{}{dialect}", path(&file.path)), &[]);
        pages.part(Part::Credentials, &credentials(&checkup.credentials), &[]);
    }
    pages.part(Part::Profile, &profile(checkup), &profile_details(checkup));
    let doubts_trust = checkup.of(Part::Trust).next().is_some();
    if checkup.trust.is_some() || doubts_trust {
        pages.part(Part::Trust, &trust(checkup), &[]);
    }
    for (index, server) in checkup.servers.iter().enumerate() {
        let line = server_words(server, checkup.reach);
        pages.part(Part::Server(index), &line, &server_details(server));
    }
    pages.part(Part::Clock, &clock(checkup), &[]);
}

struct Pages<'a> {
    checkup: &'a Checkup,
    console: &'a mut Console,
}

impl Pages<'_> {
    fn part(&mut self, part: Part, line: &str, details: &[String]) {
        let findings = || self.checkup.of(part);
        let worst = findings().map(|finding| finding.severity).max_by_key(weight);
        let mark = match worst {
            None => "[ok]",
            Some(Severity::Warning) => "[warn]",
            Some(Severity::Error) => "[fail]",
        };
        let name = part_words(part);
        let text = format!("{mark:<MARK$}{name:<NAME$}{line}");
        let indent = " ".repeat(MARKED);
        let is_failure = worst == Some(Severity::Error);
        match is_failure {
            true => self.console.error(text),
            false => self.console.say(text),
        }
        for detail in details {
            self.console.trace(format!("{indent}{detail}"));
        }
        for finding in self.checkup.of(part) {
            let (severity, message) = (finding.severity, shown(&finding.message));
            self.found(severity, format!("{indent}{severity}[{}]: {message}", finding.code));
            if let Some(help) = &finding.help {
                self.found(severity, format!("{indent}  help: {}", shown(help)));
            }
        }
    }

    fn found(&mut self, severity: Severity, line: String) {
        match severity {
            Severity::Error => self.console.error(line),
            Severity::Warning => self.console.say(line),
        }
    }
}

fn weight(severity: &Severity) -> usize {
    match severity {
        Severity::Warning => 0,
        Severity::Error => 1,
    }
}

fn discovery(checkup: &Checkup) -> String {
    match (&checkup.file, checkup.looked_at.last()) {
        (Some(file), Some(last)) => {
            format!("{} ({})", path(&file.path), kind_words(last.place.kind))
        }
        (Some(file), None) => format!("{} (named)", path(&file.path)),
        (None, _) => format!("no Provision.xml in {} places", checkup.looked_at.len()),
    }
}

fn discovery_details(checkup: &Checkup) -> Vec<String> {
    checkup.looked_at.iter().map(place).collect()
}

fn refresh(seconds: u32) -> String {
    match seconds {
        0 => "provisioned at start only".to_owned(),
        seconds => format!("provisioned anew every {seconds} s"),
    }
}

fn credentials(sending: &Sending) -> String {
    match sending {
        Sending::Nothing => "none are sent".to_owned(),
        Sending::Credentials { user, holder, authentication_type, .. } => {
            let holder = match holder {
                Holder::File => "with the password of the file",
                Holder::Program => "with the password that was given",
            };
            let way = match authentication_type {
                AuthenticationType::Basic => "by HTTP basic authentication",
                AuthenticationType::Url => "in the URL, for [user] and [pass]",
            };
            format!("{} {holder}, {way}", shown(user))
        }
        Sending::Missing => "missing".to_owned(),
        _ => "unknown, since the file is not valid".to_owned(),
    }
}

fn profile(checkup: &Checkup) -> String {
    let profile = &checkup.profile;
    let mut parts = vec![match profile.access {
        FolderAccess::Writable => "can be written".to_owned(),
        FolderAccess::ReadOnly => "cannot be written".to_owned(),
        FolderAccess::Missing => "cannot be used".to_owned(),
        FolderAccess::Unknown => "is there".to_owned(),
    }];
    parts.extend(profile.sections.map(|count| match count {
        1 => "Config.xml has 1 section".to_owned(),
        _ => format!("Config.xml has {count} sections"),
    }));
    if profile.lock == LockState::Held {
        parts.push("a run is at work".to_owned());
    }
    if let Some(kept) = &profile.last_good {
        let age = age_words(kept.age);
        parts.push(match kept.fitness {
            Fitness::Fit => format!("starts without a server from what one sent {age} ago"),
            Fitness::NotOurs => format!("what a server sent {age} ago is for another user or file"),
            Fitness::Damaged => "what a server sent last is damaged".to_owned(),
            _ => format!("keeps what a server sent {age} ago"),
        });
    }
    format!("{} {}", path(&profile.folder), parts.join("; "))
}

fn profile_details(checkup: &Checkup) -> Vec<String> {
    let profile = &checkup.profile;
    let mut details: Vec<String> = profile.files.iter().map(file_words).collect();
    details.extend(profile.goes_back_to_the_byte.map(|is_exact| {
        match is_exact {
            true => "`provision forget` puts Config.xml back to the byte".to_owned(),
            false => {
                "the phone has written Config.xml since; `provision forget` gives its sections back"
                    .to_owned()
            }
        }
    }));
    details
}

fn file_words(file: &ProfileFile) -> String {
    let name = file.path.file_name().map(|name| shown(&name.to_string_lossy())).unwrap_or_default();
    let what = role_words(file.role);
    let mode = file.mode.map(|mode| format!(", mode {mode:03o}")).unwrap_or_default();
    format!("{name}: {what}, {} bytes{mode}", file.bytes)
}

/// What a file is for.
fn role_words(role: ProfileRole) -> &'static str {
    match role {
        ProfileRole::Config => "the phone's configuration",
        ProfileRole::Displaced => "displaced local sections",
        ProfileRole::Superseded => "Config.xml as it was",
        ProfileRole::Original => "Config.xml before provisioning",
        ProfileRole::LastGood => "for a start without a server",
        ProfileRole::Previous => "what the last change replaced",
        ProfileRole::Lock => "keeps runs apart",
        _ => "another file",
    }
}

fn trust(checkup: &Checkup) -> String {
    let Some(trust) = &checkup.trust else {
        return "the files that were named".to_owned();
    };
    let places: Vec<_> = trust.places.iter().map(|place| path(place)).collect();
    let from = match places.is_empty() {
        true => "the system".to_owned(),
        false => places.join(" and "),
    };
    match trust.authorities {
        1 => format!("1 certificate authority from {from}"),
        count => format!("{count} certificate authorities from {from}"),
    }
}

fn server_words(attempt: &Attempt, reach: Option<Reach>) -> String {
    let mut parts = vec![attempt.url.to_string()];
    match (&attempt.outcome, reach) {
        (Err(_), _) => return parts.remove(0),
        (Ok(()), Some(Reach::Answer)) => parts.push("has a configuration".to_owned()),
        (Ok(()), _) => parts.push("can be reached".to_owned()),
    }
    parts.extend(attempt.tls.map(|version| version.to_string()));
    if let Some(valid) = attempt.certificate {
        let left = valid.until.duration_since(std::time::SystemTime::now()).unwrap_or_default();
        parts.push(format!("certificate valid for {}", age_words(left)));
    }
    parts.extend(attempt.proxy.as_ref().map(|proxy| format!("through the proxy {proxy}")));
    parts.push(milliseconds(attempt.elapsed));
    parts.join("; ")
}

fn server_details(attempt: &Attempt) -> Vec<String> {
    let mut details = Vec::new();
    if !attempt.addresses.is_empty() {
        let addresses: Vec<_> = attempt.addresses.iter().map(ToString::to_string).collect();
        details.push(format!("addresses {}", addresses.join(", ")));
    }
    if let Some(proxy) = &attempt.exempt_from {
        details.push(format!("asked directly: no_proxy exempts it from the proxy {proxy}"));
    }
    let stages = attempt.stages.iter();
    let stages: Vec<_> =
        stages.map(|timing| format!("{} {}", timing.stage, milliseconds(timing.elapsed))).collect();
    if !stages.is_empty() {
        details.push(stages.join(", "));
    }
    details
}

fn clock(checkup: &Checkup) -> String {
    match (checkup.clock.server, checkup.clock.difference()) {
        (Some((index, _)), Some(apart)) if apart < Duration::from_secs(2) => {
            format!("agrees with that of server {}", index + 1)
        }
        (Some((index, _)), Some(apart)) => {
            format!("{} from that of server {}", age_words(apart), index + 1)
        }
        _ => "no server said what time it is".to_owned(),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

/// How wide a mark is, with what stands behind it.
const MARK: usize = 7;
const NAME: usize = MARKED - MARK;

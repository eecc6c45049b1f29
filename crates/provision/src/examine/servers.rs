//! Every server of a list, and what time it is there.

use std::time::{Duration, SystemTime};

use provision_fetch::{
    self as fetch, Attempt, FetchError, FetchErrorKind, Identity, OnErrorAnswer, PlatformTrust,
    Reach,
};
use provision_format::{ProvisionFile, Severity, shown};

use super::checkup::{ExaminedClock, Findings, Part, apart};
use crate::code::Code;
use crate::event::Event;
use crate::judge::{as_part, judge};

/// How the servers are asked, and as whom.
pub(super) struct Asking<'a> {
    pub(super) identity: &'a Identity,
    pub(super) reach: Reach,
    pub(super) options: &'a fetch::Options,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) trust: Option<PlatformTrust>,
    pub(super) servers: Vec<Attempt>,
    /// The one that a run would be provisioned from.
    pub(super) supplier: Option<usize>,
}

impl Asking<'_> {
    pub(super) async fn all(
        &self,
        file: &ProvisionFile,
        findings: &mut Findings,
        events: &mut impl FnMut(&Event),
    ) -> Asked {
        let urls: Vec<String> = file.base_urls.iter().map(|url| url.as_str().to_owned()).collect();
        let is_https =
            |url: &String| url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let trust = urls.iter().any(is_https).then(fetch::platform_trust);
        if trust.as_ref().is_some_and(|trust| trust.authorities == 0) {
            let code = fetch::Code::TlsNoTrustRoots;
            let help = Some(as_part(code.mend()));
            // With an extra file https can still work, and without one the servers fail.
            findings.push(
                Part::Trust,
                Severity::Warning,
                code.as_str(),
                as_part(code.meaning()),
                help,
            );
        }

        let plan = fetch::Plan { urls: &urls, identity: self.identity };
        let limit = self.options.limits.body;
        let accept = |answer: fetch::Answer<'_>| judge(&answer, limit);
        let tell = |event: &fetch::Event| events(&Event::Fetch(event.clone()));
        let surveyed = fetch::survey(&plan, self.options, self.reach, accept, tell).await;
        let servers = surveyed.unwrap_or_else(|error| {
            fail(&error, findings);
            Vec::new()
        });
        let ending = self.judge_all(&servers, findings);
        let supplier = ending.filter(|index| servers[*index].outcome.is_ok());
        Asked { trust, servers, supplier: supplier.filter(|_| self.reach == Reach::Answer) }
    }

    /// Judges what became of each server, and gives the one at which a run would end, if there is one: the first that works,
    /// or that sends an error message which is to end it.
    fn judge_all(&self, servers: &[Attempt], findings: &mut Findings) -> Option<usize> {
        let stops = self.options.on_error_answer == OnErrorAnswer::Stop;
        let ends = |server: &Attempt| match &server.outcome {
            Ok(()) => true,
            Err(failure) => stops && failure.server_message.is_some(),
        };
        let ending = servers.iter().position(ends);
        // One server that works is enough for a run; the others are warnings then, and so are those that it would not ask.
        let is_served = ending.is_some_and(|index| servers[index].outcome.is_ok());
        let failing = if is_served { 0 } else { ending.map_or(servers.len(), |index| index + 1) };
        for (index, server) in servers.iter().enumerate() {
            let severity = if index < failing { Severity::Error } else { Severity::Warning };
            judge_one(index, server, severity, findings);
        }
        ending
    }
}

/// What is wrong before a server is asked.
fn fail(error: &FetchError, findings: &mut Findings) {
    let part = match error.kind() {
        FetchErrorKind::NoUrls => Part::File,
        FetchErrorKind::UnusableCredentials => Part::Credentials,
        _ => Part::Trust,
    };
    let help = error.hint().map(str::to_owned);
    let cause = std::error::Error::source(error);
    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    findings.push(part, Severity::Error, error.code(), format!("{error}{cause}"), help);
    if part == Part::Trust {
        findings.last_is_unreadable();
    }
}

fn judge_one(index: usize, server: &Attempt, severity: Severity, findings: &mut Findings) {
    let part = Part::Server(index);
    if let Err(failure) = &server.outcome {
        let said = failure.server_message.as_ref().map(|message| {
            let text = if message.text.is_empty() { "nothing" } else { &message.text };
            format!("; the server says: {}", shown(text))
        });
        let message = format!("{}: {}{}", failure.stage, failure.message, said.unwrap_or_default());
        findings.push(part, severity, failure.code, message, failure.hint.clone());
    }
    let until = server.certificate.map(|valid| valid.until);
    let left = until.and_then(|until| until.duration_since(SystemTime::now()).ok());
    if let Some(left) = left.filter(|left| *left < SOON) {
        let days = left.as_secs() / DAY;
        let message = format!("the server's certificate is valid for {days} more days only");
        findings.warn(part, Code::CertificateEndsSoon, message);
    }
}

/// Looks at the clock, and at those of the servers: that which agrees best counts, so that one wrong server
/// is no reproach.
pub(super) fn clock(servers: &[Attempt], findings: &mut Findings) -> ExaminedClock {
    let clocks = servers.iter().enumerate();
    let clocks = clocks.filter_map(|(index, server)| Some((index, server.server_clock?)));
    let clock = ExaminedClock {
        now: SystemTime::now(),
        server: clocks.min_by_key(|(_, clock)| apart(clock)),
    };
    match clock.server {
        Some((index, server)) if apart(&server) > TOLERATED => {
            let direction = if server.said > server.here { "behind" } else { "ahead of" };
            let apart = apart(&server).as_secs();
            let message =
                format!("this clock is {apart} seconds {direction} that of server {}", index + 1);
            findings.warn(Part::Clock, Code::ClockWrong, message);
        }
        None if clock.now < SystemTime::UNIX_EPOCH + MADE => {
            let message = "this clock says a time at which this program did not exist";
            findings.warn(Part::Clock, Code::ClockWrong, message);
        }
        _ => {}
    }
    clock
}

const DAY: u64 = 60 * 60 * 24;

/// A certificate that is to be renewed in time has been by now.
const SOON: Duration = Duration::from_secs(14 * DAY);

/// What clocks may be apart, and certificates of servers bear.
const TOLERATED: Duration = Duration::from_secs(5 * 60);

/// The first of January 2026, since 1970: no release is older.
const MADE: Duration = Duration::from_secs(20_454 * DAY);

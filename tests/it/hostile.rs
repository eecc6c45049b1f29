//! A hostile server, and a phone that survives it (spec 3.1 to 3.10, 7.1, 7.2): the command is run against every script
//! in `fixtures/http`, once for each type of authentication, with a good server behind the hostile one.

mod credentials;
mod shown;
mod visit;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use provision_tests::hostile::{Authentication, Case, Hostile, Setup};

use self::visit::{Finding, Stage, Visit};

#[test]
fn every_case_ends_as_it_must() {
    let hostile = Hostile::start(&Setup::default()).expect("the scripts are in order");
    let stage = Stage::new(&hostile);
    // One case, or a group, for whoever looks into it.
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let visits: Vec<Visit<'_>> = hostile
        .cases()
        .iter()
        .filter(|case| case.id().contains(&only))
        .flat_map(|case| AUTHENTICATIONS.map(|kind| (case, kind)))
        .filter(|(case, kind)| case.authentication.is_none_or(|needed| needed == *kind))
        .map(|(case, authentication)| Visit { stage: &stage, case, authentication })
        .collect();
    // Servers that only just answer in time come first, so that nothing else takes their time.
    let (punctual, rest): (Vec<&Visit<'_>>, Vec<&Visit<'_>>) =
        visits.iter().partition(|visit| PUNCTUAL.contains(&visit.case.id().as_str()));
    let (busy, waiting): (Vec<&Visit<'_>>, Vec<&Visit<'_>>) =
        rest.into_iter().partition(|visit| is_busy(visit.case));
    let mut found = findings(&[(&punctual, punctual.len())]);
    found.extend(findings(&[(&busy, BUSY_WORKERS), (&waiting, WAITING_WORKERS)]));
    let mut complaints = Vec::new();
    for (visit, finding) in found {
        complaints.extend(finding.wrong);
        // So many runs at a time, and whatever else the machine does, may take a server's time. Alone it must do.
        if !finding.late.is_empty() {
            let again = visit.finding();
            complaints.extend(again.wrong.into_iter().chain(again.late));
        }
    }
    complaints.extend(visit::complaints_about_servers(&hostile));
    complaints.sort();
    assert!(
        complaints.is_empty(),
        "{} complaints in {} runs:\n{}",
        complaints.len(),
        visits.len(),
        complaints.join("\n")
    );
}

/// Goes through all queues beside each other, each with so many visits at a time, and tells what was found.
fn findings<'a>(queues: &[(&[&'a Visit<'a>], usize)]) -> Vec<(&'a Visit<'a>, Finding)> {
    let findings = Mutex::new(Vec::new());
    let positions: Vec<AtomicUsize> = queues.iter().map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for ((visits, workers), position) in queues.iter().zip(&positions) {
            for _ in 0..*workers {
                scope.spawn(|| {
                    while let Some(visit) = visits.get(position.fetch_add(1, Ordering::Relaxed)) {
                        let finding = visit.finding();
                        findings.lock().expect("no visit panicked").push((*visit, finding));
                    }
                });
            }
        }
    });
    findings.into_inner().expect("no visit panicked")
}

/// Cases that compute rather than wait. Too many of them at once would take the others' time.
fn is_busy(case: &Case) -> bool {
    matches!(case.group.as_str(), "heavy" | "size") || case.id() == "framing/one-byte-chunks"
}

const AUTHENTICATIONS: [Authentication; 2] = [Authentication::Url, Authentication::Basic];

/// Visits at a time of cases that compute.
const BUSY_WORKERS: usize = 2;

/// Visits at a time of cases that wait.
const WAITING_WORKERS: usize = 16;

/// Cases whose server takes two of the three seconds after which another one's answer counts.
const PUNCTUAL: [&str; 2] = ["ok/slow-but-steady", "slow/two-seconds"];

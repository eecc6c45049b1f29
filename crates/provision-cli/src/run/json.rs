//! What `provision run --format json` writes. `docs/json.md` explains every field.

use std::io;

use provision::merge::MergeReport;
use provision::{Event, News, Provisioned, RunError, Stored, Supplier};
use serde::Serialize;

use super::Planned;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{
    self, DocumentEntry, FetchErrorEntry, FileEntry, PathEntry, SectionEntry, Steps, Summary,
};

/// What was told so far, and in the end the whole of it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Record {
    #[serde(flatten)]
    steps: Steps,
    waited_for_other_run: bool,
    leftovers: Vec<PathEntry>,
    local: Option<DocumentEntry>,
    supplier: Option<SupplierEntry>,
    sections: Vec<SectionEntry>,
    left_out: usize,
    sent_twice: Vec<String>,
    superseded: Vec<String>,
    would_change: Option<bool>,
    files: Vec<StoredEntry>,
    removed: Vec<PathEntry>,
    refresh_rate: Option<u32>,
    error: Option<FetchErrorEntry>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct SupplierEntry {
    kind: &'static str,
    url: Option<String>,
    is_unchanged: bool,
    age_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct StoredEntry {
    role: &'static str,
    #[serde(flatten)]
    file: FileEntry,
}

impl Record {
    /// Keeps what an event says.
    pub(crate) fn take(&mut self, event: &Event) {
        self.steps.take(event);
        match event {
            Event::WaitingForOtherRun { .. } => self.waited_for_other_run = true,
            Event::LeftoversRemoved { files, .. } => {
                self.leftovers = files.iter().map(|file| file.as_path().into()).collect();
            }
            Event::ProvisionFileRead { refresh_rate, .. } => {
                self.refresh_rate = Some(*refresh_rate);
            }
            Event::LocalConfigRead { file, report, .. } => {
                self.local = Some(DocumentEntry::new(file, report));
            }
            Event::Merged(report) => self.take_report(report),
            Event::Stored(stored) => self.take_files(stored),
            _ => {}
        }
    }

    fn take_report(&mut self, report: &MergeReport) {
        self.sections = report.sections.iter().map(SectionEntry::from).collect();
        self.sent_twice.clone_from(&report.sent_twice);
        self.superseded.clone_from(&report.superseded);
    }

    fn take_files(&mut self, stored: &Stored) {
        let roles = [
            ("config", Some(&stored.config)),
            ("effective", stored.effective.as_ref()),
            ("superseded", stored.superseded.as_ref()),
            ("displaced", stored.displaced.as_ref()),
            ("original", stored.original.as_ref()),
            ("last good", stored.last_good.as_ref()),
            ("previous", stored.previous.as_ref()),
        ];
        let entry = |(role, file): (_, Option<_>)| {
            file.map(|file| StoredEntry { role, file: FileEntry::from(file) })
        };
        self.files = roles.into_iter().filter_map(entry).collect();
        self.removed = stored.removed.iter().map(|file| file.as_path().into()).collect();
    }

    pub(crate) fn provisioned(&mut self, provisioned: &Provisioned) {
        self.supplier = SupplierEntry::new(&provisioned.supplier);
    }

    pub(super) fn planned(&mut self, planned: &Planned) {
        let Planned { preview, plan } = planned;
        self.supplier = SupplierEntry::new(&preview.supplier);
        self.take_report(&preview.report);
        self.sections = plan.sections.iter().map(SectionEntry::from).collect();
        self.left_out = plan.left_out;
        self.would_change = Some(plan.would_change());
    }

    pub(crate) fn ended(&mut self, exit: Exit) -> Exit {
        self.summary = Summary::from(exit);
        exit
    }

    pub(crate) fn failed(&mut self, failure: &Failure, error: Option<&RunError>) -> Exit {
        if let Some(
            RunError::InvalidFile { path, report, .. }
            | RunError::InvalidDisplaced { path, report, .. },
        ) = error
        {
            if !self.steps.take_report(path, report) {
                self.local = Some(DocumentEntry::new(path, report));
            }
        }
        self.error = Some(FetchErrorEntry::new(failure, error));
        self.summary = Summary::from(failure);
        failure.exit
    }

    pub(super) fn object(&self) -> io::Result<Vec<u8>> {
        json::object("run", self)
    }
}

impl SupplierEntry {
    fn new(supplier: &Supplier) -> Option<Self> {
        Some(match supplier {
            Supplier::Server { url, news, .. } => Self {
                kind: "server",
                url: Some(url.to_string()),
                is_unchanged: *news == News::Unchanged,
                age_s: None,
            },
            Supplier::LastGood { age, .. } => Self {
                kind: "last good",
                url: None,
                is_unchanged: false,
                age_s: Some(age.as_secs()),
            },
            // One of a later version of the library.
            _ => return None,
        })
    }
}

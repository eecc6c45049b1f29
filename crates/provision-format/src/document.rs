//! Any of the documents, told apart by its root.

use std::borrow::Cow;
use std::fmt;

use crate::configuration_remarks::{Origin, remark};
use crate::diagnostic::{Reading, Report};
use crate::findings::Findings;
use crate::repaired::Repaired;
use crate::root::{CONFIGURATION, ERROR, PROVISION, root_name, wrong_root};
use crate::{Answer, Config, ProvisionFile, Source, Span, gate};

/// What a document is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A provisioning file, `Provision.xml`.
    ProvisionFile,
    /// A phone's configuration, `Config.xml`.
    Configuration,
    /// What a server answered: a configuration, or `<error>`.
    Answer,
    /// Anything: only the encoding and the accepted XML are judged (spec 1.6, 1.7).
    AnyXml,
}

impl DocumentKind {
    /// What a document is by its root: `options` is a configuration, `error` an answer. None if the
    /// root is another one or cannot be found.
    pub fn of(source: &Source) -> Option<Self> {
        match root_name(source.text())? {
            PROVISION => Some(Self::ProvisionFile),
            CONFIGURATION => Some(Self::Configuration),
            ERROR => Some(Self::Answer),
            _ => None,
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProvisionFile => "provisioning file",
            Self::Configuration => "configuration",
            Self::Answer => "server's answer",
            Self::AnyXml => "XML document",
        })
    }
}

/// A document that was understood.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Document {
    /// A provisioning file.
    ProvisionFile(ProvisionFile),
    /// A phone's configuration.
    Configuration(Config),
    /// A server's answer.
    Answer(Answer),
    /// A document of which only the XML was judged.
    AnyXml,
}

/// A document of any kind, with everything that is to be said about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Checked {
    /// What it was read as; none if its root told nothing.
    pub kind: Option<DocumentKind>,
    /// What it says; none if the report has errors.
    pub document: Option<Document>,
    /// What was found.
    pub report: Report,
}

impl Checked {
    /// Reads a document of at most 64 MiB as what it is to be, or as what its root says. A vector of UTF-8 is kept as it
    /// is; anything else is copied.
    pub fn read<'a>(bytes: impl Into<Cow<'a, [u8]>>, kind: Option<DocumentKind>) -> Self {
        match Source::decode(bytes, Source::FILE_LIMIT) {
            Ok(source) => Self::new(source, kind),
            Err(report) => {
                let kind = kind.or_else(|| DocumentKind::of(report.source()));
                Self { kind, document: None, report }
            }
        }
    }

    /// Reads a document as what it is to be, or as what its root says.
    pub fn new(source: Source, kind: Option<DocumentKind>) -> Self {
        let kind = kind.or_else(|| DocumentKind::of(&source));
        let read = match kind {
            Some(DocumentKind::ProvisionFile) => {
                ProvisionFile::from_source(source).map(|read| read.map(Document::ProvisionFile))
            }
            Some(DocumentKind::Configuration) => {
                Config::from_source(source).map(|read| read.map(Document::Configuration))
            }
            Some(DocumentKind::Answer) => {
                Answer::from_source(source).map(|read| read.map(Document::Answer))
            }
            Some(DocumentKind::AnyXml) => judged(source, &[]),
            None => judged(source, &[PROVISION, CONFIGURATION, ERROR]),
        };
        let (document, report) = match read {
            Ok(Reading { value, report }) => (Some(value), report),
            Err(report) => (None, report),
        };
        let report = match kind {
            Some(DocumentKind::Configuration) => with_remarks(report, &document, Origin::Phone),
            Some(DocumentKind::Answer) => with_remarks(report, &document, Origin::Server),
            _ => report,
        };
        Self { kind, document, report }
    }
}

/// Adds what is remarkable about a configuration. Reading one does not look for it: it is for people,
/// and costs another pass over the text. A document with errors is looked at as it would be without
/// them.
fn with_remarks(report: Report, document: &Option<Document>, origin: Origin) -> Report {
    let mut remarks = Findings::default();
    match document {
        Some(Document::Configuration(config) | Document::Answer(Answer::Configuration(config))) => {
            remark(config, origin, |place| Span::new(place.start, place.end), &mut remarks);
        }
        Some(_) => {}
        None => {
            let judgement = gate::judge(report.source().text());
            let repaired = Repaired::new(report.source().text(), &judgement.repairs);
            let text = repaired.text().to_owned();
            if let (Some(_), Ok(read)) = (judgement.outline, Config::from_source(text.into())) {
                remark(&read.value, origin, |place| repaired.original(place), &mut remarks);
            }
        }
    }
    report.with(remarks)
}

/// Judges the XML alone; the root is an error if others are `expected`.
fn judged(source: Source, expected: &[&str]) -> Result<Reading<Document>, Report> {
    let judgement = gate::judge_strictly(source.text());
    let mut findings = judgement.findings;
    let root = judgement.outline.map(|outline| outline.root.name);
    if let Some(place) = root.filter(|_| !expected.is_empty()) {
        findings.add(wrong_root(&source.text()[place.range()], place, expected));
    }
    let report = Report::new(source, findings);
    Reading::unless_errors(root.map(|_: Span| Document::AnyXml), report)
}

//! What a merge did to each section, and where it came from (spec 4.11).

use std::fmt;

/// What happened, section by section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergeReport {
    /// Every section that either document or the list names, once: those of the local configuration
    /// in its order, then the server's, then those that are only listed, then those that come back.
    pub sections: Vec<SectionChange>,
    /// Significant sections that the server sent more than once; the first one counted (spec 4.8).
    pub sent_twice: Vec<String>,
    /// Sections of the local configuration that give way and are kept nowhere, because an earlier one of
    /// the same name is displaced already, and counts. They differ from both that one and the server's,
    /// so they may be the phone's own: keep a copy of the local configuration.
    pub superseded: Vec<String>,
}

impl MergeReport {
    /// The sections to which `outcome` happened, in their order.
    pub fn with(&self, outcome: SectionOutcome) -> impl Iterator<Item = &str> {
        let matching = self.sections.iter().filter(move |change| change.outcome == outcome);
        matching.map(|change| change.name.as_str())
    }
}

/// What happened to one section.
///
/// Names are up to 1,024 bytes of text from a document, and can hold bidirectional marks: show them
/// through [`shown`](provision_format::shown()).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SectionChange {
    /// The section's name.
    pub name: String,
    /// What happened.
    pub outcome: SectionOutcome,
    /// Where what the phone runs with comes from.
    pub source: Source,
}

/// Where something in the effective configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The phone's own configuration.
    Local,
    /// The server's.
    Server,
    /// Both say the same, or some keys of it are the one's and some the other's.
    Both,
    /// What earlier provisioning had taken out of the phone's own.
    Displaced,
    /// It is not there.
    Nowhere,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Server => "server",
            Self::Both => "both",
            Self::Displaced => "displaced",
            Self::Nowhere => "nowhere",
        })
    }
}

/// What can happen to a section. `Replaced`, `Overlaid`, `Unchanged`, `Added` and `Emptied` are provisioned: they come
/// from the server, and a merge by sections does not store them (spec 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SectionOutcome {
    /// It is the local one; the server does not own it.
    Kept,
    /// The server's stands in place of the local one.
    Replaced,
    /// The server's keys were laid over the local one's (spec 4.9).
    Overlaid,
    /// The server's is the same as the local one; or, laid over it, would change nothing.
    Unchanged,
    /// The server's was appended; there was no local one.
    Added,
    /// The server's is empty, and so nothing is left of it (spec 4.4).
    Emptied,
    /// The server owns it and did not send it, so the local one stays, if there is one (spec 4.2).
    Missing,
    /// The server does not provision it any more, and the local one that provisioning had displaced is
    /// back (spec 4.2).
    GivenBack,
    /// The server sent it and does not own it, so the local one stays, if there is one (spec 4.3).
    Ignored,
}

impl SectionOutcome {
    /// Where a section with this outcome comes from; `is_local` is whether the phone's own configuration has it.
    pub(crate) fn source(self, is_local: bool) -> Source {
        match self {
            Self::Replaced | Self::Added | Self::Emptied => Source::Server,
            Self::Unchanged | Self::Overlaid => Source::Both,
            Self::GivenBack => Source::Displaced,
            Self::Kept | Self::Missing | Self::Ignored if is_local => Source::Local,
            Self::Kept | Self::Missing | Self::Ignored => Source::Nowhere,
        }
    }

    /// Whether the section came from the server this time.
    pub fn is_provisioned(self) -> bool {
        matches!(
            self,
            Self::Replaced | Self::Overlaid | Self::Unchanged | Self::Added | Self::Emptied
        )
    }
}

impl fmt::Display for SectionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Replaced => "replaced",
            Self::Overlaid => "overlaid",
            Self::Unchanged => "unchanged",
            Self::Added => "added",
            Self::Emptied => "emptied",
            Self::Missing => "missing",
            Self::GivenBack => "given back",
            Self::Ignored => "ignored",
        })
    }
}

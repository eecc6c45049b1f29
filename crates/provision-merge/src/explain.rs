//! Where a key's value comes from, and what it would be without provisioning (spec 4.11).

use provision_format::Config;

use crate::changes::{self, Value};
use crate::items::mean_the_same;
use crate::path::KeyPath;
use crate::{Merged, SectionOutcome, Source};

/// A key of the effective configuration, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What the phone runs with; none if the key is not there.
    pub value: Option<Value>,
    /// Where that comes from; if the key is not there, where its section does.
    pub source: Source,
    /// What happened to the section; none if no document and no list names it.
    pub section: Option<SectionOutcome>,
    /// What would be there without provisioning: what the phone's own configuration has, or had before. An item of a list
    /// is looked for by what identifies it, else by its number.
    pub without: Option<Value>,
}

/// Explains the key at `path` in what a merge of `local` and `remote` gave. `displaced` is what earlier provisioning took
/// out, if any.
pub fn explain(
    path: &KeyPath,
    local: &Config,
    remote: &Config,
    displaced: Option<&Config>,
    merged: &Merged,
) -> Explanation {
    let change = merged.report.sections.iter().find(|one| one.name == path.section_name());
    let section = change.map(|change| change.outcome);
    let now = path.find(&merged.effective);
    let elsewhere = path.by_identity(&merged.effective).unwrap_or_else(|| path.clone());
    let sent = elsewhere.find(remote);
    let source = match (section, now, sent) {
        (Some(SectionOutcome::Overlaid), Some(now), Some(sent)) if mean_the_same(now, sent) => {
            Source::Server
        }
        (Some(SectionOutcome::Overlaid), Some(now), Some(_)) if !now.is_leaf() => Source::Both,
        (Some(SectionOutcome::Overlaid), ..) => Source::Local,
        _ => change.map_or(Source::Nowhere, |change| change.source),
    };
    // What was displaced first is the phone's own; what stands in its place since may be a server's.
    let own = displaced.filter(|earlier| earlier.section(path.section_name()).is_some());
    let own = own.unwrap_or(local);
    Explanation {
        value: now.map(|element| changes::value(&merged.effective, element)),
        source,
        section,
        without: elsewhere.find(own).map(|element| changes::value(own, element)),
    }
}

#[cfg(test)]
mod tests;

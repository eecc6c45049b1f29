//! What a server may send to get at more than its sections.

use proptest::prelude::*;
use provision_format::Config;
use provision_merge::{Beforehand, Merge, MergeError, Merged, Overlay};
use provision_tests::fuzz;

use super::{read, significant};
use crate::markup;
use crate::strategies::configurations::Configuration;
use crate::strategies::{self, configurations};

/// Stands in what the server sends and nothing should take.
const CANARY: &str = "canary";

/// Each result that has a text of its own.
fn results(merged: &Merged) -> Vec<&Config> {
    let displaced = merged.displaced.iter().flat_map(|kept| [&kept.before, &kept.after]);
    let mut results: Vec<_> =
        [&merged.effective, &merged.stored].into_iter().chain(displaced).collect();
    results.dedup_by_key(|config| config.text());
    results
}

/// With canaries everywhere but in the first section of each name that `is_taken`.
fn with_canaries(mut remote: Configuration, is_taken: impl Fn(&str) -> bool) -> String {
    let mut seen = Vec::new();
    remote.before_root += "<!--canary-->";
    remote.root_attributes += " canary='canary' ";
    for piece in &mut remote.sections {
        piece.before += "canary<!--canary-->";
        if !is_taken(piece.name) || seen.contains(&piece.name) {
            let name = piece.name;
            piece.text = format!("<{name} a='canary'><canary/>canary<!--canary--></{name}>");
        }
        seen.push(piece.name);
    }
    if let Some(end) = &mut remote.end {
        end.push_str("canary<!--canary-->");
    }
    remote.behind_root += "<!--canary-->";
    remote.text()
}

proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 4.3.
    #[test]
    fn nothing_but_the_sections_is_taken(
        local in configurations::text(),
        remote in configurations::configuration(),
        names in configurations::names(),
    ) {
        let ours = read(&local);
        let theirs = read(&with_canaries(remote.clone(), |name| names.contains(&name)));
        let sections = &significant(&names);
        let merged = Merge { local: &ours, remote: &theirs, sections, displaced: None }.run();
        let merged = merged.expect("UTF-8 can express everything");
        for result in results(&merged) {
            prop_assert!(!result.text().contains(CANARY), "{:?}", result.text());
        }
        let report = format!("{:?}", merged.report);
        prop_assert!(!report.contains(CANARY), "{}", report);

        // An overlay takes every section, and nothing from between them.
        let theirs = read(&with_canaries(remote, |_| true));
        let overlay = Overlay { local: &ours, remote: &theirs, beforehand: Beforehand::default() };
        let merged = overlay.run().expect("UTF-8 can express everything");
        for result in results(&merged) {
            prop_assert!(!result.text().contains(CANARY), "{:?}", result.text());
        }
    }

    /// Spec 4.10: whatever comes out, two other parsers read as we do.
    #[test]
    fn no_result_is_read_otherwise_by_others(
        local in prop_oneof![
            2 => strategies::encoded(configurations::text()).prop_map(|(_, bytes)| bytes),
            1 => markup::encoded(markup::document()),
        ],
        remote in prop_oneof![
            2 => markup::damaged(configurations::text()),
            2 => strategies::mutated(configurations::text()),
            1 => markup::document(),
        ],
        earlier in proptest::option::weighted(0.2, configurations::text()),
        names in configurations::names(),
        is_overlay in any::<bool>(),
    ) {
        // What is damaged beyond reading is refused before.
        let (Ok(local), Ok(remote)) = (Config::read(&local), Config::read(remote.as_bytes())) else {
            return Ok(());
        };
        let (local, remote) = (&local.value, &remote.value);
        let earlier = earlier.as_deref().map(read);
        let all = ["a", "b", "error", "xml", "password"];
        let names: Vec<_> = names.into_iter().chain(all).collect();
        let merged = if is_overlay {
            Overlay { local, remote, beforehand: Beforehand::default() }.run()
        } else {
            let (sections, displaced) = (&significant(&names), earlier.as_ref());
            Merge { local, remote, sections, displaced }.run()
        };
        let merged = match merged {
            Err(MergeError::Unencodable(_)) => return Ok(()),
            merged => merged.expect("nothing else is wrong"),
        };
        for result in results(&merged) {
            fuzz::gate(&result.source().to_bytes().expect("a result can be written"));
        }
    }
}

//! The merge, against what an independent parser says of its results.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use provision_format::{Config, SectionName, SignificantSections};
use provision_merge::{Merge, Merged};

use crate::strategies;

/// Names of sections to the texts of the elements, line ends made equal.
type Sections = BTreeMap<String, String>;

fn read(text: &str) -> Config {
    Config::read(text.as_bytes()).unwrap_or_else(|report| panic!("{text:?}: {report}")).value
}

fn significant(names: &[&str]) -> SignificantSections {
    names.iter().filter_map(|name| SectionName::new(name)).collect()
}

fn merge(local: &str, remote: &str, names: &[&str]) -> Merged {
    let (local, remote) = (read(local), read(remote));
    Merge { local: &local, remote: &remote, sections: &significant(names), displaced: None }
        .run()
        .expect("UTF-8 can express everything")
}

/// The sections as roxmltree sees them.
fn sections(text: &str) -> Sections {
    let tree = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let elements = tree.root_element().children().filter(roxmltree::Node::is_element);
    elements.map(|node| (node.tag_name().name().to_owned(), with_lf(&text[node.range()]))).collect()
}

fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The pieces of `text` around the sections in `names`, by roxmltree.
fn around<'a>(text: &'a str, names: &BTreeSet<&str>) -> Vec<&'a str> {
    let tree = roxmltree::Document::parse(text).expect("it was read before");
    let elements = tree.root_element().children().filter(roxmltree::Node::is_element);
    let mut pieces = Vec::new();
    let mut done = 0;
    for node in elements.filter(|node| names.contains(node.tag_name().name())) {
        pieces.push(&text[done..node.range().start]);
        done = node.range().end;
    }
    pieces.push(&text[done..]);
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Spec 4.1 to 4.6: the sections of the results, computed by name alone.
    #[test]
    fn the_results_have_the_sections_that_the_rules_say(
        local in strategies::config_text(),
        remote in strategies::config_text(),
        names in strategies::section_names(),
    ) {
        let merged = merge(&local, &remote, &names);
        let ours = sections(&local);
        let mut provisioned = sections(&remote);
        provisioned.retain(|name, _| names.contains(&name.as_str()));

        let mut effective = ours.clone();
        effective.extend(provisioned.clone());
        prop_assert_eq!(sections(merged.effective.text()), effective);

        let (displaced, stored): (Sections, Sections) =
            ours.into_iter().partition(|(name, _)| provisioned.contains_key(name));
        prop_assert_eq!(sections(merged.stored.text()), stored);
        let kept = merged.displaced.map(|config| sections(config.text())).unwrap_or_default();
        prop_assert_eq!(kept, displaced);
    }

    /// Spec 4.7: what stands around the replaced sections stands there afterwards, to the byte.
    #[test]
    fn outside_the_replaced_sections_no_byte_changes(
        local in strategies::config_text(),
        remote in strategies::config_text(),
        names in strategies::section_names(),
    ) {
        let theirs = sections(&remote);
        let provisioned: BTreeSet<_> =
            names.iter().copied().filter(|name| theirs.contains_key(*name)).collect();
        let ours = sections(&local);
        let replaced: BTreeSet<_> =
            provisioned.iter().copied().filter(|name| ours.contains_key(*name)).collect();
        let before = around(&local, &replaced);

        let merged = merge(&local, &remote, &names);
        let effective = merged.effective.text();
        if replaced.len() == provisioned.len() {
            // Nothing was appended.
            prop_assert_eq!(&around(effective, &replaced), &before);
        } else {
            let after = around(effective, &provisioned);
            let kept = before.len() - 1;
            prop_assert_eq!(&after[..kept], &before[..kept]);
        }

        // Of the stored text nothing but white space is missing between the pieces.
        let mut rest = merged.stored.text();
        for piece in before {
            let piece = piece.trim_end_matches([' ', '\t', '\r', '\n']);
            let at = rest.find(piece);
            prop_assert!(at.is_some(), "{:?} is gone from {:?}", piece, merged.stored.text());
            rest = &rest[at.unwrap_or(0) + piece.len()..];
        }
        prop_assert!(rest.trim().is_empty() || rest.trim_start().starts_with('<'), "{:?}", rest);
    }

    /// Spec 4.10 and 4.6.
    #[test]
    fn merging_again_changes_nothing(
        local in strategies::config_text(),
        remote in strategies::config_text(),
        names in strategies::section_names(),
    ) {
        let once = merge(&local, &remote, &names);
        let twice = merge(once.effective.text(), &remote, &names);
        prop_assert_eq!(twice.effective.text(), once.effective.text());

        let from_stored = merge(once.stored.text(), &remote, &names);
        prop_assert_eq!(from_stored.stored.text(), once.stored.text());
        prop_assert_eq!(sections(from_stored.effective.text()), sections(once.effective.text()));
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(
        local in strategies::config_text(),
        remote in strategies::config_text(),
        names in strategies::section_names(),
    ) {
        let reversed: Vec<_> = names.iter().rev().copied().collect();
        let (one, other) = (merge(&local, &remote, &names), merge(&local, &remote, &reversed));
        prop_assert_eq!(one.effective.text(), other.effective.text());
        prop_assert_eq!(one.stored.text(), other.stored.text());
    }
}

//! The merge, against what an independent parser says of its results.

mod by_sections;
mod changes;
mod explain;
mod hostile;
mod overlay;
mod tree;

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
    #![proptest_config(strategies::cases())]

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
        let kept = merged.displaced.map(|kept| sections(kept.after.text())).unwrap_or_default();
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
            // What was appended splits the last piece; an open root may have been closed before.
            if !local.contains("/>\" />") && !local.contains("<options/>") {
                let (appended, last) = (after[kept..].concat(), before[kept]);
                let added = appended.len() - last.len();
                prop_assert!(
                    (0..=last.len()).filter(|at| last.is_char_boundary(*at)).any(|at| {
                        appended.starts_with(&last[..at])
                            && appended.ends_with(&last[at..])
                            && appended[at..at + added].trim().is_empty()
                    }),
                    "{:?} became {:?}", last, appended
                );
            }
        }

        // From the stored text, the line break and the blanks before each removed section are gone,
        // and nothing else.
        let without_line_break = |piece: &str| {
            let trimmed = piece.trim_end_matches([' ', '\t']);
            let line = trimmed.strip_suffix("\r\n").or_else(|| trimmed.strip_suffix(['\n', '\r']));
            line.unwrap_or(piece).to_owned()
        };
        let (last, rest) = before.split_last().expect("there always is a piece");
        let stored: String = rest.iter().map(|piece| without_line_break(piece)).collect();
        prop_assert_eq!(merged.stored.text(), stored + last);
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

    /// Doubled sections, mixed line ends and stray text change nothing of 4.6, 4.8 and 4.10.
    #[test]
    fn odd_configurations_merge_by_the_same_rules(
        local in strategies::odd_config_text(),
        remote in strategies::odd_config_text(),
        names in strategies::section_names(),
    ) {
        // The generator can make text that is no XML; that is the reader's affair.
        let readable = |text: &str| Config::read(text.as_bytes()).is_ok();
        prop_assume!(readable(&local) && readable(&remote));
        let once = merge(&local, &remote, &names);
        let (ours, theirs) = (read(&local), read(&remote));
        let is_provisioned = |name: &str| names.contains(&name) && theirs.section(name).is_some();
        for section in ours.sections() {
            let name = section.name();
            let stored = once.stored.sections().filter(|other| other.name() == name).count();
            let before = ours.sections().filter(|other| other.name() == name).count();
            prop_assert_eq!(stored, if is_provisioned(name) { 0 } else { before });
        }
        for section in theirs.sections().filter(|section| is_provisioned(section.name())) {
            let name = section.name();
            let texts: Vec<_> =
                once.effective.sections().filter(|other| other.name() == name).collect();
            prop_assert_eq!(texts.len(), 1);
            let first = theirs.section(name).expect("it is one of them");
            prop_assert_eq!(with_lf(texts[0].text()), with_lf(first.text()));
        }
        prop_assert!(roxmltree::Document::parse(once.effective.text()).is_ok());
        prop_assert!(roxmltree::Document::parse(once.stored.text()).is_ok());
        let twice = merge(once.effective.text(), &remote, &names);
        prop_assert_eq!(twice.effective.text(), once.effective.text());
    }

    /// Spec 5.4, over any history: a model of what the phone has and of what is kept for it, by name.
    #[test]
    fn what_the_phone_had_comes_back(
        local in strategies::config_text(),
        runs in proptest::collection::vec(
            (
                proptest::option::of(strategies::config_text()),
                strategies::config_text(),
                strategies::section_names(),
            ),
            1..6,
        ),
    ) {
        let mut stored = read(&local);
        let mut displaced: Option<Config> = None;
        let mut phone = sections(&local);
        let mut kept = Sections::new();
        let last = (None, String::from("<options/>"), Vec::new());
        for (rewritten, remote, names) in runs.iter().chain([&last]) {
            // Now and then the phone writes its file anew, with whatever it pleases.
            if let Some(rewritten) = rewritten {
                stored = read(rewritten);
                phone = sections(rewritten);
            }
            let theirs = sections(remote);
            let is_provisioned = |name: &str| names.contains(&name) && theirs.contains_key(name);
            for (name, text) in phone.clone() {
                if is_provisioned(&name) {
                    phone.remove(&name);
                    kept.entry(name).or_insert(text);
                }
            }
            let back = kept.clone().into_iter().filter(|(name, _)| !is_provisioned(name));
            for (name, text) in back {
                kept.remove(&name);
                phone.insert(name, text);
            }

            let merge = Merge {
                local: &stored,
                remote: &read(remote),
                sections: &significant(names),
                displaced: displaced.as_ref(),
            };
            let before = sections(stored.text());
            let merged = merge.run().expect("UTF-8 can express everything");
            // Between the writing of the files nothing is in neither.
            if let Some(displaced) = &merged.displaced {
                let safe = sections(displaced.before.text());
                for (name, text) in &phone {
                    prop_assert!(before.get(name) == Some(text) || safe.get(name) == Some(text));
                }
            }
            stored = merged.stored;
            displaced = merged.displaced.map(|displaced| displaced.after);
            prop_assert_eq!(&sections(stored.text()), &phone);
            let in_file = displaced.as_ref().map(|config| sections(config.text()));
            prop_assert_eq!(&in_file.unwrap_or_default(), &kept);
        }
        prop_assert!(kept.is_empty());
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

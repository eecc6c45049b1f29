//! The overlay of the later dialect, against trees and texts that are made in the plainest way.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;
use provision_format::{Config, Section};
use provision_merge::{
    Beforehand, MergeError, Merged, Overlay, SectionOutcome, Source, key_changes,
};

use super::read;
use super::tree::{SPACE, Tree, laid_over};
use crate::strategies::{self, configurations};

fn lay(local: &Config, remote: &Config, beforehand: Beforehand) -> Merged {
    Overlay { local, remote, beforehand }.run().expect("UTF-8 can express everything")
}

fn beforehand() -> impl Strategy<Value = Beforehand> {
    any::<(bool, bool)>().prop_map(|(delete_accounts, delete_contact_services)| Beforehand {
        delete_accounts,
        delete_contact_services,
    })
}

/// A section of which all items are gone may have white space left, or not.
fn without_leavings(mut root: Tree) -> Tree {
    let lists = ["accounts", "contact_services"];
    for section in root.children.iter_mut().filter(|one| lists.contains(&one.name.as_str())) {
        if section.is_leaf() {
            section.text.retain(|character| !SPACE.contains(&character));
        }
    }
    root
}

/// Leaves that can be told by names alone: for each, those of the elements around it, and where it stands.
fn unique_leaves(text: &str) -> Vec<(Vec<String>, Range<usize>)> {
    fn walk(
        element: roxmltree::Node<'_, '_>,
        path: &[String],
        found: &mut Vec<(Vec<String>, Range<usize>)>,
    ) {
        let children = || element.children().filter(roxmltree::Node::is_element);
        for child in children() {
            let name = child.tag_name().name();
            if children().filter(|other| other.tag_name().name() == name).count() > 1 {
                continue;
            }
            let path: Vec<_> = path.iter().cloned().chain([name.to_owned()]).collect();
            if child.children().any(|node| node.is_element()) {
                walk(child, &path, found);
            } else {
                found.push((path, child.range()));
            }
        }
    }
    let tree = roxmltree::Document::parse(text).expect("it was read before");
    let mut found = Vec::new();
    walk(tree.root_element(), &[], &mut found);
    // An item with another identity would be another item.
    found.retain(|(path, _)| path.last().is_some_and(|name| name != "ident" && name != "codec_id"));
    found
}

proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 4.9, in every encoding.
    #[test]
    fn the_result_is_the_tree_that_the_rules_make(
        local in strategies::encoded(configurations::text()),
        remote in strategies::encoded(configurations::text()),
        beforehand in beforehand(),
    ) {
        let [ours, theirs] = [&local, &remote]
            .map(|(_, bytes)| Config::read(bytes).expect("it is of the subset").value);
        let overlay = Overlay { local: &ours, remote: &theirs, beforehand };
        let merged = match overlay.run() {
            Err(MergeError::Unencodable(_)) => return Ok(()),
            merged => merged.expect("nothing else is wrong"),
        };
        let [ours, theirs] = [&local, &remote].map(|(text, _)| Tree::of(text));
        let expected = without_leavings(laid_over(&ours, &theirs, beforehand));
        prop_assert_eq!(without_leavings(Tree::of(merged.effective.text())), expected);
        let written = merged.effective.source().to_bytes().expect("a result can be written");
        let read = Config::read(&written[..]).expect("it is parsed").value;
        prop_assert_eq!(read.text(), merged.effective.text());
    }

    /// Spec 4.6, 4.10 and 5.4; every leaf that the server sent is there.
    #[test]
    fn what_is_sent_is_there_and_nothing_is_displaced(
        local in configurations::text(),
        remote in configurations::text(),
        beforehand in beforehand(),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let merged = lay(&ours, &theirs, beforehand);
        prop_assert_eq!(merged.stored.text(), merged.effective.text());
        prop_assert!(merged.displaced.is_none());
        let undone = merged.reversal.undo(&merged.stored, &Config::empty());
        let undone = undone.expect("it was there before");
        prop_assert_eq!(undone.text(), local.as_str());

        let again = lay(&merged.effective, &theirs, beforehand);
        prop_assert_eq!(again.effective.text(), merged.effective.text());
        let is_laid = |outcome| matches!(
            outcome,
            SectionOutcome::Added | SectionOutcome::Emptied | SectionOutcome::Overlaid
        );
        prop_assert!(!again.report.sections.iter().any(|change| is_laid(change.outcome)));
        prop_assert!(key_changes(&merged.effective, &again.effective).changes.is_empty());

        let [effective, sent] = [merged.effective.text(), &remote].map(Tree::of);
        for (place, section) in sent.children.iter().enumerate() {
            if sent.children[..place].iter().any(|before| before.name == section.name) {
                continue;
            }
            let there = effective.child(&section.name).expect("every section is there").leaves();
            for leaf in section.leaves().into_iter().filter(|leaf| !leaf.is_blank()) {
                prop_assert!(there.contains(&leaf), "{:?} is not in {:?}", leaf, there);
            }
        }
    }

    /// What the server does not name stays, to the byte.
    #[test]
    fn a_leaf_is_replaced_where_it_stands(
        local in configurations::text(),
        places in proptest::collection::vec(any::<Index>(), 1..3),
    ) {
        let leaves = unique_leaves(&local);
        if leaves.is_empty() {
            return Ok(());
        }
        let mut chosen: Vec<_> = places.iter().map(|place| place.get(&leaves)).collect();
        chosen.sort_by_key(|(_, place)| place.start);
        // Of one section, one.
        chosen.dedup_by_key(|(path, _)| &path[0]);
        let (mut remote, mut expected) = (String::from("<options>"), local.clone());
        for (path, place) in chosen.iter().rev() {
            let (name, around) = path.split_last().expect("a path leads somewhere");
            let leaf = format!("<{name}>new</{name}>");
            let wrap = |inside: String, name: &String| format!("<{name}>{inside}</{name}>");
            remote += &around.iter().rev().fold(leaf.clone(), wrap);
            expected.replace_range(place.clone(), &leaf);
        }
        remote += "</options>";
        let keep = Beforehand { delete_accounts: false, delete_contact_services: false };
        let merged = lay(&read(&local), &read(&remote), keep);
        prop_assert_eq!(merged.effective.text(), expected);
    }

    /// Spec 4.11.
    #[test]
    fn the_report_says_what_is_seen(
        local in configurations::text(),
        remote in configurations::text(),
        beforehand in beforehand(),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let merged = lay(&ours, &theirs, beforehand);
        for change in &merged.report.sections {
            let name = change.name.as_str();
            let [before, after] =
                [&ours, &merged.effective].map(|config| config.section(name).map(Section::text));
            let (outcome, source) = match (before, theirs.section(name)) {
                (None, Some(_)) => (SectionOutcome::Added, Source::Server),
                (_, None) => (SectionOutcome::Kept, Source::Local),
                (Some(_), Some(_)) if before == after => (SectionOutcome::Unchanged, Source::Both),
                (Some(_), Some(sent)) if sent.is_empty() && is_emptied(&merged, name) => {
                    (SectionOutcome::Emptied, Source::Server)
                }
                (Some(_), Some(_)) => (SectionOutcome::Overlaid, Source::Both),
            };
            prop_assert_eq!((change.outcome, change.source), (outcome, source), "{}", name);
        }
        let count = merged.report.sections.len();
        let all = ours.sections().chain(theirs.sections()).map(Section::name);
        prop_assert_eq!(count, all.collect::<BTreeSet<_>>().len());
    }
}

fn is_emptied(merged: &Merged, name: &str) -> bool {
    merged.effective.section(name).is_some_and(Section::is_empty)
}

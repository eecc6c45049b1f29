//! The merge by sections, against trees and texts that are made in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use provision_format::{Config, Encoding, Section};
use provision_merge::{Merge, MergeError, Merged, SectionOutcome, Source, key_changes, restore};

use super::tree::{Tree, by_sections};
use super::{read, significant, with_lf};
use crate::strategies::{self, configurations};

fn merge(local: &Config, remote: &Config, names: &[&str], earlier: Option<&Config>) -> Merged {
    let sections = &significant(names);
    let merge = Merge { local, remote, sections, displaced: earlier };
    merge.run().expect("the local encoding can express it")
}

fn bytes(config: &Config) -> Vec<u8> {
    config.source().to_bytes().expect("a result can be written").into_owned()
}

fn names_of(config: &Config) -> BTreeSet<&str> {
    config.sections().map(Section::name).collect()
}

/// What spec 4.7 makes of the texts, with L's line end given: the effective and the stored one.
fn spliced(local: &str, remote: &str, names: &[&str], line_end: &str) -> [String; 2] {
    let tree = roxmltree::Document::parse(remote).expect("it was read before");
    let sections = tree.root_element().children().filter(roxmltree::Node::is_element);
    let mut order = Vec::new();
    let mut theirs = BTreeMap::new();
    for node in sections.filter(|node| names.contains(&node.tag_name().name())) {
        let name = node.tag_name().name().to_owned();
        if theirs.contains_key(&name) {
            continue;
        }
        order.push(name.clone());
        theirs.insert(name, with_lf(&remote[node.range()]).replace('\n', line_end));
    }

    let tree = roxmltree::Document::parse(local).expect("it was read before");
    let ours = || tree.root_element().children().filter(roxmltree::Node::is_element);
    let (mut effective, mut stored) = (String::new(), String::new());
    let mut done = 0;
    let mut seen = BTreeSet::new();
    for node in ours().filter(|node| theirs.contains_key(node.tag_name().name())) {
        let between = &local[done..node.range().start];
        let line = between.trim_end_matches([' ', '\t']);
        let shorter = line.strip_suffix("\r\n").or_else(|| line.strip_suffix(['\r', '\n']));
        let left = shorter.unwrap_or(between).to_owned();
        let left = if left.ends_with(']') { left + line_end } else { left };
        stored += &left;
        if seen.insert(node.tag_name().name().to_owned()) {
            effective += between;
            effective += &theirs[node.tag_name().name()];
        } else {
            effective += &left;
        }
        done = node.range().end;
    }

    let indentation = ours().next().and_then(|first| {
        let before = &local[..first.range().start];
        let line = before.trim_end_matches([' ', '\t']);
        line.ends_with(['\r', '\n']).then(|| &before[line.len()..])
    });
    let indentation = indentation.unwrap_or("  ");
    let added: String = order
        .iter()
        .filter(|name| !seen.contains(*name))
        .map(|name| format!("{line_end}{indentation}{}", theirs[name]))
        .collect();
    let rest = &local[done..];
    stored += rest;
    let root_end = tree.root_element().range().end - done;
    let end_tag = rest[..root_end].rfind("</").filter(|_| !rest[..root_end].ends_with("/>"));
    let (before, behind) = match end_tag {
        _ if added.is_empty() => (rest.to_owned(), String::new()),
        Some(end_tag) => {
            let place = rest[..end_tag].trim_end_matches([' ', '\t', '\r', '\n']).len();
            (rest[..place].to_owned(), rest[place..].to_owned())
        }
        None => {
            let open = rest[..root_end - 2].trim_end_matches([' ', '\t', '\r', '\n']);
            (format!("{open}>"), format!("{line_end}</options>{}", &rest[root_end..]))
        }
    };
    effective += &format!("{before}{added}{behind}");
    [effective, stored]
}

/// Which line ends a text has; LF if none.
fn line_ends(text: &str) -> Vec<&'static str> {
    let without_pairs = text.replace("\r\n", "");
    let mut ends = Vec::new();
    ends.extend(text.contains("\r\n").then_some("\r\n"));
    ends.extend(without_pairs.contains('\r').then_some("\r"));
    ends.extend((without_pairs.contains('\n') || ends.is_empty()).then_some("\n"));
    ends
}

proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 4.1 to 4.6 and 4.8, in every encoding, with and without what was displaced before.
    #[test]
    fn the_results_are_the_trees_that_the_rules_make(
        local in strategies::encoded(configurations::text()),
        remote in strategies::encoded(configurations::text()),
        names in configurations::names(),
        earlier in proptest::option::weighted(0.3, configurations::text()),
    ) {
        let [ours, theirs] = [&local, &remote]
            .map(|(_, bytes)| Config::read(bytes).expect("it is of the subset").value);
        let displaced = earlier.as_deref().map(read);
        let sections = &significant(&names);
        let merge = Merge {
            local: &ours,
            remote: &theirs,
            sections,
            displaced: displaced.as_ref(),
        };
        let merged = match merge.run() {
            Ok(merged) => merged,
            Err(MergeError::Unencodable(_)) => {
                let last = match ours.source().encoding() {
                    Encoding::Ascii => '\u{7f}',
                    Encoding::Latin1 => '\u{ff}',
                    other => panic!("{other:?} can express everything"),
                };
                let inserted = remote.0 + earlier.as_deref().unwrap_or_default();
                prop_assert!(inserted.chars().any(|character| character > last));
                return Ok(());
            }
            Err(error) => panic!("{error}"),
        };
        let [ours, theirs] = [&local, &remote].map(|(text, _)| Tree::of(text));
        let earlier = earlier.as_deref().map(Tree::of);
        let [effective, stored] = by_sections(&ours, &theirs, &names, earlier.as_ref());
        prop_assert_eq!(Tree::of(merged.effective.text()), effective);
        prop_assert_eq!(Tree::of(merged.stored.text()), stored);

        // The encoding and the byte order mark are L's.
        for result in [&merged.effective, &merged.stored] {
            let written = bytes(result);
            let mark = if local.1.starts_with(&[0xef]) { 3 } else { 2 };
            prop_assert_eq!(&written[..mark], &local.1[..mark]);
            let again = Config::read(&written).expect("it is parsed").value;
            prop_assert_eq!(again.text(), result.text());
        }
    }

    /// Spec 4.7: every byte of both results.
    #[test]
    fn the_results_are_spliced_of_the_two_texts(
        local in configurations::text(),
        remote in configurations::text(),
        names in configurations::names(),
    ) {
        let merged = merge(&read(&local), &read(&remote), &names, None);
        let results = [merged.effective.text(), merged.stored.text()];
        let candidates = line_ends(&local);
        let expected: Vec<_> = candidates
            .iter()
            .map(|line_end| spliced(&local, &remote, &names, line_end))
            .collect();
        prop_assert!(
            expected.iter().any(|expected| expected == &results),
            "{:?} and not one of {:?}", results, expected
        );
    }

    /// Spec 4.6 and 4.10.
    #[test]
    fn a_run_after_a_run_changes_nothing(
        local in configurations::text(),
        remote in configurations::text(),
        names in configurations::names(),
        earlier in proptest::option::weighted(0.3, configurations::text()),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let displaced = earlier.as_deref().map(read);
        let once = merge(&ours, &theirs, &names, displaced.as_ref());
        let kept = once.displaced.as_ref().map(|displaced| &displaced.after);

        let again = merge(&once.effective, &theirs, &names, kept);
        prop_assert_eq!(again.effective.text(), once.effective.text());
        prop_assert_eq!(again.report.with(SectionOutcome::Replaced).next(), None);
        prop_assert_eq!(again.report.with(SectionOutcome::GivenBack).next(), None);
        prop_assert!(key_changes(&once.effective, &again.effective).changes.is_empty());

        let next = merge(&once.stored, &theirs, &names, kept);
        prop_assert_eq!(next.stored.text(), once.stored.text());
        prop_assert_eq!(
            next.displaced.map(|displaced| displaced.after.text().to_owned()),
            kept.map(|kept| kept.text().to_owned())
        );
        prop_assert_eq!(
            Tree::of(next.effective.text()).sorted(),
            Tree::of(once.effective.text()).sorted()
        );

        // A preview is a merge that nobody stores; the order of the list is nobody's business.
        let reversed: Vec<_> = names.iter().rev().copied().collect();
        let same = merge(&ours, &theirs, &reversed, displaced.as_ref());
        prop_assert_eq!(same.effective.text(), once.effective.text());
        prop_assert_eq!(same.stored.text(), once.stored.text());
    }

    /// Sections do not depend on one another.
    #[test]
    fn lists_without_a_name_in_both_can_be_merged_one_after_the_other(
        local in configurations::text(),
        remote in configurations::text(),
        names in configurations::names(),
        split in any::<[bool; 6]>(),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let (one, other): (Vec<_>, Vec<_>) =
            names.iter().zip(split).partition(|(_, is_first)| *is_first);
        let [one, other] =
            [one, other].map(|part| part.into_iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let at_once = merge(&ours, &theirs, &names, None);
        let first = merge(&ours, &theirs, &one, None);
        let effective = merge(&first.effective, &theirs, &other, None).effective;
        let stored = merge(&first.stored, &theirs, &other, None).stored;
        prop_assert_eq!(
            Tree::of(effective.text()).sorted(),
            Tree::of(at_once.effective.text()).sorted()
        );
        prop_assert_eq!(Tree::of(stored.text()), Tree::of(at_once.stored.text()));
    }

    /// Spec 5.4, to the byte, and for a phone that has written its file anew.
    #[test]
    fn a_merge_can_be_undone(
        local in strategies::encoded(configurations::text()),
        remote in configurations::text(),
        names in configurations::names(),
        anew in configurations::text(),
    ) {
        let ours = Config::read(&local.1).expect("it is of the subset").value;
        let sections = &significant(&names);
        let merge = Merge { local: &ours, remote: &read(&remote), sections, displaced: None };
        let Ok(merged) = merge.run() else { return Ok(()) };
        let nothing = Config::empty();
        let kept = merged.displaced.as_ref().map_or(&nothing, |displaced| &displaced.after);
        let undone = merged.reversal.undo(&merged.stored, kept).expect("it was there before");
        prop_assert_eq!(bytes(&undone), local.1);

        let restored = restore(&merged.stored, kept).expect("it was there before");
        prop_assert_eq!(
            Tree::of(restored.text()).sorted(),
            Tree::of(&local.0).sorted()
        );
        prop_assume!(anew != merged.stored.text());
        let undone = merged.reversal.undo(&read(&anew), kept).expect("UTF-8 expresses everything");
        let [mut expected, kept] = [anew.as_str(), kept.text()].map(Tree::of);
        let there = expected.clone();
        let lost = kept.children.into_iter().filter(|one| there.child(&one.name).is_none());
        expected.children.extend(lost);
        prop_assert_eq!(Tree::of(undone.text()), expected);
    }

    /// Spec 4.11: outcome and source, by the names and the texts alone.
    #[test]
    fn the_report_says_what_is_seen(
        local in configurations::text(),
        remote in configurations::text(),
        names in configurations::names(),
        earlier in proptest::option::weighted(0.3, configurations::text()),
    ) {
        let (ours, theirs) = (read(&local), read(&remote));
        let displaced = earlier.as_deref().map(read);
        let merged = merge(&ours, &theirs, &names, displaced.as_ref());
        let provisioned: BTreeSet<_> =
            names_of(&theirs).into_iter().filter(|name| names.contains(name)).collect();
        let mut effective = names_of(&merged.stored);
        effective.extend(&provisioned);
        prop_assert_eq!(effective, names_of(&merged.effective));

        let there = merged.report.sections.iter().map(|change| change.name.as_str());
        prop_assert_eq!(there.clone().count(), there.collect::<BTreeSet<_>>().len());
        for change in &merged.report.sections {
            let name = change.name.as_str();
            let (mine, sent) = (ours.section(name), theirs.section(name));
            let was_displaced =
                displaced.as_ref().is_some_and(|earlier| earlier.section(name).is_some());
            let is_listed = names.contains(&name);
            prop_assert_eq!(change.outcome.is_provisioned(), provisioned.contains(name));
            let now = merged.effective.section(name);
            let source = match (now, provisioned.contains(name)) {
                (None, _) => Source::Nowhere,
                (Some(_), false) if was_displaced => Source::Displaced,
                (Some(_), false) => Source::Local,
                (Some(_), true) if change.outcome == SectionOutcome::Unchanged => Source::Both,
                (Some(_), true) => Source::Server,
            };
            prop_assert_eq!(change.source, source, "{}", name);
            let expected = match (mine, sent) {
                _ if was_displaced && !provisioned.contains(name) => SectionOutcome::GivenBack,
                (_, Some(_)) if !is_listed => SectionOutcome::Ignored,
                (_, None) if is_listed => SectionOutcome::Missing,
                (_, None) => SectionOutcome::Kept,
                (_, Some(sent)) if sent.is_empty() => SectionOutcome::Emptied,
                (None, Some(_)) => SectionOutcome::Added,
                (Some(mine), _) if now.is_some_and(|now| now.text() == mine.text()) => {
                    SectionOutcome::Unchanged
                }
                _ => SectionOutcome::Replaced,
            };
            prop_assert_eq!(change.outcome, expected, "{}", name);
        }
    }
}

//! The licences of the crates that are built into the command.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Every text once, below the names of the crates that come with it.
pub(super) fn text(workspace: &Workspace, target: &str) -> Result<String, Failure> {
    let built_in = built_in(workspace, target)?;
    let mut metadata = workspace.cargo();
    metadata.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
    let all = command::capture(&mut metadata, "Mend the manifest that cargo names above.")?;
    let unexpected = |message: &str| Failure::Output {
        command: command::shown(&metadata),
        message: message.into(),
    };
    let all: Value = serde_json::from_str(&all).map_err(|error| unexpected(&error.to_string()))?;
    let packages = all["packages"].as_array().ok_or_else(|| unexpected("there are no packages"))?;

    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut list = BTreeSet::new();
    for package in packages {
        let field = |name: &str| package[name].as_str().unwrap_or_default();
        let name = format!("{} {}", field("name"), field("version"));
        // A crate of ours has no source, and the licence stands beside this file.
        if package["source"].is_null() || !built_in.contains(&name) {
            continue;
        }
        list.insert(format!("  {name} ({})", field("license")));
        let folder = Path::new(field("manifest_path")).parent().unwrap_or(Path::new("."));
        for text in notices(folder)? {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    Ok(page(&list, &texts))
}

fn page(list: &BTreeSet<String>, texts: &BTreeMap<String, BTreeSet<String>>) -> String {
    let lines: Vec<_> = list.iter().map(String::as_str).collect();
    let mut page = format!("{ABOUT}\n\n{}\n", lines.join("\n"));
    for (text, names) in texts {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        page += &format!("\n{}\n{}\n\n{text}\n", "=".repeat(80), names.join(", "));
    }
    page
}

/// The crates of the default build, by name and version.
fn built_in(workspace: &Workspace, target: &str) -> Result<BTreeSet<String>, Failure> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--locked", "--package", "provision-cli", "--target", target]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    let text = command::capture(&mut tree, "Mend the manifest that cargo names above.")?;
    Ok(text.lines().filter_map(name_and_version).collect())
}

/// From `name v1.2.3 (more)`.
fn name_and_version(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let name = words.next()?;
    Some(format!("{name} {}", words.next()?.strip_prefix('v')?))
}

/// The texts of the licences and notices in a crate's folder, their line ends made one kind.
fn notices(folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |source| Failure::Read { path: folder.display().to_string(), source };
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        let is_notice = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];
        if path.is_file() && is_notice.iter().any(|begin| name.starts_with(begin)) {
            let text = fs::read_to_string(&path).map_err(failed)?;
            texts.push(text.replace("\r\n", "\n").trim_matches('\n').to_owned());
        }
    }
    Ok(texts)
}

const ABOUT: &str = "\
The command `provision` is made of its own sources and of the crates below, each under the terms in brackets.
Their texts follow. Where one can be chosen, it is MIT, or else Apache-2.0, whose texts are in LICENSE-MIT and
LICENSE-APACHE, too.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_known_by_name_and_version() {
        assert_eq!(name_and_version("a v1.2.3 (*)").as_deref(), Some("a 1.2.3"));
        assert_eq!(name_and_version(""), None);
    }

    #[test]
    fn a_text_stands_once_with_all_that_have_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [("LICENSE-MIT", "\nA\r\nB\n"), ("license-x", "C"), ("README", "D")] {
            fs::write(folder.path().join(name), text).expect("a new file");
        }
        let mut found = notices(folder.path()).expect("it is readable");
        found.sort();
        assert_eq!(found, ["A\nB", "C"]);
        let names = BTreeSet::from(["a 1".to_owned(), "b 2".to_owned()]);
        let page = page(&names, &BTreeMap::from([("A".to_owned(), names.clone())]));
        assert!(page.ends_with("\na 1, b 2\n\nA\n"), "{page}");
    }
}

//! Every code that this command can show: of documents, of servers, of runs, and its own.

use provision::format::DocumentKind;
use provision::{fetch, format};

/// A code, and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explained {
    pub(crate) code: &'static str,
    /// The title under which codes of its kind stand together.
    pub(crate) group: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) mend: &'static str,
    /// A small document that has the fault, and what it is read as.
    pub(crate) example: Option<(DocumentKind, &'static str)>,
}

/// All of them; those of one group stand together.
pub(crate) fn all() -> impl Iterator<Item = Explained> {
    let documents = format::Code::ALL.iter().map(|code| Explained {
        code: code.as_str(),
        group: code.group(),
        meaning: code.meaning(),
        mend: code.mend(),
        example: code.example(),
    });
    let servers = fetch::Code::ALL.iter().map(|code| Explained {
        code: code.as_str(),
        group: code.group(),
        meaning: code.meaning(),
        mend: code.mend(),
        example: None,
    });
    let runs = provision::Code::ALL.iter().map(|code| Explained {
        code: code.as_str(),
        group: code.group(),
        meaning: code.meaning(),
        mend: code.mend(),
        example: None,
    });
    documents.chain(servers).chain(runs).chain(OWN)
}

/// The code of this name.
pub(crate) fn find(name: &str) -> Option<Explained> {
    all().find(|explained| explained.code == name)
}

const fn own(code: &'static str, meaning: &'static str, mend: &'static str) -> Explained {
    Explained { code, group: "The command itself", meaning, mend, example: None }
}

/// What goes wrong before the library's call or behind it.
const OWN: [Explained; 11] = [
    own(
        "usage",
        "The arguments contradict each other, or something is missing among them.",
        "Do what the message says; `--help` lists the arguments.",
    ),
    own(
        "invalid-document",
        "A document that the command needs is not valid; its findings have codes of their own.",
        "Correct what the findings name; `provision check` shows all of them.",
    ),
    own(
        "no-provision-file",
        "There is no `Provision.xml` in the usual places, so there is no server to ask.",
        "Name the file with `--provision`, or write one with `provision init`.",
    ),
    own(
        "no-home",
        "There is no home directory to find the phone's folder in.",
        "Name the folder with `--profile`.",
    ),
    own(
        "no-network",
        "The system gives this program no means for the network.",
        "Look for a limit of open files or of memory, or for a sandbox around the program.",
    ),
    own(
        "password-unreadable",
        "The password cannot be read from where it was said to be.",
        "Give it as one line of UTF-8 text, in a file that this user may read or on standard input.",
    ),
    own(
        "file-exists",
        "The file that was to be written exists, and is left as it is.",
        "Name another place with `--output`, or replace the file with `--force`.",
    ),
    own(
        "stdout-unwritable",
        "Standard output cannot be written.",
        "Look at where it leads: a disk may be full.",
    ),
    own(
        "terminal-unusable",
        "The terminal cannot be read or written, so no question can be asked.",
        "Say everything with options.",
    ),
    own(
        "interrupted",
        "It was broken off, by a signal or at a question; files are as they were before.",
        "Start again.",
    ),
    own("internal", "A fault of this program.", "Please report it, without any passwords."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_distinct_and_groups_stand_together() {
        let names: BTreeSet<_> = all().map(|explained| explained.code).collect();
        assert_eq!(names.len(), all().count());
        let mut groups: Vec<_> = all().map(|explained| explained.group).collect();
        groups.dedup();
        let distinct: BTreeSet<_> = groups.iter().collect();
        assert_eq!(distinct.len(), groups.len(), "{groups:?}");
        for explained in all() {
            assert!(explained.meaning.ends_with('.'), "{explained:?}");
            assert!(explained.mend.ends_with('.'), "{explained:?}");
        }
    }

    /// The code is the second argument of `Failure::new`, and a literal.
    #[test]
    fn every_failure_of_this_command_is_explained() {
        let mut found = BTreeSet::new();
        for text in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let calls = text.split("Failure::new(").skip(1).filter(|rest| rest.contains("Exit::"));
            for call in calls.filter(|call| call.trim_start().starts_with("Exit::")) {
                let code = call.split(',').nth(1).unwrap_or_default().trim();
                let name = code.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                let name = name.unwrap_or_else(|| panic!("{code} is no literal"));
                assert!(find(name).is_some(), "say in this file what `{name}` means");
                found.insert(name.to_owned());
            }
        }
        for explained in OWN {
            assert!(found.contains(explained.code), "nothing ends with {}", explained.code);
        }
    }

    fn sources(folder: &Path) -> Vec<String> {
        let mut texts = Vec::new();
        for entry in fs::read_dir(folder).expect("the sources are here") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                texts.extend(sources(&path));
            } else {
                texts.push(fs::read_to_string(&path).expect("sources are text"));
            }
        }
        texts
    }
}

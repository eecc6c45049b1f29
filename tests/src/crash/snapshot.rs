//! What lies in a phone's folder at an instant.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// All files, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Those that count.
    pub(crate) files: BTreeMap<String, Kept>,
    /// Replacements that lie beside their targets.
    pub(crate) leftovers: BTreeMap<String, Kept>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

impl Snapshot {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let mut snapshot = Self::default();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let mode = entry.metadata()?.permissions().mode() & 0o777;
            let kept = Kept { bytes: timeless(fs::read(entry.path())?), mode };
            let group =
                if is_leftover(&name) { &mut snapshot.leftovers } else { &mut snapshot.files };
            group.insert(name, kept);
        }
        Ok(snapshot)
    }

    /// Makes a folder hold this and nothing else.
    pub(crate) fn restore(&self, folder: &Path) -> io::Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir(folder)?;
        for (name, kept) in self.files.iter().chain(&self.leftovers) {
            let path = folder.join(name);
            fs::write(&path, &kept.bytes)?;
            fs::set_permissions(&path, Permissions::from_mode(kept.mode))?;
        }
        Ok(())
    }

    /// The files that are not the same in both; leftovers do not count.
    pub(crate) fn differing(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.files.keys().chain(other.files.keys()).collect();
        let differ = |name: &&String| self.files.get(*name) != other.files.get(*name);
        names.into_iter().filter(differ).cloned().collect()
    }
}

impl Kept {
    /// Whether anybody but its owner may read or write it.
    pub(crate) fn is_open(&self) -> bool {
        self.mode & 0o077 != 0
    }

    pub(crate) fn holds(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.bytes.windows(text.len()).any(|window| window == text)
    }
}

/// A file's bytes without the time at which a server sent what is in them, if they tell it: one run is compared with
/// another. So that the result can be put back, there is another time in its place.
fn timeless(bytes: Vec<u8>) -> Vec<u8> {
    let after = bytes.windows(SINCE.len()).position(|window| window == SINCE);
    let Some(start) = after.map(|at| at + SINCE.len()) else { return bytes };
    let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    [&bytes[..start], b"1", &bytes[start + digits..]].concat()
}

/// What stands before that time in the file of the last good sections.
const SINCE: &[u8] = b"Since (seconds from 1970): ";

/// The name of a file that is to replace another one.
pub(crate) fn is_leftover(name: &str) -> bool {
    name.starts_with("provision-") && name.ends_with(".tmp")
}

/// The same where no lock keeps a run off: nobody removes it but whoever made it.
pub(crate) fn is_anybodys(leftover: &str) -> bool {
    leftover.starts_with("provision-other-")
}

/// A file in few words.
pub(crate) fn shown(file: Option<&Kept>) -> String {
    match file {
        Some(file) => format!("{} bytes with mode {:o}", file.bytes.len(), file.mode),
        None => "absent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_time_is_taken_out() {
        let text = |text: &str| String::from_utf8(timeless(text.into())).expect("it was UTF-8");
        let expected = "<a/> Since (seconds from 1970): 1 --> 18";
        assert_eq!(text("<a/> Since (seconds from 1970): 17 --> 18"), expected);
        assert_eq!(text("<a/> Since (seconds from 1970): 1234567890 --> 18"), expected);
        assert_eq!(text("<a/>17"), "<a/>17");
    }
}

//! A password from where it cannot be seen (spec 8.1).

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use provision::fetch::Secret;

/// No password is longer than this many bytes.
const LIMIT: u64 = 64 << 10;

/// Why there is no password.
#[derive(Debug)]
pub(crate) enum NoPassword {
    Unreadable { place: String, source: io::Error },
    NotText { place: String },
    TooLong { place: String },
}

impl fmt::Display for NoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { place, source } => {
                write!(f, "the password cannot be read from {place}: {source}")
            }
            Self::NotText { place } => write!(f, "the password from {place} is not UTF-8 text"),
            Self::TooLong { place } => {
                write!(f, "the password from {place} has more than {LIMIT} bytes")
            }
        }
    }
}

pub(crate) fn from_stdin() -> Result<Secret, NoPassword> {
    from_reader(io::stdin().lock(), "standard input".to_owned())
}

pub(crate) fn from_file(path: &Path) -> Result<Secret, NoPassword> {
    let place = PathBuf::from(path).display().to_string();
    match File::open(path) {
        Ok(file) => from_reader(file, place),
        Err(source) => Err(NoPassword::Unreadable { place, source }),
    }
}

/// All of it, less one line break at its end.
fn from_reader(reader: impl Read, place: String) -> Result<Secret, NoPassword> {
    let mut bytes = Vec::new();
    if let Err(source) = reader.take(LIMIT + 1).read_to_end(&mut bytes) {
        return Err(NoPassword::Unreadable { place, source });
    }
    if bytes.len() as u64 > LIMIT {
        return Err(NoPassword::TooLong { place });
    }
    let mut text = String::from_utf8(bytes).map_err(|_| NoPassword::NotText { place })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_it() {
        for (input, password) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a \n", " a "), ("", "")]
        {
            let secret = from_reader(input.as_bytes(), String::new()).expect("it is short text");
            assert_eq!(secret.reveal(), password, "{input:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_password_is_refused() {
        let refused = |bytes: &[u8]| from_reader(bytes, "here".to_owned()).err();
        assert!(matches!(refused(b"\xff"), Some(NoPassword::NotText { .. })));
        let long = vec![b'a'; LIMIT as usize + 1];
        assert!(matches!(refused(&long), Some(NoPassword::TooLong { .. })));
    }
}

//! Reading a document to see what is wrong with it, and mending what a machine can mend.

use std::io::{self, Read};
use std::path::Path;

use provision_format::{Checked, DocumentKind, Report, Source};

use crate::bounded_file;

/// Reads a file as `kind`, or as what its root element says it is.
///
/// # Errors
///
/// Those of opening and reading, and that there is something else than a regular file. What the file
/// holds is never such an error: it stands in the report.
///
/// ```
/// use provision::format::DocumentKind;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("Provision.xml");
/// std::fs::write(&file, "<provision><base_urls>")?;
/// let checked = provision::check_file(&file, None)?;
/// assert_eq!(checked.kind, Some(DocumentKind::ProvisionFile));
/// assert!(checked.report.has_errors());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn check_file(path: &Path, kind: Option<DocumentKind>) -> io::Result<Checked> {
    Ok(Checked::read(bounded_file::read(path)?, kind))
}

/// Reads what comes from a stream, standard input for instance, as `kind`, or as what its root element
/// says it is. Of a stream without an end no more is held than a document may be long.
///
/// # Errors
///
/// Those of reading; what the stream holds is never such an error.
pub fn check_stream(stream: impl Read, kind: Option<DocumentKind>) -> io::Result<Checked> {
    let mut bytes = Vec::new();
    stream.take(bounded_file::LIMIT).read_to_end(&mut bytes)?;
    Ok(Checked::read(bytes, kind))
}

/// A document with every fix applied that a machine can make; see [`mended`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mended {
    /// The document as it is now, with what remains to be said about it.
    pub checked: Checked,
    /// How many fixes were made; with none, the document is the same.
    pub fixes: usize,
}

impl Mended {
    /// The document as it is now.
    pub fn source(&self) -> &Source {
        self.checked.report.source()
    }
}

/// Applies the fixes of a report, and those that are found only then, until nothing is left that a
/// machine can mend.
///
/// A report holds about a hundred findings, so that a document with very many faults takes several
/// rounds. After a thousand of them, or a gibibyte read, it is left as it is then: it has fewer faults,
/// and can be mended further. What was mended is put into a file with
/// [`replace_file`](crate::replace_file).
pub fn mended(checked: Checked) -> Mended {
    let mut mended = Mended { checked, fixes: 0 };
    let mut read = 0;
    for _ in 0..MOST_ROUNDS {
        let Checked { kind, report, .. } = &mended.checked;
        let Some(source) = report.fixed() else { break };
        // A fix that changes nothing would be found again for ever.
        if source.text() == report.source().text() || read > MOST_READ {
            break;
        }
        read += source.text().len();
        let fixes = mended.fixes + fixes_made(report);
        mended = Mended { fixes, checked: Checked::new(source, *kind) };
    }
    mended
}

/// How many fixes [`Report::fixed`] makes: of two that overlap, the first.
fn fixes_made(report: &Report) -> usize {
    let fixes = report.diagnostics().iter().filter_map(|finding| finding.fix.as_ref());
    let mut places: Vec<_> = fixes.map(|fix| fix.span).collect();
    places.sort();
    let mut done = 0;
    let made = places.iter().filter(|place| {
        let is_made = place.start >= done;
        done = if is_made { place.end } else { done };
        is_made
    });
    made.count()
}

const MOST_ROUNDS: usize = 1000;
const MOST_READ: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Checked {
        Checked::read(text.as_bytes(), None)
    }

    #[test]
    fn fixes_are_made_until_none_is_left() {
        let many = "a&b ".repeat(250);
        let mended = mended(read(&format!("<error>{many}</error>")));
        assert_eq!(mended.fixes, 250);
        assert_eq!(
            mended.source().text(),
            format!("<error>{}</error>", many.replace('&', "&amp;"))
        );
        assert!(mended.checked.report.diagnostics().is_empty());
    }

    #[test]
    fn what_cannot_be_mended_stays() {
        let mended = mended(read("<options><a>R&D</b></options>"));
        assert_eq!(mended.fixes, 1);
        assert_eq!(mended.source().text(), "<options><a>R&amp;D</b></options>");
        assert!(mended.checked.report.has_errors());
    }

    /// Their text is not the whole document, and must never be written over it.
    #[test]
    fn documents_that_are_no_text_are_left_alone() {
        for bytes in [&b"<a>&\xff</a>"[..], b"", b"<\0a\0>\0", b"\xef\xbb\xbf&\xfc"] {
            assert_eq!(mended(Checked::read(bytes, None)).fixes, 0, "{bytes:?}");
        }
    }

    #[test]
    fn a_stream_without_an_end_is_left() {
        let checked = check_stream(io::repeat(b' '), None).expect("it can be read");
        assert!(checked.report.has_errors());
    }
}

//! The phone's `Config.xml` as it was before provisioning, to be put back to the byte (spec 5.4).

use std::borrow::Cow;

use crate::bounded_file;
use crate::fingerprint::Fingerprint;
use crate::store::is_same;

/// What is in the file `provision-original`: a line that says when it counts, and the bytes.
///
/// It counts while `Config.xml` has one of the [`Fingerprint`]s: once the phone has written it anew, going
/// back to the byte would lose what the phone wrote. What it was is one of them, so that a crash before
/// `Config.xml` was replaced leaves an original that counts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Original {
    /// The file.
    bytes: Vec<u8>,
    /// Where `Config.xml` begins in it.
    start: usize,
    /// Whether there was one.
    is_present: bool,
    /// What provisioning makes of `Config.xml`, and what it was before the run that did: whichever of the
    /// two a crash leaves, the original is the same.
    stored: Vec<Fingerprint>,
}

impl Original {
    /// That of a first provisioning, which makes `stored` of what was there `before`.
    pub(crate) fn new(before: Option<&[u8]>, stored: &[u8]) -> Self {
        let now = before.map(Fingerprint::of);
        Self::of(before, now.into_iter().chain([Fingerprint::of(stored)]).collect())
    }

    fn of(before: Option<&[u8]>, stored: Vec<Fingerprint>) -> Self {
        let presence = if before.is_some() { PRESENT } else { ABSENT };
        let mut line = format!("{TITLE} {presence}");
        for fingerprint in &stored {
            line += &format!(" {fingerprint}");
        }
        line.push('\n');
        let bytes = [line.as_bytes(), before.unwrap_or_default()].concat();
        Self { bytes, start: line.len(), is_present: before.is_some(), stored }
    }

    /// Whether `config` is what provisioning has made of it.
    pub(crate) fn counts_for(&self, config: &[u8]) -> bool {
        self.stored.contains(&Fingerprint::of(config))
    }

    /// The same original, when another run makes `stored` of `config`, for which it counts.
    pub(crate) fn carried_on(&self, config: &[u8], stored: &[u8]) -> Cow<'_, Self> {
        if is_same(config, stored) {
            return Cow::Borrowed(self);
        }
        let (now, next) = (Fingerprint::of(config), Fingerprint::of(stored));
        Cow::Owned(Self::of(self.config(), vec![now, next]))
    }

    /// What `Config.xml` was; none if there was none.
    pub(crate) fn before(mut self) -> Option<Vec<u8>> {
        self.is_present.then(|| self.bytes.split_off(self.start))
    }

    fn config(&self) -> Option<&[u8]> {
        self.is_present.then(|| &self.bytes[self.start..])
    }

    /// The file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads [`Original::bytes`]; `None` for anything else.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let end = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut words = line.strip_prefix(TITLE)?.split_ascii_whitespace();
        let start = end + 1;
        let is_present = match words.next()? {
            PRESENT => true,
            ABSENT if start == bytes.len() => false,
            _ => return None,
        };
        let stored: Option<Vec<_>> = words.map(Fingerprint::parse).collect();
        let stored = stored.filter(|stored| !stored.is_empty())?;
        Some(Self { bytes, start, is_present, stored })
    }
}

/// More bytes than any such file has.
pub(crate) const LIMIT: u64 = bounded_file::LIMIT + LONGEST_LINE as u64;
/// The first words of the file, with the version of its form.
const TITLE: &str = "provision original 1";
const PRESENT: &str = "present";
const ABSENT: &str = "absent";
/// Longer than the first line of any such file.
const LONGEST_LINE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for before in [None, Some(&b""[..]), Some(b"\xff\xfe<\0o\0\n\0"), Some(b"<options/>\n")] {
            let original = Original::new(before, b"stored");
            let original = original.carried_on(b"stored", b"again");
            let read = Original::parse(original.bytes().to_vec()).expect("it was written");
            assert!(read == *original);
            assert!(read.counts_for(b"stored") && read.counts_for(b"again"));
            assert_eq!(read.before().as_deref(), before);
        }
    }

    #[test]
    fn what_is_not_ours_is_no_original() {
        for bytes in [
            &b""[..],
            b"<options/>",
            b"provision original 1 present\n",
            b"provision original 1 present x\n",
            b"provision original 2 present 00000000000000000000000000000000\n",
            b"provision original 1 absent 00000000000000000000000000000000\n<options/>",
            b"provision original 1 present 00000000000000000000000000000000",
        ] {
            assert!(Original::parse(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn it_counts_for_what_provisioning_made_or_took_and_nothing_else() {
        let first = Original::new(Some(b"mine"), b"stored");
        assert!(first.counts_for(b"stored"));
        assert!(!first.counts_for(b"another") && !first.counts_for(b""));
        assert!(*first.carried_on(b"stored", b"stored") == first, "nothing to be written");
        // A crash has left what was there before, and the next run does it all again.
        assert!(first.counts_for(b"mine"));
        assert!(*first.carried_on(b"mine", b"stored") == first, "nothing to be written");
        let second = first.carried_on(b"stored", b"next");
        assert!(second.counts_for(b"stored") && second.counts_for(b"next"));
        let third = second.carried_on(b"next", b"last");
        assert!(!third.counts_for(b"stored") && !third.counts_for(b"mine"));
        let none = Original::new(None, b"stored");
        assert!(none.counts_for(b"stored") && !none.counts_for(b""));
    }
}

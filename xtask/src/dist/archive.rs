//! A `tar.gz` that is the same whenever its files are.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::failure::Failure;

/// A file to be packed.
#[derive(Debug)]
pub(super) struct Entry {
    name: String,
    pub(super) bytes: Vec<u8>,
    mode: Mode,
}

/// Who may do what with an unpacked file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Everybody reads it.
    File = 0o644,
    /// Everybody runs it.
    Program = 0o755,
}

impl Entry {
    pub(super) fn new(name: &str, bytes: Vec<u8>, mode: Mode) -> Self {
        Self { name: name.to_owned(), bytes, mode }
    }

    pub(super) fn read(name: &str, path: &Path, mode: Mode) -> Result<Self, Failure> {
        let bytes = fs::read(path)
            .map_err(|source| Failure::Read { path: path.display().to_string(), source })?;
        Ok(Self::new(name, bytes, mode))
    }
}

/// A packed archive.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) bytes: Vec<u8>,
    pub(super) files: usize,
}

impl Archive {
    /// Packs the files in the order of their names into a folder called `folder`, all of one time.
    pub(super) fn of(folder: &str, mut entries: Vec<Entry>, time: u64) -> Self {
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        // The time within the compressed file's own head stays 0.
        let mut builder = Builder::new(GzBuilder::new().write(Vec::new(), Compression::best()));
        for entry in &entries {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(entry.mode as u32);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(time);
            header.set_size(entry.bytes.len() as u64);
            let path = format!("{folder}/{}", entry.name);
            builder
                .append_data(&mut header, path, &entry.bytes[..])
                .expect("memory takes everything, and our names are short");
        }
        let packed = builder.into_inner().and_then(flate2::write::GzEncoder::finish);
        let bytes = packed.expect("memory takes everything");
        Self { bytes, files: entries.len() }
    }

    /// SHA-256, in hexadecimal digits.
    pub(super) fn checksum(&self) -> String {
        Sha256::digest(&self.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Unpacks an archive into a folder.
pub(super) fn unpack(archive: &Path, folder: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::Read { path: archive.display().to_string(), source };
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(archive).map_err(failed)?).read_to_end(&mut bytes).map_err(failed)?;
    tar::Archive::new(&bytes[..])
        .unpack(folder)
        .map_err(|source| Failure::Write { path: folder.display().to_string(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(names: [&str; 2]) -> Archive {
        let entry = |name: &str| Entry::new(name, name.into(), Mode::Program);
        Archive::of("a-1", names.map(entry).into(), 86_400)
    }

    #[test]
    fn the_same_files_make_the_same_archive() {
        let one = packed(["man/b.1", "a"]);
        assert_eq!(one.bytes, packed(["a", "man/b.1"]).bytes);
        assert_eq!(one.checksum().len(), 64);
        assert_ne!(one.checksum(), packed(["a", "man/c.1"]).checksum());
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.tar.gz");
        fs::write(&path, packed(["man/b.1", "a"]).bytes).expect("a new file");
        unpack(&path, &folder.path().join("out")).expect("it is an archive");
        let text = fs::read(folder.path().join("out/a-1/man/b.1")).expect("it was unpacked");
        assert_eq!(text, b"man/b.1");
    }
}

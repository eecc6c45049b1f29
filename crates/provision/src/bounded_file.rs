//! Reading a file without trusting what it is.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use provision_format::Source;

/// All bytes of a regular file, but never more than one beyond the limit for a document
/// ([`Source::FILE_LIMIT`]): what is too large is refused by the reader, not held in memory.
///
/// # Errors
///
/// Those of opening and reading; and that there is something else than a file, a pipe for instance,
/// on which a phone would wait for ever.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_up_to(path, LIMIT)
}

/// The same with another limit.
pub(crate) fn read_up_to(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    // Without room for what is likely there, it would be read in pieces that begin at 32 bytes.
    let size = usize::try_from(metadata.len().min(limit)).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(size);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As many bytes as show that a document is too large.
pub(crate) const LIMIT: u64 = Source::FILE_LIMIT as u64 + 1;

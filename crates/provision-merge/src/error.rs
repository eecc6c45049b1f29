//! Why two configurations could not be merged.

use std::fmt;

use provision_format::{Report, Unencodable};

/// A merge failed; neither of its results exists.
#[derive(Debug)]
#[non_exhaustive]
pub enum MergeError {
    /// A section that is provisioned or given back has a character that the local configuration's encoding
    /// cannot express.
    Unencodable(Unencodable),
    /// A result would have more bytes than are ever read, [`FILE_LIMIT`](provision_format::Source::FILE_LIMIT).
    TooLarge,
    /// A result was parsed again (spec 4.10) and is not valid, because it is more than what is read in another
    /// way, such as in the number of its sections, or because of a fault of this program.
    Invalid(Report),
    /// Two changes overlap; a fault of this program.
    Overlap,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unencodable(_) => {
                "what goes into the local configuration, the server's sections or the phone's own that come back, cannot be written in its encoding"
            }
            Self::TooLarge => "the merged configuration would be larger than 64 MiB, which cannot be read",
            Self::Invalid(_) => "the merged configuration would not be one that can be read",
            Self::Overlap => {
                "two changes of the configuration overlap; this is a fault of this program"
            }
        })
    }
}

impl std::error::Error for MergeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unencodable(source) => Some(source),
            Self::Invalid(source) => Some(source),
            Self::TooLarge | Self::Overlap => None,
        }
    }
}

#[cfg(test)]
impl PartialEq for MergeError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

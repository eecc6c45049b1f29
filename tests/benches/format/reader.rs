//! The three ways into the crate.

use std::hint::black_box;
use std::time::Duration;

use provision_format::{Answer, Config, ProvisionFile};
use provision_tests::measuring::{provision_file, timed, zoiper5};

use crate::shapes::Root;

/// What reads a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Config,
    ProvisionFile,
    Answer,
}

impl Reader {
    pub(crate) const ALL: [Self; 3] = [Self::Config, Self::ProvisionFile, Self::Answer];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Config => "Config",
            Self::ProvisionFile => "ProvisionFile",
            Self::Answer => "Answer",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reader| reader.name() == name)
    }

    /// The root by which a document goes the longest way in this reader. An answer that is a configuration goes the
    /// way of [`Reader::Config`].
    pub(crate) fn root(self) -> Root {
        Root(match self {
            Self::Config => "options",
            Self::ProvisionFile => "provision",
            Self::Answer => "error",
        })
    }

    /// A document of about `size` bytes such as this reader gets on a good day. Most answers are configurations.
    pub(crate) fn ordinary(self, size: usize) -> Vec<u8> {
        match self {
            Self::Config | Self::Answer => zoiper5(size).into_bytes(),
            Self::ProvisionFile => provision_file(size).into_bytes(),
        }
    }

    /// How long it takes to read `bytes`, whether they are any good or not.
    pub(crate) fn read(self, bytes: &[u8]) -> Duration {
        let bytes = black_box(bytes);
        match self {
            Self::Config => timed(|| Config::read(bytes)),
            Self::ProvisionFile => timed(|| ProvisionFile::read(bytes)),
            Self::Answer => timed(|| Answer::read(bytes)),
        }
    }
}

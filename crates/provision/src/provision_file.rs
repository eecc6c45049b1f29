//! The provisioning file, found and read: how every run begins (spec 6.1).

use std::path::{Path, PathBuf};

use provision_format::{ProvisionFile, Reading};

use crate::bounded_file;
use crate::discovery::{Discovery, LookedAt};
use crate::error::RunError;
use crate::event::Event;

/// Where the provisioning file lies. If there is none, every place that was looked at.
pub(crate) fn find(
    discovery: &Discovery,
    events: &mut impl FnMut(&Event),
) -> Result<PathBuf, Vec<LookedAt>> {
    let (looked_at, file) = discovery.look();
    events(&Event::Discovered { looked_at: looked_at.clone(), file: file.clone() });
    file.ok_or(looked_at)
}

/// Reads it; the warnings about it are an event.
pub(crate) fn read(
    file: &Path,
    events: &mut impl FnMut(&Event),
) -> Result<ProvisionFile, RunError> {
    let bytes = bounded_file::read(file)
        .map_err(|source| RunError::ReadFile { path: file.to_owned(), source })?;
    let Reading { value, report } = ProvisionFile::read(&bytes)
        .map_err(|report| RunError::InvalidFile { path: file.to_owned(), report })?;
    let refresh_rate = value.options.refresh_rate;
    events(&Event::ProvisionFileRead { file: file.to_owned(), report, refresh_rate });
    Ok(value)
}

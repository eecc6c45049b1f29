//! The most memory that a command has at once, as GNU time tells it (`ru_maxrss`).
//!
//! A process counts from its fork on, so what starts it must be small: GNU time is, this one is not.

use std::error::Error;
use std::process::Command;

use crate::hyperfine::Words;

/// The program. Shells have a `time` of their own, which does not tell this.
pub(crate) const TIME: &str = "/usr/bin/time";

/// The median of some runs, in bytes.
pub(crate) fn peak(words: &Words, runs: usize) -> Result<u64, Box<dyn Error>> {
    let mut peaks = Vec::new();
    for _ in 0..runs {
        let mut time = Command::new(TIME);
        time.args(["-f", "%M"]).args(&words.words);
        let output = words.output_of(&mut time)?;
        let said = String::from_utf8(output.stderr)?;
        if !output.status.success() {
            return Err(said.into());
        }
        let kibibytes: u64 = said.lines().last().unwrap_or_default().trim().parse()?;
        peaks.push(kibibytes * 1024);
    }
    peaks.sort_unstable();
    Ok(peaks[runs / 2])
}

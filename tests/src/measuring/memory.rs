//! The peak of the memory of this process.
//!
//! An allocator that counts would need `unsafe`, so what counts is what the system sees.

use std::fs;

/// The memory of this process from now on. Only Linux tells it.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    before: Option<u64>,
}

impl Meter {
    /// Begins to measure; what is there already does not count.
    pub fn start() -> Self {
        // Forgets the peak so far. Where that is forbidden it stays, and is hardly above what is there now.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self { before: resident("VmRSS:") }
    }

    /// The peak since then, in bytes; none where the system does not tell.
    pub fn peak(&self) -> Option<u64> {
        Some(resident("VmHWM:")?.saturating_sub(self.before?))
    }
}

/// A line of what Linux tells of this process, in bytes; nothing elsewhere.
fn resident(line: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|candidate| candidate.strip_prefix(line))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

//! Where the phones of a measurement lie.

use std::io;
use std::path::Path;

use provision_tests::measuring::Goal;
use tempfile::TempDir;

/// A folder for phones.
pub(crate) struct Place {
    /// As rows name it.
    pub(crate) name: &'static str,
    pub(crate) folder: TempDir,
    pub(crate) goals: Goals,
}

/// What a run may cost there.
pub(crate) struct Goals {
    /// A run that brings something new, of the floor's time.
    pub(crate) of_floor: Goal,
    /// One that brings nothing new, of the time of one that does. None where a sync costs nothing: what the second one does
    /// more is hardly anything else.
    pub(crate) of_changed: Option<Goal>,
    /// A run that brings something new, of the script's time.
    pub(crate) of_script: Goal,
}

/// The disk on which the command is built, and memory, if the system has a place in it: there nothing waits for a disk.
pub(crate) fn all() -> io::Result<Vec<Place>> {
    let disk = Place {
        name: "on the disk",
        folder: TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?,
        goals: Goals {
            of_floor: Goal::AtMost(1.3),
            of_changed: Some(Goal::AtMost(0.8)),
            of_script: Goal::AtMost(0.25),
        },
    };
    let mut places = vec![disk];
    if Path::new(MEMORY).is_dir() {
        places.push(Place {
            name: "in memory",
            folder: TempDir::new_in(MEMORY)?,
            goals: Goals {
                of_floor: Goal::AtMost(1.3),
                of_changed: None,
                of_script: Goal::AtMost(0.25),
            },
        });
    }
    Ok(places)
}

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

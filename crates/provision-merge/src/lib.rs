#![doc = include_str!("../README.md")]

mod changes;
mod edit;
mod error;
mod explain;
mod items;
mod layout;
mod mode;
mod overlay;
mod path;
mod report;
mod reversal;
mod rules;

pub use changes::{Change, Difference, KeyChange, KeyChanges, SameKeys, Value, key_changes};
pub use error::MergeError;
pub use explain::{Explanation, explain};
pub use mode::Mode;
pub use overlay::{Beforehand, Overlay};
pub use path::{KeyPath, NoPath};
pub use report::{MergeReport, SectionChange, SectionOutcome, Source};
pub use reversal::{Reversal, restore};
pub use rules::{Displaced, Merge, Merged};

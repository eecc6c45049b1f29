#![doc = include_str!("../README.md")]

mod edit;
mod error;
mod layout;
mod report;
mod rules;

pub use error::MergeError;
pub use report::{MergeReport, SectionChange, SectionOutcome};
pub use rules::{Displaced, Merge, Merged};

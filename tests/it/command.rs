//! The command `provision`, as a user runs it.

mod arguments;
mod check;
mod check_files;
mod credentials;
mod explain;
mod failures;
mod fetch;
mod files;
mod json;
mod merge;
mod servers;

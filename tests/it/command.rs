//! `provision run`, as a user runs it.

mod arguments;
mod credentials;
mod failures;
mod files;
mod servers;

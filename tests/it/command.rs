//! The command `provision`, as a user runs it.

mod arguments;
mod check;
mod check_files;
mod credentials;
mod doctor;
mod explain;
mod failures;
mod fetch;
mod files;
mod init;
mod json;
mod merge;
mod run;
mod secrecy;
mod servers;
#[cfg(all(target_os = "linux", feature = "crash"))]
mod signals;
#[cfg(all(target_os = "linux", feature = "crash"))]
mod terminal;
mod watch;

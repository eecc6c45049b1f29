//! Behaviour tests against real servers, one module per behaviour.

mod canaries;
mod command;
mod corpus;
#[cfg(feature = "crash")]
mod crash;
mod fetch;
mod format;
mod golden;
mod hostile;
mod last_good;
mod markup;
mod merge;
mod peers;
mod phone;
mod run;
mod session;
mod strategies;
mod two_runs;
mod undoing;
mod watch;

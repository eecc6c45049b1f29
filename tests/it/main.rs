//! Behaviour tests against real servers, one module per behaviour.

mod command;
mod fetch;
mod format;
mod golden;
mod merge;
mod phone;
mod run;
mod strategies;

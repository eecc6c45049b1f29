//! Behaviour tests against real servers, one module per behaviour.

mod command;
mod corpus;
mod fetch;
mod format;
mod golden;
mod hostile;
mod markup;
mod merge;
mod peers;
mod phone;
mod run;
mod strategies;

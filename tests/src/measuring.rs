//! What the benchmarks share: how they begin and end, documents of any size, times of what takes turns, the peak of memory, and the table.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is for the person at the terminal"
)]

mod benchmark;
mod documents;
mod memory;
mod table;
mod timing;

pub use benchmark::{benchmark, failed};
pub use documents::{answer3, filled_by, provision_file, with_carriage_returns, zoiper3, zoiper5};
pub use memory::Meter;
pub use table::{Goal, Table, verdict};
pub use timing::{Effort, Quartiles, Shown, Times, interleaved, timed};

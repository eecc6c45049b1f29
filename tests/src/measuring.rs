//! What the benchmarks share: how they begin and end, documents of any size, phones and what provisions them, times of what
//! takes turns, the peak of memory, and the table.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is for the person at the terminal"
)]

mod benchmark;
mod documents;
mod goal;
mod measure;
mod memory;
mod phone;
mod program;
mod record;
mod table;
mod timing;

pub use benchmark::{benchmark, failed};
pub use documents::{answer3, filled_by, provision_file, with_carriage_returns, zoiper3, zoiper5};
pub use goal::{Goal, verdict};
pub use measure::{Measure, Unit};
pub use memory::Meter;
pub use phone::{Authentication, CHANGING, Configurations, Phone, SAME};
pub use program::{CALLGRIND, Program, TIME, is_there};
pub use table::{Comparison, Table};
pub use timing::{Effort, Quartiles, Times, interleaved, rounds, timed};

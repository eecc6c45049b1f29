//! What a document of 1 MiB costs at most, in time and in memory, whatever is in it.

use std::error::Error;
use std::time::Duration;

use provision_tests::measuring::{Effort, Goal, Measure, Table, Unit, interleaved, verdict};

use crate::memory::{self, Peak, TIME_LIMIT};
use crate::reader::Reader;
use crate::shapes::{GROUPS, SIZE, Shape};
use crate::speed::MEMORY;

/// Of the time of an ordinary document of the same size.
const TIME: Goal = Goal::AtMost(10.0);

const EFFORT: Effort = Effort { rounds: 31, budget: Duration::from_millis(400) };

pub(crate) fn measure(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let ordinary = Reader::ALL.map(|reader| reader.ordinary(SIZE));
    let mut readers = String::new();
    let mut columns = String::new();
    for reader in Reader::ALL {
        readers += &format!("{:>17}", reader.name());
        columns += &format!("{:>8} {:>7} ", "time", "memory");
    }
    let lines = format!(
        "Documents of 1 MiB, time in that of an ordinary document (goal: {}),\n\
         peak of memory in the document's size (goal: {}); `!` where a goal is missed\n\
         {:<40}{readers}\n{:<40}{columns}",
        TIME.shown(Unit::Ratio),
        MEMORY.shown(Unit::Ratio),
        "",
        ""
    );
    table.heading("hostile 1 MiB", lines);
    let mut worst = Reader::ALL.map(Worst::of);
    if table.wants(ORDINARY) {
        ordinary_row(table, &ordinary)?;
    }
    for group in GROUPS {
        let shapes: Vec<_> = group.shapes.iter().filter(|shape| table.wants(shape.name)).collect();
        if !shapes.is_empty() {
            table.row(&format!("  {}", group.name));
        }
        for shape in shapes {
            shape_row(table, shape, &ordinary, &mut worst)?;
        }
    }
    worst.iter().for_each(|worst| worst.keep(table));
    Ok(())
}

fn shape_row(
    table: &mut Table,
    shape: &Shape,
    ordinary: &[Vec<u8>],
    worst: &mut [Worst],
) -> Result<(), Box<dyn Error>> {
    let name = shape.name;
    let mut cells = String::new();
    let mut all_met = true;
    for ((reader, ordinary), worst) in Reader::ALL.into_iter().zip(ordinary).zip(worst) {
        let document = (shape.document)(reader.root());
        // A large unit may not go in once more.
        let size = document.len();
        assert!((SIZE - SIZE / 8..=SIZE).contains(&size), "{name}: {size} bytes");
        let cost = Cost::of(reader, &document, ordinary)?;
        worst.add(&cost);
        let (cell, is_met) = cost.cell(table);
        cells += &cell;
        all_met &= is_met;
    }
    table.row(&format!("{name:<40}{cells}  {}", verdict(all_met)));
    Ok(())
}

const ORDINARY: &str = "an ordinary document";

/// The measure of all others: its time is its median, its memory has the same goal.
fn ordinary_row(table: &mut Table, documents: &[Vec<u8>]) -> Result<(), Box<dyn Error>> {
    let mut cells = String::new();
    let mut all_met = true;
    for (reader, document) in Reader::ALL.into_iter().zip(documents) {
        let [times] = interleaved([&|| reader.read(document)], &EFFORT);
        let (memory, is_met) = memory_cell(table, &memory::peak(reader, document)?, document.len());
        cells += &format!("{:>8} {memory}", Measure::times(&times).shown());
        all_met &= is_met;
    }
    table.row(&format!("{ORDINARY:<40}{cells}  {}", verdict(all_met)));
    Ok(())
}

/// The most that any of the documents took of a reader.
struct Worst {
    reader: Reader,
    shapes: usize,
    time: f64,
    memory: Option<f64>,
}

impl Worst {
    fn of(reader: Reader) -> Self {
        Self { reader, shapes: 0, time: 0.0, memory: None }
    }

    fn add(&mut self, cost: &Cost) {
        self.shapes += 1;
        self.time = self.time.max(cost.time);
        if let Peak::Bytes(bytes) = cost.peak {
            let memory = bytes as f64 / cost.size as f64;
            self.memory = Some(self.memory.map_or(memory, |most| most.max(memory)));
        }
    }

    fn keep(&self, table: &mut Table) {
        if self.shapes == 0 {
            return;
        }
        let (name, shapes) = (self.reader.name(), self.shapes);
        let time = format!("{name}: the worst of {shapes}, of an ordinary document's time");
        table.keep(&time, Measure::once(Unit::Ratio, self.time), TIME);
        if let Some(memory) = self.memory {
            let name = format!("{name}: the worst of {shapes}, memory in the document's bytes");
            table.keep(&name, Measure::once(Unit::Ratio, memory), MEMORY);
        }
    }
}

/// What reading a document took.
struct Cost {
    size: usize,
    /// In the time of an ordinary document; more than that if it was ended.
    time: f64,
    peak: Peak,
}

impl Cost {
    /// The process of its own comes first: only that can be ended if it takes too long.
    fn of(reader: Reader, document: &[u8], ordinary: &[u8]) -> Result<Self, Box<dyn Error>> {
        let size = document.len();
        let peak = memory::peak(reader, document)?;
        let time = if let Peak::TimedOut = peak {
            TIME_LIMIT.as_secs_f64() / reader.read(ordinary).as_secs_f64()
        } else {
            let [times, ordinary] =
                interleaved([&|| reader.read(document), &|| reader.read(ordinary)], &EFFORT);
            times.ratios(&ordinary).median
        };
        Ok(Self { size, time, peak })
    }

    /// The two numbers, and whether both goals are met.
    fn cell(&self, table: &mut Table) -> (String, bool) {
        let more = if let Peak::TimedOut = self.peak { ">" } else { "" };
        let time_is_met = table.check(TIME, self.time);
        let time = format!("{more}{:.1}", self.time);
        let mark = mark(time_is_met);
        let (memory, memory_is_met) = memory_cell(table, &self.peak, self.size);
        (format!("{time:>8}{mark}{memory}"), time_is_met && memory_is_met)
    }
}

/// The peak in the document's size, and whether the goal is met.
fn memory_cell(table: &mut Table, peak: &Peak, size: usize) -> (String, bool) {
    let Peak::Bytes(bytes) = peak else {
        return (format!("{:>7} ", "-"), true);
    };
    let ratio = *bytes as f64 / size as f64;
    let is_met = table.check(MEMORY, ratio);
    (format!("{ratio:>7.2}{}", mark(is_met)), is_met)
}

fn mark(is_met: bool) -> &'static str {
    if is_met { " " } else { "!" }
}

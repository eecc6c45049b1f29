//! Times of candidates that take turns.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long `work` takes. What becomes of its result afterwards does not count.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let taken = start.elapsed();
    drop(result);
    taken
}

/// How often the candidates have their turn.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// So often at most.
    pub rounds: usize,
    /// No further round begins behind it, but for the first few.
    pub budget: Duration,
}

/// The least number of rounds, unless they take many times the budget.
const FEW: usize = 3;

/// Runs all `candidates` once in every round, so that whatever else the machine does meets them alike.
pub fn interleaved<const N: usize>(
    candidates: [&dyn Fn() -> Duration; N],
    effort: &Effort,
) -> [Times; N] {
    let budget = if is_quick() { effort.budget / QUICKER } else { effort.budget };
    let start = Instant::now();
    let mut samples = [const { Vec::new() }; N];
    for round in 0..rounds(effort.rounds) {
        let spent = start.elapsed();
        let is_enough = round >= FEW && spent > budget;
        if is_enough || (round > 0 && spent > 10 * budget) {
            break;
        }
        for (times, candidate) in samples.iter_mut().zip(candidates) {
            times.push(candidate());
        }
    }
    samples.map(Times)
}

/// `usual`, or a tenth of it where somebody only wants to see that everything runs; a few at least.
pub fn rounds(usual: usize) -> usize {
    if is_quick() { (usual / QUICKER as usize).max(usual.min(FEW)) } else { usual }
}

fn is_quick() -> bool {
    env::var_os(QUICK_VARIABLE).is_some()
}

/// Is there where a look will do.
const QUICK_VARIABLE: &str = "BENCHMARK_QUICK";

/// So much less effort is enough then.
const QUICKER: u32 = 10;

/// The times of one candidate, round by round.
#[derive(Clone, Debug)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// Of the rounds.
    pub fn quartiles(&self) -> Quartiles<Duration> {
        let mut times = self.0.clone();
        times.sort_unstable();
        Quartiles::of_sorted(&times)
    }

    /// How often the time of `other` goes into this one, in each round by itself: what slows the machine down for a
    /// while slows both.
    pub fn ratios(&self, other: &Self) -> Quartiles<f64> {
        let pairs = self.0.iter().zip(&other.0);
        let mut ratios: Vec<f64> =
            pairs.map(|(this, other)| this.as_secs_f64() / other.as_secs_f64()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        Quartiles::of_sorted(&ratios)
    }
}

/// What lies in the middle, and what a quarter is below and above.
#[derive(Clone, Copy, Debug)]
pub struct Quartiles<T> {
    /// A quarter is below.
    pub lower: T,
    /// Half are below.
    pub median: T,
    /// A quarter is above.
    pub upper: T,
}

impl<T: Copy> Quartiles<T> {
    pub(super) fn of_sorted(values: &[T]) -> Self {
        let at = |quarters: usize| values[(values.len() - 1) * quarters / 4];
        Self { lower: at(1), median: at(2), upper: at(3) }
    }
}

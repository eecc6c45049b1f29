//! Work done side by side, its results taken in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on every item, on as many as `threads` threads, and gives the results to `take` in the
/// order of the items, each soon after those before it are there.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R),
) {
    if threads <= 1 {
        // A second thread would only take the processor from the first one.
        return items.iter().for_each(|item| take(work(item)));
    }
    // Handed on some at a time where there are many: to wake the one who takes them costs as much as a small document.
    let share = (items.len() / (threads * SHARES)).clamp(1, LARGEST_SHARE);
    let shares: Vec<&[T]> = items.chunks(share).collect();
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, shares.len().max(1)) {
            let (sender, next, work, shares) = (sender.clone(), &next, &work, &shares);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(share) = shares.get(index) else { break };
                    let results: Vec<R> = share.iter().map(work).collect();
                    if sender.send((index, results)).is_err() {
                        break;
                    }
                }
            });
        }
        // The loop below ends when the last of the threads has given its sender back.
        drop(sender);
        let mut early = BTreeMap::new();
        let mut taken = 0;
        for (index, results) in results {
            early.insert(index, results);
            while let Some(results) = early.remove(&taken) {
                results.into_iter().for_each(&mut take);
                taken += 1;
            }
        }
    });
}

/// How many shares each thread gets at least, so that all have something to do to the end.
const SHARES: usize = 16;
/// Items that are handed on at once, at most.
const LARGEST_SHARE: usize = 64;

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..500).collect();
        for threads in [1, 2, 8, 1000] {
            let mut results = Vec::new();
            // The first ones take longest.
            let work =
                |item: &u64| (0..(500 - item) * 20).fold(*item, |result, _| black_box(result));
            in_order(&items, threads, work, |result| results.push(result));
            assert_eq!(results, items, "{threads}");
        }
        in_order(&[] as &[u64], 4, |item| *item, |_| panic!("there is nothing to take"));
    }
}

//! Work done side by side, its results taken in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on every item, on as many as `threads` threads, and gives the results to `take` in the
/// order of the items, each as soon as those before it are there.
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
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((index, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        // The loop below ends when the last of the threads has given its sender back.
        drop(sender);
        let mut early = BTreeMap::new();
        let mut taken = 0;
        for (index, result) in results {
            early.insert(index, result);
            while let Some(result) = early.remove(&taken) {
                take(result);
                taken += 1;
            }
        }
    });
}

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

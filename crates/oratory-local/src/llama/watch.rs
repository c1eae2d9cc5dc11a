//! What the thread that listens and the thread that computes know of each other.
//!
//! Whether to stop in the middle of a batch, and proof that work goes on.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shared by both threads.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    // Read many thousand times a second in mid-batch, so neither waits for a lock.
    stop: AtomicBool,
    ticks: AtomicU64,
    wishes: Mutex<Wishes>,
}

#[derive(Debug, Default)]
struct Wishes {
    cancelled: HashSet<u64>,
    /// Requests whose readers have not kept up.
    paused: HashSet<u64>,
    /// The requests in the batch that is computed now.
    computed: Vec<u64>,
}

impl Wishes {
    /// A batch is stopped only if nobody waits for any part of it.
    fn nobody_waits(&self) -> bool {
        let cancelled = |number| self.cancelled.contains(number);
        !self.computed.is_empty() && self.computed.iter().all(cancelled)
    }
}

impl Watch {
    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops a request, whether it is running, or comes later.
    pub(crate) fn cancel(&self, number: u64) {
        let mut wishes = self.wishes();
        wishes.cancelled.insert(number);
        self.stop.store(wishes.nobody_waits(), Ordering::SeqCst);
    }

    /// Takes note of what is computed now, until the next call.
    pub(crate) fn computing(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut wishes = self.wishes();
        wishes.computed.clear();
        wishes.computed.extend(numbers);
        self.stop.store(wishes.nobody_waits(), Ordering::SeqCst);
    }

    /// Says whether a request was cancelled.
    pub(crate) fn is_cancelled(&self, number: u64) -> bool {
        self.wishes().cancelled.contains(&number)
    }

    /// Holds a request, or lets it go on.
    pub(crate) fn pause(&self, number: u64, paused: bool) {
        let mut wishes = self.wishes();
        if paused {
            wishes.paused.insert(number);
        } else {
            wishes.paused.remove(&number);
        }
    }

    /// Says whether a request is held.
    pub(crate) fn is_paused(&self, number: u64) -> bool {
        self.wishes().paused.contains(&number)
    }

    /// Forgets a request that has ended. Numbers never repeat.
    pub(crate) fn ended(&self, number: u64) {
        let mut wishes = self.wishes();
        wishes.cancelled.remove(&number);
        wishes.paused.remove(&number);
    }

    /// Says whether the batch computed now should stop.
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Returns a number that grows as long as something is computed.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    pub(crate) fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_stops_only_when_nobody_waits_for_it() {
        let watch = Watch::default();
        watch.computing([1, 2]);
        watch.cancel(1);
        assert!(!watch.stopped(), "2 still waits");
        watch.cancel(2);
        assert!(watch.stopped());
        watch.computing([3]);
        assert!(!watch.stopped());
        watch.computing([]);
        watch.cancel(4);
        assert!(!watch.stopped(), "nothing is computed");
        watch.computing([4]);
        assert!(watch.stopped(), "it was cancelled before it began");
        watch.ended(4);
        assert!(!watch.is_cancelled(4));
    }
}

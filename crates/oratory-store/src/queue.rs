//! The bounded way to the writer: places are reserved first, so a hand-over never fails.
//!
//! A mutex and a condition variable, because the receiver is a thread that also waits for time
//! to pass: it checkpoints when idle and reopens a failing database, with nobody asking.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
    settled: Condvar,
}

struct State<T> {
    items: Vec<T>,
    free: usize,
    open: bool,
    receiver_waits: bool,
    /// Whether the receiver is dealing with items.
    taken: bool,
}

/// What waiting for items brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// At least one item.
    Items,
    /// Nothing in all that time.
    Nothing,
    /// Nothing, and nothing will come any more.
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(places: usize) -> Self {
        let state = State {
            items: Vec::new(),
            free: places,
            open: true,
            receiver_waits: false,
            taken: false,
        };
        Self { state: Mutex::new(state), arrived: Condvar::new(), settled: Condvar::new() }
    }

    /// Reserves a place; `None` means all are taken.
    ///
    /// A closed queue never refuses: whoever asks goes on, and learns at the hand-over.
    pub(crate) fn reserve(self: &Arc<Self>) -> Option<Reserved<T>> {
        let mut state = self.lock();
        if state.open {
            state.free = state.free.checked_sub(1)?;
        }
        Some(Reserved { queue: Arc::clone(self), used: false })
    }

    /// Takes everything that waits into `into`, which gives its buffer in exchange.
    ///
    /// Waits at most `patience` for the first item; `None` means for ever.
    pub(crate) fn take(&self, into: &mut Vec<T>, patience: Option<Duration>) -> Taken {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut state = self.lock();
        while state.items.is_empty() {
            if !state.open {
                return Taken::Closed;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Taken::Nothing;
            }
            state.receiver_waits = true;
            state = self.wait(state, left);
            state.receiver_waits = false;
        }
        into.clear();
        std::mem::swap(&mut state.items, into);
        state.taken = true;
        Taken::Items
    }

    /// Gives back the places of items that have been dealt with.
    pub(crate) fn done(&self, items: usize) {
        let mut state = self.lock();
        state.free += items;
        state.taken = false;
        drop(state);
        self.settled.notify_all();
    }

    /// Waits until everything handed over so far has been dealt with.
    pub(crate) fn drained(&self) {
        let busy = |state: &mut State<T>| state.open && (state.taken || !state.items.is_empty());
        drop(self.settled.wait_while(self.lock(), busy).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets nothing in any more; what waits can still be taken.
    pub(crate) fn close(&self) {
        self.lock().open = false;
        self.arrived.notify_all();
        self.settled.notify_all();
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State<T>>,
        left: Option<Duration>,
    ) -> MutexGuard<'a, State<T>> {
        match left {
            None => self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(left) => {
                self.arrived.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    // Every change under the lock is a single step, so a panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reserved place; dropping it unused gives it back.
pub(crate) struct Reserved<T> {
    queue: Arc<Queue<T>>,
    used: bool,
}

impl<T> Reserved<T> {
    /// Hands an item over; an error gives it back because the queue is closed.
    pub(crate) fn send(mut self, item: T) -> Result<(), T> {
        let mut state = self.queue.lock();
        if !state.open {
            return Err(item);
        }
        state.items.push(item);
        let wake = state.receiver_waits;
        drop(state);
        self.used = true;
        // Waking is a system call; a receiver at work looks again by itself.
        if wake {
            self.queue.arrived.notify_one();
        }
        Ok(())
    }
}

impl<T> Drop for Reserved<T> {
    fn drop(&mut self) {
        if !self.used {
            self.queue.lock().free += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_and_a_dropped_place_comes_back() {
        let queue = Arc::new(Queue::<u8>::new(2));
        let first = queue.reserve().expect("one of two");
        let second = queue.reserve().expect("two of two");
        assert!(queue.reserve().is_none(), "a third place of two");
        drop(first);
        let third = queue.reserve().expect("the dropped one");
        second.send(2).expect("open");
        third.send(3).expect("open");
        let mut taken = Vec::new();
        assert_eq!(queue.take(&mut taken, None), Taken::Items);
        assert_eq!(taken, [2, 3]);
        assert!(queue.reserve().is_none(), "places count until the items are dealt with");
        queue.done(2);
        assert!(queue.reserve().is_some());
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_holds_and_takes_no_more() {
        let queue = Arc::new(Queue::<u8>::new(2));
        queue.reserve().expect("room").send(1).expect("open");
        let late = queue.reserve().expect("room");
        queue.close();
        let later = queue.reserve().expect("both places are taken, but nobody is held up");
        assert_eq!((late.send(2), later.send(3)), (Err(2), Err(3)));
        let mut taken = Vec::new();
        assert_eq!(queue.take(&mut taken, None), Taken::Items);
        assert_eq!(taken, [1]);
        assert_eq!(queue.take(&mut taken, None), Taken::Closed);
    }

    #[test]
    fn waiting_ends_when_time_is_up() {
        let queue = Queue::<u8>::new(1);
        assert_eq!(queue.take(&mut Vec::new(), Some(Duration::from_millis(5))), Taken::Nothing);
    }
}

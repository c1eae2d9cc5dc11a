//! The requests that wait for one worker, at most so many.
//!
//! Whoever has left gives up the place, so the queue is never full of nobody.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Work;

/// A queue with a size.
#[derive(Debug)]
pub(super) struct Queue {
    places: usize,
    line: Mutex<Line>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Work>,
    closed: bool,
}

/// Why work was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Every place is taken.
    Full { waiting: usize },
    /// Everything stops.
    Closed,
}

impl Queue {
    pub(super) fn new(places: usize) -> Self {
        Self { places, line: Mutex::default(), arrived: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, work: Work) -> Result<(), Refused> {
        let mut line = self.lock();
        if line.closed {
            return Err(Refused::Closed);
        }
        line.waiting.retain(|work| !work.abandoned());
        if line.waiting.len() >= self.places {
            return Err(Refused::Full { waiting: line.waiting.len() });
        }
        line.waiting.push_back(work);
        drop(line);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for work. Dropping the future loses nothing.
    pub(super) async fn take(&self) -> Work {
        loop {
            // Bound by its own statement, so that the lock is gone before waiting.
            let next = self.lock().waiting.pop_front();
            match next {
                Some(work) => return work,
                None => self.arrived.notified().await,
            }
        }
    }

    /// Takes all that waits; nothing is let in afterwards.
    pub(super) fn close(&self) -> VecDeque<Work> {
        let mut line = self.lock();
        line.closed = true;
        std::mem::take(&mut line.waiting)
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.iter().filter(|work| !work.abandoned()).count()
    }
}

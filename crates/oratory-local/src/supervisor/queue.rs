//! The requests that wait for one worker, at most so many, and whose turn it is.
//!
//! Callers take turns, so that one who sends a hundred requests does not hold up one who sends
//! a single one. Whoever has left gives up the place, so the queue is never full of nobody.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oratory_contract::CallerName;
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
    /// Who was served, the latest last.
    served: VecDeque<CallerName>,
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

impl Line {
    /// Takes the next request: of the caller who was served longest ago, the oldest.
    fn next(&mut self) -> Option<Work> {
        let turn = |work: &Work| self.served.iter().rposition(|caller| caller == work.caller());
        // A caller never served comes before all; among equals the first in the line is first.
        let turns = self.waiting.iter().map(turn).enumerate();
        let (at, _) = turns.min_by_key(|(at, turn)| (*turn, *at))?;
        let work = self.waiting.remove(at)?;
        let caller = work.caller().clone();
        self.served.retain(|served| *served != caller);
        self.served.push_back(caller);
        if self.served.len() > 64 {
            self.served.pop_front();
        }
        Some(work)
    }
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

    /// Waits for work that somebody waits for. Dropping the future loses nothing.
    pub(super) async fn take(&self) -> Work {
        loop {
            // Bound by its own statement, so that the lock is gone before waiting.
            let next = self.lock().next();
            match next {
                Some(work) if work.abandoned() => {}
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

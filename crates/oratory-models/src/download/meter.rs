//! How much is here, and how fast it comes.
//!
//! Tells at most ten times a second, whatever the number of connections.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::telling::{Event, Tell};

/// How often it tells.
const OFTEN: Duration = Duration::from_millis(100);
/// Over how long a speed is measured.
const WINDOW: Duration = Duration::from_secs(5);

/// Counts the bytes of a pull.
pub(crate) struct Meter<'a> {
    total: Option<u64>,
    tell: Tell<'a>,
    count: Mutex<Count>,
}

#[derive(Default)]
struct Count {
    done: u64,
    told: Option<Instant>,
    /// How much there was at some moments of the last seconds.
    past: VecDeque<(Instant, u64)>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(total: Option<u64>, tell: Tell<'a>) -> Self {
        Self { total, tell, count: Mutex::default() }
    }

    pub(crate) fn done(&self) -> u64 {
        self.count.lock().unwrap_or_else(PoisonError::into_inner).done
    }

    /// Counts bytes that were here already.
    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done() + bytes;
        self.set(done);
    }

    /// Starts counting from `done`.
    pub(crate) fn set(&self, done: u64) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = Count { done, ..Count::default() };
    }

    /// Counts bytes that came.
    pub(crate) fn came(&self, bytes: u64) {
        let event = {
            let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
            count.done += bytes;
            count.due(Instant::now()).map(|speed| Event::Moved {
                done: count.done,
                total: self.total,
                speed,
            })
        };
        if let Some(event) = event {
            (self.tell)(event);
        }
    }

    /// Tells where it stands now.
    pub(crate) fn finish(&self) {
        let (done, speed) = {
            let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
            (count.done, count.speed())
        };
        (self.tell)(Event::Moved { done, total: self.total, speed });
    }
}

impl Count {
    /// Returns the speed, if it is time to tell it.
    fn due(&mut self, now: Instant) -> Option<u64> {
        if self.told.is_some_and(|told| now.duration_since(told) < OFTEN) {
            return None;
        }
        self.told = Some(now);
        self.past.push_back((now, self.done));
        while self.past.front().is_some_and(|(then, _)| now.duration_since(*then) > WINDOW) {
            self.past.pop_front();
        }
        Some(self.speed())
    }

    fn speed(&self) -> u64 {
        let (Some((first, had)), Some((last, have))) = (self.past.front(), self.past.back()) else {
            return 0;
        };
        let seconds = last.duration_since(*first).as_secs_f64();
        if seconds > 0.0 { (have.saturating_sub(*had) as f64 / seconds) as u64 } else { 0 }
    }
}

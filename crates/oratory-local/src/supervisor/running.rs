//! The requests a worker is answering, and what has come of each so far.
//!
//! Pure bookkeeping: nothing here waits. A reader who is slow holds up only the own answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::time::Duration;

use oratory_contract::{Chunk, Done, Failure};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::work::Outlet;

/// Chunks held for a slow reader before the worker is told to pause.
const HELD: usize = 64;

/// One request being answered.
pub(super) struct Running {
    /// `None` once the answer has ended for the reader; the worker may still be at it.
    pub(super) out: Option<Outlet>,
    pub(super) deadline: Instant,
    pub(super) limit: Duration,
    pub(super) likeness: u64,
    pub(super) began: Instant,
    pub(super) paused: bool,
    /// What the reader had no room for, and since when.
    held: VecDeque<Chunk>,
    unread: Option<Instant>,
    /// How it ended, once everything held has been passed on.
    end: Option<Result<Done, Failure>>,
}

/// What passing something on has led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Nothing to do.
    Fine,
    /// The reader is slow: the worker should pause.
    Slow,
    /// The reader has caught up: the worker may go on.
    Caught,
}

impl Running {
    pub(super) fn new(out: Outlet, deadline: Instant, limit: Duration, likeness: u64) -> Self {
        Self {
            out: Some(out),
            deadline,
            limit,
            likeness,
            began: Instant::now(),
            paused: false,
            held: VecDeque::new(),
            unread: None,
            end: None,
        }
    }

    /// Says whether the reader has left.
    pub(super) fn abandoned(&self) -> bool {
        self.out.as_ref().is_some_and(|out| out.chunks.is_closed())
    }

    /// Returns how long the reader has read nothing though there is something.
    pub(super) fn unread_for(&self) -> Duration {
        self.unread.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Passes chunks on as far as there is room.
    pub(super) fn pass(&mut self, chunks: impl IntoIterator<Item = Chunk>) -> Passed {
        let Some(out) = &self.out else { return Passed::Fine };
        self.held.extend(chunks);
        while let Some(chunk) = self.held.pop_front() {
            match out.chunks.try_send(chunk) {
                Ok(()) => self.unread = None,
                Err(TrySendError::Full(chunk)) => {
                    self.held.push_front(chunk);
                    self.unread.get_or_insert_with(Instant::now);
                    // Told that something is held, the reader wakes us at its next turn. It may
                    // have read in between, so a second look comes after the telling.
                    if out.held.swap(true, Ordering::SeqCst) {
                        break;
                    }
                }
                // Whoever has left is noticed at the next look.
                Err(TrySendError::Closed(_)) => self.held.clear(),
            }
        }
        if self.held.is_empty()
            && let Some(end) = self.end.take()
            && let Some(out) = self.out.take()
        {
            out.finish(end);
        }
        match (self.held.len(), self.paused) {
            (HELD.., false) => Passed::Slow,
            (0, true) => Passed::Caught,
            _ => Passed::Fine,
        }
    }

    /// Ends the answer at once; what is held goes with it, for a failure comes before text.
    pub(super) fn fail(&mut self, failure: Failure) {
        if let Some(out) = self.out.take() {
            out.finish(Err(failure));
        }
    }

    /// Ends the answer once the reader has read what is held.
    pub(super) fn finish(&mut self, end: Result<Done, Failure>) {
        self.end = Some(end);
        self.pass([]);
    }

    /// Says whether the reader has heard the end, or has left.
    pub(super) fn is_told(&self) -> bool {
        self.out.is_none() || self.abandoned()
    }
}

/// All requests of one worker.
#[derive(Default)]
pub(super) struct Runnings {
    /// Being answered.
    pub(super) here: BTreeMap<u64, Running>,
    /// Answered, but not yet read to the end.
    pub(super) telling: Vec<Running>,
}

impl Runnings {
    /// Returns when the first of them runs out of time.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let reading = self.here.values().filter(|running| running.out.is_some());
        reading.chain(&self.telling).map(|running| running.deadline).min()
    }

    /// Passes on to readers who have caught up, of answers that are complete.
    pub(super) fn tell(&mut self) {
        for running in &mut self.telling {
            running.pass([]);
        }
        self.telling.retain(|running| !running.is_told());
    }
}

//! The requests a worker is answering, and what has come of each so far.
//!
//! Pure bookkeeping: nothing here waits. A reader who is slow holds up only the own answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::time::Duration;

use oratory_contract::{Begun, Chunk, Done, Failure, LeftOut, Usage};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::work::{Outlet, out_of_time};

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
    /// How long it waited for the model to be loaded.
    loading: Duration,
    /// Whether the reader has been told that the answer began.
    told: bool,
    pub(super) paused: bool,
    /// What it took so far, which is known even if the worker says no more.
    pub(super) usage: Usage,
    /// What was left out of the conversation.
    pub(super) left_out: LeftOut,
    /// What the reader had no room for, and since when.
    held: VecDeque<Chunk>,
    unread: Option<Instant>,
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
    pub(super) fn new(
        out: Outlet,
        (deadline, limit): (Instant, Duration),
        likeness: u64,
        loading: Duration,
    ) -> Self {
        Self {
            out: Some(out),
            deadline,
            limit,
            likeness,
            began: Instant::now(),
            loading,
            told: false,
            paused: false,
            usage: Usage::default(),
            left_out: LeftOut::default(),
            held: VecDeque::new(),
            unread: None,
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

    /// Passes on what the worker says; before its first words, that they have begun.
    pub(super) fn say(&mut self, said: impl IntoIterator<Item = Chunk>) -> Passed {
        let first = !std::mem::replace(&mut self.told, true);
        let begun = first.then(|| {
            let Usage { input, cached, .. } = self.usage;
            let (loading, reading) = (self.loading, self.began.elapsed());
            Chunk::Begun(Begun { input, cached, loading, reading, left_out: self.left_out })
        });
        self.pass(begun.into_iter().chain(said))
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
        match (self.held.len(), self.paused) {
            (HELD.., false) => Passed::Slow,
            (0, true) => Passed::Caught,
            _ => Passed::Fine,
        }
    }

    /// Ends the answer at once; what is held goes with it, for a failure comes before text.
    pub(super) fn fail(&mut self, failure: Failure) {
        if let Some(out) = self.out.take() {
            out.finish(Err(failure.after(self.usage)));
        }
    }

    /// Ends the answer. Where the reader has not yet read what is held, returns the rest of the
    /// telling, which takes no longer than the request may.
    pub(super) fn finish(
        mut self,
        end: Result<Done, Failure>,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        if end.is_ok() {
            self.say([]);
        } else {
            self.pass([]);
        }
        let end = end.map_err(|failure| failure.after(self.usage));
        let out = self.out.take()?;
        if self.held.is_empty() {
            out.finish(end);
            return None;
        }
        let (held, deadline, limit, usage) = (self.held, self.deadline, self.limit, self.usage);
        Some(async move {
            let tell = async {
                for chunk in held {
                    // Whoever has left needs no end either.
                    drop(out.chunks.send(chunk).await);
                }
            };
            match tokio::time::timeout_at(deadline, tell).await {
                Ok(()) => out.finish(end),
                Err(_) => out.finish(Err(out_of_time(limit).after(usage))),
            }
        })
    }
}

/// Returns when the first of them runs out of time.
pub(super) fn next_deadline(here: &BTreeMap<u64, Running>) -> Option<Instant> {
    let reading = here.values().filter(|running| running.out.is_some());
    reading.map(|running| running.deadline).min()
}

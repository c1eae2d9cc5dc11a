//! One request on its way to a worker, and the stream its answer comes back on.
//!
//! Text goes through a bounded channel; the end has a place of its own, so that a failure
//! always arrives, even to a reader who left the channel full.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use futures_util::stream;
use oratory_contract::{
    At, Chunk, Chunks, Done, Failure, FailureKind, Limits, Message, Prepared, Retry, Sampling,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Pieces of text that may wait for a slow reader; then the worker waits.
const PIECES: usize = 32;

/// One request, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Work {
    pub(super) messages: Vec<Message>,
    pub(super) sampling: Sampling,
    pub(super) limits: Limits,
    pub(super) deadline: Instant,
    pub(super) partition: u64,
    pub(super) out: Outlet,
}

impl Work {
    /// Says whether nobody waits for the answer any more.
    pub(super) fn abandoned(&self) -> bool {
        self.out.text.is_closed()
    }
}

/// Where an answer goes. Dropping it without an end tells the reader that it broke off.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) text: mpsc::Sender<String>,
    end: oneshot::Sender<Result<Done, Failure>>,
}

impl Outlet {
    /// Ends the answer. A reader who has left does not hear it, which is fine.
    pub(super) fn finish(self, end: Result<Done, Failure>) {
        drop(self.end.send(end));
    }
}

/// The reader's end. Dropping it stops the work.
#[derive(Debug)]
pub(crate) struct Inlet {
    text: mpsc::Receiver<String>,
    end: Option<oneshot::Receiver<Result<Done, Failure>>>,
    deadline: Instant,
    limit: Duration,
}

/// Splits a request into the work and the stream of its answer.
pub(crate) fn work(prepared: Prepared) -> (Work, Inlet) {
    let partition = partition(&prepared);
    let asked = prepared.into_asked();
    let (text, from_text) = mpsc::channel(PIECES);
    let (end, from_end) = oneshot::channel();
    let limit = asked.limits.time;
    // A limit of centuries is no limit; it must not overflow the clock.
    let deadline = Instant::now() + limit.min(Duration::from_secs(365 * 24 * 3600));
    let work = Work {
        messages: asked.messages,
        sampling: asked.sampling,
        limits: asked.limits,
        deadline,
        partition,
        out: Outlet { text, end },
    };
    (work, Inlet { text: from_text, end: Some(from_end), deadline, limit })
}

/// Callers, and labels of one caller, are kept apart: how soon an answer begins must not tell
/// one what another has asked.
fn partition(prepared: &Prepared) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&prepared.asked().caller, prepared.labels()).hash(&mut hasher);
    hasher.finish()
}

impl Inlet {
    /// Waits for the first chunk, so that what fails before it can still be answered elsewhere.
    pub(crate) async fn open(mut self) -> Result<Chunks, Failure> {
        let limit = self.limit;
        let first = tokio::time::timeout_at(self.deadline, self.next()).await;
        let first = first.map_err(|_| out_of_time(limit))?;
        let first = first.unwrap_or_else(|| Err(broke_off()))?;
        let rest = stream::unfold(self, async |mut inlet| {
            let chunk = inlet.next().await?;
            Some((chunk, inlet))
        });
        Ok(Box::pin(futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest)))
    }

    /// Returns the next chunk; `None` after the end.
    async fn next(&mut self) -> Option<Result<Chunk, Failure>> {
        if let Some(text) = self.text.recv().await {
            return Some(Ok(Chunk::Text(text)));
        }
        let end = self.end.take()?.await;
        Some(end.unwrap_or_else(|_| Err(broke_off())).map(Chunk::Done))
    }
}

/// The request ran out of its own time.
pub(super) fn out_of_time(limit: Duration) -> Failure {
    let message = format!("the answer was not complete after {}", seconds(limit));
    Failure::new(FailureKind::Timeout, At::Local, message)
        .hint("allow more time, ask for fewer tokens, or use a smaller model")
}

/// The supervisor went away without a word, which only happens when everything stops.
fn broke_off() -> Failure {
    Failure::new(FailureKind::Unreachable, At::Local, "the engine was stopped")
        .retry(Retry::After(Duration::from_secs(2)))
        .hint("try again once Oratory runs again")
}

/// Returns a duration as people say it.
pub(super) fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis < 1000 => format!("{millis} ms"),
        millis if millis % 1000 == 0 => format!("{} s", millis / 1000),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

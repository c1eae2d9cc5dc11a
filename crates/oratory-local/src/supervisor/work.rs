//! One request on its way to a worker, and the stream its answer comes back on.
//!
//! Chunks go through a bounded channel; the end has a place of its own, so that a failure
//! always arrives, even to a reader who left the channel full.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream;
use oratory_contract::{
    Asked, At, CallerName, Chunk, Chunks, Done, Failure, FailureKind, Prepared, Retry, Sensitivity,
    Task,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::protocol::{Adapter, Job, Keep, Partition};

/// Chunks that may wait for a slow reader; then the worker is told to pause.
const PIECES: usize = 32;

/// One request, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Work {
    asked: Asked,
    adapter: Option<Adapter>,
    partition: Partition,
    keep: Keep,
    /// Since when it waits.
    pub(super) since: Instant,
    pub(super) deadline: Instant,
    pub(super) out: Outlet,
    /// Tells equal requests from others, without saying what is in them.
    pub(super) likeness: u64,
}

impl Work {
    /// Says whether nobody waits for the answer any more.
    pub(super) fn abandoned(&self) -> bool {
        self.out.chunks.is_closed()
    }

    pub(super) fn caller(&self) -> &CallerName {
        &self.asked.caller.name
    }

    /// Returns how long the whole answer may take.
    pub(super) fn limit(&self) -> Duration {
        self.asked.limits.time
    }

    /// Returns how long the model stays loaded afterwards, if the caller said.
    pub(super) fn stay(&self) -> Option<Duration> {
        self.asked.at_home.keep
    }

    /// Takes the request apart into what the worker needs and where the answer goes.
    pub(super) fn begin(self, number: u64) -> (Job, Outlet) {
        let Asked { task, messages, tools, form, effort, sampling, limits, at_home, .. } =
            self.asked;
        let job = Job {
            number,
            task,
            adapter: self.adapter,
            messages,
            shortening: at_home.shortening,
            tools,
            form,
            effort,
            sampling,
            max_tokens: limits.max_tokens,
            stop: limits.stop,
            partition: self.partition,
            keep: self.keep,
        };
        (job, self.out)
    }
}

/// Where an answer goes. Dropping it without an end tells the reader that it broke off.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) chunks: mpsc::Sender<Chunk>,
    /// Whether something is held back until the reader has read.
    pub(super) held: Arc<AtomicBool>,
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
    chunks: mpsc::Receiver<Chunk>,
    held: Arc<AtomicBool>,
    end: Option<oneshot::Receiver<Result<Done, Failure>>>,
    deadline: Instant,
    limit: Duration,
    /// Last, so that the channel is closed when it wakes the desk.
    look: Look,
}

/// Wakes the desk when it is dropped, which is after the channel has closed.
#[derive(Debug)]
struct Look(Arc<Notify>);

impl Drop for Look {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Splits a request into the work and the stream of its answer.
pub(crate) fn work(
    prepared: Prepared,
    adapter: Option<Adapter>,
    look: &Arc<Notify>,
) -> (Work, Inlet) {
    let partition = partition(&prepared, adapter.as_ref());
    let secret = prepared.labels().sensitivity == Sensitivity::Secret;
    let asked = prepared.into_asked();
    let keep = match asked.task {
        Task::Answer | Task::Continue(_) if !secret => Keep::Disk,
        Task::Answer | Task::Continue(_) => Keep::Memory,
        // No conversation goes on from a text that was only summed up or counted.
        Task::Embed(_) | Task::Rank(_) | Task::Count => Keep::Here,
    };
    let (chunks, from_chunks) = mpsc::channel(PIECES);
    let (end, from_end) = oneshot::channel();
    let held = Arc::new(AtomicBool::new(false));
    let limit = asked.limits.time;
    // A limit of centuries is no limit; it must not overflow the clock.
    let since = Instant::now();
    let deadline = since + limit.min(Duration::from_secs(365 * 24 * 3600));
    let work = Work {
        likeness: likeness(&asked, adapter.as_ref()),
        asked,
        adapter,
        since,
        deadline,
        partition,
        keep,
        out: Outlet { chunks, held: Arc::clone(&held), end },
    };
    let inlet = Inlet {
        chunks: from_chunks,
        held,
        end: Some(from_end),
        deadline,
        limit,
        look: Look(Arc::clone(look)),
    };
    (work, inlet)
}

/// Callers, and labels of one caller, are kept apart: how soon an answer begins must not tell
/// one what another has asked. What was computed with an adapter is good for that one only.
fn partition(prepared: &Prepared, adapter: Option<&Adapter>) -> Partition {
    let asked = prepared.asked();
    let mut digest = Sha256::new();
    for part in [asked.caller.name.as_str(), &prepared.labels().to_string()] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    if let Some(adapter) = adapter {
        digest.update(adapter.path.as_os_str().as_encoded_bytes());
        digest.update(adapter.revision.to_le_bytes());
        digest.update(adapter.scale.to_le_bytes());
    }
    let digest: [u8; 32] = digest.finalize().into();
    *digest.first_chunk().expect("a digest is longer than a partition")
}

fn likeness(asked: &Asked, adapter: Option<&Adapter>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&asked.caller.name, &asked.messages, &asked.tools, &asked.form, &asked.limits)
        .hash(&mut hasher);
    // Floats have no hash of their own; their words have.
    format!("{:?}", (&asked.sampling, adapter)).hash(&mut hasher);
    asked.task.hash(&mut hasher);
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
        if let Some(chunk) = self.chunks.recv().await {
            if self.held.swap(false, Ordering::SeqCst) {
                self.look.0.notify_one();
            }
            return Some(Ok(chunk));
        }
        let end = self.end.take()?.await;
        Some(end.unwrap_or_else(|_| Err(broke_off())).map(Chunk::Done))
    }
}

/// The requests that ended a worker, so that none ends many.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    once: HashSet<u64>,
    twice: HashSet<u64>,
}

impl Suspects {
    /// More than this many and the oldest guess is as good as any.
    const MOST: usize = 1024;

    /// Notes a request that was being answered when a worker ended by itself.
    pub(super) fn accuse(&mut self, likeness: u64, alone: bool) {
        if self.once.len() + self.twice.len() >= Self::MOST {
            *self = Self::default();
        }
        // In company it may have been another's fault, so it takes a trial alone.
        if !self.once.insert(likeness) && alone {
            self.twice.insert(likeness);
        }
    }

    /// Notes a request that was answered after all.
    pub(super) fn acquit(&mut self, likeness: u64) {
        self.once.remove(&likeness);
    }

    /// Says whether a request should be answered alone.
    pub(super) fn suspects(&self, likeness: u64) -> bool {
        self.once.contains(&likeness)
    }

    /// Says whether a request has ended two workers.
    pub(super) fn knows(&self, likeness: u64) -> bool {
        self.twice.contains(&likeness)
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

//! How much energy answers at home take, where this machine counts it; nothing is estimated.
//!
//! What counters say is shared evenly among the requests under way, waiting ones included. It is
//! gross: whatever else the processor did meanwhile, and what it takes at rest, is in it. Counters
//! are read by a thread of their own, when a request begins and ends and every second between.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use oratory_contract::{Chunk, Chunks};
use tokio::sync::oneshot;

mod book;
mod cards;
mod counters;

use self::book::Book;
pub use self::counters::Metering;
pub(crate) use self::counters::{Counters, POWERCAP};

/// How often counters are read while requests are under way: long before they start again.
const EVERY: Duration = Duration::from_secs(1);
/// How long the end of an answer waits for its counter. Reading takes microseconds to a millisecond.
const PATIENCE: Duration = Duration::from_millis(50);
/// What may wait for the thread; more is not measured.
const NOTES: usize = 4096;

/// Measures what requests take. It costs nothing until the first request.
#[derive(Clone, Debug)]
pub struct Energy {
    powercap: PathBuf,
    desk: Arc<OnceLock<Option<SyncSender<Note>>>>,
    next: Arc<AtomicU64>,
}

/// What the thread is told.
enum Note {
    Begun(u64, Instant),
    /// Somebody waits to hear what it took.
    Ended(u64, Instant, oneshot::Sender<Option<u64>>),
    /// Nobody does.
    Left(u64, Instant),
}

impl Default for Energy {
    fn default() -> Self {
        Self::at(Path::new(POWERCAP))
    }
}

impl Energy {
    /// Measures with the counters in this folder, as Linux keeps it in `/sys/class/powercap`.
    pub fn at(powercap: &Path) -> Self {
        Self { powercap: powercap.to_owned(), desk: Arc::default(), next: Arc::default() }
    }

    /// Says whether this machine counts, or why it does not.
    pub fn metering(&self) -> Metering {
        Counters::open(&self.powercap).1
    }

    /// Begins to measure a request; `None` where nothing is counted.
    pub(crate) fn begin(&self) -> Option<Counted> {
        let desk = self.desk.get_or_init(|| start(&self.powercap)).as_ref()?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        desk.try_send(Note::Begun(number, Instant::now())).ok()?;
        Some(Counted { number, desk: Some(desk.clone()) })
    }
}

/// Starts the thread; `None` where nothing is counted.
fn start(powercap: &Path) -> Option<SyncSender<Note>> {
    let (counters, metering) = Counters::open(powercap);
    tracing::debug!(?metering, "energy");
    let counters = counters?;
    let (desk, notes) = sync_channel(NOTES);
    let thread = std::thread::Builder::new().name("energy".to_owned());
    // It ends once nobody can tell it anything any more.
    thread.spawn(move || keep(counters, &notes)).ok()?;
    Some(desk)
}

fn keep(mut counters: Counters, notes: &Receiver<Note>) {
    let (mut book, began) = (Book::default(), Instant::now());
    let at = |moment: Instant| moment.saturating_duration_since(began).as_secs_f64();
    let mut waiting: Vec<(u64, oneshot::Sender<Option<u64>>)> = Vec::new();
    loop {
        let first = match book.is_empty() {
            true => notes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => notes.recv_timeout(EVERY),
        };
        if matches!(first, Err(RecvTimeoutError::Disconnected)) {
            return;
        }
        for note in first.into_iter().chain(notes.try_iter()) {
            match note {
                Note::Begun(number, moment) => book.begin(number, at(moment)),
                Note::Left(number, moment) => book.end(number, at(moment)),
                Note::Ended(number, moment, tell) => {
                    book.end(number, at(moment));
                    waiting.push((number, tell));
                }
            }
        }
        let read = counters.read();
        let ended = book.sample(at(Instant::now()), read);
        for (number, tell) in waiting.drain(..) {
            let took = ended.iter().find(|(ended, _)| *ended == number).and_then(|(_, took)| *took);
            // Whoever waited may have run out of patience.
            let _ = tell.send(took);
        }
    }
}

/// A request that is being measured.
#[derive(Debug)]
pub(crate) struct Counted {
    number: u64,
    desk: Option<SyncSender<Note>>,
}

impl Counted {
    /// Returns the millionths of a joule that it took, if they could be counted.
    async fn end(mut self) -> Option<u64> {
        let desk = self.desk.take()?;
        let (tell, told) = oneshot::channel();
        desk.try_send(Note::Ended(self.number, Instant::now(), tell)).ok()?;
        tokio::time::timeout(PATIENCE, told).await.ok()?.ok()?
    }

    /// Returns the same answer, whose end says what energy it took.
    pub(crate) fn over(self, chunks: Chunks) -> Chunks {
        let measured = stream::unfold((chunks, Some(self)), |(mut chunks, mut counted)| async {
            let mut chunk = chunks.next().await?;
            if let Ok(Chunk::Done(done)) = &mut chunk
                && let Some(counted) = counted.take()
            {
                done.usage.microjoules = counted.end().await;
            }
            Some((chunk, (chunks, counted)))
        });
        measured.boxed()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            // If there is no room, the rest of its time counts for nobody.
            let _ = desk.try_send(Note::Left(self.number, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests;

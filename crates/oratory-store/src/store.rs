//! The store as the house sees it: reserve, write, read back, shut down.
//!
//! The work is elsewhere: `writer` writes, `reader` reads, `cache` keeps answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use oratory_contract::{
    AnswerCache, At, CacheKey, Failure, FailureKind, Kept, Record, RecordSlot, Records, RequestId,
    Retry, Written,
};
use tokio::sync::oneshot;

use crate::health::Health;
use crate::journal::Journal;
use crate::queue::{Queue, Reserved};
use crate::writer::{Job, Writer};
use crate::{MemoryCache, Problem, Reader, StoreError, StoreHealth, Totals};

/// What a store needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The database file, made if missing; `None` keeps no records at all.
    pub path: Option<PathBuf>,
    /// How many requests may be under way, each with its record to come.
    pub queue: usize,
    /// How much memory kept answers may take.
    pub cache_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { path: None, queue: 4096, cache_bytes: 16 << 20 }
    }
}

/// Keeps records and answers.
pub struct Store {
    path: Option<PathBuf>,
    places: usize,
    queue: Arc<Queue<Job>>,
    health: Arc<Health>,
    journal: Arc<Journal>,
    writer: Mutex<Option<JoinHandle<()>>>,
    cache: MemoryCache,
}

impl Store {
    /// Opens a store; what is wrong with its file is told by `health`, never by failing here.
    ///
    /// Returns at once: the file is opened meanwhile, and records wait for it.
    pub fn open(config: Config) -> Self {
        let opening = if config.path.is_some() { StoreHealth::Opening } else { StoreHealth::Ok };
        let store = Self {
            path: config.path,
            places: config.queue,
            queue: Arc::new(Queue::new(config.queue)),
            health: Arc::new(Health::new(opening)),
            journal: Arc::default(),
            writer: Mutex::new(None),
            cache: MemoryCache::new(config.cache_bytes),
        };
        store.start_writer();
        store
    }

    /// Returns whether records are being kept.
    pub fn health(&self) -> StoreHealth {
        self.health.now()
    }

    /// Waits for the first attempt to open the file, then returns the health. Blocks.
    pub fn settled(&self) -> StoreHealth {
        self.health.settled()
    }

    /// Returns how many records could not be written.
    pub fn lost(&self) -> u64 {
        self.health.lost()
    }

    /// Waits until every record handed over so far is in the database, where other programs see
    /// it too. Blocks.
    pub fn flush(&self) {
        self.settled();
        self.queue.drained();
    }

    /// Returns the record of one request. Blocks for a disk access.
    pub fn record(&self, id: &RequestId) -> Result<Option<Record>, StoreError> {
        self.read(|reader| reader.record(id))
    }

    /// Returns the newest records, newest first. Blocks for disk accesses.
    pub fn recent(&self, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.read(|reader| reader.recent(limit))
    }

    /// Returns what all records add up to. Blocks; reads every row.
    pub fn totals(&self) -> Result<Totals, StoreError> {
        self.read(Reader::totals)
    }

    /// Writes what waits, puts everything into the database and closes it. Blocks.
    ///
    /// Records that arrive afterwards are counted as lost.
    pub fn shutdown(&self) {
        self.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic in the writer has been logged and told by `health`.
            let _ = writer.join();
        }
    }

    fn start_writer(&self) {
        let Some(path) = self.path.clone() else { return };
        let writer = Writer {
            path: path.clone(),
            queue: Arc::clone(&self.queue),
            health: Arc::clone(&self.health),
            journal: Arc::clone(&self.journal),
            held: Vec::new(),
        };
        match writer.start() {
            Ok(handle) => {
                *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
            }
            Err(error) => {
                let problem = Problem::Other(format!("its thread does not start ({error})"));
                self.health.failing(&StoreError::new(&path, problem));
            }
        }
    }

    fn read<T: Default>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Some(path) = &self.path else { return Ok(T::default()) };
        self.flush();
        // Opened each time: it takes less than a millisecond, and finds a file that was replaced.
        read(&Reader::open(path)?)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Records for Store {
    fn reserve(&self) -> Result<Box<dyn RecordSlot>, Failure> {
        if self.path.is_none() {
            return Ok(Box::new(Unkept));
        }
        match self.queue.reserve() {
            Some(place) => {
                let (health, journal) = (Arc::clone(&self.health), Arc::clone(&self.journal));
                Ok(Box::new(Slot { place, health, journal }))
            }
            None => Err(overloaded(self.places)),
        }
    }
}

impl AnswerCache for Store {
    fn find(&self, key: &CacheKey) -> Option<Kept> {
        self.cache.find(key)
    }

    fn keep(&self, key: CacheKey, kept: Kept) {
        self.cache.keep(key, kept);
    }
}

struct Slot {
    place: Reserved<Job>,
    health: Arc<Health>,
    journal: Arc<Journal>,
}

impl RecordSlot for Slot {
    fn write(self: Box<Self>, record: Record) -> Written {
        let kept = self.journal.keep(&record);
        let (written, wait) = match kept {
            Some(_) => (None, None),
            None => {
                let (written, wait) = oneshot::channel();
                (Some(written), Some(wait))
            }
        };
        if let Err(late) = self.place.send(Job { record, kept, written }) {
            self.health.lose(1);
            self.journal.done(late.kept.into_iter());
        }
        let Some(wait) = wait else { return Box::pin(std::future::ready(())) };
        Box::pin(async move {
            // An error means that the writer is gone, which is as final as its word.
            let _ = wait.await;
        })
    }
}

/// The place of a record that nobody wants kept.
struct Unkept;

impl RecordSlot for Unkept {
    fn write(self: Box<Self>, _record: Record) -> Written {
        Box::pin(std::future::ready(()))
    }
}

fn overloaded(places: usize) -> Failure {
    let message = format!("all {places} requests that Oratory takes at once are under way");
    Failure::new(FailureKind::Overloaded, At::Oratory, message)
        .retry(Retry::After(Duration::from_secs(1)))
        .hint("try again in a second")
}

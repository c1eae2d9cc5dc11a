//! The one thread that writes: it takes whatever waits, commits it at once, then tells everyone.
//!
//! Groups form by themselves: while one is being written the next one gathers. A database that
//! fails is closed and opened again every few seconds. Until then rows that wait on disk are held,
//! as many as is reasonable; others are counted as lost, because their answers wait for them.

use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{path::PathBuf, thread};

use oratory_contract::Record;
use tokio::sync::oneshot;

use crate::database::Database;
use crate::health::Health;
use crate::journal::{self, Journal, Kept};
use crate::queue::{Queue, Taken};
use crate::{Problem, StoreError};

/// How long a failing database is left alone.
const RETRY: Duration = Duration::from_secs(2);

/// How long rows gather while there is traffic. They wait on disk meanwhile.
const GATHER: Duration = Duration::from_millis(5);

/// Rows held for a failing database; at a few hundred bytes each, some megabytes.
const HELD: usize = 16_384;

/// A quiet time this long is used to empty the log.
const QUIET: Duration = Duration::from_secs(1);

/// One record and who waits for it.
pub(crate) struct Job {
    pub(crate) record: Record,
    /// Where it waits on disk; if it does, nobody waits for its row.
    pub(crate) kept: Option<Kept>,
    pub(crate) written: Option<oneshot::Sender<()>>,
}

pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) queue: Arc<Queue<Job>>,
    pub(crate) health: Arc<Health>,
    pub(crate) journal: Arc<Journal>,
    /// Rows for a database that fails. Nobody waits for them.
    pub(crate) held: Vec<Job>,
}

/// Why writing ended.
enum Ended {
    Closed,
    Failed(StoreError),
}

impl Writer {
    pub(crate) fn start(self) -> std::io::Result<thread::JoinHandle<()>> {
        thread::Builder::new().name("records".to_owned()).spawn(move || self.run())
    }

    fn run(mut self) {
        loop {
            let ended = match Database::open(&self.path) {
                Ok(database) => self.serve(&database).unwrap_or_else(Ended::Failed),
                Err(error) => Ended::Failed(error),
            };
            match ended {
                Ended::Closed => return,
                Ended::Failed(error) => self.health.failing(&error),
            }
            if self.lose_until(Instant::now() + RETRY) == Taken::Closed {
                return;
            }
        }
    }

    fn serve(&mut self, database: &Database) -> Result<Ended, StoreError> {
        let mut inserts = database.inserts()?;
        for left in journal::left_behind(&self.path) {
            inserts.write(left.records.iter())?;
            left.taken_over();
        }
        self.journal.begin(&self.path);
        inserts.write(self.held.iter().map(|job| &job.record))?;
        self.journal.done(self.held.drain(..).filter_map(|job| job.kept));
        self.health.ok();
        let mut group = Vec::new();
        let mut log_empty = false;
        loop {
            // With an empty log there is nothing to wake up for: an idle machine sleeps.
            match self.queue.take(&mut group, (!log_empty).then_some(QUIET)) {
                Taken::Items => {
                    // Once per burst: rows for a file that was removed would go nowhere.
                    let there = if log_empty { database.still_there() } else { Ok(()) };
                    let records = group.iter().map(|job| &job.record);
                    let written = there.and_then(|()| inserts.write(records));
                    self.settle(&mut group, &written);
                    written?;
                    log_empty = false;
                    // Being woken for every row would cost each request more than its row.
                    thread::sleep(GATHER);
                }
                Taken::Nothing => {
                    database.checkpoint()?;
                    self.journal.tidy();
                    log_empty = true;
                }
                // Closing the last connection empties the log.
                Taken::Closed => return Ok(Ended::Closed),
            }
        }
    }

    /// Tells everyone in a group what became of it.
    fn settle(&mut self, group: &mut Vec<Job>, written: &Result<(), StoreError>) {
        // Health first, so that whoever asks after being told hears the truth.
        if let Err(error) = written {
            let held = self.hold(group);
            self.health.lose(group.len());
            self.health.failing(error);
            self.queue.done(held);
        }
        self.tell(group);
    }

    /// Takes out of the group what can wait for better times, and returns how many that were.
    fn hold(&mut self, group: &mut Vec<Job>) -> usize {
        let room = HELD.saturating_sub(self.held.len());
        let before = group.len();
        let mut left = room;
        let held = group.extract_if(.., |job| {
            let hold = job.kept.is_some() && left > 0;
            left -= usize::from(hold);
            hold
        });
        self.held.extend(held);
        before - group.len()
    }

    fn lose_until(&mut self, until: Instant) -> Taken {
        let mut group = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.queue.take(&mut group, Some(left)) {
                Taken::Items => {
                    let held = self.hold(&mut group);
                    self.health.lose(group.len());
                    self.queue.done(held);
                    self.tell(&mut group);
                }
                nothing => return nothing,
            }
        }
    }

    fn tell(&self, group: &mut Vec<Job>) {
        self.queue.done(group.len());
        self.journal.done(group.iter().filter_map(|job| job.kept));
        for written in group.drain(..).filter_map(|job| job.written) {
            // Nobody waits for a row whose caller has left; it is written all the same.
            let _ = written.send(());
        }
    }
}

// However the thread ends, a panic included, nobody may wait for it.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
        if thread::panicking() {
            let problem = Problem::Other("the writer failed; this is our fault".to_owned());
            self.health.failing(&StoreError::new(&self.path, problem));
        }
        self.lose_until(Instant::now());
    }
}

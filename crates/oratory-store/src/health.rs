//! Whether records are being kept, and how many could not be.
//!
//! The writer tells; anyone may ask. A cause is logged when it appears, not for every request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::StoreError;

/// Says whether records are being kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreHealth {
    /// The database is being opened; records wait in the queue.
    Opening,
    /// Records are being kept.
    Ok,
    /// Answers go on, but their records are lost until this is solved.
    Failing {
        /// What is wrong, with the file's name.
        message: String,
        /// What to do next.
        hint: String,
    },
}

pub(crate) struct Health {
    now: Mutex<StoreHealth>,
    opened: Condvar,
    lost: AtomicU64,
}

impl Health {
    pub(crate) fn new(now: StoreHealth) -> Self {
        Self { now: Mutex::new(now), opened: Condvar::new(), lost: AtomicU64::new(0) }
    }

    pub(crate) fn now(&self) -> StoreHealth {
        self.lock().clone()
    }

    /// Waits until the database was opened or could not be.
    pub(crate) fn settled(&self) -> StoreHealth {
        let now = self.lock();
        self.opened
            .wait_while(now, |now| *now == StoreHealth::Opening)
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn ok(&self) {
        let before = self.change(StoreHealth::Ok);
        if matches!(before, StoreHealth::Failing { .. }) {
            tracing::info!(lost = self.lost(), "records are being kept again");
        }
    }

    pub(crate) fn failing(&self, error: &StoreError) {
        let (message, hint) = (error.to_string(), error.hint());
        let now = StoreHealth::Failing { message: message.clone(), hint: hint.clone() };
        if self.change(now.clone()) != now {
            tracing::error!(hint, "{message}; answering goes on without records");
        }
    }

    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn lose(&self, rows: usize) {
        self.lost.fetch_add(rows as u64, Ordering::Relaxed);
    }

    fn change(&self, to: StoreHealth) -> StoreHealth {
        let before = std::mem::replace(&mut *self.lock(), to);
        self.opened.notify_all();
        before
    }

    // A panic elsewhere cannot leave the value half written, so poison means nothing here.
    fn lock(&self) -> MutexGuard<'_, StoreHealth> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Problem;

    fn logged(work: impl FnOnce()) -> String {
        let (log, lines) = std::io::pipe().expect("a pipe");
        let subscriber = tracing_subscriber::fmt().with_writer(Mutex::new(lines));
        tracing::subscriber::with_default(subscriber.with_ansi(false).finish(), work);
        std::io::read_to_string(log).expect("what was logged")
    }

    #[test]
    fn a_cause_is_logged_when_it_appears_and_when_it_goes_not_per_request() {
        let full = StoreError::new(Path::new("x.db"), Problem::Full);
        let locked = StoreError::new(Path::new("x.db"), Problem::Locked);
        let health = Health::new(StoreHealth::Opening);
        let log = logged(|| {
            health.ok();
            for error in [&full, &full, &full, &locked, &locked] {
                health.lose(1);
                health.failing(error);
            }
            health.ok();
            health.ok();
        });
        let lines: Vec<_> = log.lines().collect();
        assert_eq!(lines.len(), 3, "{log}");
        assert!(lines[0].contains("x.db: the disk is full"), "{log}");
        assert!(lines[1].contains("holds it locked"), "{log}");
        assert!(lines[2].contains("kept again") && lines[2].contains("lost=5"), "{log}");
    }
}

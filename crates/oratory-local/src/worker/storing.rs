//! The way to the attic: writes in a thread of its own, reads where a prompt waits for it.
//!
//! Nobody who is being answered waits for a disk that is busy.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use super::attic::{Attic, LEAST};
use super::lanes::{Guest, Lanes};
use super::shelf::Kept;

/// States on their way to the disk; more stay in memory until the next quiet moment.
const ON_THE_WAY: usize = 4;

/// Stores states and fetches them.
pub(super) struct Storing {
    attic: Arc<Mutex<Attic>>,
    to: SyncSender<Arc<Kept>>,
    writer: JoinHandle<()>,
}

impl Storing {
    pub(super) fn new(attic: Attic) -> Self {
        let attic = Arc::new(Mutex::new(attic));
        let (to, from) = sync_channel::<Arc<Kept>>(ON_THE_WAY);
        let writer = {
            let attic = Arc::clone(&attic);
            thread::spawn(move || {
                while let Ok(kept) = from.recv() {
                    attic.lock().unwrap_or_else(PoisonError::into_inner).store(&kept);
                    // Also where it could not be written: the next try would go no better.
                    kept.stored.store(true, Ordering::SeqCst);
                }
            })
        };
        Self { attic, to, writer }
    }

    /// Hands a state over to be written, if the writer has kept up.
    pub(super) fn offer(&self, kept: Arc<Kept>) -> bool {
        self.to.try_send(kept).is_ok()
    }

    /// Hands a state over to be written, waiting for the writer.
    pub(super) fn store(&self, kept: Arc<Kept>) -> bool {
        self.to.send(kept).is_ok()
    }

    /// Lends the shelf a state if it spares more of the prompt than what is in memory.
    pub(super) fn fetch_better(&mut self, lanes: &mut Lanes<'_>, guest: Guest<'_>) {
        let mut attic = match self.attic.try_lock() {
            Ok(attic) => attic,
            Err(TryLockError::Poisoned(attic)) => attic.into_inner(),
            // It is writing; computing again is sooner than waiting.
            Err(TryLockError::WouldBlock) => return,
        };
        let better: Option<PathBuf> = attic
            .best(guest)
            .filter(|(length, _)| *length >= lanes.known(guest) + LEAST)
            .map(|(_, path)| path);
        if let Some(kept) = better.and_then(|path| attic.fetch(&path)) {
            drop(attic);
            lanes.shelf().lend(kept);
        }
    }

    /// Waits until everything handed over is written.
    pub(super) fn finish(self) {
        drop(self.to);
        drop(self.writer.join());
    }
}

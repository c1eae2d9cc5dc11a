//! All batches of one caller: in memory, and each in a note on the disk that is true at every moment.
//!
//! Knows nothing of requests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oratory_contract::{At, Failure, FailureKind, Sensitivity};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Status};
use crate::asking::now;
use crate::dialect::Dialect;
use crate::folder::{Folder, unwritten, write};

/// How long batches are remembered, in seconds.
const AGE: u64 = 30 * 86_400;
/// How many may wait.
const WAITING: usize = 1000;

/// What each request of a batch is sent with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Manner {
    pub(crate) label: Option<Sensitivity>,
    pub(crate) purpose: Option<String>,
}

/// A batch as it is written down.
#[derive(Serialize, Deserialize)]
struct Note {
    batch: Batch,
    manner: Manner,
}

/// The batches, and the files they are made of.
pub(crate) struct Batches {
    pub(crate) files: Arc<Folder>,
    known: Mutex<BTreeMap<String, (Batch, CancellationToken)>>,
    /// Something is to be done.
    pub(super) news: Notify,
}

impl Batches {
    /// Opens the batches in a folder.
    pub(crate) fn open(folder: PathBuf) -> Self {
        let files = Arc::new(Folder::open(folder));
        let batches = Self { files, known: Mutex::default(), news: Notify::new() };
        let notes = fs::read_dir(batches.files.root()).into_iter().flatten().flatten();
        for path in notes.map(|entry| entry.path()) {
            if path.extension().is_none_or(|ending| ending != "batch") {
                continue;
            }
            let note = fs::read(&path).ok().and_then(|note| serde_json::from_slice(&note).ok());
            let Some(Note { mut batch, manner }) = note else { continue };
            let called = path.file_stem().and_then(|stem| stem.to_str());
            if called == Some(batch.id.as_str()) {
                batch.manner = manner;
                batches.known().insert(batch.id.clone(), (batch, CancellationToken::new()));
            }
        }
        batches
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, (Batch, CancellationToken)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, id: &str) -> PathBuf {
        self.files.root().join(format!("{id}.batch"))
    }

    /// Writes down how a batch stands.
    fn keep(&self, batch: &Batch) -> Result<(), Failure> {
        let note = Note { batch: batch.clone(), manner: batch.manner.clone() };
        let note = serde_json::to_vec(&note).expect("plain data always serialises");
        write(&self.note(&batch.id), &note)
    }

    /// Takes on a batch.
    pub(crate) fn add(&self, batch: Batch) -> Result<Batch, Failure> {
        if batch.manner.label == Some(Sensitivity::Secret) {
            let message = "what is secret is not written to the disk, and so makes no batch";
            return Err(Failure::new(FailureKind::Refused, At::Oratory, message)
                .hint("send these requests one by one"));
        }
        let waiting = self.known().values().filter(|(batch, _)| !batch.status.is_over()).count();
        if waiting >= WAITING {
            let message = format!("{waiting} batches wait already");
            return Err(Failure::new(FailureKind::Overloaded, At::Oratory, message)
                .hint("wait for some of them, or cancel some"));
        }
        self.keep(&batch)?;
        self.known().insert(batch.id.clone(), (batch.clone(), CancellationToken::new()));
        self.news.notify_one();
        Ok(batch)
    }

    /// Returns those whose requests are in this dialect.
    pub(crate) fn list(&self, dialect: Dialect) -> Vec<Batch> {
        let known = self.known();
        let batches = known.values().map(|(batch, _)| batch);
        batches.filter(|batch| batch.dialect() == dialect).cloned().collect()
    }

    /// Returns the one of this name, if its requests are in this dialect.
    pub(crate) fn find(&self, dialect: Dialect, id: &str) -> Option<Batch> {
        let known = self.known();
        let found = known.get(id).map(|(batch, _)| batch);
        found.filter(|batch| batch.dialect() == dialect).cloned()
    }

    /// Returns where a batch stands, if it is known.
    pub(super) fn status(&self, id: &str) -> Option<Status> {
        self.known().get(id).map(|(batch, _)| batch.status)
    }

    /// Removes a batch that is over, with its files.
    pub(crate) fn remove(&self, batch: &Batch) -> Result<(), Failure> {
        if !batch.status.is_over() {
            let message = format!("{} is still being worked on", batch.id);
            return Err(Failure::new(FailureKind::Invalid, At::Caller, message)
                .hint("cancel it first, or wait for its end"));
        }
        let files = [&batch.output_file_id, &batch.error_file_id].into_iter().flatten();
        for file in files.chain([&batch.input_file_id]) {
            self.files.remove(file)?;
        }
        fs::remove_file(self.note(&batch.id)).map_err(unwritten)?;
        self.known().remove(&batch.id);
        Ok(())
    }

    /// Returns the batch that still needs a file.
    pub(crate) fn needs(&self, file: &str) -> Option<String> {
        let known = self.known();
        let needs = |batch: &&Batch| !batch.status.is_over() && batch.input_file_id == file;
        known.values().map(|(batch, _)| batch).find(needs).map(|batch| batch.id.clone())
    }

    /// Calls a batch off, and returns it; one that is over stays as it is.
    pub(crate) fn cancel(&self, dialect: Dialect, id: &str) -> Result<Option<Batch>, Failure> {
        let Some(batch) = self.find(dialect, id) else { return Ok(None) };
        if matches!(batch.status, Status::Completed | Status::Failed | Status::Expired) {
            let message = format!("{id} is over already, so it cannot be called off");
            return Err(Failure::new(FailureKind::Invalid, At::Caller, message));
        }
        if matches!(batch.status, Status::Cancelling | Status::Cancelled | Status::Finalizing) {
            return Ok(Some(batch));
        }
        let batch = self.change(id, |batch| batch.becomes(Status::Cancelling))?;
        if let Some((_, work)) = self.known().get(id) {
            work.cancel();
        }
        self.news.notify_one();
        Ok(batch)
    }

    /// Changes a batch, and writes that down.
    pub(super) fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Batch),
    ) -> Result<Option<Batch>, Failure> {
        let mut known = self.known();
        let Some((batch, _)) = known.get_mut(id) else { return Ok(None) };
        change(batch);
        let batch = batch.clone();
        // Under the lock, so that the note is never older than what was told.
        self.keep(&batch)?;
        Ok(Some(batch))
    }

    /// Says how far a batch is. What is on the disk of its answers says the same.
    pub(super) fn counted(&self, id: &str, count: impl FnOnce(&mut Batch)) {
        if let Some((batch, _)) = self.known().get_mut(id) {
            count(batch);
        }
    }

    /// Returns the next batch to work on, and what calls it off.
    pub(super) fn next(&self) -> Option<(Batch, CancellationToken)> {
        let known = self.known();
        let open = known.values().filter(|(batch, _)| !batch.status.is_over());
        open.min_by_key(|(batch, _)| (batch.created_at, batch.id.clone())).cloned()
    }

    /// Forgets what is too old.
    pub(super) fn forget_old(&self) {
        self.files.forget_old();
        let old = now().saturating_sub(AGE);
        self.known().retain(|id, (batch, _)| {
            let stays = !batch.status.is_over() || batch.created_at > old;
            if !stays {
                // If it stays, the next start forgets it.
                let _ = fs::remove_file(self.note(id));
            }
            stays
        });
    }
}

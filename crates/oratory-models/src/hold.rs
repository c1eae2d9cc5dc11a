//! One process at a time pulls or removes a model.
//!
//! The system's own lock on a file: it ends with the process that holds it, however that ends, so
//! there is no stale lock to judge. The file says who holds it and stays where it is, because
//! removing a locked file would let two hold it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::ModelsError;
use crate::index::Index;
use crate::telling::{Event, Tell};

/// How often a waiting process looks again.
const LOOK: Duration = Duration::from_millis(100);

/// The right to change one model's files, until dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    _file: File,
    /// Held as long as this one.
    _above: Option<Arc<Hold>>,
}

impl Hold {
    /// Takes the hold on a model, or says who has it.
    pub(crate) fn take(index: &Index, model: &str) -> Result<Self, ModelsError> {
        let dir = index.own_dir().join("locks");
        std::fs::create_dir_all(&dir).map_err(ModelsError::disk(&dir, "made"))?;
        let path = dir.join(format!("{model}.lock"));
        let mut file = open(&path).map_err(ModelsError::disk(&path, "opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let process = holder(&mut file);
                return Err(ModelsError::Busy { model: model.to_owned(), process });
            }
            // Some network file systems know no locks; two pulls at once are rarer still.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, path = %path.display(), "the file cannot be locked");
            }
        }
        // Only for the message to whoever waits; if it cannot be written, the lock still holds.
        let _ = file.set_len(0);
        let _ = write!(file, "{}", std::process::id());
        Ok(Self { _file: file, _above: None })
    }

    /// Keeps another hold as long as this one.
    pub(crate) fn under(self, above: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self { _above: Some(Arc::clone(above)), ..self })
    }

    /// Takes the hold on a model, waiting for whoever has it.
    pub(crate) async fn wait(
        index: &Index,
        model: &str,
        tell: Tell<'_>,
    ) -> Result<Self, ModelsError> {
        let mut told = false;
        loop {
            match Self::take(index, model) {
                Err(ModelsError::Busy { process, .. }) => {
                    if !told {
                        tell(Event::Waiting { process });
                        told = true;
                    }
                    tokio::time::sleep(LOOK).await;
                }
                other => return other,
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

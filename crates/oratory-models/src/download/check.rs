//! Whether a file is what it was said to be: its first bytes and its digest.
//!
//! What is behind the header, the catalogue checks when it lists the file.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::ModelsError;
use crate::ollama::hex;
use crate::plan::Part;
use crate::telling::{Event, Tell};

const MAGIC: &[u8] = b"GGUF";
/// How often it is told how far it is.
const OFTEN: Duration = Duration::from_millis(200);

/// A file that is what it was said to be.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Checks a file, away from whatever else goes on.
pub(crate) async fn check(
    path: &Path,
    part: &Part,
    tell: Tell<'_>,
) -> Result<Checked, ModelsError> {
    let total = std::fs::metadata(path).map_err(ModelsError::disk(path, "read"))?.len();
    let done = Arc::new(AtomicU64::new(0));
    let stop = StopOnDrop(Arc::default());
    let (owned, count, stopped) = (path.to_owned(), Arc::clone(&done), Arc::clone(&stop.0));
    let mut work = tokio::task::spawn_blocking(move || read(&owned, &count, &stopped));
    let read = loop {
        tokio::select! {
            read = &mut work => break read,
            () = tokio::time::sleep(OFTEN) => {
                let done = done.load(Ordering::Relaxed);
                tell(Event::Checking { file: part.file.clone(), done, total });
            }
        }
    };
    let read = read.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let (begins, found) = read.map_err(ModelsError::disk(path, "read"))?;
    if let Some(expected) = part.sha256.as_ref().filter(|expected| **expected != found) {
        let file = part.file.clone();
        return Err(ModelsError::Digest { file, expected: expected.clone(), found });
    }
    if begins != MAGIC {
        let found = begins.escape_ascii().to_string();
        return Err(ModelsError::NoGguf { file: part.file.clone(), found });
    }
    Ok(Checked { bytes: total, sha256: found })
}

/// Ends the reading when nobody waits for it any more; a large file takes a minute.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns a file's first bytes and its digest.
fn read(path: &Path, count: &AtomicU64, stop: &AtomicBool) -> std::io::Result<(Vec<u8>, String)> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut begins = Vec::new();
    let mut block = vec![0; 1 << 20];
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((begins, hex(&digest.finalize())));
        }
        let lacking = MAGIC.len().saturating_sub(begins.len()).min(read);
        begins.extend_from_slice(&block[..lacking]);
        digest.update(&block[..read]);
        count.fetch_add(read as u64, Ordering::Relaxed);
    }
}

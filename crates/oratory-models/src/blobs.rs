//! Files that were handed over by their digests, until a model is made of them.
//!
//! One is seen only once all of it is here and has the digest it was announced with.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::Receiver;

use crate::download::room;
use crate::ollama::hex;
use crate::plan::sha256;
use crate::{Models, ModelsError};

/// How long a file waits for a model to be made of it.
const WAITS: Duration = Duration::from_secs(7 * 86_400);
/// After how many bytes the free space is looked at again.
const STRETCH: u64 = 64 << 20;

/// The digest of a file that was, or will be, handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// Reads `sha256:` and 64 digits.
    pub fn parse(text: &str) -> Result<Self, ModelsError> {
        let named = text.starts_with("sha256:") || text.starts_with("sha256-");
        let digits = text.get("sha256:".len()..).filter(|_| named).and_then(sha256);
        digits.map(Self).ok_or_else(|| ModelsError::Wrong {
            what: format!("{:?} is no digest", text.chars().take(80).collect::<String>()),
            hint: "write sha256: and the 64 digits of the file's SHA-256".to_owned(),
        })
    }

    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

impl Models {
    /// Whether a file of this digest was handed over and waits.
    pub fn has_blob(&self, digest: &Digest) -> bool {
        self.blob(digest).is_file()
    }

    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        self.blobs().join(format!("sha256-{}", digest.0))
    }

    fn blobs(&self) -> PathBuf {
        self.index.own_dir().join("blobs")
    }

    /// Takes a file, piece by piece, until no more come; `None` says that it is whole. Blocks.
    pub fn receive(
        &self,
        digest: &Digest,
        bytes: Option<u64>,
        pieces: Receiver<Option<Bytes>>,
    ) -> Result<(), ModelsError> {
        let dir = self.blobs();
        fs::create_dir_all(&dir).map_err(ModelsError::disk(&dir, "made"))?;
        clear(&dir);
        room(&self.config.free_space, &dir, bytes.unwrap_or(0), self.config.margin)?;
        let draft = Draft(dir.join(format!("{}.{}.part", digest.0, draft_number())));
        let found = self.write(&draft.0, &dir, pieces)?;
        if found != digest.0 {
            return Err(ModelsError::Wrong {
                what: format!("the SHA-256 of what came is {found}, and not {}", digest.0),
                hint: "send the file again, under its own digest".to_owned(),
            });
        }
        let place = self.blob(digest);
        fs::rename(&draft.0, &place).map_err(ModelsError::disk(&place, "written"))
    }

    /// Writes the pieces and returns the digest of all of them.
    fn write(
        &self,
        path: &Path,
        dir: &Path,
        mut pieces: Receiver<Option<Bytes>>,
    ) -> Result<String, ModelsError> {
        let wrong = || ModelsError::disk(path, "written");
        let mut file = File::create(path).map_err(wrong())?;
        let (mut digest, mut since) = (Sha256::new(), 0_u64);
        loop {
            let Some(piece) = pieces.blocking_recv() else {
                return Err(ModelsError::Wrong {
                    what: "the file broke off".to_owned(),
                    hint: "send it again".to_owned(),
                });
            };
            let Some(piece) = piece else { break };
            since += piece.len() as u64;
            if since >= STRETCH {
                room(&self.config.free_space, dir, 0, self.config.margin)?;
                since = 0;
            }
            digest.update(&piece);
            file.write_all(&piece).map_err(wrong())?;
        }
        file.sync_all().map_err(wrong())?;
        Ok(hex(&digest.finalize()))
    }
}

/// A file that goes unless it gets another name.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone if it is whole.
        let _ = fs::remove_file(&self.0);
    }
}

/// Tells drafts of one digest apart, in this process and others.
fn draft_number() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Removes what has waited for too long.
fn clear(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let changed = entry.metadata().and_then(|data| data.modified());
        let age = changed.ok().and_then(|then| SystemTime::now().duration_since(then).ok());
        if age.is_some_and(|age| age > WAITS) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

//! The files of one caller on the disk: each beside a small note of what it is.
//!
//! Readable by the same person alone. Notes are written last and removed first, so that what is
//! listed is whole.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use oratory_contract::{At, Failure, FailureKind, RequestId, Sensitivity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::asking::now;
use crate::listed::Listed;

/// How long files are kept, in seconds.
const AGE: u64 = 30 * 86_400;
/// Bytes of all of them together.
const MOST_BYTES: u64 = 4 << 30;
/// How many there may be.
const MOST: usize = 10_000;

/// What files are for that no client has handed over, and that none is told of.
pub(crate) const INNER: &str = "message_batch";

/// A file, as it is told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeptFile {
    pub(crate) id: String,
    object: String,
    bytes: u64,
    created_at: u64,
    expires_at: u64,
    filename: String,
    pub(crate) purpose: String,
    status: String,
}

/// A file, and what is not told of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) told: KeptFile,
    /// The label its caller has put on it.
    pub(crate) label: Option<Sensitivity>,
}

/// The files of one caller.
pub(crate) struct Folder {
    root: PathBuf,
    known: Mutex<BTreeMap<String, Kept>>,
    /// Held as long as this program uses the folder; `None` if another one does.
    _hold: Option<File>,
    free: bool,
}

impl Kept {
    /// Whether it is for this.
    pub(crate) fn is_for(&self, purpose: &str) -> bool {
        self.told.purpose == purpose
    }
}

impl Listed for KeptFile {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> u64 {
        self.created_at
    }
}

impl Folder {
    /// Opens a folder, and forgets what is too old.
    pub(crate) fn open(root: PathBuf) -> Self {
        let hold = make(&root).and_then(|()| hold(&root));
        let free = !matches!(&hold, Ok(None));
        let folder = Self { _hold: hold.ok().flatten(), root, known: Mutex::default(), free };
        let notes = fs::read_dir(&folder.root).into_iter().flatten().flatten();
        for path in notes.map(|entry| entry.path()).filter(|path| is_note(path)) {
            let note = fs::read(&path).ok().and_then(|note| serde_json::from_slice(&note).ok());
            let Some(kept): Option<Kept> = note else { continue };
            let called = path.file_stem().and_then(|stem| stem.to_str());
            if called == Some(kept.told.id.as_str()) {
                folder.known().insert(kept.told.id.clone(), kept);
            }
        }
        folder.forget_old();
        folder
    }

    /// Whether no other program uses it.
    pub(crate) fn is_ours(&self) -> bool {
        self.free
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets files that are too old.
    pub(crate) fn forget_old(&self) {
        let now = now();
        let old = |kept: &&Kept| kept.told.expires_at <= now;
        let old: Vec<String> =
            self.known().values().filter(old).map(|kept| kept.told.id.clone()).collect();
        for id in old {
            if let Err(failure) = self.remove(&id) {
                tracing::warn!(%failure, "a file that is too old stays");
            }
        }
    }

    /// Returns the files that clients are told of.
    pub(crate) fn list(&self) -> Vec<KeptFile> {
        let known = self.known();
        known.values().filter(|kept| !kept.is_for(INNER)).map(|kept| kept.told.clone()).collect()
    }

    /// Returns a file that clients are told of.
    pub(crate) fn find(&self, id: &str) -> Option<Kept> {
        self.known().get(id).filter(|kept| !kept.is_for(INNER)).cloned()
    }

    /// Returns where the content of a file is. Only for names that were made here.
    pub(crate) fn path(&self, id: &str) -> PathBuf {
        self.root.join(format!("{id}.data"))
    }

    /// Keeps a file.
    pub(crate) fn add(
        &self,
        bytes: &[u8],
        filename: String,
        purpose: &str,
        label: Option<Sensitivity>,
    ) -> Result<KeptFile, Failure> {
        self.takes(bytes.len() as u64, label)?;
        let id = format!("file-{}", RequestId::new());
        write(&self.path(&id), bytes)?;
        self.adopt(id, filename, purpose, label)
    }

    fn takes(&self, bytes: u64, label: Option<Sensitivity>) -> Result<(), Failure> {
        if label == Some(Sensitivity::Secret) {
            let message = "what is secret is not written to the disk";
            return Err(Failure::new(FailureKind::Refused, At::Oratory, message)
                .hint("send these requests one by one"));
        }
        if !self.free {
            let message = "another Oratory keeps its files in the same folder";
            return Err(Failure::new(FailureKind::Overloaded, At::Oratory, message)
                .hint("ask that one, or end it"));
        }
        self.forget_old();
        let (count, sum) = {
            let known = self.known();
            (known.len(), known.values().map(|kept| kept.told.bytes).sum::<u64>())
        };
        if count >= MOST || sum.saturating_add(bytes) > MOST_BYTES {
            let message = format!("{count} files with {sum} bytes are kept, and no more fit");
            return Err(Failure::new(FailureKind::TooLarge, At::Oratory, message)
                .hint("delete some: GET /v1/files lists them"));
        }
        Ok(())
    }

    /// Keeps what was written to where a file of this name is.
    pub(crate) fn adopt(
        &self,
        id: String,
        filename: String,
        purpose: &str,
        label: Option<Sensitivity>,
    ) -> Result<KeptFile, Failure> {
        let bytes = fs::metadata(self.path(&id)).map_err(unwritten)?.len();
        let created_at = now();
        let told = KeptFile {
            object: "file".to_owned(),
            bytes,
            created_at,
            expires_at: created_at + AGE,
            filename,
            purpose: purpose.to_owned(),
            status: "processed".to_owned(),
            id: id.clone(),
        };
        let kept = Kept { told: told.clone(), label };
        let note = serde_json::to_vec(&kept).expect("plain data always serialises");
        write(&self.note(&id), &note)?;
        self.known().insert(id, kept);
        Ok(told)
    }

    /// Removes a file that is known.
    pub(crate) fn remove(&self, id: &str) -> Result<(), Failure> {
        for path in [self.note(id), self.path(id)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(unwritten(error));
                }
                _ => {}
            }
        }
        self.known().remove(id);
        Ok(())
    }

    fn note(&self, id: &str) -> PathBuf {
        self.root.join(format!("{id}.file"))
    }
}

fn is_note(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "file")
}

/// Makes a folder that nobody else reads.
fn make(root: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(root)
}

/// Takes hold of a folder; `None` if another program has it.
fn hold(root: &Path) -> io::Result<Option<File>> {
    let file = File::create(root.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        // Some network file systems know no locks; two programs on one folder are rarer still.
        Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

/// Writes a file beside its place and then renames it, so that it is whole or not there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let draft = path.with_extension("new");
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&draft, path)).map_err(|error| {
        let _ = fs::remove_file(&draft);
        unwritten(error)
    })
}

/// Returns the failure of a disk.
pub(crate) fn unwritten(error: io::Error) -> Failure {
    let message = format!("files cannot be kept: {error}");
    Failure::new(FailureKind::Ours, At::Oratory, message)
        .hint("check that the data folder can be written and has room")
        .because(error)
}

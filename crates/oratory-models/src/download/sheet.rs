//! What of a file is here, on disk and in memory, so that nothing is fetched twice.
//!
//! The state file is written after the bytes it speaks of, so that it never promises more than
//! there is; it counts for the same address, size and digest only.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Draft;
use crate::ModelsError;
use crate::hold::Hold;
use crate::index;
use crate::plan::Part;

/// How often the state is written while bytes come.
const OFTEN: Duration = Duration::from_secs(2);

/// The most pieces of one file.
const MOST_PIECES: u64 = 65_536;

/// A file that is not whole.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) file: File,
    path: PathBuf,
    state: PathBuf,
    notes: Mutex<Notes>,
    /// Held while the state is written, so that an older one never replaces a newer.
    saving: Mutex<Option<Instant>>,
    _hold: Option<Arc<Hold>>,
}

/// What the state file holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Notes {
    /// The address without its query, which may be a secret and may differ each time.
    url: String,
    size: u64,
    sha256: Option<String>,
    validator: Option<String>,
    piece: u64,
    /// Bytes of each piece, from its beginning.
    have: Vec<u64>,
}

impl Sheet {
    /// Begins a file of `size` bytes.
    pub(super) fn create(
        draft: &Draft,
        part: &Part,
        size: u64,
        piece: u64,
        validator: Option<String>,
    ) -> Result<Self, ModelsError> {
        let disk = |doing| ModelsError::disk(&draft.part, doing);
        draft.discard();
        let file = open(draft, true).map_err(disk("written"))?;
        // However large a file claims to be, the list of its pieces stays short.
        let piece = piece.max(size.div_ceil(MOST_PIECES)).max(1);
        let count = usize::try_from(size.div_ceil(piece)).unwrap_or(usize::MAX);
        let notes = Notes {
            url: without_query(&part.url).to_owned(),
            size,
            sha256: part.sha256.clone(),
            validator,
            piece,
            have: vec![0; count],
        };
        Ok(Self::new(draft, file, notes))
    }

    /// Goes on with what an earlier run left, if it is of the same file.
    pub(super) fn resume(draft: &Draft, part: &Part) -> Result<Option<Self>, ModelsError> {
        let Some(notes) = read(draft) else { return Ok(None) };
        let same_bytes = part.sha256.is_some() && notes.sha256 == part.sha256;
        let same_place = notes.url == without_query(&part.url) && notes.sha256 == part.sha256;
        let same_size = part.size.is_none_or(|size| size == notes.size);
        // Without anything that identifies the bytes, half of one file could meet half of another.
        let known = part.sha256.is_some() || notes.validator.is_some();
        if !known || !same_size || !(same_bytes || same_place) || !notes.make_sense() {
            return Ok(None);
        }
        let Ok(file) = open(draft, false) else { return Ok(None) };
        let long = file.metadata().map_or(0, |data| data.len());
        if long < notes.reach() {
            return Ok(None);
        }
        // At another address the same bytes may go by another tag; the digest vouches for them.
        let validator = notes.validator.clone().filter(|_| same_place);
        Ok(Some(Self::new(draft, file, Notes { validator, ..notes })))
    }

    fn new(draft: &Draft, file: File, notes: Notes) -> Self {
        Self {
            file,
            path: draft.part.clone(),
            state: draft.state.clone(),
            notes: Mutex::new(notes),
            saving: Mutex::default(),
            _hold: draft.hold.clone(),
        }
    }

    /// Returns the pieces that are not whole.
    pub(super) fn missing(&self) -> Vec<usize> {
        let notes = self.notes();
        (0..notes.have.len()).filter(|number| notes.have[*number] < notes.length(*number)).collect()
    }

    /// Returns where the rest of a piece begins and ends.
    pub(super) fn rest(&self, number: usize) -> (u64, u64) {
        let notes = self.notes();
        let start = notes.piece * number as u64;
        (start + notes.have[number], start + notes.length(number))
    }

    pub(super) fn size(&self) -> u64 {
        self.notes().size
    }

    /// Returns how many bytes are here.
    pub(super) fn have(&self) -> u64 {
        self.notes().have.iter().sum()
    }

    /// Compares what identifies the bytes with what it was; learns it where it was unknown.
    pub(super) fn same(&self, validator: Option<&str>) -> bool {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        match (&notes.validator, validator) {
            (None, Some(new)) => {
                notes.validator = Some(new.to_owned());
                true
            }
            (Some(known), Some(new)) => known == new,
            (_, None) => true,
        }
    }

    /// Writes bytes at the end of what is here of a piece. Waits for the disk.
    pub(super) fn put(&self, number: usize, bytes: &[u8]) -> Result<(), ModelsError> {
        let (at, _) = self.rest(number);
        write_at(&self.file, bytes, at).map_err(ModelsError::disk(&self.path, "written"))?;
        let whole = {
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.have[number] += bytes.len() as u64;
            notes.have[number] >= notes.length(number)
        };
        let due =
            self.saving.try_lock().is_ok_and(|last| last.is_none_or(|last| last.elapsed() > OFTEN));
        if whole || due {
            self.save();
        }
        Ok(())
    }

    /// Writes the state. If that fails, more is fetched again, and nothing worse.
    pub(super) fn save(&self) {
        let mut saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = self.notes().clone();
        let text = serde_json::to_vec(&notes).expect("names and numbers become JSON");
        let saved = self.file.sync_data().map_err(ModelsError::disk(&self.path, "written"));
        if let Err(error) = saved.and_then(|()| index::write(&self.state, &text)) {
            tracing::warn!(%error, "how far the download is cannot be noted");
        }
        *saving = Some(Instant::now());
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sheet {
    /// Keeps what came when somebody stops in the middle.
    fn drop(&mut self) {
        if !self.missing().is_empty() && self.have() > 0 && self.path.exists() {
            self.save();
        }
    }
}

impl Notes {
    fn length(&self, number: usize) -> u64 {
        (self.size - self.piece * number as u64).min(self.piece)
    }

    /// Whether what a state file claims can be true.
    fn make_sense(&self) -> bool {
        let count = self.piece > 0 && self.have.len() as u64 == self.size.div_ceil(self.piece);
        count && self.have.iter().enumerate().all(|(number, have)| *have <= self.length(number))
    }

    /// Returns where the last byte that is here ends.
    fn reach(&self) -> u64 {
        let ends = self.have.iter().enumerate().filter(|(_, have)| **have > 0);
        ends.map(|(number, have)| self.piece * number as u64 + have).max().unwrap_or(0)
    }
}

fn read(draft: &Draft) -> Option<Notes> {
    serde_json::from_slice(&fs::read(&draft.state).ok()?).ok()
}

fn open(draft: &Draft, create: bool) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(create).truncate(create).open(&draft.part)
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

#[cfg(unix)]
pub(super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

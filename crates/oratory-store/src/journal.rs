//! Where records wait for the database, on disk: one small write by whoever has the record.
//!
//! A commit wakes another thread and comes back, which costs a request more than all else
//! Oratory does to it. So a record is appended here first, and its answer may end: a process
//! that is killed now loses nothing, because the next store on the same database reads what
//! is left. Once the rows are committed, the file is emptied.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use oratory_contract::{Record, RequestId};
use serde::de::DeserializeOwned;

mod earlier;

/// Bytes after which the other file takes its turn, so that this one can be emptied. Emptying is
/// no small write: a file is emptied when it has had its turn, or when nothing else is to do.
const TURN: u64 = 1 << 20;

/// A place in the journal, to be given back once the row is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept(usize);

/// Two files that take turns.
#[derive(Default)]
pub(crate) struct Journal(Mutex<State>);

#[derive(Default)]
enum State {
    /// The database has not been opened yet.
    #[default]
    NotYet,
    On(Box<Files>),
    /// The disk refused; rows are waited for until the end of this process.
    Off,
}

struct Files {
    halves: [Half; 2],
    active: usize,
    frame: Vec<u8>,
}

struct Half {
    file: File,
    path: PathBuf,
    bytes: u64,
    /// Records in it whose rows are not committed yet.
    pending: usize,
}

impl Journal {
    /// Begins to keep records beside `database`. Until then, and if it cannot, none are kept.
    pub(crate) fn begin(&self, database: &Path) {
        let mut state = self.lock();
        if matches!(*state, State::NotYet) {
            *state = match Files::create(database) {
                Ok(files) => State::On(Box::new(files)),
                Err(error) => {
                    tracing::warn!(%error, "records cannot wait on disk");
                    State::Off
                }
            };
        }
    }

    /// Keeps a record; `None` means that it could not, and that the row must be waited for.
    pub(crate) fn keep(&self, record: &Record) -> Option<Kept> {
        let mut state = self.lock();
        let State::On(files) = &mut *state else { return None };
        match files.append(record) {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::warn!(%error, "records cannot wait on disk any more");
                // It may hold half a record now, and nothing behind that could be read.
                *state = State::Off;
                None
            }
        }
    }

    /// Gives back the places of records whose rows are committed, or given up.
    pub(crate) fn done(&self, kept: impl Iterator<Item = Kept>) {
        if let State::On(files) = &mut *self.lock() {
            kept.for_each(|Kept(half)| files.halves[half].pending -= 1);
            files.empty(|half| half.bytes > TURN);
        }
    }

    /// Empties what is done, now that there is time for it.
    pub(crate) fn tidy(&self) {
        if let State::On(files) = &mut *self.lock() {
            files.empty(|half| half.bytes > 0);
        }
    }

    // Nothing under the lock panics half-way through a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn create(database: &Path) -> io::Result<Self> {
        let name = RequestId::new();
        let half =
            |number: u8| Half::create(with_suffix(database, &format!("{MARK}{name}-{number}")));
        Ok(Self { halves: [half(0)?, half(1)?], active: 0, frame: Vec::new() })
    }

    fn append(&mut self, record: &Record) -> io::Result<Kept> {
        self.frame.clear();
        self.frame.extend([0; 4]);
        let frame = std::mem::take(&mut self.frame);
        let mut frame = postcard::to_extend(record, frame).map_err(io::Error::other)?;
        let length = u32::try_from(frame.len() - 4).map_err(io::Error::other)?;
        frame[..4].copy_from_slice(&length.to_le_bytes());
        let half = &mut self.halves[self.active];
        half.file.write_all(&frame)?;
        half.bytes += frame.len() as u64;
        half.pending += 1;
        self.frame = frame;
        let kept = Kept(self.active);
        let other = 1 - self.active;
        if self.halves[self.active].bytes > TURN && self.halves[other].bytes == 0 {
            self.active = other;
        }
        Ok(kept)
    }

    /// Empties files of which every row is committed, if `worth_it`. Until then their rows would
    /// be written again at the next start, which changes nothing.
    fn empty(&mut self, worth_it: impl Fn(&Half) -> bool) {
        for half in self.halves.iter_mut().filter(|half| half.pending == 0 && worth_it(half)) {
            // If it cannot be emptied, its rows are written again at the next start: no harm.
            if half.file.set_len(0).is_ok() {
                half.bytes = 0;
            }
        }
    }
}

impl Half {
    fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        // Held as long as this process lives: whoever can take the lock knows that it has died.
        file.try_lock()?;
        Ok(Self { file, path, bytes: 0, pending: 0 })
    }
}

// What is not committed stays: the next store on the same database takes it over.
impl Drop for Half {
    fn drop(&mut self) {
        if self.pending == 0 {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Part of the files' names. The number is that of the frames' format: they do not describe
/// themselves, so a record of another shape must not be read as one of this.
const MARK: &str = "-waiting-2-";
/// The same, as the first version wrote it.
const FIRST_MARK: &str = "-waiting-1-";

fn with_suffix(database: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(suffix);
    path.into()
}

/// What a process that died has left behind.
pub(crate) struct Left {
    /// The records it had kept.
    pub(crate) records: Vec<Record>,
    path: PathBuf,
    _lock: File,
}

impl Left {
    /// Removes the file: its rows are committed.
    pub(crate) fn taken_over(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns what processes that died have left beside `database`.
pub(crate) fn left_behind(database: &Path) -> Vec<Left> {
    let folder = database.parent().unwrap_or(Path::new("."));
    let mark = |mark| with_suffix(Path::new(database.file_name().unwrap_or_default()), mark);
    let (ours, first) = (mark(MARK), mark(FIRST_MARK));
    let begins = |path: &Path, mark: &Path| {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(mark.as_os_str().as_encoded_bytes())
    };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let left = files.map(|file| file.path()).filter_map(|path| match path {
        path if begins(&path, &ours) => take_over(path, records::<Record>),
        path if begins(&path, &first) => take_over(path, records::<earlier::First>),
        _ => None,
    });
    left.collect()
}

fn take_over(path: PathBuf, read: fn(&[u8]) -> Vec<Record>) -> Option<Left> {
    let lock = File::open(&path).ok()?;
    lock.try_lock().ok()?;
    let bytes = std::fs::read(&path).ok()?;
    Some(Left { records: read(&bytes), path, _lock: lock })
}

/// Returns the whole records in `bytes`; the last may have been cut by the end of its process.
fn records<R: DeserializeOwned + Into<Record>>(mut bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*head) as usize;
        let frame = rest.get(..length);
        let Some(record) = frame.and_then(|frame| postcard::from_bytes::<R>(frame).ok()) else {
            break;
        };
        records.push(record.into());
        bytes = &rest[length..];
    }
    records
}

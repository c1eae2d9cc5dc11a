//! The file of receipts, open for writing at its end.
//!
//! Beside it lies a note of how far it went, so that lines missing at its end are noticed too.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use oratory_contract::Departure;

use super::line::{self, NONE_BEFORE, Receipt};

/// Why no receipt can be written.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The system refused.
    #[error("the receipts in {} cannot be written: {source}", path.display())]
    Written {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file does not end as it was left.
    #[error("the receipts in {} do not end as they were left: {why}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl ReceiptError {
    pub(super) fn written(path: &Path, source: io::Error) -> Self {
        Self::Written { path: path.to_owned(), source }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Written { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some space on that disk".to_owned()
            }
            Self::Written { path, .. } => {
                format!("make {} a file that Oratory can write to", path.display())
            }
            Self::Changed { path, .. } => format!(
                "look at them with `oratory privacy receipts --verify`; to begin anew, move {} and {} aside",
                path.display(),
                head_path(path).display()
            ),
        }
    }
}

/// Returns where it is noted how far the receipts go.
pub(super) fn head_path(path: &Path) -> PathBuf {
    path.with_extension("head")
}

/// The file of receipts.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    file: File,
    head: File,
    /// How long the file was when this process last wrote to it.
    end: u64,
    last: Last,
}

/// The receipt that comes before the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) number: u64,
    pub(super) hash: String,
}

impl Default for Last {
    fn default() -> Self {
        Self { number: 0, hash: NONE_BEFORE.to_owned() }
    }
}

/// More than any receipt takes.
const LONGEST: u64 = 64 << 10;

impl Book {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, ReceiptError> {
        let opened = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let file = private().append(true).create(true).open(path)?;
            let head = private().write(true).create(true).truncate(false).open(head_path(path))?;
            Ok((file, head))
        };
        let (file, head) = opened().map_err(|error| ReceiptError::written(path, error))?;
        let mut book = Self { path: path.to_owned(), file, head, end: 0, last: Last::default() };
        book.locked(Self::catch_up)?;
        Ok(book)
    }

    /// Looks at the end of the file and changes nothing.
    pub(super) fn look(path: &Path) -> Result<(), ReceiptError> {
        let reached = |error| ReceiptError::written(path, error);
        let head = read_head(&head_path(path)).map_err(reached)?;
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return ends(path, &Last::default(), &head);
            }
            opened => opened.map_err(reached)?,
        };
        file.lock_shared().map_err(reached)?;
        let (last, _) = end_of(&mut file).map_err(reached)?;
        let last = last.ok_or_else(|| no_receipt(path))?;
        ends(path, &last, &head)
    }

    /// Says whether the file is the one that has that name.
    pub(super) fn is_still_there(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let same = |one: &fs::Metadata, other: &fs::Metadata| {
                (one.dev(), one.ino()) == (other.dev(), other.ino())
            };
            matches!((self.file.metadata(), fs::metadata(path)), (Ok(own), Ok(there)) if same(&own, &there))
        }
        #[cfg(not(unix))]
        path.exists()
    }

    /// Returns the last receipt.
    pub(super) fn last(&self) -> Last {
        self.last.clone()
    }

    /// Returns the file, to be flushed while others write.
    pub(super) fn file(&self) -> Result<File, ReceiptError> {
        self.file.try_clone().map_err(|error| ReceiptError::written(&self.path, error))
    }

    /// Writes a receipt and returns its number. It is the system's then, not yet the disk's.
    pub(super) fn append(
        &mut self,
        departure: &Departure,
        unix_ms: u64,
    ) -> Result<u64, ReceiptError> {
        self.locked(|book| {
            let length = book.file.metadata().map(|known| known.len());
            if length.map_err(|error| ReceiptError::written(&book.path, error))? != book.end {
                book.catch_up()?;
            }
            let receipt = Receipt::of(departure, book.last.number + 1, unix_ms, &book.last.hash);
            let (line, hash) = receipt.line();
            book.put(&line).map_err(|error| ReceiptError::written(&book.path, error))?;
            book.last = Last { number: receipt.number, hash };
            Ok(receipt.number)
        })
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        let written = self.file.write_all(line.as_bytes());
        if written.is_err() {
            // A piece of a line is no receipt. If it cannot be cut off, the next one does it.
            let _ = self.file.set_len(self.end);
            return written;
        }
        self.end += line.len() as u64;
        Ok(())
    }

    /// Notes how far the receipts on the disk itself go: after a crash the note may say less than
    /// is there, but never more.
    pub(super) fn note(&mut self, flushed: &Last) -> Result<(), ReceiptError> {
        let text = format!("{:020} {}\n", flushed.number, flushed.hash);
        self.locked(|book| {
            let noted = read_head(&head_path(&book.path)).and_then(|head| {
                // Another process may have come further.
                if head.is_some_and(|head| head.number >= flushed.number) {
                    return Ok(());
                }
                book.head.seek(SeekFrom::Start(0))?;
                book.head.write_all(text.as_bytes())
            });
            noted.map_err(|error| ReceiptError::written(&book.path, error))
        })
    }

    /// Works while no other process does.
    fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ReceiptError>,
    ) -> Result<T, ReceiptError> {
        self.file.lock().map_err(|error| ReceiptError::written(&self.path, error))?;
        let done = work(self);
        let _ = self.file.unlock();
        done
    }

    /// Finds the last receipt, whoever wrote it.
    fn catch_up(&mut self) -> Result<(), ReceiptError> {
        let reached = |error| ReceiptError::written(&self.path, error);
        let mut reading = File::open(&self.path).map_err(reached)?;
        let (last, end) = end_of(&mut reading).map_err(reached)?;
        let last = last.ok_or_else(|| no_receipt(&self.path))?;
        let head = read_head(&head_path(&self.path)).map_err(reached)?;
        ends(&self.path, &last, &head)?;
        if reading.metadata().map_err(reached)?.len() > end {
            // A crash has cut the last line while it was written; its bytes have not left.
            self.file.set_len(end).map_err(reached)?;
        }
        (self.end, self.last) = (end, last);
        Ok(())
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns the last whole receipt, if what stands at the end is one, and where it ends.
fn end_of(file: &mut File) -> io::Result<(Option<Last>, u64)> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(LONGEST);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    let Some(newline) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        return Ok(((start == 0).then(Last::default), 0));
    };
    let whole = &bytes[..newline];
    let line = whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let read = line::read(line).filter(|read| read.is_whole);
    let last = read.map(|read| Last { number: read.receipt.number, hash: read.hash });
    Ok((last, start + newline as u64 + 1))
}

/// Returns how far the receipts went by the note beside them.
pub(super) fn read_head(path: &Path) -> io::Result<Option<Last>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let (number, hash) = text.trim_end().split_once(' ').unwrap_or_default();
    Ok(number.parse().ok().map(|number| Last { number, hash: hash.to_owned() }))
}

/// Says whether receipts that end with `last` may have gone as far as `head`.
fn ends(path: &Path, last: &Last, head: &Option<Last>) -> Result<(), ReceiptError> {
    let changed = |why| Err(ReceiptError::Changed { path: path.to_owned(), why });
    match head {
        Some(head) if head.number > last.number => {
            changed(format!("receipt {} was the last, and {} is now", head.number, last.number))
        }
        Some(head) if head.number == last.number && head.hash != last.hash => {
            changed(format!("receipt {} is another than it was", last.number))
        }
        _ => Ok(()),
    }
}

fn no_receipt(path: &Path) -> ReceiptError {
    let why = "the last line is no whole receipt".to_owned();
    ReceiptError::Changed { path: path.to_owned(), why }
}

//! Receipts of all that left the house: one line a departure, each chained to the one before.
//!
//! A line is in the file before its bytes leave. Several processes write to one file; none changes
//! what is there. Words of requests are not in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use oratory_contract::Departure;

mod book;
mod line;
mod verify;

pub use book::ReceiptError;
use book::{Book, Last};
pub use line::Receipt;
pub use verify::{Fault, Verified, verify};

/// Writes receipts.
#[derive(Clone, Debug)]
pub struct Receipts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    open: Mutex<Open>,
    /// Up to which receipt of which file the disk itself has them.
    flushed: Mutex<(u64, u64)>,
}

/// The file, and how many there have been of that name.
#[derive(Debug, Default)]
struct Open {
    book: Option<Book>,
    files: u64,
}

impl Open {
    /// Returns the file that has that name now.
    fn book(&mut self, path: &Path) -> Result<&mut Book, ReceiptError> {
        let open = match self.book.take() {
            Some(open) if open.is_still_there(path) => open,
            _ => {
                self.files += 1;
                Book::open(path)?
            }
        };
        Ok(self.book.insert(open))
    }
}

impl Receipts {
    /// Returns the receipts in a file, which is made when the first is written.
    pub fn new(path: PathBuf) -> Self {
        Self(Arc::new(Inner { path, open: Mutex::default(), flushed: Mutex::default() }))
    }

    /// Returns where they are.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Says whether the chain goes on from where it was left, or why not.
    pub fn check(&self) -> Result<(), ReceiptError> {
        if !self.0.path.exists() && !book::head_path(&self.0.path).exists() {
            return Ok(());
        }
        Book::look(&self.0.path)
    }

    /// Writes a receipt and returns its number. It is in the file then, which outlives this
    /// process; once it is flushed, it outlives a power cut.
    pub fn write(&self, departure: &Departure, unix_ms: u64) -> Result<u64, ReceiptError> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.book(&self.0.path)?.append(departure, unix_ms)
    }

    /// Returns once all receipts that were written are on the disk itself.
    pub fn flush(&self) -> Result<(), ReceiptError> {
        // Whoever comes first flushes for all who have written by then; the others find it done.
        let mut flushed = self.0.flushed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((place, last, file)) = self.written()? else { return Ok(()) };
        if *flushed < place {
            file.sync_data().map_err(|error| ReceiptError::written(&self.0.path, error))?;
            self.note(place.0, &last)?;
            *flushed = place;
        }
        Ok(())
    }

    /// Returns how far this process has written, and the file.
    fn written(&self) -> Result<Option<Written>, ReceiptError> {
        let open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(book) = &open.book else { return Ok(None) };
        let last = book.last();
        Ok(Some(((open.files, last.number), last, book.file()?)))
    }

    /// Notes how far the receipts on the disk go.
    fn note(&self, files: u64, last: &Last) -> Result<(), ReceiptError> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a file that was taken away meanwhile, nothing is left to note.
        let same = open.files == files;
        match open.book.as_mut().filter(|_| same) {
            Some(book) => book.note(last),
            None => Ok(()),
        }
    }
}

/// Which receipt of which file is the last, what it is, and the file.
type Written = ((u64, u64), Last, std::fs::File);

#[cfg(test)]
mod tests;

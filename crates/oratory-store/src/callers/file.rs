//! The database of callers: how it is opened, and whether it is still the one that was opened.
//!
//! `synchronous=NORMAL` with a write-ahead log: what is written survives the death of any process.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::database::{self, PATIENCE};
use crate::migrations::{CALLERS, Refusal};
use crate::{Problem, StoreError};

/// Tells a file from another of the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

/// Opens the database, making it if there is none.
pub(super) fn make(path: &Path) -> Result<Connection, StoreError> {
    database::create(path).map_err(|error| StoreError {
        path: path.to_owned(),
        problem: Problem::Unwritable(error.to_string()),
        source: Some(error.into()),
    })?;
    open(path)
}

/// Opens a database that is there, and brings it to the newest format.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    connect(path).map_err(|refusal| match refusal {
        Refusal::Problem(problem) => StoreError::new(path, problem),
        Refusal::Sqlite(error) => StoreError::from_sqlite(path, error),
    })
}

fn connect(path: &Path) -> Result<Connection, Refusal> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    CALLERS.check(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    CALLERS.run(&mut connection)?;
    Ok(connection)
}

/// Returns which file lies at a path; `None` if there is none.
pub(super) fn identity(path: &Path) -> Result<Option<Identity>, StoreError> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some(of(&found))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let problem = Problem::Other(error.to_string());
            Err(StoreError { path: path.to_owned(), problem, source: Some(error.into()) })
        }
    }
}

#[cfg(unix)]
fn of(found: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity(found.dev(), found.ino())
}

#[cfg(not(unix))]
fn of(_: &std::fs::Metadata) -> Identity {
    // A file that is open cannot be replaced there.
    Identity(0, 0)
}

//! One open database file: how it is opened, set up and written.
//!
//! `synchronous=NORMAL` with a write-ahead log: a commit is one write into the system's page
//! cache. It survives the death of this process, `kill -9` included. A power cut may lose what
//! came since the last checkpoint (at most the last second before a pause in traffic, or 64 MiB
//! of log under steady load), but never damages the file. A disk flush per row would cost
//! a request more than everything else Oratory does to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oratory_contract::Record;
use rusqlite::{Connection, OpenFlags, Statement};

use crate::migrations::{RECORDS, Refusal};
use crate::{Problem, StoreError, rows};

/// How long to wait for another program that is writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// Pages in the log at which a commit also moves them into the database: 64 MiB. So many because
/// that moment costs disk flushes; usually the writer does it earlier, in a quiet second.
const CHECKPOINT_PAGES: u32 = 16_384;

pub(crate) struct Database {
    path: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens the file, creating it if need be, and proves that it can be written.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        create(path).map_err(|error| StoreError {
            path: path.to_owned(),
            problem: Problem::Unwritable(error.to_string()),
            source: Some(error.into()),
        })?;
        let connection = connect(path).map_err(|refusal| match refusal {
            Refusal::Problem(problem) => StoreError::new(path, problem),
            Refusal::Sqlite(error) => StoreError::from_sqlite(path, error),
        })?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Prepares the statements that write rows.
    pub(crate) fn inserts(&self) -> Result<Inserts<'_>, StoreError> {
        let prepare = |sql| self.connection.prepare(sql).map_err(|error| self.error(error));
        Ok(Inserts {
            database: self,
            // IMMEDIATE: asks for the write lock first, where waiting for another is allowed.
            begin: prepare("BEGIN IMMEDIATE")?,
            insert: prepare(rows::INSERT)?,
            commit: prepare("COMMIT")?,
        })
    }

    /// Moves what the log holds into the database, as far as readers permit.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(|error| self.error(error))
    }

    /// Checks that the file is still where it was; rows would go nowhere otherwise.
    pub(crate) fn still_there(&self) -> Result<(), StoreError> {
        if self.path.exists() { Ok(()) } else { Err(StoreError::new(&self.path, Problem::Gone)) }
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, error)
    }
}

/// The statements that write rows, prepared once.
pub(crate) struct Inserts<'a> {
    database: &'a Database,
    begin: Statement<'a>,
    insert: Statement<'a>,
    commit: Statement<'a>,
}

impl Inserts<'_> {
    /// Writes all records or none.
    pub(crate) fn write<'r>(
        &mut self,
        records: impl Iterator<Item = &'r Record>,
    ) -> Result<(), StoreError> {
        // No rollback on failure: SQLite has done it, or closing the connection does.
        self.transact(records).map_err(|error| self.database.error(error))
    }

    fn transact<'r>(&mut self, records: impl Iterator<Item = &'r Record>) -> rusqlite::Result<()> {
        self.begin.execute([])?;
        for record in records {
            rows::insert(&mut self.insert, record)?;
        }
        self.commit.execute([]).map(drop)
    }
}

fn connect(path: &Path) -> Result<Connection, Refusal> {
    // One thread owns the connection, so SQLite need not lock around each call.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Before anything is set: a file that is not ours stays as it is, to the byte.
    RECORDS.check(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    RECORDS.run(&mut connection)?;
    prove_writable(&connection)?;
    Ok(connection)
}

// Opening alone succeeds on a full or read-only disk, and health would flicker.
fn prove_writable(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('opened', unixepoch())", []).map(drop)
}

// Made here rather than by SQLite, for the system's own words when it fails, and so that only
// the owner can read it. An existing file is not opened: closing it again would drop the locks
// that other connections of this process hold.
pub(crate) fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use oratory_contract::{Outcome, RequestId, Usage};

    use super::*;

    fn record() -> Record {
        Record {
            id: RequestId::new(),
            started_ms: 0,
            caller: String::new(),
            wanted: String::new(),
            labels: String::new(),
            permit: String::new(),
            place: String::new(),
            model: String::new(),
            reason: "x".repeat(1000),
            masked_spans: 0,
            from_cache: false,
            usage: Usage::default(),
            spent: None,
            first_chunk_us: None,
            total_us: 0,
            outcome: Outcome::Answered,
        }
    }

    #[test]
    fn a_group_that_does_not_fit_is_not_written_at_all_and_the_next_one_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::open(&folder.path().join("full.db")).expect("opens");
        let set_limit = |pages: u32| {
            database.connection.pragma_update(None, "max_page_count", pages).expect("a limit");
        };
        let mut inserts = database.inserts().expect("prepares");
        set_limit(8);
        let group: Vec<_> = (0..100).map(|_| record()).collect();
        let error = inserts.write(group.iter()).expect_err("8 pages hold no 100 kB");
        assert_eq!(error.problem, Problem::Full);
        assert!(error.hint().contains("free some space"), "{}", error.hint());
        set_limit(1000);
        inserts.write([record()].iter()).expect("there is room again");
        let rows = "SELECT count(*) FROM record";
        let rows: i64 = database.connection.query_row(rows, [], |row| row.get(0)).expect("counts");
        assert_eq!(rows, 1);
    }
}

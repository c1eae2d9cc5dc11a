//! Reads records back, in this process or beside a running one; changes nothing.
//!
//! Every call blocks for a disk access; from async code use a blocking task.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use oratory_contract::{Record, RequestId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params};

use crate::database::PATIENCE;
use crate::migrations::{self, NEWEST};
use crate::{Problem, StoreError, rows};

/// Reads records from a database file.
pub struct Reader {
    path: PathBuf,
    /// The format of the database.
    format: i64,
    connection: Connection,
}

/// What all records add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// One entry per place, busiest first; an empty name means that none was chosen.
    pub places: Vec<PlaceTotals>,
}

/// What the records of one place add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceTotals {
    /// The place.
    pub place: String,
    /// Requests, however they ended.
    pub requests: u64,
    /// Of those, requests answered to the end.
    pub answered: u64,
    /// Of those, requests answered with a kept answer.
    pub from_cache: u64,
    /// Tokens of prompts.
    pub input_tokens: u64,
    /// Tokens produced.
    pub output_tokens: u64,
}

impl Reader {
    /// Opens an existing database of any released format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::new(path, Problem::Missing));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let error = |error| StoreError::from_sqlite(path, error);
        let connection = Connection::open_with_flags(path, flags).map_err(error)?;
        connection.busy_timeout(PATIENCE).map_err(error)?;
        match migrations::format(&connection).map_err(error)? {
            format @ 1..=NEWEST => Ok(Self { path: path.to_owned(), format, connection }),
            found if found > NEWEST => {
                Err(StoreError::new(path, Problem::Newer { found, known: NEWEST }))
            }
            // Made a moment ago, and nothing is in it yet.
            0 if migrations::is_blank(&connection).map_err(error)? => {
                Err(StoreError::new(path, Problem::Missing))
            }
            found => Err(StoreError::new(path, Problem::Older { found })),
        }
    }

    /// Returns the record of one request.
    pub fn record(&self, id: &RequestId) -> Result<Option<Record>, StoreError> {
        self.connection
            .query_row(
                &self.query(&format!("{} WHERE id = ?1", rows::SELECT)),
                [id.as_bytes()],
                rows::read,
            )
            .optional()
            .map_err(|error| self.error(error))
    }

    /// Returns the newest records, newest first.
    pub fn recent(&self, limit: u32) -> Result<Vec<Record>, StoreError> {
        let sql = format!("{} ORDER BY id DESC LIMIT ?1", rows::SELECT);
        self.all(&self.query(&sql), [limit], rows::read)
    }

    /// Returns what all records add up to. Reads every row: a second per few million.
    pub fn totals(&self) -> Result<Totals, StoreError> {
        let sql = "SELECT place, count(*), sum(outcome = 'answered'), sum(from_cache), \
                   sum(input_tokens), sum(output_tokens) \
                   FROM record GROUP BY place ORDER BY count(*) DESC, place";
        let places = self.all(sql, [], |row| {
            Ok(PlaceTotals {
                place: row.get(0)?,
                requests: rows::unsigned(row.get(1)?),
                answered: rows::unsigned(row.get(2)?),
                from_cache: rows::unsigned(row.get(3)?),
                input_tokens: rows::unsigned(row.get(4)?),
                output_tokens: rows::unsigned(row.get(5)?),
            })
        })?;
        Ok(Totals { places })
    }

    /// Checks the whole file for damage.
    pub fn check(&self) -> Result<(), StoreError> {
        let found: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| self.error(error))?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(StoreError::new(&self.path, Problem::Corrupt(found))),
        }
    }

    /// Returns a query as this database understands it.
    pub(crate) fn query<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        rows::query(sql, self.format)
    }

    /// Goes through rows without holding them all.
    pub(crate) fn stream(
        &self,
        sql: &str,
        parameters: impl Params,
        mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let stream = || {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                read(row)?;
            }
            Ok(())
        };
        stream().map_err(|error| self.error(error))
    }

    fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.connection
            .prepare(sql)
            .and_then(|mut statement| statement.query_map(parameters, read)?.collect())
            .map_err(|error| self.error(error))
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, error)
    }
}

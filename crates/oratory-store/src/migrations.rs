//! Brings a database of any earlier format to the newest; never back.
//!
//! To change the tables, add a file and a line here; a released file is never edited.

use rusqlite::{Connection, TransactionBehavior};

use crate::Problem;

/// The formats of one kind of database: each entry takes the one with its index to the next.
pub(crate) struct Formats(&'static [&'static str]);

/// Records.
pub(crate) const RECORDS: Formats = Formats(&[
    include_str!("../migrations/0001_records.sql"),
    include_str!("../migrations/0002_money_and_energy.sql"),
]);
/// Callers, their keys and what they have spent.
pub(crate) const CALLERS: Formats = Formats(&[include_str!("../migrations/callers_0001.sql")]);

/// The format of records that this program writes.
pub(crate) const NEWEST: i64 = RECORDS.newest();

/// Why a database was not brought up to date.
pub(crate) enum Refusal {
    Problem(Problem),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Returns the format of a database; 0 means an empty one.
pub(crate) fn format(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Says whether nothing at all is in a database.
pub(crate) fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_master", [], |row| row.get(0))
}

impl Formats {
    /// Returns the format that this program writes.
    const fn newest(&self) -> i64 {
        self.0.len() as i64
    }

    /// Checks, without changing anything, that this program may write the database.
    pub(crate) fn check(&self, connection: &Connection) -> Result<(), Refusal> {
        // One statement, so one moment: another process may be creating the tables right now.
        let sql =
            "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_user_version";
        let (found, has_tables) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let known = self.newest();
        match found {
            0 if has_tables => Err(Refusal::Problem(Problem::Foreign)),
            _ if !(0..=known).contains(&found) => {
                Err(Refusal::Problem(Problem::Newer { found, known }))
            }
            _ => Ok(()),
        }
    }

    /// Brings the database to the newest format, all steps or none.
    pub(crate) fn run(&self, connection: &mut Connection) -> Result<(), Refusal> {
        if format(connection)? == self.newest() {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked again under the lock: another process may have been quicker.
        self.check(&transaction)?;
        let found = usize::try_from(format(&transaction)?).expect("checked to be in range");
        for step in &self.0[found..] {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", self.newest())?;
        Ok(transaction.commit()?)
    }
}

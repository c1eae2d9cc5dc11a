//! Brings a database of any earlier format to the newest; never back.
//!
//! To change the tables, add a file and a line here; a released file is never edited.

use rusqlite::{Connection, TransactionBehavior};

use crate::Problem;

/// Each entry takes the format with its index to the next one.
const STEPS: [&str; 1] = [include_str!("../migrations/0001_records.sql")];

/// The format this program writes.
pub(crate) const NEWEST: i64 = STEPS.len() as i64;

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

/// Checks, without changing anything, that this program may write the database.
pub(crate) fn check(connection: &Connection) -> Result<(), Refusal> {
    // One statement, so one moment: another process may be creating the tables right now.
    let sql = "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_user_version";
    let (found, has_tables) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    match found {
        0 if has_tables => Err(Refusal::Problem(Problem::Foreign)),
        _ if !(0..=NEWEST).contains(&found) => {
            Err(Refusal::Problem(Problem::Newer { found, known: NEWEST }))
        }
        _ => Ok(()),
    }
}

/// Brings the database to the newest format, all steps or none.
pub(crate) fn run(connection: &mut Connection) -> Result<(), Refusal> {
    if format(connection)? == NEWEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been quicker.
    check(&transaction)?;
    let found = usize::try_from(format(&transaction)?).expect("checked to be in range");
    for step in &STEPS[found..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", NEWEST)?;
    Ok(transaction.commit()?)
}

//! What was spent and what is set aside, as the database has it. The only file with its SQL.
//!
//! Every function belongs into a transaction of its caller.

use oratory_contract::{Budget, CallerName};
use rusqlite::{Connection, OptionalExtension, params};

/// Windows older than this are nobody's any more, in seconds.
const OLD: u64 = 70 * 86_400;

/// One amount that is set aside.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) budget: Budget,
    /// When the window began.
    pub(super) began: u64,
}

/// Returns what was spent in a window.
pub(super) fn spent(
    connection: &Connection,
    caller: &CallerName,
    budget: &Budget,
    began: u64,
) -> rusqlite::Result<u64> {
    let sql = "SELECT amount FROM spent \
         WHERE caller = ?1 AND unit = ?2 AND period = ?3 AND began = ?4";
    let of = params![caller.as_str(), budget.unit.as_str(), budget.period.as_str(), began as i64];
    let amount = connection.prepare_cached(sql)?.query_row(of, |row| row.get(0)).optional()?;
    Ok(amount.map_or(0, i64::unsigned_abs))
}

/// Returns what is set aside in a window.
pub(super) fn reserved(
    connection: &Connection,
    caller: &CallerName,
    budget: &Budget,
    began: u64,
) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(sum(amount), 0) FROM reserved \
         WHERE caller = ?1 AND unit = ?2 AND period = ?3 AND began = ?4";
    let of = params![caller.as_str(), budget.unit.as_str(), budget.period.as_str(), began as i64];
    let amount = connection.prepare_cached(sql)?.query_row(of, |row| row.get::<_, i64>(0))?;
    Ok(amount.unsigned_abs())
}

/// Sets an amount aside.
pub(super) fn set_aside(
    connection: &Connection,
    caller: &CallerName,
    budget: &Budget,
    began: u64,
    amount: u64,
) -> rusqlite::Result<Row> {
    let sql = "INSERT INTO reserved (caller, unit, period, began, amount) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let (unit, period) = (budget.unit.as_str(), budget.period.as_str());
    let row = params![caller.as_str(), unit, period, began as i64, amount as i64];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(Row { id: connection.last_insert_rowid(), budget: *budget, began })
}

/// Gives back what was set aside, and counts what was used of it.
pub(super) fn settle(
    connection: &Connection,
    caller: &CallerName,
    row: &Row,
    used: u64,
) -> rusqlite::Result<()> {
    let (unit, period) = (row.budget.unit.as_str(), row.budget.period.as_str());
    // All of it, because a file that was replaced meanwhile has other rows of these numbers.
    let sql = "DELETE FROM reserved \
         WHERE id = ?1 AND caller = ?2 AND unit = ?3 AND period = ?4 AND began = ?5";
    let old = params![row.id, caller.as_str(), unit, period, row.began as i64];
    connection.prepare_cached(sql)?.execute(old)?;
    if used == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO spent VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO UPDATE SET amount = min(amount + excluded.amount, 1 << 62)";
    let used = i64::try_from(used).unwrap_or(i64::MAX).min(1 << 61);
    let new = params![caller.as_str(), unit, period, row.began as i64, used];
    connection.prepare_cached(sql)?.execute(new).map(drop)
}

/// Gives back everything that is set aside.
pub(super) fn give_all_back(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM reserved", []).map(drop)
}

/// Forgets windows that are long over.
pub(super) fn forget_old(connection: &Connection, now: u64) -> rusqlite::Result<()> {
    let old = now.saturating_sub(OLD) as i64;
    connection.execute("DELETE FROM spent WHERE began < ?1", [old]).map(drop)
}

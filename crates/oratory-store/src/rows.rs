//! How a record becomes a row and a row a record again. The only file with column names in Rust.

use std::borrow::Cow;

use oratory_contract::{Money, Outcome, Record, RequestId, Usage};
use rusqlite::{Row, Statement, params};

/// A record written twice counts once: the later one.
pub(crate) const INSERT: &str = "INSERT OR REPLACE INTO record VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

pub(crate) const SELECT: &str = "SELECT id, started_ms, caller, wanted, labels, permit, place, \
     model, reason, masked_spans, from_cache, input_tokens, cached_tokens, output_tokens, \
     first_chunk_us, total_us, outcome, spent, reasoning_tokens, microjoules FROM record";

/// Columns that came with the second format.
const SECOND: &str = "spent, reasoning_tokens, microjoules";

/// Returns a query as a database of an earlier format understands it: what it lacks is not known.
pub(crate) fn query(sql: &str, format: i64) -> Cow<'_, str> {
    match format {
        1 => Cow::Owned(sql.replace(SECOND, "NULL, NULL, NULL")),
        _ => Cow::Borrowed(sql),
    }
}

pub(crate) fn insert(statement: &mut Statement<'_>, record: &Record) -> rusqlite::Result<()> {
    statement
        .execute(params![
            record.id.as_bytes(),
            integer(record.started_ms),
            record.caller,
            record.wanted,
            record.labels,
            record.permit,
            record.place,
            record.model,
            record.reason,
            record.masked_spans,
            record.from_cache,
            record.usage.input,
            record.usage.cached,
            record.usage.output,
            record.first_chunk_us.map(integer),
            integer(record.total_us),
            record.outcome.as_str(),
            record.spent.map(|spent| integer(spent.as_picodollars())),
            record.usage.reasoning,
            record.usage.microjoules.map(integer),
        ])
        .map(drop)
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        id: RequestId::from_bytes(row.get(0)?),
        started_ms: unsigned(row.get(1)?),
        caller: row.get(2)?,
        wanted: row.get(3)?,
        labels: row.get(4)?,
        permit: row.get(5)?,
        place: row.get(6)?,
        model: row.get(7)?,
        reason: row.get(8)?,
        masked_spans: row.get(9)?,
        from_cache: row.get(10)?,
        usage: Usage {
            input: row.get(11)?,
            cached: row.get(12)?,
            output: row.get(13)?,
            reasoning: row.get(18)?,
            microjoules: row.get::<_, Option<i64>>(19)?.map(unsigned),
        },
        spent: money(row, 17)?,
        first_chunk_us: row.get::<_, Option<i64>>(14)?.map(unsigned),
        total_us: unsigned(row.get(15)?),
        outcome: outcome(row.get(16)?),
    })
}

/// Returns an amount of money, where there is one.
pub(crate) fn money(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Money>> {
    let amount = row.get::<_, Option<i64>>(column)?;
    Ok(amount.map(unsigned).map(Money::picodollars))
}

fn outcome(text: String) -> Outcome {
    [Outcome::Answered, Outcome::HungUp]
        .into_iter()
        .find(|known| known.as_str() == text)
        .unwrap_or(Outcome::Failed(text))
}

// SQLite's integers have a sign. A clock that far off is wrong anyway; the row still counts.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Returns a count as it was before SQLite gave it a sign.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

//! Reads what was asked and answered, row by row, for whoever adds it up.

use oratory_contract::Usage;

use crate::reader::Reader;
use crate::{StoreError, rows};

/// What adding up needs of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// When it arrived, in milliseconds since 1970.
    pub started_ms: u64,
    /// Who asked.
    pub caller: String,
    /// The place chosen; empty if none was.
    pub place: String,
    /// The model chosen; empty if none was.
    pub model: String,
    /// Whether it was answered to the end.
    pub answered: bool,
    /// Whether a kept answer was given, which took no work.
    pub from_cache: bool,
    /// Private spans replaced before it left.
    pub masked_spans: u32,
    /// The tokens it took.
    pub usage: Usage,
    /// Microseconds to the end.
    pub total_us: u64,
}

const SELECT: &str = "SELECT started_ms, caller, place, model, outcome = 'answered', from_cache, \
     masked_spans, input_tokens, cached_tokens, output_tokens, total_us FROM record \
     WHERE started_ms >= ?1";

impl Reader {
    /// Shows every record since a moment, in milliseconds since 1970, one after the other: a second
    /// per few million.
    pub fn each(&self, since_ms: u64, mut seen: impl FnMut(Entry)) -> Result<(), StoreError> {
        let since = i64::try_from(since_ms).unwrap_or(i64::MAX);
        self.stream(SELECT, [since], |row| {
            seen(Entry {
                started_ms: rows::unsigned(row.get(0)?),
                caller: row.get(1)?,
                place: row.get(2)?,
                model: row.get(3)?,
                answered: row.get(4)?,
                from_cache: row.get(5)?,
                masked_spans: row.get(6)?,
                usage: Usage { input: row.get(7)?, cached: row.get(8)?, output: row.get(9)? },
                total_us: rows::unsigned(row.get(10)?),
            });
            Ok(())
        })
    }
}

//! Reads what was asked and answered, row by row, for whoever adds it up.

use oratory_contract::{Money, Usage};

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
    /// The tokens and the energy it took.
    pub usage: Usage,
    /// What it cost by the price that held then; `None` where nobody could say, and in records from
    /// before that was written down.
    pub spent: Option<Money>,
    /// Microseconds to the first chunk, if one came.
    pub first_chunk_us: Option<u64>,
    /// Microseconds to the end.
    pub total_us: u64,
}

const SELECT: &str = "SELECT started_ms, caller, place, model, outcome = 'answered', from_cache, \
     masked_spans, input_tokens, cached_tokens, output_tokens, total_us, first_chunk_us, \
     spent, reasoning_tokens, microjoules FROM record \
     WHERE started_ms >= ?1";

/// Identifiers begin with the moment, so that a month is found without looking at all before it.
const SPENT: &str = "SELECT coalesce(sum(spent), 0), \
     coalesce(sum(CASE WHEN started_ms >= ?3 THEN spent END), 0) FROM record \
     WHERE id >= ?1 AND caller = ?2";

impl Reader {
    /// Returns what a caller is known to have spent since one moment, and since a later one, both in
    /// milliseconds since 1970.
    pub fn spent(
        &self,
        caller: &str,
        since: u64,
        later: u64,
    ) -> Result<(Money, Money), StoreError> {
        let mut first = [0_u8; 16];
        first[..6].copy_from_slice(&since.to_be_bytes()[2..]);
        let later = i64::try_from(later).unwrap_or(i64::MAX);
        let mut found = (Money::NONE, Money::NONE);
        self.stream(&self.query(SPENT), (first, caller, later), |row| {
            let money = |column| rows::money(row, column).map(Option::unwrap_or_default);
            found = (money(0)?, money(1)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Shows every record since a moment, in milliseconds since 1970, one after the other: a second
    /// per few million.
    pub fn each(&self, since_ms: u64, mut seen: impl FnMut(Entry)) -> Result<(), StoreError> {
        let since = i64::try_from(since_ms).unwrap_or(i64::MAX);
        self.stream(&self.query(SELECT), [since], |row| {
            seen(Entry {
                started_ms: rows::unsigned(row.get(0)?),
                caller: row.get(1)?,
                place: row.get(2)?,
                model: row.get(3)?,
                answered: row.get(4)?,
                from_cache: row.get(5)?,
                masked_spans: row.get(6)?,
                usage: Usage {
                    input: row.get(7)?,
                    cached: row.get(8)?,
                    output: row.get(9)?,
                    reasoning: row.get(13)?,
                    microjoules: row.get::<_, Option<i64>>(14)?.map(rows::unsigned),
                },
                total_us: rows::unsigned(row.get(10)?),
                first_chunk_us: row.get::<_, Option<i64>>(11)?.map(rows::unsigned),
                spent: rows::money(row, 12)?,
            });
            Ok(())
        })
    }
}

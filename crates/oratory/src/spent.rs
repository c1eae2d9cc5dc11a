//! What callers have spent, for policies that ask. It is read from the records, a moment behind them.
//!
//! Budgets are exact and set money aside; this only tells. What cannot be read is more than anything.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use oratory_contract::{CallerName, Period, Spending, Spent};
use oratory_store::{Problem, Reader};

/// How long a figure is taken for true.
const FRESH: Duration = Duration::from_secs(1);
/// Callers that are remembered before all are forgotten.
const REMEMBERED: usize = 1024;

type Known = HashMap<CallerName, (Instant, Spending)>;

/// Returns the look at the records in this database.
pub(crate) fn seam(store: &Path) -> Spent {
    let (store, known) = (store.to_owned(), Mutex::new(Known::new()));
    Arc::new(move |caller, now_ms| look(&store, &known, caller, now_ms))
}

fn look(store: &Path, known: &Mutex<Known>, caller: &CallerName, now_ms: u64) -> Spending {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = |(since, _): &&(Instant, Spending)| since.elapsed() < FRESH;
    if let Some((_, spending)) = lock().get(caller).filter(fresh) {
        return *spending;
    }
    let spending = read(store, caller, now_ms);
    let mut known = lock();
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(caller.clone(), (Instant::now(), spending));
    spending
}

fn read(store: &Path, caller: &CallerName, now_ms: u64) -> Spending {
    let began = |period: Period| period.window(now_ms / 1000).0 * 1000;
    let (month, today) = (began(Period::Month), began(Period::Day));
    let spent = Reader::open(store).and_then(|reader| reader.spent(caller.as_str(), month, today));
    match spent {
        Ok((month, today)) => Spending { today: today.cents(), month: month.cents() },
        Err(error) if error.problem == Problem::Missing => Spending::default(),
        Err(error) => {
            tracing::error!(
                hint = error.hint(),
                "{error}; policies that ask what was spent say no"
            );
            Spending::UNKNOWN
        }
    }
}

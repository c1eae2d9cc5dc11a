//! A store in a folder of its own, and records to put into it.

use std::path::Path;
use std::time::{Duration, Instant};

use oratory_contract::{Money, Outcome, Record, Records, RequestId, Usage};
use oratory_store::{Config, Store, StoreHealth};

pub(crate) fn open(path: &Path) -> Store {
    Store::open(Config { path: Some(path.to_owned()), ..Config::default() })
}

pub(crate) fn record() -> Record {
    Record {
        id: RequestId::new(),
        started_ms: 1_790_000_000_000,
        caller: "local".to_owned(),
        wanted: "auto".to_owned(),
        labels: "confidential+pii".to_owned(),
        permit: "home as-is, lab masked".to_owned(),
        place: "home".to_owned(),
        model: "mini".to_owned(),
        reason: "nearest place that may receive it".to_owned(),
        masked_spans: 2,
        from_cache: false,
        usage: Usage {
            input: 812,
            cached: 400,
            output: 120,
            reasoning: Some(20),
            microjoules: Some(31_250_000),
        },
        spent: Some(Money::picodollars(4_236_000_123)),
        first_chunk_us: Some(41_000),
        total_us: 1_200_000,
        outcome: Outcome::Answered,
    }
}

pub(crate) async fn write(store: &Store, record: &Record) {
    store.reserve().expect("room in the queue").write(record.clone()).await;
}

/// Returns message and hint of a store that must be failing.
pub(crate) fn complaint(health: StoreHealth) -> (String, String) {
    match health {
        StoreHealth::Failing { message, hint } => (message, hint),
        other => panic!("expected a failing store, found {other:?}"),
    }
}

pub(crate) fn wait_until_healed(store: &Store) {
    let start = Instant::now();
    while store.health() != StoreHealth::Ok {
        assert!(start.elapsed() < Duration::from_secs(10), "still {:?}", store.health());
        std::thread::sleep(Duration::from_millis(20));
    }
}

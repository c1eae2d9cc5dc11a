//! What keeping a record costs: `taskset -c 0 cargo bench -p oratory-store`.
//!
//! Pinned to one core, elapsed time is processor time of caller, writer and system together.
#![allow(clippy::print_stdout, reason = "a benchmark's answer is what it prints")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use oratory_contract::{Money, Outcome, Record, Records, RequestId, Usage};
use oratory_store::{Config, Store};

const ROWS: usize = 60_000;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    for at_once in [1, 4, 32, 256] {
        let path = folder.path().join(format!("{at_once}.db"));
        let store = Arc::new(Store::open(Config { path: Some(path), ..Config::default() }));
        store.settled();
        let started = Instant::now();
        // On the worker, as requests are; `block_on` itself would run on another thread.
        let callers: Vec<_> =
            (0..at_once).map(|_| runtime.spawn(call(Arc::clone(&store), ROWS / at_once))).collect();
        let times = callers
            .into_iter()
            .flat_map(|caller| runtime.block_on(caller).expect("a caller does not panic"))
            .collect();
        report(at_once, started.elapsed(), times);
    }
}

/// Writes one record after the other and returns how long each took.
async fn call(store: Arc<Store>, rows: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(rows);
    for _ in 0..rows {
        let record = record();
        let start = Instant::now();
        store.reserve().expect("room").write(record).await;
        times.push(start.elapsed());
    }
    times
}

fn report(at_once: usize, elapsed: Duration, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{at_once:>4} at once: {:>5.1?} per row; reserve to written p50 {:.1?}, p99 {:.1?}, worst {:.1?}",
        elapsed / u32::try_from(times.len()).expect("small"),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

fn record() -> Record {
    Record {
        id: RequestId::new(),
        started_ms: 1_790_000_000_000,
        caller: "local".to_owned(),
        wanted: "auto".to_owned(),
        labels: "confidential+pii".to_owned(),
        permit: "home as-is, lab masked".to_owned(),
        place: "home".to_owned(),
        model: "mini".to_owned(),
        reason: "nearest place that may receive it as it is".to_owned(),
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

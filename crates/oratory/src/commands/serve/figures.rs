//! What the engine is doing, in the figures that `/metrics` and `/loaded` tell.
//!
//! Only puts them into words; the engine knows them.

use oratory_http::{Loaded, Meter, MeterKind};
use oratory_local::{Engine, WorkerInfo, WorkerState};

/// Returns the figures of the engine and the store.
pub(super) fn of(engine: &Engine, lost: u64) -> Vec<Meter> {
    let workers = engine.workers();
    let loaded = || workers.iter().filter(|worker| worker.state.has_process());
    let (taken, room) = engine.memory();
    let gauge = |name, help, value: f64| Meter { name, kind: MeterKind::Gauge, help, value };
    let counter = |name, help, value: f64| Meter { name, kind: MeterKind::Counter, help, value };
    let lanes = |one: fn(&WorkerInfo) -> u64| loaded().map(one).sum::<u64>() as f64;
    let all = |one: fn(&WorkerInfo) -> u64| workers.iter().map(one).sum::<u64>() as f64;
    vec![
        gauge("oratory_records_lost", "Records that could not be written.", lost as f64),
        gauge("oratory_engine_processes", "Models in memory or on the way there.", lanes(|_| 1)),
        gauge(
            "oratory_lanes",
            "Requests that loaded models answer at once.",
            lanes(|worker| worker.lanes.into()),
        ),
        gauge(
            "oratory_lanes_used",
            "Requests being answered at home.",
            lanes(|worker| worker.running as u64),
        ),
        gauge(
            "oratory_queue_waiting",
            "Requests that wait for a model at home.",
            all(|worker| worker.waiting as u64),
        ),
        gauge(
            "oratory_memory_planned_bytes",
            "Memory that loaded models were planned to take.",
            taken as f64,
        ),
        gauge(
            "oratory_memory_room_bytes",
            "Memory that loaded models may take together.",
            room as f64,
        ),
        gauge(
            "oratory_kept_bytes",
            "Memory of conversations nobody is having just now.",
            lanes(|worker| worker.kept),
        ),
        counter(
            "oratory_engine_tokens_total",
            "Tokens written at home, those of unread answers included.",
            all(|worker| worker.tokens),
        ),
        counter(
            "oratory_engine_crashes_total",
            "Engine processes that ended by themselves.",
            all(|worker| worker.crashes.into()),
        ),
    ]
}

/// Returns the models in memory.
pub(super) fn loaded(engine: &Engine) -> Vec<Loaded> {
    let workers = engine.workers();
    workers.iter().filter(|worker| worker.state.has_process()).map(one).collect()
}

fn one(worker: &WorkerInfo) -> Loaded {
    let (state, context) = match worker.state {
        WorkerState::Loading { .. } => ("loading", None),
        WorkerState::Ready { context, .. } => ("ready", Some(context)),
        WorkerState::Resting => ("resting", None),
        WorkerState::Stopped | WorkerState::Failed(_) => ("stopped", None),
    };
    let still = worker.running == 0 && state == "ready";
    let leaves = worker.stay.saturating_sub(worker.idle).as_secs();
    Loaded {
        model: worker.model.to_string(),
        state: state.to_owned(),
        pid: worker.pid,
        lanes: worker.lanes,
        running: worker.running,
        waiting: worker.waiting,
        context,
        memory_bytes: worker.memory,
        kept_bytes: worker.kept,
        tokens: worker.tokens,
        crashes: worker.crashes,
        idle_seconds: worker.idle.as_secs(),
        leaves_in_seconds: still.then_some(leaves),
    }
}

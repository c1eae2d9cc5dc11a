//! Keeps one worker process per loaded model: starts, feeds, cancels, times out, restarts it.
//!
//! One task per model owns its worker, so nothing about a worker is ever locked. It knows no
//! model files; `catalog` does.

mod desk;
mod process;
mod queue;
mod serve;
mod work;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, ModelName, Retry};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use process::Program;
pub(crate) use work::{Work, work};

use crate::protocol::Load;
use queue::{Queue, Refused};

/// What the supervisor of one model is told.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) model: ModelName,
    pub(crate) program: Program,
    pub(crate) load: Load,
    /// How many requests may wait behind the one being answered.
    pub(crate) queue: usize,
    /// How long nothing may move before the worker counts as stuck.
    pub(crate) stall: Duration,
    /// How long loading may take.
    pub(crate) load_limit: Duration,
}

/// What a worker is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// There is no process; the next request starts one.
    Stopped,
    /// The process is starting or loading its model.
    Loading {
        /// How much of it is done.
        percent: u8,
    },
    /// Loaded, with nothing to do.
    Ready {
        /// Tokens it holds at once.
        context: u32,
        /// How long loading took.
        loaded_in: Duration,
    },
    /// Answering.
    Busy,
    /// The last process ended or would not start, for this reason.
    Failed(String),
}

/// One model's worker, as seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerInfo {
    /// The model.
    pub model: ModelName,
    /// The process, if there is one.
    pub pid: Option<u32>,
    /// What it is doing.
    pub state: WorkerState,
    /// Requests that wait.
    pub waiting: usize,
    /// Processes that ended by themselves or had to be killed, since the start.
    pub crashes: u32,
    /// Tokens produced since the start, those of cancelled requests included.
    pub tokens: u64,
}

/// What the task of one model shows to everybody else.
#[derive(Debug)]
pub(super) struct Shared {
    queue: Queue,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    pid: Option<u32>,
    state: WorkerState,
    crashes: u32,
    tokens: u64,
    /// When the answer under way began.
    since: Option<Instant>,
    /// How long an answer takes, averaged with more weight on the latest.
    pace: Option<Duration>,
}

impl Shared {
    fn see<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The way to one model's worker.
#[derive(Debug)]
pub(crate) struct Supervisor {
    model: ModelName,
    shared: Arc<Shared>,
}

impl Supervisor {
    /// Starts the task that will look after the worker; the worker itself starts when needed.
    ///
    /// Tasks count in both trackers: the house's, and `own` for whoever stops only the engine.
    pub(crate) fn start(
        settings: Settings,
        tasks: &TaskTracker,
        own: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let model = settings.model.clone();
        let seen = Seen {
            pid: None,
            state: WorkerState::Stopped,
            crashes: 0,
            tokens: 0,
            since: None,
            pace: None,
        };
        let queue = Queue::new(settings.queue);
        let shared = Arc::new(Shared { queue, seen: Mutex::new(seen) });
        let desk = desk::Desk::new(settings, Arc::clone(&shared), tasks.clone(), stop);
        tasks.spawn(own.track_future(desk.run()));
        Self { model, shared }
    }

    /// Puts work in the queue, or says that the house is full.
    pub(crate) fn submit(&self, work: Work) -> Result<(), Failure> {
        let waiting = match self.shared.queue.push(work) {
            Ok(()) => return Ok(()),
            Err(Refused::Closed) => return Err(desk::stopping()),
            Err(Refused::Full { waiting }) => waiting,
        };
        let message = format!("{waiting} requests already wait for {}", self.model);
        Err(Failure::new(FailureKind::Overloaded, At::Local, message)
            .retry(Retry::After(self.estimate(waiting)))
            .hint("try again later, or use a smaller model; this machine answers one at a time"))
    }

    /// Returns how long it takes until a place is free, as far as earlier answers tell.
    fn estimate(&self, waiting: usize) -> Duration {
        // With no answer complete yet, the one under way takes at least as long as it has.
        let pace = self
            .shared
            .see(|seen| seen.pace.or(seen.since.map(|since| since.elapsed())).unwrap_or_default());
        // A place is free once the answer under way is done; more callers than one come back
        // then, so spread them over half the queue.
        let ahead = u32::try_from(waiting / 2 + 1).unwrap_or(u32::MAX);
        let seconds = pace.saturating_mul(ahead).as_secs_f64().ceil();
        Duration::from_secs((seconds as u64).clamp(1, 600))
    }

    /// Returns what the worker is doing.
    pub(crate) fn info(&self) -> WorkerInfo {
        let waiting = self.shared.queue.waiting();
        self.shared.see(|seen| WorkerInfo {
            model: self.model.clone(),
            pid: seen.pid,
            state: seen.state.clone(),
            waiting,
            crashes: seen.crashes,
            tokens: seen.tokens,
        })
    }
}

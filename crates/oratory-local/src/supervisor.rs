//! Keeps one worker process per loaded model: starts, feeds, cancels, times out, restarts it.
//!
//! One task per model owns its worker, so nothing about a worker is ever locked. It knows no
//! model files; `catalog` does.

mod desk;
mod process;
mod queue;
mod room;
mod running;
mod serve;
mod timing;
mod words;
mod work;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, ModelName, Prepared, Retry, Usage};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use process::Program;
pub(crate) use room::Room;
pub(crate) use timing::Timing;
pub(crate) use work::{Inlet, Work};

use crate::protocol::{Adapter, Load};
use crate::tune::{Untuned, Use};
use queue::{Queue, Refused};

/// What the supervisor of one model is told.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) model: ModelName,
    pub(crate) program: Program,
    /// Which of the files that have had the model's name.
    pub(crate) revision: u64,
    pub(crate) load: Load,
    /// How it would be run untuned; `None` where it stays so.
    pub(crate) untuned: Option<Untuned>,
    /// How much memory the worker takes.
    pub(crate) footprint: u64,
    /// Where that memory is taken from.
    pub(crate) room: Arc<Room>,
    /// How many requests may wait behind those being answered.
    pub(crate) queue: usize,
    /// How long nothing may move before the worker counts as stuck.
    pub(crate) stall: Duration,
    /// How long loading may take.
    pub(crate) load_limit: Duration,
    /// How long the model stays loaded with nothing to do.
    pub(crate) stay: Duration,
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
    /// Loaded.
    Ready {
        /// Tokens of one conversation it holds.
        context: u32,
        /// How long loading took.
        loaded_in: Duration,
    },
    /// Putting away what is worth keeping, before it ends.
    Resting,
    /// The last process ended or would not start, for this reason.
    Failed(String),
}

impl WorkerState {
    /// Says whether there is a process.
    pub fn has_process(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Failed(_))
    }
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
    /// Requests being answered.
    pub running: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Processes that ended by themselves or had to be killed, since the start.
    pub crashes: u32,
    /// Tokens produced since the start, those of cancelled requests included.
    pub tokens: u64,
    /// Requests it answers at once.
    pub lanes: u32,
    /// Memory it was planned to take.
    pub memory: u64,
    /// Memory that conversations take which nobody is having just now.
    pub kept: u64,
    /// How long it has had nothing to do.
    pub idle: Duration,
    /// How long it stays loaded with nothing to do.
    pub stay: Duration,
}

/// What the task of one model shows to everybody else.
#[derive(Debug)]
pub(super) struct Shared {
    queue: Queue,
    seen: Mutex<Seen>,
    /// Somebody's reader has left or caught up, or it is time to rest.
    look: Arc<Notify>,
    /// The worker's state is another.
    changed: Notify,
    rest: AtomicBool,
    /// How the next worker is to be run.
    next: Mutex<Settings>,
}

#[derive(Debug)]
struct Seen {
    pid: Option<u32>,
    state: WorkerState,
    running: usize,
    crashes: u32,
    tokens: u64,
    kept: u64,
    /// When the oldest answer under way began.
    since: Option<Instant>,
    /// How long an answer takes, averaged with more weight on the latest.
    pace: Option<Duration>,
    /// When it last had something to do.
    used: Instant,
    stay: Duration,
    /// Workers that have ended.
    ended: u64,
    /// What has been asked of it.
    answers: Answers,
}

/// Sums over the answers of a model, since the start.
#[derive(Debug, Default)]
struct Answers {
    count: u64,
    read: u64,
    written: u64,
    depth: u64,
    /// Of each answer, how many were being written when it ended.
    together: u64,
}

impl Answers {
    fn note(&mut self, usage: Usage, together: usize) {
        self.count += 1;
        self.read += u64::from(usage.input.saturating_sub(usage.cached));
        self.written += u64::from(usage.output);
        self.depth += u64::from(usage.input) + u64::from(usage.output);
        self.together += together as u64;
    }

    /// Returns what an answer is like; what is usual elsewhere until some have been seen.
    fn usual(&self) -> Use {
        if self.count < 20 {
            return Use::default();
        }
        let mean = |sum: u64| u32::try_from(sum / self.count).unwrap_or(u32::MAX).max(1);
        Use {
            read: mean(self.read),
            written: mean(self.written),
            depth: mean(self.depth).clamp(64, 4096),
            together: mean(self.together).min(8),
        }
    }
}

impl Shared {
    fn see<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says whether the worker is wanted out of memory.
    fn resting(&self) -> bool {
        self.rest.load(Ordering::SeqCst)
    }

    /// Wants the worker out of memory as soon as nothing is being answered.
    fn ask_to_rest(&self) {
        self.rest.store(true, Ordering::SeqCst);
        self.look.notify_one();
    }

    /// Returns how long there has been nothing to do; `None` while there is.
    fn idle(&self) -> Option<Duration> {
        let waiting = self.queue.waiting();
        let idle = self.see(|seen| (seen.running == 0).then(|| seen.used.elapsed()));
        idle.filter(|_| waiting == 0)
    }

    /// Notes that the worker is gone, however it went.
    fn worker_ended(&self) {
        self.rest.store(false, Ordering::SeqCst);
        self.see(|seen| {
            seen.ended += 1;
            seen.kept = 0;
        });
        self.changed.notify_waiters();
    }
}

/// The way to one model's worker.
#[derive(Debug)]
pub(crate) struct Supervisor {
    model: ModelName,
    lanes: u32,
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
            running: 0,
            crashes: 0,
            tokens: 0,
            kept: 0,
            since: None,
            pace: None,
            used: Instant::now(),
            stay: settings.stay,
            ended: 0,
            answers: Answers::default(),
        };
        let shared = Arc::new(Shared {
            queue: Queue::new(settings.queue),
            seen: Mutex::new(seen),
            look: Arc::default(),
            changed: Notify::new(),
            rest: AtomicBool::new(false),
            next: Mutex::new(settings.clone()),
        });
        let lanes = settings.load.lanes;
        let desk = desk::Desk::new(settings, Arc::clone(&shared), tasks.clone(), stop);
        tasks.spawn(own.track_future(desk.run()));
        Self { model, lanes, shared }
    }

    /// Puts a request in the queue, or says that the house is full.
    pub(crate) fn submit(
        &self,
        prepared: Prepared,
        adapter: Option<Adapter>,
    ) -> Result<Inlet, Failure> {
        let (work, inlet) = work::work(prepared, adapter, &self.shared.look);
        let waiting = match self.shared.queue.push(work) {
            Ok(()) => return Ok(inlet),
            Err(Refused::Closed) => return Err(desk::stopping()),
            Err(Refused::Full { waiting }) => waiting,
        };
        let message = format!("{waiting} requests already wait for {}", self.model);
        Err(Failure::new(FailureKind::Overloaded, At::Local, message)
            .retry(Retry::After(self.estimate(waiting)))
            .hint("try again later, or use a smaller model; this machine is at its limit"))
    }

    /// Returns how long it takes until a place is free, as far as earlier answers tell.
    fn estimate(&self, waiting: usize) -> Duration {
        // With no answer complete yet, the one under way takes at least as long as it has.
        let pace = self
            .shared
            .see(|seen| seen.pace.or(seen.since.map(|since| since.elapsed())).unwrap_or_default());
        // A place is free once an answer under way is done; more callers than one come back
        // then, so spread them over half the queue.
        let rounds = waiting / 2 / self.lanes.max(1) as usize + 1;
        let ahead = u32::try_from(rounds).unwrap_or(u32::MAX);
        let seconds = pace.saturating_mul(ahead).as_secs_f64().ceil();
        Duration::from_secs((seconds as u64).clamp(1, 600))
    }

    /// Says how the next worker is to be run. One with another file makes way after its answers.
    pub(crate) fn renew(&self, settings: Settings) {
        let mut next = self.shared.next.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = next.revision != settings.revision;
        *next = settings;
        drop(next);
        if replaced && self.info().state.has_process() {
            self.shared.ask_to_rest();
        }
    }

    /// Returns how the next worker is to be run.
    pub(crate) fn settings(&self) -> Settings {
        self.shared.next.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns what the model is usually asked to do.
    pub(crate) fn usual(&self) -> Use {
        self.shared.see(|seen| seen.answers.usual())
    }

    /// Returns which file the next worker is to load.
    pub(crate) fn revision(&self) -> u64 {
        self.shared.next.lock().unwrap_or_else(PoisonError::into_inner).revision
    }

    /// Ends the worker as soon as nothing is being answered, and waits for that. Requests that
    /// come meanwhile wait for the next worker.
    pub(crate) async fn rest(&self) {
        let ended = self.shared.see(|seen| seen.ended);
        if !self.info().state.has_process() {
            return;
        }
        self.shared.ask_to_rest();
        loop {
            // Registered before looking, so that no change is missed.
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            if self.shared.see(|seen| seen.ended) > ended {
                return;
            }
            changed.await;
        }
    }

    /// Returns what the worker is doing.
    pub(crate) fn info(&self) -> WorkerInfo {
        let waiting = self.shared.queue.waiting();
        let memory = self.shared.next.lock().unwrap_or_else(PoisonError::into_inner).footprint;
        self.shared.see(|seen| WorkerInfo {
            model: self.model.clone(),
            pid: seen.pid,
            state: seen.state.clone(),
            running: seen.running,
            waiting,
            crashes: seen.crashes,
            tokens: seen.tokens,
            lanes: self.lanes,
            memory,
            kept: seen.kept,
            idle: if seen.running > 0 { Duration::ZERO } else { seen.used.elapsed() },
            stay: seen.stay,
        })
    }
}

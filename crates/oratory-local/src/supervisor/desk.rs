//! The task of one model: sees to it that a worker is there for those who wait.
//!
//! Serving them is `serve`'s work. After a crash the next request starts a new worker, at once
//! the first time, later and later if it keeps crashing.

use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, Retry};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::process::{Program, Worker};
use super::room::Place;
use super::serve::{self, Served};
use super::work::{Suspects, seconds};
use super::{Settings, Shared, Work, WorkerState};
use crate::protocol::{Loaded, Order, Report, Trouble, TroubleKind, VERSION};

/// Longest wait before a worker that keeps crashing is started again.
const MAX_BACKOFF: Duration = Duration::from_secs(30);
/// How long a worker may take to put away what is worth keeping.
pub(super) const REST: Duration = Duration::from_secs(20);

/// Looks after the worker of one model.
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Crashes since the last answer that came to its end.
    pub(super) failures: u32,
    not_before: Instant,
    pub(super) number: u64,
    pub(super) suspects: Suspects,
}

impl Desk {
    pub(super) fn new(
        settings: Settings,
        shared: Arc<Shared>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            settings,
            shared,
            tasks,
            stop,
            failures: 0,
            not_before: Instant::now(),
            number: 0,
            suspects: Suspects::default(),
        }
    }

    /// Serves requests until told to stop; then ends the worker and everyone who waits.
    pub(super) async fn run(mut self) {
        while self.step().await.is_continue() {}
        self.show(None, WorkerState::Stopped);
        for work in self.shared.queue.close() {
            work.out.finish(Err(stopping()));
        }
    }

    /// Waits for a first request, starts a worker for it, and serves until there is none again.
    async fn step(&mut self) -> ControlFlow<()> {
        let (stop, shared) = (self.stop.clone(), Arc::clone(&self.shared));
        let work = tokio::select! {
            biased;
            () = stop.cancelled() => return ControlFlow::Break(()),
            work = shared.queue.take() => work,
        };
        if let Some(failure) = self.refused(&work) {
            work.out.finish(Err(failure));
            return ControlFlow::Continue(());
        }
        // The file or the settings may be others than the last time.
        self.settings = shared.next.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let limit = work.limit().min(self.settings.load_limit);
        let started = tokio::select! {
            biased;
            () = stop.cancelled() => {
                work.out.finish(Err(stopping()));
                return ControlFlow::Break(());
            }
            started = self.start(limit) => started,
        };
        let next = match started {
            Ok((place, worker, loaded)) => {
                let served = serve::serve(self, worker, loaded, work).await;
                drop(place);
                match served {
                    Served::Rested => self.show(None, WorkerState::Stopped),
                    Served::Lost(how) => self.note_crash(how),
                    Served::Stopped => return ControlFlow::Break(()),
                }
                ControlFlow::Continue(())
            }
            Err(failure) => {
                work.out.finish(Err(failure));
                ControlFlow::Continue(())
            }
        };
        shared.worker_ended();
        // Whoever waits for the place comes before this model's own queue.
        tokio::task::yield_now().await;
        next
    }

    /// Refuses a request that has ended two workers already.
    pub(super) fn refused(&self, work: &Work) -> Option<Failure> {
        let model = &self.settings.model;
        self.suspects.knows(work.likeness).then(|| {
            let message = format!("this request has ended two engine processes of {model}");
            Failure::new(FailureKind::Broken, At::Local, message)
                .hint("change the request, or choose another model; others are not affected")
        })
    }

    /// Takes memory for a worker and starts it. Dropped half-way, it ends what it began.
    async fn start(&mut self, limit: Duration) -> Result<(Place, Box<Worker>, Loaded), Failure> {
        tokio::time::sleep_until(self.not_before).await;
        let Settings { room, model, footprint, .. } = &self.settings;
        let place = room.take(model, *footprint, &self.shared, limit).await?;
        self.show(None, WorkerState::Loading { percent: 0 });
        let worker = match Worker::start(&self.settings.program, &self.tasks) {
            Ok(worker) => worker,
            Err(error) => {
                self.note_crash(format!("cannot be started: {error}"));
                return Err(cannot_start(&self.settings.program, error));
            }
        };
        self.show(worker.pid(), WorkerState::Loading { percent: 0 });
        let (worker, loaded) = self.load(worker).await?;
        Ok((place, worker, loaded))
    }

    async fn load(&mut self, mut worker: Box<Worker>) -> Result<(Box<Worker>, Loaded), Failure> {
        let limit = self.settings.load_limit;
        let pid = worker.pid();
        match tokio::time::timeout(limit, self.wait_loaded(&mut worker)).await {
            Ok(Ok(loaded)) => {
                tracing::info!(
                    model = %self.settings.model, pid, context = loaded.context,
                    lanes = loaded.lanes, parameters = loaded.parameters,
                    milliseconds = loaded.milliseconds, "loaded",
                );
                Ok((worker, loaded))
            }
            Ok(Err(Some(trouble))) => {
                // No crash: it would say the same again, so there is nothing to wait for.
                worker.end().await;
                self.show(None, WorkerState::Failed(trouble.message.clone()));
                Err(failure(trouble))
            }
            Ok(Err(None)) => {
                let how = worker.end().await;
                let model = &self.settings.model;
                let message = format!("the engine process {how} while it loaded {model}");
                self.note_crash(how.to_string());
                Err(Failure::new(FailureKind::Broken, At::Local, message).retry(Retry::Now).hint(
                    "if it happens again, the file is likely damaged or too large for memory",
                ))
            }
            Err(_) => {
                worker.kill().await;
                let model = &self.settings.model;
                let message = format!("{model} was not loaded after {}", seconds(limit));
                self.note_crash(message.clone());
                Err(Failure::new(FailureKind::Timeout, At::Local, message)
                    .retry(Retry::Now)
                    .hint("the disk may be slow or memory short; a smaller model loads faster"))
            }
        }
    }

    /// Waits until the model is there. `Err(None)` means that the process ended.
    async fn wait_loaded(&self, worker: &mut Worker) -> Result<Loaded, Option<Trouble>> {
        let pid = worker.pid();
        match worker.next().await {
            Ok(Some(Report::Hello { version: VERSION })) => {}
            Ok(Some(_)) => {
                let message = "the engine process is of another version of Oratory";
                return Err(Some(Trouble::new(
                    TroubleKind::Broken,
                    message,
                    "the program was replaced while it ran; start Oratory again",
                )));
            }
            Ok(None) | Err(_) => return Err(None),
        }
        let order = Order::Load(Box::new(self.settings.load.clone()));
        worker.send(&order).await.map_err(|_| None)?;
        loop {
            match worker.next().await {
                Ok(Some(Report::Loading { percent })) => {
                    self.show(pid, WorkerState::Loading { percent });
                }
                Ok(Some(Report::Loaded(loaded))) => return Ok(loaded),
                Ok(Some(Report::Failed { trouble, .. })) => return Err(Some(trouble)),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Err(None),
            }
        }
    }

    /// Lets a worker with nothing to do put away what is worth keeping, and end.
    pub(super) async fn rest(&self, mut worker: Box<Worker>, limit: Duration) {
        let rest = async {
            if worker.send(&Order::Rest).await.is_ok() {
                while let Ok(Some(_)) = worker.next().await {}
            }
        };
        drop(tokio::time::timeout(limit, rest).await);
        worker.end().await;
        tracing::info!(model = %self.settings.model, "unloaded");
    }

    fn note_crash(&mut self, how: String) {
        tracing::warn!(model = %self.settings.model, "the engine process {how}");
        self.failures += 1;
        if let Some(doublings) = self.failures.checked_sub(2) {
            let wait = Duration::from_millis(250).saturating_mul(1 << doublings.min(10));
            self.not_before = Instant::now() + wait.min(MAX_BACKOFF);
        }
        self.shared.see(|seen| seen.crashes += 1);
        self.show(None, WorkerState::Failed(how));
    }

    pub(super) fn show(&self, pid: Option<u32>, state: WorkerState) {
        self.shared.see(|seen| {
            seen.pid = pid;
            seen.state = state;
        });
        self.shared.changed.notify_waiters();
    }
}

fn cannot_start(program: &Program, error: std::io::Error) -> Failure {
    let message = format!("cannot start {}: {error}", program.path.display());
    Failure::new(FailureKind::Ours, At::Oratory, message)
        .hint("the program may have been moved or replaced; start Oratory again")
        .because(error)
}

/// Returns the failure that a worker's trouble means.
pub(super) fn failure(trouble: Trouble) -> Failure {
    let (kind, at) = match trouble.kind {
        TroubleKind::Invalid => (FailureKind::Invalid, At::Caller),
        TroubleKind::TooLong => (FailureKind::TooLong, At::Caller),
        TroubleKind::Busy => (FailureKind::Overloaded, At::Local),
        TroubleKind::Broken => (FailureKind::Broken, At::Local),
    };
    let retry = match trouble.kind {
        TroubleKind::Busy => Retry::After(Duration::from_secs(10)),
        _ => Retry::Never,
    };
    let failure = Failure::new(kind, at, trouble.message).retry(retry);
    match trouble.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Everything stops, this request with it.
pub(super) fn stopping() -> Failure {
    Failure::new(FailureKind::Unreachable, At::Oratory, "Oratory is stopping")
        .retry(Retry::After(Duration::from_secs(2)))
        .hint("try again once it runs again")
}

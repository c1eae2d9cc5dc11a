//! The task of one model: takes requests in turn and sees to it that a worker is there.
//!
//! Serving one request is `serve`'s work. After a crash the next request starts a new worker,
//! at once the first time, later and later if it keeps crashing.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, Retry};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::process::{Program, Worker};
use super::serve::{self, Served};
use super::work::seconds;
use super::{Settings, Shared, Work, WorkerState};
use crate::protocol::{Loaded, Order, Report, Trouble, TroubleKind, VERSION};

/// Longest wait before a worker that keeps crashing is started again.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// Looks after the worker of one model.
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    worker: Option<Box<Worker>>,
    /// Crashes since the last answer that came to its end.
    failures: u32,
    not_before: Instant,
    pub(super) number: u64,
}

impl Desk {
    pub(super) fn new(
        settings: Settings,
        shared: Arc<Shared>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let not_before = Instant::now();
        Self { settings, shared, tasks, stop, worker: None, failures: 0, not_before, number: 0 }
    }

    /// Serves requests until told to stop; then ends the worker and everyone who waits.
    pub(super) async fn run(mut self) {
        while self.step().await.is_continue() {}
        if let Some(worker) = self.worker.take() {
            worker.end().await;
        }
        self.show(None, WorkerState::Stopped);
        for work in self.shared.queue.close() {
            work.out.finish(Err(stopping()));
        }
    }

    async fn step(&mut self) -> ControlFlow<()> {
        let stop = self.stop.clone();
        let shared = Arc::clone(&self.shared);
        let work = tokio::select! {
            biased;
            () = stop.cancelled() => return ControlFlow::Break(()),
            () = idle(self.worker.as_deref_mut()) => {
                self.bury().await;
                return ControlFlow::Continue(());
            }
            work = shared.queue.take() => work,
        };
        if work.abandoned() {
            return ControlFlow::Continue(());
        }
        let started = tokio::select! {
            biased;
            () = stop.cancelled() => {
                work.out.finish(Err(stopping()));
                return ControlFlow::Break(());
            }
            started = self.ensure() => started,
        };
        match started {
            Ok(worker) => self.serve(worker, work).await,
            Err(failure) => work.out.finish(Err(failure)),
        }
        ControlFlow::Continue(())
    }

    async fn serve(&mut self, worker: Box<Worker>, work: Work) {
        let pid = worker.pid();
        let began = Instant::now();
        let ready = self.shared.see(|seen| {
            seen.since = Some(began);
            std::mem::replace(&mut seen.state, WorkerState::Busy)
        });
        let served = serve::serve(self, worker, work).await;
        self.shared.see(|seen| seen.since = None);
        match served {
            Served::Whole(worker) => {
                self.failures = 0;
                self.worker = Some(worker);
                self.show(pid, ready);
                self.shared.see(|seen| {
                    let took = began.elapsed();
                    seen.pace = Some(seen.pace.map_or(took, |pace| (pace * 3 + took) / 4));
                });
            }
            Served::Lost(how) => self.note_crash(how),
            Served::Stopped => {}
        }
    }

    /// Returns the worker, starting one if there is none. Dropped half-way, it ends what it began.
    async fn ensure(&mut self) -> Result<Box<Worker>, Failure> {
        if self.worker.as_mut().is_some_and(|worker| !worker.alive()) {
            // It ended a moment ago; whoever asks now need not hear of that.
            self.bury().await;
        }
        if let Some(worker) = self.worker.take() {
            return Ok(worker);
        }
        tokio::time::sleep_until(self.not_before).await;
        self.show(None, WorkerState::Loading { percent: 0 });
        let worker = match Worker::start(&self.settings.program, &self.tasks) {
            Ok(worker) => worker,
            Err(error) => {
                self.note_crash(format!("cannot be started: {error}"));
                return Err(cannot_start(&self.settings.program, error));
            }
        };
        self.show(worker.pid(), WorkerState::Loading { percent: 0 });
        self.load(worker).await
    }

    async fn load(&mut self, mut worker: Box<Worker>) -> Result<Box<Worker>, Failure> {
        let limit = self.settings.load_limit;
        let pid = worker.pid();
        match tokio::time::timeout(limit, self.wait_loaded(&mut worker)).await {
            Ok(Ok(loaded)) => {
                let loaded_in = Duration::from_millis(loaded.milliseconds.into());
                self.show(pid, WorkerState::Ready { context: loaded.context, loaded_in });
                tracing::info!(
                    model = %self.settings.model, pid, context = loaded.context,
                    parameters = loaded.parameters, milliseconds = loaded.milliseconds, "loaded",
                );
                Ok(worker)
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
                self.note_crash(how);
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
        let order = Order::Load(self.settings.load.clone());
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

    /// Sees to the end of a worker that ended by itself.
    async fn bury(&mut self) {
        if let Some(worker) = self.worker.take() {
            let how = worker.end().await;
            self.note_crash(how);
        }
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

    fn show(&self, pid: Option<u32>, state: WorkerState) {
        self.shared.see(|seen| {
            seen.pid = pid;
            seen.state = state;
        });
    }
}

/// Waits until a worker with nothing to do ends by itself; for ever if there is none.
async fn idle(worker: Option<&mut Worker>) {
    let Some(worker) = worker else { return std::future::pending().await };
    while let Ok(Some(_)) = worker.next().await {}
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
        TroubleKind::Broken => (FailureKind::Broken, At::Local),
    };
    let failure = Failure::new(kind, at, trouble.message);
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

//! When models are tuned: on request, or by itself for one that is in use, while nobody asks.
//!
//! How is `tune`'s work. A request that comes ends the measuring at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, ModelName};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Engine, settings};
use crate::supervisor::{Room, Settings, Supervisor, WorkerState};
use crate::tune::{self, Tuned, Untuned, Use};

/// How often it is looked whether nobody asks.
const LOOK: Duration = Duration::from_secs(2);
/// How often it is looked whether it still is.
const GLANCE: Duration = Duration::from_millis(20);
/// Measurements of a model that may be interrupted or fail before it is left alone.
const TRIES: u32 = 3;
/// The most tokens written to measure llama.cpp alone.
const WRITTEN: u32 = 512;
/// Smaller models answer faster than anybody reads, whichever way they are run.
const SMALL: u64 = 128 << 20;

impl Engine {
    /// Returns how a model was found to run best on this machine, if that was measured.
    pub fn tuned(&self, model: &ModelName) -> Option<Tuned> {
        let entry = self.find(model).ok()?;
        settings::untuned(&self.config, &entry)?.found(&entry.path)
    }

    /// Measures now how a model runs best on this machine, and writes it down for its next load.
    ///
    /// Ends its worker first, after the answers under way.
    pub async fn tune(&self, model: &ModelName) -> Result<Tuned, Failure> {
        let entry = self.find(model)?;
        self.check(&entry).await?;
        let Some(untuned) = settings::untuned(&self.config, &entry) else {
            let message = format!("there is no folder to write down how {model} runs best");
            return Err(Failure::new(FailureKind::Invalid, At::Local, message)
                .hint("give Oratory a data folder that it may write"));
        };
        self.unload(&entry.name).await;
        let usual = self.supervisors().get(&entry.name).map(|found| found.usual());
        let settings = settings::settings(&self.config, &entry, None, &self.room);
        measure(&settings, &untuned, usual.unwrap_or_default(), &self.tasks).await.map_err(
            |error| {
                let message = format!("{model} could not be measured: {error}");
                Failure::new(FailureKind::Broken, At::Local, message)
                    .hint("close other programs and try again; the model runs untuned meanwhile")
            },
        )
    }

    /// Measures how fast llama.cpp alone runs a model, called as the engine calls it: tokens a
    /// second of a prompt so long, and of so many tokens written after it.
    pub async fn alone(
        &self,
        model: &ModelName,
        read: u32,
        written: u32,
    ) -> Result<(f64, f64), Failure> {
        let entry = self.find(model)?;
        self.check(&entry).await?;
        let settings = settings::settings(&self.config, &entry, None, &self.room);
        let (path, way) = (&settings.load.path, settings.load.tuning);
        let tokens = (read.clamp(1, 1 << 20), written.clamp(1, WRITTEN));
        let measured = tune::alone(&settings.program, &self.tasks, path, way, tokens).await;
        measured.map_err(|error| {
            let message = format!("{model} could not be measured: {error}");
            Failure::new(FailureKind::Broken, At::Local, message)
        })
    }

    /// Tunes models that are in use, once nobody has asked for anything for so long, until the
    /// engine stops. Call it once.
    pub fn tune_when_quiet(&self, quiet: Duration) {
        let tuner = Tuner {
            supervisors: Arc::clone(&self.supervisors),
            tasks: self.tasks.clone(),
            tries: HashMap::new(),
            quiet,
        };
        let stop: CancellationToken = self.stop.clone();
        self.tasks.spawn(self.own.track_future(async move {
            // Dropped half-way, a measurement ends its process.
            stop.run_until_cancelled(tuner.run()).await;
        }));
    }
}

struct Tuner {
    supervisors: Arc<Mutex<HashMap<ModelName, Arc<Supervisor>>>>,
    tasks: TaskTracker,
    tries: HashMap<ModelName, u32>,
    quiet: Duration,
}

impl Tuner {
    async fn run(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            if !self.quiet_for(self.quiet) {
                continue;
            }
            if let Some((supervisor, settings, untuned)) = self.next().await {
                self.tune(&supervisor, settings, &untuned).await;
            }
        }
    }

    fn all(&self) -> Vec<Arc<Supervisor>> {
        self.supervisors.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn quiet_for(&self, least: Duration) -> bool {
        self.all().iter().all(|supervisor| {
            let info = supervisor.info();
            info.running == 0 && info.waiting == 0 && info.idle >= least
        })
    }

    /// Returns a model that is loaded and was never measured.
    async fn next(&self) -> Option<(Arc<Supervisor>, Settings, Untuned)> {
        for supervisor in self.all() {
            let info = supervisor.info();
            let settings = supervisor.settings();
            let Some(untuned) = settings.untuned.clone() else { continue };
            let tried = self.tries.get(&info.model).copied().unwrap_or(0);
            let large = settings.footprint >= SMALL;
            if !matches!(info.state, WorkerState::Ready { .. }) || !large || tried >= TRIES {
                continue;
            }
            let (path, book) = (settings.load.path.clone(), untuned.clone());
            // Reading samples of a large file is work for a disk.
            let known = tokio::task::spawn_blocking(move || book.found(&path).is_some()).await;
            if matches!(known, Ok(false)) {
                return Some((supervisor, settings, untuned));
            }
        }
        None
    }

    async fn tune(&mut self, supervisor: &Supervisor, mut settings: Settings, untuned: &Untuned) {
        let model = settings.model.clone();
        *self.tries.entry(model.clone()).or_default() += 1;
        let measured = tokio::select! {
            measured = measure(&settings, untuned, supervisor.usual(), &self.tasks) => measured,
            () = self.until_asked() => {
                tracing::debug!(%model, "somebody asked; tuning is put off");
                return;
            }
        };
        match measured {
            Ok(tuned) => {
                tracing::info!(
                    %model, gains = tuned.gains, reads = tuned.reads, writes = tuned.writes,
                    threads = tuned.threads, repack = tuned.repack, flash = ?tuned.flash,
                    "tuned; holds from the next time it is loaded",
                );
                settings.load.tuning = untuned.applied(&tuned);
                supervisor.renew(settings);
            }
            Err(error) => tracing::debug!(%model, error, "not tuned"),
        }
    }

    async fn until_asked(&self) {
        while self.quiet_for(Duration::ZERO) {
            tokio::time::sleep(GLANCE).await;
        }
    }
}

/// Measures and writes down what was found. Takes its memory from the engine's.
async fn measure(
    settings: &Settings,
    untuned: &Untuned,
    usual: Use,
    tasks: &TaskTracker,
) -> Result<Tuned, String> {
    let path = &settings.load.path;
    let holds_for = tune::holds_for(path, &untuned.way).ok_or("its file cannot be read")?;
    // Both orders of the weights are held at once.
    let needs = settings.footprint.saturating_mul(2);
    let _place = Room::spare(&settings.room, needs).ok_or("there is not enough memory to spare")?;
    let Untuned { way, pinned, .. } = *untuned;
    let tuned = tune::measure(&settings.program, tasks, path, way, pinned, usual).await?;
    let noted = untuned.book.note(holds_for, tuned.clone());
    noted.map_err(|error| format!("what was found cannot be written down: {error}"))?;
    Ok(tuned)
}

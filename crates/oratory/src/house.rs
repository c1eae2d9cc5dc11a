//! Builds every room from the settings, and takes the house down again.
//!
//! Wiring only: nothing is decided about any request here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Context;
use oratory_brains::shipped::MINI;
use oratory_contract::{Failure, LocalPlace};
use oratory_local::{BuiltIn, Engine};
use oratory_pipeline::{Pipeline, Portfolio, Routing, Site};
use oratory_store::{KnownCallers, Spending, Store};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::WORKER;
use crate::clock::MachineClock;
use crate::foresight;
use crate::leaving::Leaving;
use crate::made::Made;
use crate::prices;
use crate::settings::{Config, PlaceConfig};

/// How long one command waits for places to list their models. The service does not wait.
const FIRST_LISTS: Duration = Duration::from_secs(3);

/// How long answers under way may take to end when the house closes.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// The chat models that come with the program, largest first.
pub(crate) static BUILT_IN: LazyLock<[BuiltIn; 3]> =
    LazyLock::new(|| MINI.map(|(name, bytes)| BuiltIn { name, bytes }));

/// The rooms, and what is needed to close them.
pub(crate) struct House {
    pub(crate) engine: Arc<Engine>,
    /// The models that were made here, as the engine answers for them.
    pub(crate) made: Arc<Made>,
    pub(crate) store: Arc<Store>,
    pub(crate) portfolio: Portfolio,
    /// Chooses among models, and learns to.
    pub(crate) routing: Arc<Routing>,
    /// Callers with keys of their own, and what they spend.
    pub(crate) callers: Arc<KnownCallers>,
    spending: Arc<Spending>,
    elsewhere: Vec<Arc<oratory_remote::Place>>,
    /// What must be so before anything leaves.
    pub(crate) leaving: Arc<Leaving>,
    /// Tasks of the rooms.
    pub(crate) tasks: TaskTracker,
    /// Clients being served, which are let finish first.
    pub(crate) serving: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Where the built-in model is kept when the data folder cannot be written.
    _spare: Option<tempfile::TempDir>,
}

impl House {
    /// Builds the rooms. `files` are models named on the command line.
    pub(crate) fn build(config: &Config, files: Vec<PathBuf>) -> anyhow::Result<(Self, Pipeline)> {
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let (built_in, spare) = built_in_folder(&config.data);
        let engine = Arc::new(engine(config, files, Some(built_in), &tasks)?);
        let home = engine.card().clone();
        let leaving = Arc::new(Leaving::new(config, home));
        let open = |place| open(place, config, &leaving, &tasks, &stop).map(Arc::new);
        let elsewhere: Vec<_> = config.places.iter().map(open).collect::<Result<_, _>>()?;
        let remote = elsewhere.iter().map(|place| Site::Remote(place.clone()));
        let made = Arc::new(Made::new(engine.clone(), &config.models));
        let home = Site::Local(made.clone());
        let portfolio = Portfolio::new(std::iter::once(home).chain(remote).collect());
        let store = Arc::new(store(config));
        let routing = Routing::new(config.taste, prices::list(config));
        let routing = Arc::new(routing.with_any(config.any.clone()));
        foresight::learn(&config.data, &routing);
        let spending = Arc::new(Spending::new(&config.callers));
        let house = Self {
            callers: Arc::new(KnownCallers::new(&config.callers)),
            spending: spending.clone(),
            engine,
            made,
            store: store.clone(),
            portfolio: portfolio.clone(),
            routing: routing.clone(),
            elsewhere,
            leaving: leaving.clone(),
            tasks,
            serving: TaskTracker::new(),
            stop,
            _spare: spare,
        };
        let pipeline = Pipeline::new(oratory_pipeline::Config {
            policy: leaving.policy.clone(),
            portfolio,
            records: store.clone(),
            cache: (config.cache > 0).then_some(store),
            budgets: Some(spending),
            clock: Arc::new(MachineClock),
            near: Some(Box::new(|asked, names| {
                oratory_models::installed(asked, names.iter().copied())
            })),
            unlabelled: config.unlabelled,
            custom: config.custom.clone(),
            vault: leaving.vault.clone(),
            routing,
            hedge: config.hedge,
        });
        Ok((house, pipeline))
    }

    /// Waits until every place has said which models it serves, or a moment has passed.
    pub(crate) async fn listed(&self) {
        let all = async {
            for place in &self.elsewhere {
                place.listed().await;
            }
        };
        let _ = tokio::time::timeout(FIRST_LISTS, all).await;
    }

    /// Closes every room: answers under way end, then engine processes, then the records.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.serving.close();
        tokio::select! {
            () = self.serving.wait() => {}
            () = tokio::time::sleep(LAST_ANSWERS) => tracing::warn!("some answers are cut off"),
            _ = tokio::signal::ctrl_c() => tracing::warn!("told twice; answers are cut off"),
        }
        self.engine.shutdown().await;
        self.tasks.close();
        self.tasks.wait().await;
        let (store, leaving, spending) = (self.store, self.leaving, self.spending);
        // The store waits for its disk, which must not hold up the other tasks.
        let _ = tokio::task::spawn_blocking(move || {
            leaving.flush();
            spending.shutdown();
            store.shutdown();
        })
        .await;
    }
}

fn engine(
    config: &Config,
    files: Vec<PathBuf>,
    built_in: Option<PathBuf>,
    tasks: &TaskTracker,
) -> anyhow::Result<Engine> {
    let program = std::env::current_exe().context("this program cannot find its own file")?;
    let worker = oratory_local::Program { path: program, args: vec![WORKER.into()] };
    Ok(Engine::new(
        oratory_local::Config {
            worker,
            models_dir: config.models.clone(),
            files,
            register: register(&config.models),
            built_in: built_in.map(|folder| (folder, BUILT_IN.to_vec())),
            context: config.context,
            threads: config.threads,
            lanes: config.lanes,
            memory: config.memory,
            stay: config.stay,
            tuned: Some(config.data.join("tuned.json")),
            repack: config.repack,
            flash: config.flash,
            small_cells: config.small_cells,
            lock: config.lock,
            guess: config.guess,
            draft: config.draft.clone(),
            kept: (config.kept > 0).then(|| (config.data.join("kept"), config.kept)),
            queue: config.queue,
            stall: config.stall,
            load: config.load,
        },
        tasks.clone(),
    ))
}

/// Returns how a model was found to run fastest on this machine, if that was measured.
pub(crate) fn tuned(config: &Config, model: &str) -> Option<oratory_local::Tuned> {
    let tasks = TaskTracker::new();
    let built_in = Some(config.data.join("built-in"));
    engine(config, Vec::new(), built_in, &tasks).ok()?.tuned(&model.into())
}

/// Returns the models that other programs keep and that were imported; asked at every look.
pub(crate) fn register(models: &Path) -> oratory_local::Register {
    let index = oratory_models::Index::new(models);
    oratory_local::Register::new(move || {
        let entries = index.read().unwrap_or_else(|error| {
            tracing::debug!(%error, "imported models are not listed");
            Vec::new()
        });
        let imported = entries.iter().filter(|entry| entry.is_imported());
        let registered = imported.map(|entry| oratory_local::Registered {
            name: entry.name.as_str().into(),
            parts: entry.files.iter().map(|file| index.path(file)).collect(),
            projector: entry.projector.as_ref().map(|file| index.path(file)),
        });
        registered.collect()
    })
}

fn open(
    place: &PlaceConfig,
    config: &Config,
    leaving: &Arc<Leaving>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<oratory_remote::Place> {
    let config = oratory_remote::Config {
        custom: config.custom.clone(),
        departures: leaving.clone(),
        terms: place.terms.clone(),
        name: place.name.as_str().into(),
        tier: place.tier,
        url: place.url.clone(),
        access: place.access.clone(),
        clearance: place.clearance,
        models: place.models.iter().map(|name| name.as_str().into()).collect(),
        concurrency: place.concurrency,
        connect: place.connect,
        first: place.first,
        silence: place.silence,
    };
    oratory_remote::Place::open(config, tasks, stop.clone())
        .with_context(|| format!("`places.{}.url` cannot be used", place.name))
}

fn store(config: &Config) -> Store {
    if let Some(folder) = config.store.parent() {
        // If this fails, opening fails too, and the store says what is wrong.
        let _ = std::fs::create_dir_all(folder);
    }
    Store::open(oratory_store::Config {
        path: Some(config.store.clone()),
        cache_bytes: config.cache,
        ..oratory_store::Config::default()
    })
}

/// Where the files of built-in models are kept: with the other data, or for this run in a folder of its
/// own where that cannot be written.
fn built_in_folder(data: &Path) -> (PathBuf, Option<tempfile::TempDir>) {
    let usual = data.join("built-in");
    let made = std::fs::create_dir_all(&usual).and_then(|()| tempfile::tempfile_in(&usual));
    if made.is_ok() {
        return (usual, None);
    }
    match tempfile::Builder::new().prefix("oratory-").tempdir() {
        Ok(folder) => {
            tracing::warn!(data = %data.display(), "the data folder cannot be written");
            (folder.path().to_owned(), Some(folder))
        }
        // Whoever asks for one of them is told the reason.
        Err(_) => (usual, None),
    }
}

/// Turns a failure into an error a command can return.
pub(crate) fn error(failure: Failure) -> anyhow::Error {
    anyhow::Error::new(failure)
}

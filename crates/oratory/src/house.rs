//! Builds every room from the settings, and takes the house down again.
//!
//! Wiring only: nothing is decided about any request here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Context;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use oratory_brains::shipped::MINI;
use oratory_contract::{Ability, Asked, Failure, LocalPlace, Meant, ModelCard, Readiness, Wanted};
use oratory_local::{BuiltIn, Engine};
use oratory_pipeline::{Pipeline, Portfolio, Routing, Site};
use oratory_privacy::RemotePlace;
use oratory_remote::{Access, Shut};
use oratory_store::{KnownCallers, Spending, Store};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::WORKER;
use crate::clock::MachineClock;
use crate::foresight;
use crate::leaving::Leaving;
use crate::licensed::licensed;
use crate::made::Made;
use crate::near::{Near, loopback_port};
use crate::prices::PriceList;
use crate::secrets;
use crate::settings::{Config, PlaceConfig};

/// How long one command waits for places to list their models. The service does not wait.
const FIRST_LISTS: Duration = Duration::from_secs(3);

/// The same where nobody in particular is asked, and home could do.
const ANY_LIST: Duration = Duration::from_secs(1);

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
    /// Servers of models on this machine.
    pub(crate) near: Arc<Near>,
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
        let sites = std::iter::once(home).chain(remote);
        let sites = sites.map(|site| licensed(site, &config.licences));
        let portfolio = Portfolio::new(sites.collect());
        let near = Arc::new(Near::new(config, &leaving, &portfolio, &tasks, &stop));
        let store = Arc::new(store(config));
        let prices = PriceList::new(config).seam();
        let routing = Routing::new(config.taste, prices.clone());
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
            near,
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
            prices,
            spent: Some(crate::spent::seam(&config.store)),
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
        let both = futures_util::future::join(all, self.near.look());
        let _ = tokio::time::timeout(FIRST_LISTS, both).await;
    }

    /// Waits no longer than it takes to know who could answer, and not at all where home does or
    /// nobody else may: a network that is not there holds up nobody who does not need it.
    pub(crate) async fn listed_for(&self, asked: &Asked, pipeline: &Pipeline) {
        let wanted = &asked.model;
        if self.is_known(wanted) {
            return;
        }
        let limit = if *wanted == Wanted::Any { ANY_LIST } else { FIRST_LISTS };
        let enough = async {
            self.near.look().await;
            // Which places may, nobody can say of a model that nobody has listed yet.
            let decided = pipeline.decide(asked.clone()).ok();
            let may = |place: &oratory_remote::Place| {
                decided.as_ref().is_none_or(|decision| decision.lets_in(&place.card().name))
            };
            let places = self.elsewhere.iter().filter(|place| may(place));
            let mut heard: FuturesUnordered<_> = places.map(|place| place.listed()).collect();
            while !self.is_known(wanted) && heard.next().await.is_some() {}
        };
        let _ = tokio::time::timeout(limit, enough).await;
    }

    /// Says whether it is known who could answer such a wish.
    fn is_known(&self, wanted: &Wanted) -> bool {
        let sites = self.portfolio.sites();
        let (home, away): (Vec<&Site>, Vec<&Site>) =
            sites.iter().partition(|site| matches!(site, Site::Local(_)));
        let models = |sites: &[&Site]| -> Vec<ModelCard> {
            sites.iter().flat_map(|site| site.models().to_vec()).collect()
        };
        let name = match wanted {
            Wanted::Any => return models(&home).iter().any(is_real),
            Wanted::Named(name) => name.as_str(),
        };
        // Written in full, a name is taken on trust.
        let place = name.split_once('/').map(|(place, _)| place);
        let is_of = |site: &&Site| place == Some(site.card().name.as_str());
        let here = models(&home);
        let own = here.iter().map(|model| model.name.as_str());
        sites.iter().any(|site| is_of(&site))
            || here.iter().any(|model| model.is_named(name))
            || oratory_models::installed(name, own) != Meant::None
            || models(&away).iter().any(|model| model.is_named(name))
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
            energy: oratory_local::energy::Energy::default(),
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
    let (access, shut) = match shut(place, config) {
        Some(shut) => (place.access.clone(), Some(shut)),
        None => match secrets::fetch(&place.name, &place.key) {
            Ok(None) => (place.access.clone(), None),
            Ok(key) => (Access { key, ..place.access.clone() }, None),
            Err(shut) => (place.access.clone(), Some(shut)),
        },
    };
    let config = oratory_remote::Config {
        custom: config.custom.clone(),
        departures: leaving.clone(),
        terms: place.terms.clone(),
        name: place.name.as_str().into(),
        tier: place.tier,
        url: place.url.clone(),
        access,
        shut,
        told: false,
        clearance: place.clearance,
        models: place.models.iter().map(|name| name.as_str().into()).collect(),
        concurrency: place.concurrency,
        connect: place.connect,
        first: place.first,
        silence: place.silence,
    };
    oratory_remote::Place::open(config, tasks, stop.clone())
        .with_context(|| format!("{}`places.{}.url` cannot be used", place.whence, place.name))
}

/// Returns why a place is not called before anything is known of it.
fn shut(place: &PlaceConfig, config: &Config) -> Option<Shut> {
    (config.offline && loopback_port(&place.url).is_none()).then_some(Shut::Offline)
}

/// Says whether a model may be chosen for any request before others are.
fn is_real(model: &ModelCard) -> bool {
    let answers = model.abilities.first() == Some(&Ability::Answer);
    let there = !matches!(model.readiness, Readiness::Unavailable(_));
    answers && there && !model.stand_in && model.adapts.is_none()
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

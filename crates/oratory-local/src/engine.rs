//! The embedded engine as a place that answers: finds the model, makes room for it in memory,
//! queues the request.
//!
//! Runs nothing in this process. Masking and policy happen before a request gets here.

mod drafts;
mod settings;
mod tuning;
mod variants;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use oratory_contract::{
    Answer, At, Clearance, Failure, FailureKind, Labels, LocalPlace, ModelCard, ModelName,
    ModelOrigin, Permit, PlaceCard, Prepared, Readiness, Retry, Sensitivity, Terms, Tier, scaled,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::built_in::BuiltIn;
use crate::catalog::{self, Catalog, Damaged, Entry, Register, Sources};
use crate::energy::Energy;
use crate::gguf::Facts;
use crate::supervisor::{Inlet, Program, Room, Supervisor, WorkerInfo, WorkerState};
pub use drafts::{Draft, Drafts};

/// The most letters of an unknown name that are looked at.
const LONGEST_NAME: usize = 80;

/// What the engine is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Starts a worker.
    pub worker: Program,
    /// The folder of model files.
    pub models_dir: PathBuf,
    /// Model files named one by one.
    pub files: Vec<PathBuf>,
    /// Models that lie elsewhere on this machine.
    pub register: Register,
    /// The models that come with the program, best first, and the folder for their files.
    pub built_in: Option<(PathBuf, Vec<BuiltIn>)>,
    /// The most tokens of one conversation, where the model can.
    pub context: u32,
    /// Conversations a model answers at once; `None` means as many as suit it and the memory.
    pub lanes: Option<u32>,
    /// Memory all loaded models may take together; `None` means most of what the machine has.
    pub memory: Option<u64>,
    /// How long a model stays loaded with nothing to do.
    pub stay: Duration,
    /// The folder where computed prompts outlive a restart, sealed, and how large it may grow.
    pub kept: Option<(PathBuf, u64)>,
    /// The file in which is written down how models run best here; `None` leaves them untuned.
    pub tuned: Option<PathBuf>,
    /// Whether weights are copied into an order that suits the processor; `None` chooses.
    pub repack: Option<bool>,
    /// Whether attention is computed in one fused step; `None` chooses.
    pub flash: Option<bool>,
    /// Whether keys and values take 8 bits instead of 16: half the memory, and answers that differ
    /// a little.
    pub small_cells: bool,
    /// Whether weights are kept from being paged out.
    pub lock: bool,
    /// Whether tokens are guessed ahead and checked together.
    pub guess: Guess,
    /// What guesses beside what was said before.
    pub draft: Draft,
    /// Threads per worker; `None` means one for each physical core, and one for a tiny model.
    pub threads: Option<usize>,
    /// Requests that may wait for one model.
    pub queue: usize,
    /// How long nothing may move before a worker counts as stuck.
    pub stall: Duration,
    /// How long loading a model may take.
    pub load: Duration,
    /// What measures the energy that answers take.
    pub energy: Energy,
}

/// Whether tokens are guessed ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Where it pays.
    WhereItPays,
    /// Wherever there is something to guess from; to measure what it costs.
    Always,
    /// Never.
    Never,
}

impl Config {
    /// Returns the usual settings for a worker program and a folder of models.
    pub fn new(worker: Program, models_dir: PathBuf) -> Self {
        Self {
            worker,
            models_dir,
            files: Vec::new(),
            register: Register::default(),
            built_in: None,
            context: 8192,
            lanes: None,
            memory: None,
            stay: Duration::from_secs(30 * 60),
            kept: None,
            tuned: None,
            repack: None,
            flash: None,
            small_cells: false,
            lock: false,
            guess: Guess::WhereItPays,
            draft: Draft::Auto,
            threads: None,
            queue: 32,
            stall: Duration::from_secs(60),
            load: Duration::from_secs(300),
            energy: Energy::default(),
        }
    }
}

/// What is known of a model before it is loaded.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub name: ModelName,
    /// Whether it comes with the program.
    pub stand_in: bool,
    /// What its file says, or why that cannot be used.
    pub facts: Result<Facts, String>,
    /// What guesses for it, besides what was said before.
    pub drafts: Option<Drafts>,
}

/// The models on this machine, and a worker process for each that is in use.
#[derive(Debug)]
pub struct Engine {
    card: PlaceCard,
    config: Config,
    catalog: Mutex<Catalog>,
    supervisors: Arc<Mutex<HashMap<ModelName, Arc<Supervisor>>>>,
    room: Arc<Room>,
    tasks: TaskTracker,
    /// Only our own tasks, so that `shutdown` waits for nobody else's.
    own: TaskTracker,
    stop: CancellationToken,
}

impl Engine {
    /// Finds the models here. Processes start with the first request for each. Call it from
    /// within a runtime.
    pub fn new(config: Config, tasks: TaskTracker) -> Self {
        let sources = Sources {
            dir: config.models_dir.clone(),
            files: config.files.clone(),
            register: config.register.clone(),
            context: config.context,
            built_in: config.built_in.clone(),
        };
        Self {
            card: card(&config),
            catalog: Mutex::new(Catalog::new(sources)),
            room: Arc::new(Room::new(config.memory)),
            config,
            supervisors: Arc::default(),
            tasks,
            own: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Looks for new and changed model files now.
    pub fn rescan(&self) {
        self.catalog().look();
    }

    /// Returns what is known of every model here, from its header alone.
    pub fn known(&self) -> Vec<Known> {
        let mut catalog = self.catalog();
        let entries = catalog.entries();
        // A variant fits where its model does.
        let models = entries.iter().filter(|entry| entry.variant.is_none());
        let known = models.map(|entry| Known {
            name: entry.name.clone(),
            stand_in: entry.built_in.is_some(),
            drafts: settings::drafts(&self.config, entry, entries),
            facts: entry.header.clone().ok_or_else(|| match &entry.facts {
                Err(damaged) => damaged.message.clone(),
                Ok(_) => "its header was not read".to_owned(),
            }),
        });
        known.collect()
    }

    /// Returns every worker there is or was.
    pub fn workers(&self) -> Vec<WorkerInfo> {
        let mut workers: Vec<_> =
            self.supervisors().values().map(|supervisor| supervisor.info()).collect();
        workers.sort_by(|a, b| a.model.cmp(&b.model));
        workers
    }

    /// Returns how much memory loaded models were planned to take, and how much they may.
    pub fn memory(&self) -> (u64, u64) {
        self.room.taken()
    }

    /// Ends all workers, and every answer under way, and waits until they are gone.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.own.close();
        self.own.wait().await;
    }

    fn catalog(&self) -> MutexGuard<'_, Catalog> {
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn supervisors(&self) -> MutexGuard<'_, HashMap<ModelName, Arc<Supervisor>>> {
        self.supervisors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, model: &ModelName) -> Result<Arc<Entry>, Failure> {
        let mut catalog = self.catalog();
        let bare = scaled(model.as_str()).map(|(bare, _)| bare);
        let known = |catalog: &mut Catalog| {
            let entries = catalog.entries();
            let exact = entries.iter().find(|entry| entry.name == *model);
            let scaled =
                |entry: &&Arc<Entry>| entry.variant.is_some() && Some(entry.name.as_str()) == bare;
            exact.or_else(|| entries.iter().find(scaled)).cloned()
        };
        if let Some(entry) = known(&mut catalog) {
            return Ok(entry);
        }
        // It may have been put there a moment ago.
        catalog.look();
        known(&mut catalog).ok_or_else(|| unknown(model, catalog.entries()))
    }

    /// Loads a model now, so that the first request need not wait for it.
    pub async fn preload(&self, model: &ModelName) -> Result<(), Failure> {
        let entry = self.find(model)?;
        let mut asked = variants::greeting(entry.abilities().first().copied());
        asked.limits.max_tokens = Some(1);
        asked.limits.time = self.config.load;
        let permit = Permit::new(Labels::default(), Vec::new(), Vec::new());
        let mut chunks = self.begin(model, Prepared::new(asked, &permit)).await?.open().await?;
        while let Some(chunk) = chunks.next().await {
            chunk?;
        }
        Ok(())
    }

    /// Takes a model out of memory as soon as nothing is being answered.
    pub async fn unload(&self, model: &ModelName) {
        let supervisor = self.supervisors().get(model).cloned();
        if let Some(supervisor) = supervisor {
            supervisor.rest().await;
        }
    }

    /// Hands a request to the worker of its model, which starts if there is none.
    async fn begin(&self, model: &ModelName, prepared: Prepared) -> Result<Inlet, Failure> {
        let found = self.find(model)?;
        let (entry, adapter) = match variants::worn(&found, model)? {
            Some((base, adapter)) => (self.find(&base)?, adapter),
            None => (found, None),
        };
        let running = self.supervisors().get(&entry.name).cloned();
        if let Some(supervisor) = running
            && supervisor.info().state.has_process()
            && supervisor.revision() == entry.revision
        {
            return supervisor.submit(prepared, adapter);
        }
        self.check(&entry).await?;
        self.supervisor(&entry).submit(prepared, adapter)
    }

    /// Checks the file again: it may have changed since the last process, or since it was listed.
    async fn check(&self, entry: &Entry) -> Result<(), Failure> {
        if let Err(damaged) = &entry.facts {
            return Err(unusable(&entry.name, damaged));
        }
        let (path, built_in) = (entry.path.clone(), entry.built_in);
        let check = move || match built_in {
            Some(model) => model.ensure(&path),
            None => catalog::check(&path).map(drop),
        };
        // Reading a header is quick, but it is disk work all the same.
        match tokio::task::spawn_blocking(check).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(damaged)) => Err(unusable(&entry.name, &damaged)),
            Err(error) => {
                let message = "checking the model file was interrupted";
                Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error))
            }
        }
    }

    /// Returns the supervisor of a model, told how its next worker is to be run.
    fn supervisor(&self, entry: &Entry) -> Arc<Supervisor> {
        let settings = {
            let mut catalog = self.catalog();
            let helper = settings::helper(&self.config, entry, catalog.entries());
            settings::settings(&self.config, entry, helper, &self.room)
        };
        let mut supervisors = self.supervisors();
        if let Some(supervisor) = supervisors.get(&entry.name) {
            supervisor.renew(settings);
            return Arc::clone(supervisor);
        }
        let supervisor = Supervisor::start(settings, &self.tasks, &self.own, self.stop.clone());
        let supervisor = Arc::new(supervisor);
        supervisors.insert(entry.name.clone(), Arc::clone(&supervisor));
        supervisor
    }

    fn model_card(&self, entry: &Entry) -> ModelCard {
        let worker = entry.variant.as_ref().map_or(&entry.name, |variant| &variant.base);
        let running = self.supervisors().get(worker).map(|found| found.info().state);
        let readiness = match (&entry.facts, running) {
            (Ok(_), Some(WorkerState::Ready { .. })) => Readiness::Ready,
            (Err(damaged), _) => Readiness::Unavailable(damaged.message.clone()),
            (Ok(_), _) => Readiness::Cold,
        };
        let facts = entry.facts.as_ref().ok();
        let context = facts.and_then(|facts| facts.context);
        ModelCard {
            name: entry.name.clone(),
            readiness,
            context: context.map(|context| context.min(entry.context)),
            parameters: facts.map(|facts| facts.parameters),
            bytes: Some(entry.bytes),
            revision: entry.revision,
            stand_in: entry.built_in.is_some(),
            abilities: entry.abilities(),
            adapts: entry.variant.as_ref().map(|variant| variant.base.clone()),
            origin: origin(entry),
        }
    }
}

impl Drop for Engine {
    /// Ends the workers; `shutdown` also waits for them.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[async_trait]
impl LocalPlace for Engine {
    fn card(&self) -> &PlaceCard {
        &self.card
    }

    fn models(&self) -> Arc<[ModelCard]> {
        let mut catalog = self.catalog();
        catalog.entries().iter().map(|entry| self.model_card(entry)).collect()
    }

    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure> {
        let counted = self.config.energy.begin();
        let chunks = self.begin(model, prepared).await?.open().await?;
        let chunks = match counted {
            Some(counted) => counted.over(chunks),
            None => chunks,
        };
        Ok(Answer { place: self.card.name.clone(), model: model.clone(), chunks })
    }
}

fn card(config: &Config) -> PlaceCard {
    PlaceCard {
        name: "home".into(),
        tier: Tier::Edge,
        address: format!("this machine, models in {}", config.models_dir.display()),
        clearance: Clearance { as_is: Sensitivity::Secret, masked: None },
        terms: Terms::default(),
    }
}

/// Returns what a model's own files say of where it comes from.
fn origin(entry: &Entry) -> ModelOrigin {
    let facts = entry.header.as_ref();
    ModelOrigin {
        family: facts.and_then(|facts| facts.architecture.clone()),
        quantisation: facts.and_then(|facts| facts.quantisation).map(str::to_owned),
        modified: entry.modified,
        ..ModelOrigin::default()
    }
}

fn unknown(model: &ModelName, entries: &[Arc<Entry>]) -> Failure {
    // A name can be as long as a request; comparing takes time with its square.
    let asked: String = model.as_str().chars().take(LONGEST_NAME).collect();
    let mut near: Vec<(usize, &str)> = entries
        .iter()
        .map(|entry| entry.name.as_str())
        .map(|name| (strsim::damerau_levenshtein(&asked, name), name))
        .collect();
    near.sort_unstable();
    let names: Vec<&str> = near.iter().take(3).map(|(_, name)| *name).collect();
    let hint = match &names[..] {
        [] => "get one with `oratory models pull`".to_owned(),
        names => {
            format!("the nearest names are {}; `oratory portfolio` lists all", names.join(", "))
        }
    };
    let message = format!("there is no model {asked:?} on this machine");
    Failure::new(FailureKind::UnknownModel, At::Caller, message).hint(hint)
}

fn unusable(model: &ModelName, damaged: &Damaged) -> Failure {
    let message = format!("{model} cannot be used: {}", damaged.message);
    Failure::new(FailureKind::Broken, At::Local, message)
        .retry(Retry::Never)
        .hint(damaged.hint.clone())
}

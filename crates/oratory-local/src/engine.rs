//! The embedded engine as a place that answers: finds the model, queues the request.
//!
//! Runs nothing in this process. Masking and policy happen before a request gets here.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{
    Answer, At, Clearance, Failure, FailureKind, LocalPlace, ModelCard, ModelName, PlaceCard,
    Prepared, Readiness, Retry, Sensitivity, Tier,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::catalog::{self, Catalog, Damaged, Entry, Sources};
use crate::protocol::Load;
use crate::supervisor::{Program, Settings, Supervisor, WorkerInfo, WorkerState, work};
use crate::{machine, mini};

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
    /// The folder to keep the built-in model in; `None` leaves it out.
    pub mini_dir: Option<PathBuf>,
    /// The most tokens a model holds at once, where it can.
    pub context: u32,
    /// Threads per worker; `None` means one for each physical core, and one for a tiny model.
    pub threads: Option<usize>,
    /// Requests that may wait for one model.
    pub queue: usize,
    /// How long nothing may move before a worker counts as stuck.
    pub stall: Duration,
    /// How long loading a model may take.
    pub load: Duration,
}

impl Config {
    /// Returns the usual settings for a worker program and a folder of models.
    pub fn new(worker: Program, models_dir: PathBuf) -> Self {
        Self {
            worker,
            models_dir,
            files: Vec::new(),
            mini_dir: None,
            context: 8192,
            threads: None,
            queue: 8,
            stall: Duration::from_secs(60),
            load: Duration::from_secs(300),
        }
    }
}

/// The models on this machine, and a worker process for each that is in use.
#[derive(Debug)]
pub struct Engine {
    card: PlaceCard,
    config: Config,
    catalog: Mutex<Catalog>,
    supervisors: Mutex<HashMap<ModelName, Arc<Supervisor>>>,
    tasks: TaskTracker,
    /// Only our own tasks, so that `shutdown` waits for nobody else's.
    own: TaskTracker,
    stop: CancellationToken,
}

impl Engine {
    /// Finds the models here. Processes start with the first request for each.
    ///
    /// Where the built-in model cannot be written, it is listed as unavailable, and why.
    pub fn new(config: Config, tasks: TaskTracker) -> Self {
        let mini = config.mini_dir.as_ref().map(|dir| {
            mini::ensure(dir).map_err(|error| Damaged {
                message: format!("it cannot be written to {}: {error}", dir.display()),
                hint: "make room there, allow writing, or choose another data folder".into(),
            })
        });
        let sources = Sources { dir: config.models_dir.clone(), files: config.files.clone(), mini };
        Self {
            card: card(&config),
            catalog: Mutex::new(Catalog::new(sources)),
            config,
            supervisors: Mutex::default(),
            tasks,
            own: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Looks for new and changed model files now.
    pub fn rescan(&self) {
        self.catalog().look();
    }

    /// Returns every worker there is or was.
    pub fn workers(&self) -> Vec<WorkerInfo> {
        let mut workers: Vec<_> =
            self.supervisors().values().map(|supervisor| supervisor.info()).collect();
        workers.sort_by(|a, b| a.model.cmp(&b.model));
        workers
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
        let known = |catalog: &mut Catalog| {
            catalog.entries().iter().find(|entry| entry.name == *model).cloned()
        };
        if let Some(entry) = known(&mut catalog) {
            return Ok(entry);
        }
        // It may have been put there a moment ago.
        catalog.look();
        known(&mut catalog).ok_or_else(|| unknown(model, catalog.entries()))
    }

    /// Returns the supervisor of a model, starting one if there is none.
    async fn supervisor(&self, entry: &Entry) -> Result<Arc<Supervisor>, Failure> {
        let running = self.supervisors().get(&entry.name).cloned();
        if let Some(supervisor) = running
            && has_process(&supervisor.info().state)
        {
            return Ok(supervisor);
        }
        // The file may have changed since the last process, or since it was listed.
        let path = entry.path.clone();
        let facts = match &entry.facts {
            // Reading a header is quick, but it is disk work all the same.
            Ok(_) => tokio::task::spawn_blocking(move || catalog::check(&path)).await,
            Err(damaged) => return Err(unusable(&entry.name, damaged)),
        };
        match facts {
            Ok(Ok(_)) => {}
            Ok(Err(damaged)) => return Err(unusable(&entry.name, &damaged)),
            Err(error) => {
                let message = "checking the model file was interrupted";
                return Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error));
            }
        }
        let mut supervisors = self.supervisors();
        let supervisor = supervisors.entry(entry.name.clone()).or_insert_with(|| {
            let settings = self.settings(entry);
            Arc::new(Supervisor::start(settings, &self.tasks, &self.own, self.stop.clone()))
        });
        Ok(Arc::clone(supervisor))
    }

    fn settings(&self, entry: &Entry) -> Settings {
        let config = &self.config;
        Settings {
            model: entry.name.clone(),
            program: config.worker.clone(),
            load: Load {
                path: entry.path.clone(),
                context: config.context,
                threads: config.threads.unwrap_or_else(|| threads(entry.bytes)),
            },
            queue: config.queue,
            stall: config.stall,
            load_limit: config.load,
        }
    }

    fn model_card(&self, entry: &Entry) -> ModelCard {
        let running = self.supervisors().get(&entry.name).map(|found| found.info().state);
        let readiness = match (&entry.facts, running) {
            (_, Some(WorkerState::Ready { .. } | WorkerState::Busy)) => Readiness::Ready,
            (Err(damaged), _) => Readiness::Unavailable(damaged.message.clone()),
            (Ok(_), _) => Readiness::Cold,
        };
        let facts = entry.facts.as_ref().ok();
        let context = facts.and_then(|facts| facts.context);
        ModelCard {
            name: entry.name.clone(),
            readiness,
            context: context.map(|context| context.min(self.config.context)),
            parameters: facts.map(|facts| facts.parameters),
            bytes: Some(entry.bytes),
            stand_in: entry.stand_in,
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
        let entry = self.find(model)?;
        let supervisor = self.supervisor(&entry).await?;
        let (work, inlet) = work(prepared);
        supervisor.submit(work)?;
        let chunks = inlet.open().await?;
        Ok(Answer { place: self.card.name.clone(), model: model.clone(), chunks })
    }
}

fn card(config: &Config) -> PlaceCard {
    PlaceCard {
        name: "home".into(),
        tier: Tier::Edge,
        address: format!("this machine, models in {}", config.models_dir.display()),
        clearance: Clearance { as_is: Sensitivity::Secret, masked: None },
    }
}

/// A model this small is done before a second thread has woken up, and threads that wait for
/// each other by spinning take the cores from everyone else.
fn threads(bytes: u64) -> usize {
    const SMALL: u64 = 32 << 20;
    if bytes < SMALL { 1 } else { machine::physical_cores() }
}

fn has_process(state: &WorkerState) -> bool {
    !matches!(state, WorkerState::Stopped | WorkerState::Failed(_))
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
        [] => "put a .gguf file into the models folder".to_owned(),
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

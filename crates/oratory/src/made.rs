//! Models that were made here: others by names of their own, and what each was given as its habits.
//!
//! The engine knows only files; this stands before it and knows what was made of them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use oratory_contract::{
    Answer, Failure, Habits, LocalPlace, ModelCard, ModelName, PlaceCard, Prepared, Readiness,
};
use oratory_local::Engine;
use oratory_models::{Entry, Index};
use serde_json::Value;

/// The longest row of models that are made of one another; longer ones are not made.
const LONGEST: usize = 8;

/// The engine, with the models that were made of its own.
pub(crate) struct Made {
    engine: Arc<Engine>,
    index: Index,
    file: PathBuf,
    known: Mutex<(Option<SystemTime>, Arc<[Known]>)>,
}

/// What is known of one model beside its file.
struct Known {
    name: ModelName,
    /// The model it is made of, if it has no file of its own.
    of: Option<ModelName>,
    habits: Option<Habits>,
    parameters: String,
    sha256: Option<String>,
    licence: Option<String>,
    since: u64,
}

impl Made {
    /// Returns the engine with the models that were made, as the index of `models` has them.
    pub(crate) fn new(engine: Arc<Engine>, models: &Path) -> Self {
        let (index, file) = (Index::new(models), models.join(".oratory").join("index.json"));
        Self { engine, index, file, known: Mutex::default() }
    }

    /// Returns the model whose file answers for this one.
    pub(crate) fn root(&self, model: &ModelName) -> ModelName {
        let known = self.known();
        row(&known, model).last().and_then(|last| last.of.clone()).unwrap_or_else(|| model.clone())
    }

    /// Reads the index again if it has changed.
    fn known(&self) -> Arc<[Known]> {
        let changed = std::fs::metadata(&self.file).and_then(|data| data.modified()).ok();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != changed {
            let entries = self.index.read().unwrap_or_else(|error| {
                tracing::debug!(%error, "models that were made are not listed");
                Vec::new()
            });
            *known = (changed, entries.iter().map(|entry| self.of(entry)).collect());
        }
        known.1.clone()
    }

    fn of(&self, entry: &Entry) -> Known {
        let beside = self.index.beside(entry).unwrap_or_default();
        let habits = beside.get("habits").cloned();
        let habits = habits.and_then(|habits| serde_json::from_value(habits).ok());
        let parameters = beside.get("params").filter(|_| habits.is_some()).map(lines);
        Known {
            name: entry.name.as_str().into(),
            of: entry.made_of().map(Into::into),
            habits,
            parameters: parameters.unwrap_or_default(),
            sha256: entry.sha256(),
            licence: entry.licence.clone(),
            since: entry.since,
        }
    }
}

/// Returns what is known of a model, of what it is made of, and so on.
fn row<'a>(known: &'a [Known], model: &ModelName) -> Vec<&'a Known> {
    let mut row: Vec<&Known> = Vec::new();
    let mut next = Some(model);
    while let Some(name) = next.filter(|_| row.len() < LONGEST) {
        let Some(found) = known.iter().find(|known| known.name == *name) else { break };
        row.push(found);
        next = found.of.as_ref();
    }
    row
}

/// Returns parameters as lines of name and value.
fn lines(parameters: &Value) -> String {
    let line = |name: &String, value: &Value| match value {
        Value::Array(all) => all.iter().map(|value| format!("{name} {value}\n")).collect(),
        value => format!("{name} {value}\n"),
    };
    let all = parameters.as_object().into_iter().flatten();
    all.map(|(name, value)| line(name, value)).collect::<String>().trim_end().to_owned()
}

impl Known {
    /// Says on a card what is known of its model.
    fn tell(&self, card: &mut ModelCard) {
        if let Some(habits) = &self.habits {
            // Other habits, other answers: none of the earlier ones is taken for one of these.
            let mut hasher = DefaultHasher::new();
            (card.revision, format!("{habits:?}")).hash(&mut hasher);
            card.revision = hasher.finish();
            card.origin.system = habits.system.clone().or(card.origin.system.take());
            card.origin.parameters.clone_from(&self.parameters);
        }
        if self.licence.is_some() {
            card.origin.licence.clone_from(&self.licence);
        }
        if self.of.is_none() {
            card.origin.sha256.clone_from(&self.sha256);
        }
    }
}

/// Returns the card of a model that is another by a name of its own.
fn card(known: &[Known], made: &Known, files: &[ModelCard]) -> ModelCard {
    let row = row(known, &made.name);
    let root = row.last().and_then(|last| last.of.clone()).unwrap_or_else(|| made.name.clone());
    let mut card = match files.iter().find(|card| card.name == root) {
        Some(file) => file.clone(),
        None => ModelCard {
            name: root.clone(),
            readiness: Readiness::Unavailable(format!("{root}, of which it is made, is not here")),
            context: None,
            parameters: None,
            bytes: None,
            revision: 0,
            stand_in: false,
            abilities: Vec::new(),
            adapts: None,
            origin: oratory_contract::ModelOrigin::default(),
        },
    };
    row.iter().rev().for_each(|known| known.tell(&mut card));
    card.name = made.name.clone();
    card.adapts = Some(root);
    card.stand_in = false;
    card.origin.modified = Some(made.since);
    card
}

#[async_trait]
impl LocalPlace for Made {
    fn card(&self) -> &PlaceCard {
        self.engine.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        let (files, known) = (self.engine.models(), self.known());
        if known.is_empty() {
            return files;
        }
        let mut all = files.to_vec();
        for card in &mut all {
            if let Some(known) = known.iter().find(|known| known.name == card.name) {
                known.tell(card);
            }
        }
        let made = known.iter().filter(|known| known.of.is_some());
        let made = made.filter(|made| files.iter().all(|card| card.name != made.name));
        let made: Vec<ModelCard> = made.map(|made| card(&known, made, &all)).collect();
        all.extend(made);
        all.into()
    }

    async fn run(&self, model: &ModelName, mut prepared: Prepared) -> Result<Answer, Failure> {
        let mut root = model.clone();
        for known in row(&self.known(), model) {
            if let Some(habits) = &known.habits {
                prepared = prepared.by_habit(habits);
            }
            root = known.of.clone().unwrap_or(root);
        }
        let answer = self.engine.run(&root, prepared).await?;
        Ok(Answer { model: model.clone(), ..answer })
    }
}

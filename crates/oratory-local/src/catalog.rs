//! The model files on this machine: found by name, checked, and put in order.
//!
//! Reads headers only, and each file's once unless it changes. It starts nothing.

mod adapters;
mod files;
mod projector;
mod register;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use oratory_contract::{Ability, ModelName};

use crate::built_in::BuiltIn;
use crate::fit::{self, Setup};
use crate::gguf::{self, Facts};
use crate::hardware;
use crate::purpose::Purpose;
pub(crate) use adapters::{AdapterBytes, Variant};
pub use files::{ModelFile, model_files, model_names};
pub(crate) use projector::Projector;
pub use register::{Register, Registered};
use scan::Found;
pub use scan::model_name;

/// How often a look at the folder is worth its system calls.
const FRESH: Duration = Duration::from_secs(1);

/// Where to look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) dir: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    /// Models that lie elsewhere.
    pub(crate) register: Register,
    /// The most tokens a model is to hold.
    pub(crate) context: u32,
    /// The models that come with the program, best first, and the folder their files lie in.
    pub(crate) built_in: Option<(PathBuf, Vec<BuiltIn>)>,
}

/// One model on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: ModelName,
    /// The file to load; of several parts the first.
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// What the file says, or why it cannot be used and what to do.
    pub(crate) facts: Result<Facts, Damaged>,
    /// What the file says even where the model is too large to be used.
    pub(crate) header: Option<Facts>,
    /// The most tokens it is to hold, so that it fits.
    pub(crate) context: u32,
    /// Changes whenever the files do.
    pub(crate) revision: u64,
    /// When its first file was last changed, in seconds since 1970.
    pub(crate) modified: Option<u64>,
    /// The program's own copy, where the model comes with it.
    pub(crate) built_in: Option<BuiltIn>,
    /// What makes it a variant of another, if anything does.
    pub(crate) variant: Option<Variant>,
    /// What the adapters that fit it take.
    pub(crate) adapters: AdapterBytes,
    /// What lets it see or hear.
    pub(crate) projector: Option<Projector>,
    /// Why what lies beside it for that is of no use.
    pub(crate) blind: Option<String>,
}

impl Entry {
    /// Returns what the model can do, and first what it is for.
    pub(crate) fn abilities(&self) -> Vec<Ability> {
        let facts = self.facts.as_ref().ok().or(self.header.as_ref());
        let mut abilities = facts.and_then(Purpose::of).map(Purpose::abilities).unwrap_or_default();
        if abilities.first() == Some(&Ability::Answer) {
            let senses = self.projector.iter().flat_map(|projector| &projector.senses.abilities);
            abilities.extend(senses);
        }
        abilities
    }
}

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damaged {
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// Identifies a file's content well enough to not read it again.
type Stamp = (u64, Option<SystemTime>);

/// The models found at the last look.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    sources: Sources,
    carried: Vec<Entry>,
    entries: Vec<Arc<Entry>>,
    known: HashMap<PathBuf, (Stamp, Result<Facts, Damaged>)>,
    looked: Option<Instant>,
}

impl Catalog {
    pub(crate) fn new(sources: Sources) -> Self {
        let mut catalog = Self { carried: carried(&sources), sources, ..Self::default() };
        catalog.look();
        catalog
    }

    /// Returns the models, best first, having looked again if the last look is old.
    pub(crate) fn entries(&mut self) -> &[Arc<Entry>] {
        if self.looked.is_none_or(|looked| looked.elapsed() > FRESH) {
            self.look();
        }
        &self.entries
    }

    /// Looks for files now. Only new and changed ones are read.
    pub(crate) fn look(&mut self) {
        let mut entries: Vec<Entry> = Vec::new();
        for found in self.found() {
            if entries.iter().all(|entry| entry.name != found.name) {
                entries.push(self.entry(found));
            }
        }
        let adapters = adapters::take(&mut entries);
        let memory = hardware::most();
        for entry in &mut entries {
            plan(entry, self.sources.context, memory);
        }
        adapters::add(&mut entries, adapters);
        entries.sort_by_key(rank);
        for own in &self.carried {
            if entries.iter().all(|entry| entry.name != own.name) {
                entries.push(own.clone());
            }
        }
        self.known.retain(|path, _| path.exists());
        self.entries = entries.into_iter().map(Arc::new).collect();
        self.looked = Some(Instant::now());
    }

    fn found(&self) -> Vec<Found> {
        scan::find(&self.sources.dir, &self.sources.files, &self.sources.register)
    }

    fn entry(&mut self, found: Found) -> Entry {
        let mut all = Facts::default();
        let mut damaged = found.missing.map(|what| Damaged {
            message: format!("{what} is missing"),
            hint: "download all parts of the model into one folder".into(),
        });
        for (number, part) in found.parts.iter().enumerate() {
            match self.check(part) {
                Ok(facts) if number == 0 => all = facts,
                Ok(facts) => {
                    damaged = damaged.or_else(|| again(&all, &facts, part));
                    all.parameters = all.parameters.saturating_add(facts.parameters);
                    all.bytes += facts.bytes;
                    all.weights = all.weights.iter().chain(&*facts.weights).cloned().collect();
                }
                Err(why) => damaged = damaged.or(Some(why)),
            }
        }
        let path = found.parts.first().cloned().unwrap_or_default();
        let bytes = found.parts.iter().map(|part| stamp(part).0).sum();
        let facts = damaged.map_or(Ok(all), Err);
        let (header, context) = (facts.clone().ok(), self.sources.context);
        let mut entry = Entry {
            revision: revision(&found.parts),
            modified: found.parts.first().and_then(|path| modified(path)),
            name: found.name,
            path,
            bytes,
            facts,
            header,
            context,
            built_in: None,
            variant: None,
            adapters: AdapterBytes::default(),
            projector: None,
            blind: None,
        };
        let likely = found.projectors.into_iter();
        let likely = likely.map(|likely| {
            let facts = self.check(&likely.path);
            (likely, facts)
        });
        projector::join(&mut entry, likely.collect());
        if let Some(projector) = &entry.projector {
            // Another projector makes another model of it.
            let mut hasher = DefaultHasher::new();
            (entry.revision, revision(std::slice::from_ref(&projector.path))).hash(&mut hasher);
            entry.revision = hasher.finish();
        }
        entry
    }

    fn check(&mut self, path: &PathBuf) -> Result<Facts, Damaged> {
        let now = stamp(path);
        if let Some((then, facts)) = self.known.get(path)
            && *then == now
        {
            return facts.clone();
        }
        let facts = check(path);
        self.known.insert(path.clone(), (now, facts.clone()));
        facts
    }
}

/// Returns the models that come with the program; their headers are read once.
fn carried(sources: &Sources) -> Vec<Entry> {
    let Some((folder, models)) = &sources.built_in else { return Vec::new() };
    let entry = |model: &BuiltIn| {
        let facts = model.facts();
        let mut hasher = DefaultHasher::new();
        (model.name, model.bytes.len()).hash(&mut hasher);
        Entry {
            name: model.name.into(),
            path: model.path(folder),
            bytes: model.bytes.len() as u64,
            header: facts.clone().ok(),
            facts,
            context: sources.context,
            revision: hasher.finish(),
            modified: modified(&model.path(folder)),
            built_in: Some(*model),
            variant: None,
            adapters: AdapterBytes::default(),
            projector: None,
            blind: None,
        }
    };
    models.iter().map(entry).collect()
}

/// Says that a part holds what another part held already, so that it is of another model.
fn again(all: &Facts, part: &Facts, path: &std::path::Path) -> Option<Damaged> {
    let twice = part.weights.iter().find(|weight| {
        all.weights.first().is_some_and(|first| first.name == weight.name)
            || all.weights.last().is_some_and(|last| last.name == weight.name)
    })?;
    Some(Damaged {
        message: format!("{}: the tensor `{}` was in an earlier part", path.display(), twice.name),
        hint: "these parts are not of one model; download all of them again".into(),
    })
}

/// Checks one file now.
pub(crate) fn check(path: &std::path::Path) -> Result<Facts, Damaged> {
    gguf::check(path)
        .map_err(|error| Damaged { message: error.to_string(), hint: error.hint().to_owned() })
}

/// Returns a number that changes whenever one of the files does.
fn revision(parts: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.iter().map(|part| (part, stamp(part))).for_each(|part| part.hash(&mut hasher));
    hasher.finish()
}

fn stamp(path: &std::path::Path) -> Stamp {
    std::fs::metadata(path).map_or((0, None), |data| (data.len(), data.modified().ok()))
}

/// Returns when a file was last changed, in seconds since 1970.
fn modified(path: &std::path::Path) -> Option<u64> {
    let since = stamp(path).1?.duration_since(SystemTime::UNIX_EPOCH);
    since.ok().map(|since| since.as_secs())
}

/// Sorts usable models before the others, and larger ones before smaller.
fn rank(entry: &Entry) -> (bool, std::cmp::Reverse<u64>, ModelName) {
    let parameters = entry.facts.as_ref().map_or(0, |facts| facts.parameters);
    (entry.facts.is_err(), std::cmp::Reverse(parameters), entry.name.clone())
}

/// The shortest context with which a model is worth the memory for its eyes.
const SEEING: u32 = 2048;

/// Plans a model, and refuses by name one that no context is short enough for: a model that
/// fills memory makes the whole machine crawl.
fn plan(entry: &mut Entry, context: u32, memory: Option<u64>) {
    if entry.facts.as_ref().is_ok_and(|facts| Purpose::of(facts).is_none()) {
        entry.facts = Err(Damaged {
            message: format!("{} writes in a way that is not carried out here", entry.name),
            hint: "choose another model".into(),
        });
    }
    if entry.facts.as_ref().is_ok_and(|facts| facts.projector.is_some()) {
        entry.facts = Err(Damaged {
            message: format!("{} is no model: it lets one see or hear", entry.name),
            hint: format!("call it mmproj-{}.gguf, and put it beside its model", entry.name),
        });
    }
    let (Ok(facts), Some(memory)) = (&entry.facts, memory) else { return };
    // Rather a blind model than none.
    let beside = entry.projector.as_ref().map_or(0, |projector| projector.senses.memory);
    let short = Setup::of_model(facts, context.min(SEEING), 1);
    let sees = fit::plan(facts, &short).total().saturating_add(beside) <= memory;
    if beside > 0 && !sees {
        entry.projector = None;
        entry.blind = Some("there is not enough memory for its projector beside it".to_owned());
    }
    let memory = if sees { memory.saturating_sub(beside) } else { memory };
    let context = longest(facts, context, memory);
    entry.context = context;
    let setup = Setup::of_model(facts, context, 1);
    let needs = fit::plan(facts, &setup).total();
    if needs <= memory {
        return;
    }
    if let Some(fitting) = fit::largest_context(facts, &setup, memory) {
        entry.context = fitting.min(context);
        return;
    }
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let least = fit::plan(facts, &Setup::of_model(facts, 1, 1)).total();
    entry.facts = Err(Damaged {
        message: format!(
            "{} takes {:.1} GiB at the least; models on this machine may take {:.1} GiB",
            entry.name,
            gib(least),
            gib(memory)
        ),
        hint: "choose a smaller quantisation or a smaller model; `oratory fit` says what fits"
            .into(),
    });
}

/// Returns the most tokens worth holding. llama.cpp keeps as much for each token of a text read in
/// one go as a writing model has for the next one: a number for each word it knows.
fn longest(facts: &Facts, context: u32, memory: u64) -> u32 {
    /// The part of the memory that this may take.
    const PART: u64 = 8;
    let context = facts
        .context
        .filter(|trained| *trained > 0)
        .map_or(context, |trained| trained.min(context));
    let at_once = matches!(Purpose::of(facts), Some(Purpose::Read(reading)) if reading.at_once);
    if !at_once {
        return context;
    }
    let each = (u64::from(facts.network.vocabulary) * size_of::<f32>() as u64).max(1);
    context.min(u32::try_from(memory / PART / each).unwrap_or(u32::MAX).max(1))
}

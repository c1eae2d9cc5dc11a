//! What is known of one model, for people and for scripts.
//!
//! Sizes are told as the disk counts them: powers of ten.

use std::path::PathBuf;

use oratory_brains::artefact::ArtefactError;
use oratory_brains::embed::Embed;
use oratory_brains::shipped::{EMBED, TAGGER};
use oratory_brains::tagger::Tagger;
use oratory_contract::Ability;
use oratory_local::{Draft, Guess, ModelFile, Tuned};
use oratory_models::Entry;
use serde::Serialize;

use super::index;
use crate::house;
use crate::settings::Config;

/// What is known of one model.
#[derive(Default, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    /// Its file; what comes with the program needs none.
    pub(super) path: Option<PathBuf>,
    pub(super) bytes: u64,
    pub(super) architecture: Option<String>,
    pub(super) quantisation: Option<&'static str>,
    pub(super) parameters: Option<u64>,
    pub(super) context: Option<u32>,
    /// What it can do, and first what it is for.
    pub(super) abilities: Vec<Ability>,
    /// The model it makes a variant of, if it is an adapter.
    pub(super) adapts: Option<String>,
    /// Whether it brings a chat template.
    pub(super) chat: bool,
    /// What guesses its next tokens, besides what was said before.
    pub(super) drafts_by: Option<String>,
    /// Whether it comes with the program.
    pub(super) built_in: bool,
    /// What it is for, if it is no model that can be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serves: Option<&'static str>,
    /// Why it cannot be used, if it cannot.
    pub(super) problem: Option<String>,
    /// What lets it see or hear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) projector: Option<PathBuf>,
    /// Why what lies beside it for that is of no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) blind: Option<String>,
    /// How it was found to run fastest here; only where one model is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tuned: Option<Tuned>,
    /// What is remembered of where it came from.
    pub(super) origin: Option<Entry>,
}

/// Returns the models here, best first, and those that come with the program.
pub(super) fn all(config: &Config) -> anyhow::Result<Vec<Row>> {
    let mut entries = index(config).read().map_err(super::error)?;
    let register = house::register(&config.models);
    let built_in = Some((PathBuf::new(), house::BUILT_IN.to_vec()));
    let files = oratory_local::model_files(&config.models, register, built_in);
    let drafters: Vec<_> = files.iter().map(|file| drafter(file, &files, config)).collect();
    let rows = files.into_iter().zip(drafters).map(|(file, drafter)| {
        let known = entries.iter().position(|entry| entry.name == file.name.as_str());
        row(file, drafter, known.map(|at| entries.swap_remove(at)))
    });
    let rows: Vec<Row> = rows.collect();
    let made = entries.into_iter().filter_map(|entry| {
        let adapts = entry.made_of()?.to_owned();
        Some(Row {
            name: entry.name.clone(),
            adapts: Some(adapts),
            origin: Some(entry),
            ..Row::default()
        })
    });
    Ok(rows.into_iter().chain(made.collect::<Vec<_>>()).chain(brains()).collect())
}

/// Returns the small models that serve the program itself, checked as they are before they are used.
fn brains() -> [Row; 2] {
    let brain = |name: &str, bytes: &'static [u8], serves, problem: Option<ArtefactError>| Row {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        built_in: true,
        serves: Some(serves),
        problem: problem.map(|problem| problem.to_string()),
        ..Row::default()
    };
    let tagger = Tagger::open(TAGGER).err();
    let embed = Embed::open(EMBED).err();
    [
        brain("tagger", TAGGER, "notices names, addresses and other private things", tagger),
        brain("embed", EMBED, "finds texts that are about the same thing", embed),
    ]
}

/// Returns what guesses for a model, in words.
fn drafter(file: &ModelFile, files: &[ModelFile], config: &Config) -> Option<String> {
    let facts = file.facts.as_ref().ok().filter(|_| config.guess != Guess::Never)?;
    let own = facts.looks_ahead() && config.draft != Draft::Never;
    // As the engine does it: what comes with the program guesses for nobody.
    let others = files.iter().filter(|other| !other.built_in);
    let others = others.filter_map(|other| Some((&other.name, other.facts.as_ref().ok()?)));
    let other = match config.draft {
        Draft::Auto if own => None,
        _ => config.draft.choose(&file.name, facts, others).map(ToString::to_string),
    };
    other.or_else(|| own.then(|| "layers of its own".to_owned()))
}

fn row(file: ModelFile, drafts_by: Option<String>, origin: Option<Entry>) -> Row {
    let problem = file.facts.as_ref().err().cloned();
    let facts = file.facts.ok();
    let of = facts.as_ref();
    Row {
        name: file.name.to_string(),
        path: (!file.built_in).then_some(file.path),
        built_in: file.built_in,
        serves: None,
        bytes: file.bytes,
        quantisation: of.and_then(|facts| facts.quantisation),
        parameters: of.map(|facts| facts.parameters),
        context: of.and_then(|facts| facts.context),
        abilities: file.abilities,
        adapts: file.adapts.map(|base| base.to_string()),
        chat: of.is_some_and(|facts| facts.chat_template.is_some()),
        architecture: facts.and_then(|facts| facts.architecture),
        drafts_by,
        problem,
        projector: file.projector,
        blind: file.blind,
        tuned: None,
        origin,
    }
}

impl Row {
    /// Returns where it came from, in words.
    pub(super) fn source(&self) -> String {
        match &self.origin {
            Some(entry) => entry.from.to_string(),
            None if self.built_in => "comes with Oratory".to_owned(),
            None => "put there by hand".to_owned(),
        }
    }
}

/// Returns a size in words.
pub(super) fn size(bytes: u64) -> String {
    match bytes as f64 {
        n if n >= 1e9 => format!("{:.1} GB", n / 1e9),
        n if n >= 1e6 => format!("{:.1} MB", n / 1e6),
        n if n >= 1e3 => format!("{:.0} kB", n / 1e3),
        n => format!("{n} B"),
    }
}

/// Returns a number of weights in words.
pub(super) fn count(parameters: u64) -> String {
    match parameters as f64 {
        n if n >= 1e9 => format!("{:.1} G", n / 1e9),
        n if n >= 1e6 => format!("{:.0} M", n / 1e6),
        n => format!("{:.0} k", n / 1e3),
    }
}

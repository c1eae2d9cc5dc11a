//! The model files here, for whoever wants to list them without an engine.
//!
//! What the engine would say of them, and in the same order.

use std::path::{Path, PathBuf};

use oratory_contract::{Ability, ModelName};

use super::{Catalog, Entry, Register, Sources, scan};
use crate::gguf::Facts;

/// A model file, or the first of several.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The model's name.
    pub name: ModelName,
    /// Where it is.
    pub path: PathBuf,
    /// Its size, of all parts together.
    pub bytes: u64,
    /// What it says about itself, or why it cannot be used.
    pub facts: Result<Facts, String>,
    /// What it can do, and first what it is for.
    pub abilities: Vec<Ability>,
    /// The model that an adapter makes it a variant of; the file is the adapter's then.
    pub adapts: Option<ModelName>,
}

/// Returns the models in a folder and a register, best first, without the built-in one.
pub fn model_files(dir: &Path, register: Register) -> Vec<ModelFile> {
    let sources = Sources { dir: dir.to_owned(), register, ..Sources::default() };
    Catalog::new(sources).entries().iter().map(|entry| file(entry)).collect()
}

/// Returns the names of the models in a folder and a register. No file is opened.
pub fn model_names(dir: &Path, register: &Register) -> Vec<ModelName> {
    scan::find(dir, &[], register).into_iter().map(|found| found.name).collect()
}

fn file(entry: &Entry) -> ModelFile {
    let variant = entry.variant.as_ref();
    ModelFile {
        name: entry.name.clone(),
        path: variant.map_or(&entry.path, |variant| &variant.path).clone(),
        bytes: variant.map_or(entry.bytes, |variant| variant.bytes),
        abilities: entry.abilities(),
        adapts: variant.map(|variant| variant.base.clone()),
        facts: entry.facts.clone().map_err(|damaged| damaged.message),
    }
}

//! The model files here, for whoever wants to list them without an engine.
//!
//! What the engine would say of them, and in the same order.

use std::path::{Path, PathBuf};

use oratory_contract::{Ability, ModelName};

use super::{Catalog, Entry, Register, Sources, scan};
use crate::built_in::BuiltIn;
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
    /// Whether it comes with the program; its file is written when it is first asked for.
    pub built_in: bool,
    /// The model that an adapter makes it a variant of; the file is the adapter's then.
    pub adapts: Option<ModelName>,
    /// What lets it see or hear.
    pub projector: Option<PathBuf>,
    /// Why what lies beside it for that is of no use.
    pub blind: Option<String>,
}

/// Returns the models in a folder and a register, best first, and those that come with the program.
pub fn model_files(
    dir: &Path,
    register: Register,
    built_in: Option<(PathBuf, Vec<BuiltIn>)>,
) -> Vec<ModelFile> {
    let sources = Sources { dir: dir.to_owned(), register, built_in, ..Sources::default() };
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
        built_in: entry.built_in.is_some(),
        adapts: variant.map(|variant| variant.base.clone()),
        projector: entry.projector.as_ref().map(|projector| projector.path.clone()),
        blind: entry.blind.clone(),
        facts: entry.facts.clone().map_err(|damaged| damaged.message),
    }
}

//! Which projector belongs to which model, by their names, and whether it can be used with it.
//!
//! Publishers call projectors after their models, or nothing but `mmproj`.

use std::path::PathBuf;

use oratory_contract::ModelName;

use super::{Damaged, Entry};
use crate::fit::BATCH;
use crate::gguf::Facts;
use crate::sight::{self, Senses};

/// What is in the name of every projector.
pub(super) const MARK: &str = "mmproj";
/// Words in names of projectors that say nothing of the model.
const EMPTY: [&str; 10] =
    ["mmproj", "model", "ggml", "gguf", "f16", "f32", "bf16", "fp16", "q8", "0"];

/// What lets a model see or hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Projector {
    pub(crate) path: PathBuf,
    pub(crate) senses: Senses,
}

/// A projector that may be a model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Likely {
    pub(super) path: PathBuf,
    /// Whether the names of both files say so; else those within must.
    pub(super) named: bool,
}

/// Returns the projectors that may be a model's, the likeliest first; `alone` says that there is no
/// other model beside them.
pub(super) fn of(model: &ModelName, all: &[PathBuf], alone: bool) -> Vec<Likely> {
    let own = words(model.as_str());
    let mut likely: Vec<(usize, Likely)> = Vec::new();
    for path in all {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut said = words(stem);
        said.retain(|word| !EMPTY.contains(&&**word));
        // What the model's name holds besides says how it is stored.
        if said.iter().all(|word| own.contains(word)) {
            let named = alone || !said.is_empty();
            likely.push((said.len(), Likely { path: path.clone(), named }));
        }
    }
    likely.sort_by_key(|(words, _)| std::cmp::Reverse(*words));
    likely.into_iter().map(|(_, likely)| likely).collect()
}

fn words(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Gives a model the first of its projectors that fits it, or the reason why none does.
pub(super) fn join(entry: &mut Entry, likely: Vec<(Likely, Result<Facts, Damaged>)>) {
    let Ok(model) = &entry.facts else { return };
    let same = |facts: &Facts| facts.name.is_some() && facts.name == model.name;
    for (Likely { path, named }, facts) in likely {
        if !named && !facts.as_ref().is_ok_and(same) {
            continue;
        }
        let facts = facts.map_err(|damaged| damaged.message);
        match facts.and_then(|facts| sight::fits(&facts, model, BATCH)) {
            Ok(senses) => {
                entry.projector = Some(Projector { path, senses });
                entry.blind = None;
                return;
            }
            Err(why) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                entry.blind.get_or_insert(format!("{name} is not used: {why}"));
            }
        }
    }
}

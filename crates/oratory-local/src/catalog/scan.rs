//! Finds model files by name, and puts the parts of a split one together.
//!
//! Looks at names only; `gguf` looks inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use oratory_contract::ModelName;

use super::projector::{self, Likely};
use super::{Register, Registered};

/// Returns the name under which the model in this file is listed.
pub fn model_name(path: &Path) -> Option<ModelName> {
    let stem = path.file_stem()?.to_str()?;
    Some(split(stem).map_or(stem, |(name, _)| name).into())
}

/// A model by its files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: ModelName,
    /// The files that are there, in order.
    pub(super) parts: Vec<PathBuf>,
    /// The first part that should be there and is not.
    pub(super) missing: Option<String>,
    /// What may let it see or hear, the likeliest first.
    pub(super) projectors: Vec<Likely>,
}

/// Returns the models in `files`, `dir` and `register`, the named files first.
pub(super) fn find(dir: &Path, files: &[PathBuf], register: &Register) -> Vec<Found> {
    let mut found: Vec<Found> = files.iter().filter_map(|file| named(file)).collect();
    // A folder that is not there yet holds no models, and that is no error.
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut here: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    here.retain(|path| path.extension().is_some_and(|ending| ending == "gguf"));
    here.sort();
    let (projectors, here): (Vec<PathBuf>, Vec<PathBuf>) =
        here.into_iter().partition(|path| is_projector(path));
    let mut folder = BTreeMap::new();
    for path in here {
        if let Some(model) = one(&path) {
            folder.entry(model.name.clone()).or_insert(model);
        }
    }
    let alone = folder.len() == 1;
    for model in folder.values_mut() {
        model.projectors = projector::of(&model.name, &projectors, alone);
    }
    found.extend(folder.into_values());
    found.extend(register.list().into_iter().map(registered));
    found
}

/// Returns the model in a file that was named, and what lies beside it.
fn named(file: &Path) -> Option<Found> {
    let mut found = one(file)?;
    let beside = std::fs::read_dir(file.parent()?).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = beside.map(|entry| entry.path()).collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "gguf"));
    all.sort();
    let (projectors, models): (Vec<PathBuf>, Vec<PathBuf>) =
        all.into_iter().partition(|path| is_projector(path));
    found.projectors = projector::of(&found.name, &projectors, models.len() <= 1);
    Some(found)
}

/// What lets a model see pictures lies beside it and answers nothing by itself.
fn is_projector(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.to_ascii_lowercase().contains(projector::MARK)
}

fn registered(model: Registered) -> Found {
    let gone = model.parts.iter().find(|part| !part.exists());
    let missing = gone.map(|part| part.display().to_string());
    let projectors = model.projector.into_iter().map(|path| Likely { path, named: true });
    let projectors = projectors.collect();
    Found { name: model.name, parts: model.parts, missing, projectors }
}

/// Returns the model that `path` is, or is a part of.
fn one(path: &Path) -> Option<Found> {
    let stem = path.file_stem()?.to_str()?;
    let Some((name, total)) = split(stem) else {
        let parts = vec![path.to_owned()];
        return Some(Found { name: stem.into(), parts, missing: None, projectors: Vec::new() });
    };
    let mut parts = Vec::new();
    let mut missing = None;
    for number in 1..=total {
        let file = format!("{name}-{number:05}-of-{total:05}.gguf");
        let part = path.with_file_name(&file);
        if part.exists() {
            parts.push(part);
        } else {
            missing = missing.or(Some(file));
        }
    }
    Some(Found { name: name.into(), parts, missing, projectors: Vec::new() })
}

/// Splits `model-00002-of-00003` into the model and how many parts it has.
fn split(stem: &str) -> Option<(&str, u32)> {
    let (head, total) = stem.rsplit_once("-of-")?;
    let (name, number) = head.rsplit_once('-')?;
    let five = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !five(total) || !five(number) || name.is_empty() {
        return None;
    }
    // A name can claim any number of parts; nobody has cut a model into more than hundreds.
    total.parse().ok().filter(|total| (1..=999).contains(total)).map(|total| (name, total))
}

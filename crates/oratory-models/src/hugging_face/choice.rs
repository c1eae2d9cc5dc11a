//! Which of a repository's files to fetch: one model, all of its parts, and what lets it see.
//!
//! Names and sizes in, a choice out; nothing is asked of anybody.

use std::collections::BTreeMap;

use super::listing::Listed;
use crate::plan::split;
use crate::reference::Pick;
use crate::{ModelsError, quantisation};

/// One model in a repository: a file, or the parts of one that was cut up.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The file's name without number and ending.
    pub(super) stem: String,
    pub(super) quantisation: Option<String>,
    pub(super) parts: Vec<Listed>,
    pub(super) bytes: u64,
}

/// Chooses one model.
pub(super) fn choose(
    repo: &str,
    files: &[Listed],
    pick: &Pick,
    memory: Option<u64>,
) -> Result<Candidate, ModelsError> {
    let mut all = candidates(files);
    all.sort_by_key(|found| (quantisation::rank(found.quantisation.as_deref()), found.bytes));
    if all.is_empty() {
        return Err(ModelsError::Unknown {
            what: format!("{repo} holds no .gguf file"),
            hint: format!("look for a repository that does; its name often is {repo}-GGUF"),
        });
    }
    match pick {
        Pick::Best => best(repo, all, memory),
        Pick::Called(name) => named(repo, all, name, |found| {
            found.quantisation.as_deref().is_some_and(|found| quantisation::is(found, name))
        }),
        Pick::File(file) => named(repo, all, file, |found| {
            found.parts.iter().any(|part| part.path == *file || last(&part.path) == file)
        }),
    }
}

fn best(repo: &str, all: Vec<Candidate>, memory: Option<u64>) -> Result<Candidate, ModelsError> {
    // The catalogue refuses what fills 85 % of memory; the answer's own memory needs room too.
    let limit = memory.map_or(u64::MAX, |memory| memory / 100 * 80);
    let smallest = all.iter().min_by_key(|found| found.bytes).cloned();
    all.into_iter().find(|found| found.bytes <= limit).ok_or_else(|| {
        let smallest = smallest.expect("there is a candidate");
        ModelsError::TooLarge {
            repo: repo.to_owned(),
            bytes: smallest.bytes,
            smallest: smallest.quantisation.unwrap_or(smallest.stem),
        }
    })
}

fn named(
    repo: &str,
    all: Vec<Candidate>,
    asked: &str,
    fits: impl Fn(&Candidate) -> bool,
) -> Result<Candidate, ModelsError> {
    let mut there: Vec<String> =
        all.iter().filter_map(|found| found.quantisation.clone()).collect();
    there.dedup();
    all.into_iter().find(fits).ok_or_else(|| ModelsError::Unknown {
        what: format!("{repo} has no {asked}"),
        hint: format!("it has {}", there.join(", ")),
    })
}

/// Puts parts together. What is incomplete, or no model of its own, is left out.
fn candidates(files: &[Listed]) -> Vec<Candidate> {
    let mut groups: BTreeMap<(String, usize), BTreeMap<usize, Listed>> = BTreeMap::new();
    for file in files.iter().filter(|file| is_model(&file.path)) {
        let stem = &file.path[..file.path.len() - ".gguf".len()];
        let (base, number, total) = split(stem).unwrap_or((stem, 1, 1));
        groups.entry((base.to_owned(), total)).or_default().insert(number, file.clone());
    }
    let whole = groups.into_iter().filter(|((_, total), parts)| parts.len() == *total);
    whole.map(|((base, _), parts)| candidate(&base, parts.into_values().collect())).collect()
}

fn candidate(base: &str, parts: Vec<Listed>) -> Candidate {
    let bytes = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.size));
    let stem = last(base).to_owned();
    // Some publishers name the quantisation in the folder alone.
    let quantisation = quantisation::named_in(&stem).or_else(|| quantisation::named_in(base));
    Candidate { stem, quantisation, parts, bytes }
}

fn is_model(path: &str) -> bool {
    let name = last(path).to_ascii_lowercase();
    !is_projector(&name) && !name.contains("imatrix")
}

fn is_projector(name: &str) -> bool {
    name.to_ascii_lowercase().contains("mmproj")
}

/// Returns the file that lets the repository's models see; half precision is exact enough.
pub(super) fn projector(files: &[Listed]) -> Option<&Listed> {
    let order = ["F16", "BF16", "F32", "Q8_0"];
    let all = files.iter().filter(|file| is_projector(last(&file.path)));
    all.min_by_key(|file| {
        let stem = last(&file.path).rsplit_once('.').map_or("", |(stem, _)| stem);
        let kind = quantisation::named_in(stem);
        let place = order.iter().position(|known| Some(*known) == kind.as_deref());
        (place.unwrap_or(order.len()), file.path.clone())
    })
}

/// Returns the name a projector has here: publishers call it the same in every repository.
pub(super) fn projector_name(file: &Listed, base: &str) -> String {
    let stem = last(&file.path).rsplit_once('.').map_or("", |(stem, _)| stem);
    match quantisation::named_in(stem) {
        Some(kind) => format!("mmproj-{base}-{kind}.gguf"),
        None => format!("mmproj-{base}.gguf"),
    }
}

/// Returns the name a model has here; some files are called after nothing but their format.
pub(super) fn name(chosen: &Candidate, base: &str) -> String {
    let rest = quantisation::without(&chosen.stem).to_ascii_lowercase();
    let says_nothing = matches!(rest.as_str(), "" | "model" | "ggml-model" | "ggml" | "gguf");
    match (&chosen.quantisation, says_nothing) {
        (Some(kind), true) => format!("{base}-{kind}"),
        (None, true) => base.to_owned(),
        (Some(kind), false) if quantisation::named_in(&chosen.stem).is_none() => {
            format!("{}-{kind}", chosen.stem)
        }
        (_, false) => chosen.stem.clone(),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests;

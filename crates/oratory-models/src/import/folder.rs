//! Folders of `.gguf` files, however deep: LM Studio's, llama.cpp's, anybody's.
//!
//! Links to files are followed, links to folders are not: they could lead in circles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Imported;
use crate::plan::{file_of, split};

/// How deep models lie at most; LM Studio needs three.
const DEPTH: usize = 6;
/// The most files that are looked at.
const MOST: usize = 100_000;

/// Makes a name from a file's name without its ending and its number.
type Naming = fn(&str) -> String;

pub(super) fn plain_name(stem: &str) -> String {
    stem.to_owned()
}

/// llama.cpp puts owner and repository before the file's own name.
pub(super) fn llama_cpp_name(stem: &str) -> String {
    let lower = stem.to_ascii_lowercase();
    match lower.rfind("gguf_") {
        Some(at) if at + 5 < stem.len() => stem[at + 5..].to_owned(),
        _ => stem.to_owned(),
    }
}

/// Returns the models in a folder.
pub(super) fn find(dir: &Path, holder: &str, naming: Naming) -> Vec<Imported> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let mut left = MOST;
    walk(dir, DEPTH, &mut left, &mut |path| {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        folders.entry(folder).or_default().push(path);
    });
    folders.into_values().flat_map(|files| models(files, holder, naming)).collect()
}

/// Returns the model that a file is, or is a part of.
pub(super) fn find_file(path: &Path) -> Vec<Imported> {
    let beside = std::fs::read_dir(path.parent().unwrap_or(Path::new("."))).into_iter().flatten();
    let files = beside.flatten().map(|entry| entry.path()).filter(|path| is_gguf(path)).collect();
    let holder = path.parent().unwrap_or(path).display().to_string();
    let mut found = models(files, &holder, plain_name);
    found.retain(|model| model.files.iter().any(|file| file == path));
    found
}

fn walk(dir: &Path, depth: usize, left: &mut usize, each: &mut impl FnMut(PathBuf)) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth > 1 {
                walk(&path, depth - 1, left, each);
            }
        } else if is_gguf(&path) && path.is_file() {
            each(path);
        }
    }
}

fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gguf"))
}

/// Puts the files of one folder together: parts, and what lets models see.
pub(super) fn models(mut files: Vec<PathBuf>, holder: &str, naming: Naming) -> Vec<Imported> {
    files.sort();
    let stem = |path: &Path| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let sees = |path: &&PathBuf| {
        stem(path).is_some_and(|stem| stem.to_ascii_lowercase().contains("mmproj"))
    };
    let projectors: Vec<PathBuf> = files.iter().filter(sees).cloned().collect();
    let mut found = Vec::new();
    for path in files.iter().filter(|path| !sees(path)) {
        let Some(stem) = stem(path) else { continue };
        let (base, number, total) = split(&stem).unwrap_or((&stem, 1, 1));
        let part = |number| path.with_file_name(file_of(base, number, total));
        let parts: Vec<PathBuf> =
            if total == 1 { vec![path.clone()] } else { (1..=total).map(part).collect() };
        if number == 1 && parts.iter().all(|part| part.is_file()) {
            let projector = projector(&projectors, base);
            found.push(model(naming(base), holder, parts, projector));
        }
    }
    found
}

/// In a folder of one model any projector is its own; in a cache of many, names begin alike.
fn projector(all: &[PathBuf], base: &str) -> Option<PathBuf> {
    let prefix = base.to_ascii_lowercase().rfind("gguf_").map(|at| &base[..at + 5]);
    let fits = |path: &&PathBuf| match prefix {
        Some(prefix) => {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        }
        None => true,
    };
    all.iter().find(fits).cloned()
}

pub(super) fn model(
    name: String,
    holder: &str,
    files: Vec<PathBuf>,
    projector: Option<PathBuf>,
) -> Imported {
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |data| data.len());
    let bytes = files.iter().chain(&projector).map(size).sum();
    Imported { name, holder: holder.to_owned(), files, projector, bytes }
}

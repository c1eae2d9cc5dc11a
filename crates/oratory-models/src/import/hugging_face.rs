//! The Hugging Face cache: `models--OWNER--NAME/snapshots/COMMIT/` full of links.
//!
//! Of several snapshots the one that `main` names counts, else the newest.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Imported, folder};

pub(super) fn find(cache: &Path, holder: &str) -> Vec<Imported> {
    let mut repos: Vec<PathBuf> = fs::read_dir(cache)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("models--"))
        })
        .collect();
    repos.sort();
    let snapshots = repos.iter().filter_map(|repo| snapshot(repo));
    snapshots.flat_map(|snapshot| folder::find(&snapshot, holder, folder::plain_name)).collect()
}

fn snapshot(repo: &Path) -> Option<PathBuf> {
    let snapshots = repo.join("snapshots");
    let main = fs::read_to_string(repo.join("refs/main")).ok();
    // A file of somebody else's; what it names must stay inside.
    let main = main
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let named = main.map(|name| snapshots.join(name)).filter(|path| path.is_dir());
    named.or_else(|| {
        let all = fs::read_dir(&snapshots).into_iter().flatten().flatten();
        let folders = all.map(|entry| entry.path()).filter(|path| path.is_dir());
        folders.max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).ok())
    })
}

//! What is remembered of each model: what was asked for, where it came from, which files it is.
//!
//! A convenience, never the truth: files count, and an index that is gone or damaged only means
//! that nobody knows where they came from.

mod entry;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use entry::{Entry, FileEntry, Origin};

use crate::ModelsError;

/// The newest version this program reads.
const VERSION: u64 = 2;
/// The version without models that were made here, which older programs read too.
const PULLED_ONLY: u64 = 1;

/// The index of one folder of models.
#[derive(Clone, Debug)]
pub struct Index {
    dir: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u64,
    #[serde(default)]
    models: Vec<Entry>,
}

impl Index {
    /// Returns the index of the models in `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Returns what is remembered of the models whose files are still there.
    pub fn read(&self) -> Result<Vec<Entry>, ModelsError> {
        let mut document = self.load()?;
        document.models.retain(|entry| entry.is_safe() && entry.is_there(&self.dir));
        Ok(document.models)
    }

    /// Returns where a file of an entry is.
    pub fn path(&self, file: &FileEntry) -> PathBuf {
        self.dir.join(&file.path)
    }

    /// Returns the text kept beside a model: its template, parameters and licence.
    pub fn beside(&self, entry: &Entry) -> Option<serde_json::Value> {
        let name = entry.beside.as_ref()?;
        let text = fs::read(self.own_dir().join("beside").join(name)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Remembers models, in place of others of the same names, and forgets what is gone.
    pub fn add(&self, entries: &[Entry]) -> Result<(), ModelsError> {
        self.change(|models| {
            models.retain(|known| entries.iter().all(|entry| entry.name != known.name));
            models.extend(entries.iter().cloned());
        })
    }

    /// Forgets a model.
    pub(crate) fn forget(&self, name: &str) -> Result<(), ModelsError> {
        self.change(|models| models.retain(|known| known.name != name))
    }

    /// The folder that holds what is ours and no model.
    pub(crate) fn own_dir(&self) -> PathBuf {
        self.dir.join(".oratory")
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    fn file(&self) -> PathBuf {
        self.own_dir().join("index.json")
    }

    fn load(&self) -> Result<Document, ModelsError> {
        let path = self.file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Document::default()),
            Err(error) => return Err(ModelsError::disk(path, "read")(error)),
        };
        if let Some(version) = version(&text).filter(|version| *version > VERSION) {
            return Err(ModelsError::TooNew { path, version });
        }
        serde_json::from_slice(&text).or_else(|error| {
            // Kept for whoever wants to look; the models themselves are not touched.
            tracing::warn!(path = %path.display(), %error, "the index is damaged; starting another");
            let _ = fs::rename(&path, path.with_extension("json.damaged"));
            Ok(Document::default())
        })
    }

    /// Changes the index while nobody else does. It appears whole or stays as it was.
    fn change(&self, change: impl FnOnce(&mut Vec<Entry>)) -> Result<(), ModelsError> {
        let own = self.own_dir();
        fs::create_dir_all(&own).map_err(ModelsError::disk(&own, "made"))?;
        let guard = own.join("index.lock");
        let guard = File::create(&guard).map_err(ModelsError::disk(&guard, "opened"))?;
        // Waits for moments at most: nobody holds it longer than it takes to write the index.
        if let Err(error) = guard.lock() {
            tracing::warn!(%error, "the index cannot be locked");
        }
        let mut document = self.load()?;
        change(&mut document.models);
        document.models.retain(|entry| entry.is_there(&self.dir));
        let made = |entry: &Entry| matches!(entry.from, Origin::Made { .. } | Origin::Given);
        document.version = match document.models.iter().any(made) {
            true => VERSION,
            false => PULLED_ONLY,
        };
        document.models.sort_by(|a, b| a.name.cmp(&b.name));
        let text = serde_json::to_vec_pretty(&document).expect("names and numbers become JSON");
        write(&self.file(), &text)
    }

    /// Keeps texts beside a model and returns the name to remember.
    pub(crate) fn keep_beside(
        &self,
        model: &str,
        texts: &serde_json::Value,
    ) -> Result<String, ModelsError> {
        let dir = self.own_dir().join("beside");
        fs::create_dir_all(&dir).map_err(ModelsError::disk(&dir, "made"))?;
        let name = format!("{model}.json");
        write(&dir.join(&name), texts.to_string().as_bytes())?;
        Ok(name)
    }

    pub(crate) fn drop_beside(&self, entry: &Entry) {
        if let Some(name) = entry.beside.as_ref().filter(|name| entry::is_plain(Path::new(name))) {
            let _ = fs::remove_file(self.own_dir().join("beside").join(name));
        }
    }
}

fn version(text: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(text).ok()?.get("version")?.as_u64()
}

/// Writes a file beside its place and then renames it, so that it is whole or not there.
pub(crate) fn write(path: &Path, text: &[u8]) -> Result<(), ModelsError> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&draft, path)).map_err(|error| {
        let _ = fs::remove_file(&draft);
        ModelsError::disk(path, "written")(error)
    })
}

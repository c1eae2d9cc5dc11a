//! Models that other programs on this machine hold, found where those programs keep them.
//!
//! Nothing is copied, moved or changed there. Where to look is told by the caller.

mod folder;
mod hugging_face;
mod ollama;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::index::{Entry, FileEntry, Index, Origin};
use crate::{ModelsError, clock, file_name};

/// Where programs keep their models.
#[derive(Clone, Debug, Default)]
pub struct Holders {
    /// Folders of Ollama, each with `manifests` and `blobs`.
    pub ollama: Vec<PathBuf>,
    /// Folders of LM Studio, as publisher and model.
    pub lm_studio: Vec<PathBuf>,
    /// Hugging Face caches.
    pub hugging_face: Vec<PathBuf>,
    /// Caches of llama.cpp.
    pub llama_cpp: Vec<PathBuf>,
}

/// A model that another program holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The name it gets here.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Its files, in order.
    pub files: Vec<PathBuf>,
    /// What lets it see pictures.
    pub projector: Option<PathBuf>,
    /// The size of all of it.
    pub bytes: u64,
}

/// Returns the models that the holders hold, each once.
pub fn find(holders: &Holders) -> Vec<Imported> {
    let mut all = Vec::new();
    for dir in &holders.ollama {
        all.extend(ollama::find(dir));
    }
    for dir in &holders.lm_studio {
        all.extend(folder::find(dir, "LM Studio", folder::plain_name));
    }
    for dir in &holders.hugging_face {
        all.extend(hugging_face::find(dir, "the Hugging Face cache"));
    }
    for dir in &holders.llama_cpp {
        all.extend(folder::find(dir, "llama.cpp", folder::llama_cpp_name));
        // Later releases of llama.cpp keep theirs as Hugging Face does.
        all.extend(hugging_face::find(dir, "llama.cpp"));
    }
    once(all)
}

/// Returns the models in one file or folder.
pub fn find_at(path: &Path) -> Result<Vec<Imported>, ModelsError> {
    let path = path.canonicalize().map_err(ModelsError::disk(path, "read"))?;
    let holder = path.display().to_string();
    let found = if path.is_dir() {
        folder::find(&path, &holder, folder::plain_name)
    } else {
        folder::find_file(&path)
    };
    if found.is_empty() {
        return Err(ModelsError::Unknown {
            what: format!("{holder} holds no whole .gguf model"),
            hint: "name a .gguf file, or a folder with some in it".to_owned(),
        });
    }
    Ok(once(found))
}

impl Index {
    /// Remembers models that others hold. Returns those that were not known before.
    pub fn import(&self, found: &[Imported]) -> Result<Vec<Entry>, ModelsError> {
        let known = self.read()?;
        let files =
            |entry: &Entry| entry.files.iter().map(|file| self.path(file)).collect::<Vec<_>>();
        let known: Vec<(String, Vec<PathBuf>)> =
            known.iter().map(|entry| (entry.name.clone(), files(entry))).collect();
        let mut new: Vec<Entry> = Vec::new();
        for model in found {
            if known.iter().any(|(_, files)| *files == model.files) {
                continue;
            }
            let taken = |name: &str| {
                known.iter().any(|(known, _)| known == name)
                    || new.iter().any(|entry| entry.name == name)
                    || self.dir().join(format!("{name}.gguf")).exists()
            };
            let names = (1..).map(|number| match number {
                1 => model.name.clone(),
                number => format!("{}-{number}", model.name),
            });
            let name = names.into_iter().find(|name| !taken(name)).unwrap_or_default();
            new.push(entry(model, name));
        }
        if !new.is_empty() {
            self.add(&new)?;
        }
        Ok(new)
    }
}

fn entry(model: &Imported, name: String) -> Entry {
    let file = |path: &PathBuf| FileEntry {
        path: path.clone(),
        bytes: std::fs::metadata(path).map_or(0, |data| data.len()),
        sha256: None,
    };
    Entry {
        name,
        asked: model.name.clone(),
        from: Origin::Imported { holder: model.holder.clone() },
        files: model.files.iter().map(file).collect(),
        projector: model.projector.as_ref().map(file),
        licence: None,
        since: clock::now(),
        beside: None,
    }
}

/// Leaves out what is the same file by another way, and names that could do harm on a terminal.
fn once(found: Vec<Imported>) -> Vec<Imported> {
    let mut seen = BTreeSet::new();
    let mut all = found;
    all.retain(|model| {
        let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
        let harmless = file_name::fault(&model.name.replace(':', "-")).is_none();
        harmless && model.files.first().is_some_and(|file| seen.insert(real(file)))
    });
    all
}

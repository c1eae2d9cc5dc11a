//! One model as the index remembers it.
//!
//! Pulled files are named relative to the folder, so that the folder can be moved; imported ones
//! stand where they were found.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::plan::sha256;

/// A model that was pulled or imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name here.
    pub name: String,
    /// What a person typed to get it.
    pub asked: String,
    /// Where it comes from.
    pub from: Origin,
    /// Its files, in order.
    pub files: Vec<FileEntry>,
    /// What lets it see pictures, if it comes with that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projector: Option<FileEntry>,
    /// Its licence, as its page names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// When it came here, in seconds since 1970.
    pub since: u64,
    /// The file that keeps its template, parameters and licence text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A Hugging Face repository.
    HuggingFace {
        /// The repository.
        repo: String,
        /// The commit.
        revision: String,
    },
    /// The Ollama registry.
    Ollama {
        /// Namespace, name and tag.
        model: String,
    },
    /// An address.
    Link {
        /// Without its query, which may be a secret.
        url: String,
    },
    /// Another program on this machine, which keeps the files.
    Imported {
        /// That program, or a folder.
        holder: String,
    },
    /// Files that a client handed over.
    Given,
    /// Another model here, by its name: it has no files of its own.
    Made {
        /// That model.
        of: String,
    },
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::HuggingFace { repo, revision } => {
                write!(f, "Hugging Face {repo} at {}", revision.get(..8).unwrap_or(revision))
            }
            Self::Ollama { model } => write!(f, "Ollama registry, {model}"),
            Self::Link { url } => f.write_str(url),
            Self::Imported { holder } => write!(f, "imported from {holder}"),
            Self::Given => f.write_str("handed over by a client"),
            Self::Made { of } => write!(f, "made of {of}"),
        }
    }
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Where it is; relative to the folder of models if it was pulled.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its digest, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Entry {
    /// Whether its files are another program's.
    pub fn is_imported(&self) -> bool {
        matches!(self.from, Origin::Imported { .. })
    }

    /// The model it is made of, if it is another by a name of its own.
    pub fn made_of(&self) -> Option<&str> {
        match &self.from {
            Origin::Made { of } => Some(of),
            _ => None,
        }
    }

    /// Whether its first file is still there; what is made of another has none to lose.
    pub(super) fn is_there(&self, dir: &Path) -> bool {
        self.made_of().is_some()
            || self.files.first().is_some_and(|file| dir.join(&file.path).is_file())
    }

    /// Whether its paths are such as we write: an index can be edited by anybody, and what it
    /// calls ours is what `rm` deletes.
    pub(super) fn is_safe(&self) -> bool {
        let imported = self.is_imported();
        let safe = |file: &FileEntry| {
            if imported { file.path.is_absolute() } else { is_plain(&file.path) }
        };
        self.files.iter().all(safe) && self.projector.as_ref().is_none_or(safe)
    }

    /// Returns the SHA-256 of its first file, if somebody has worked it out: whoever fetched it, or
    /// a program that calls files by it.
    pub fn sha256(&self) -> Option<String> {
        let file = self.files.first()?;
        let called = || {
            let name = file.path.file_name()?.to_str()?;
            sha256(name.strip_prefix("sha256-")?)
        };
        file.sha256.clone().or_else(called)
    }

    /// Its files and its projector.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = &FileEntry> {
        self.files.iter().chain(&self.projector)
    }
}

/// Whether a path is a name and nothing else.
pub(super) fn is_plain(path: &Path) -> bool {
    let mut parts = path.components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}

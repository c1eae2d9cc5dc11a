//! What can go wrong with model files, in words for a person, each with what to do next.
//!
//! At the edge it becomes a `Failure`.

use std::path::PathBuf;
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, Retry};

/// Why something about model files could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// What was typed names no model.
    #[error("{asked:?} names no model: {why}")]
    Name {
        /// What was typed.
        asked: String,
        /// What is wrong with it.
        why: String,
    },
    /// What was asked for cannot be done so.
    #[error("{what}")]
    Wrong {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// Nothing of that name is there.
    #[error("{what}")]
    Unknown {
        /// What is missing, and where it was looked for.
        what: String,
        /// What to do.
        hint: String,
    },
    /// It may not be fetched here.
    #[error("{what}")]
    Refused {
        /// What is not, and why.
        what: String,
        /// What to do.
        hint: String,
    },
    /// Several models fit the name.
    #[error("{asked:?} could be any of {}", names.join(", "))]
    Several {
        /// What was typed.
        asked: String,
        /// The candidates.
        names: Vec<String>,
    },
    /// The publisher wants terms accepted or a token shown first.
    #[error("{repo} is gated: {why}")]
    Gated {
        /// The repository.
        repo: String,
        /// What is missing.
        why: String,
        /// What to do.
        hint: String,
    },
    /// A server answered with a status that trying again does not change.
    #[error("{host} answered {status} to {what}")]
    Status {
        /// Who answered.
        host: String,
        /// With what.
        status: u16,
        /// To which question.
        what: String,
    },
    /// A server could not be reached, or broke off again and again.
    #[error("{what} could not be fetched from {host}, after {tries} tries: {why}")]
    Unreachable {
        /// What was wanted.
        what: String,
        /// From whom.
        host: String,
        /// How often it was tried.
        tries: u32,
        /// What went wrong the last time.
        why: String,
    },
    /// Nothing is to be fetched.
    #[error("nothing is fetched while Oratory is offline")]
    Offline,
    /// A server asks us to come back so late that waiting makes no sense.
    #[error("{host} asks to be left alone for {} s", after.as_secs())]
    Later {
        /// Who asks.
        host: String,
        /// For how long.
        after: Duration,
    },
    /// A server said something that makes no sense.
    #[error("{host} gave an answer that makes no sense: {why}")]
    Answer {
        /// Who answered.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file changed at its source again and again while it was fetched.
    #[error("{file} keeps changing at its source: {why}")]
    Changed {
        /// The file.
        file: String,
        /// How it was seen.
        why: String,
    },
    /// The bytes are not those that were announced.
    #[error("{file} is damaged: its SHA-256 is {found}, and {expected} was announced")]
    Digest {
        /// The file.
        file: String,
        /// What was announced.
        expected: String,
        /// What came.
        found: String,
    },
    /// The file is something else.
    #[error("{file} is no GGUF file: it begins with \"{found}\"")]
    NoGguf {
        /// The file.
        file: String,
        /// Its first bytes.
        found: String,
    },
    /// The disk has no room for it.
    #[error("{} has {} free, and {} are needed", dir.display(), gib(*free), gib(*needed))]
    Space {
        /// The folder.
        dir: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes needed, with a margin.
        needed: u64,
    },
    /// Nothing there fits this machine's memory.
    #[error("nothing in {repo} fits this machine's memory; the smallest is {smallest}, {}", gib(*bytes))]
    TooLarge {
        /// The repository.
        repo: String,
        /// The smallest there is.
        smallest: String,
        /// Its size.
        bytes: u64,
    },
    /// Another process is pulling this model.
    #[error("{model} is being pulled{}", process.map_or(String::new(), |pid| format!(" by process {pid}")))]
    Busy {
        /// The model.
        model: String,
        /// That process, if it said.
        process: Option<u32>,
    },
    /// Something could not be read or written here.
    #[error("{} cannot be {doing}: {source}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index was written by a newer version of this program.
    #[error("{} is of version {version}, which this program does not know", path.display())]
    TooNew {
        /// The index.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
}

impl ModelsError {
    /// Returns what to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Name { .. } => "write it like Qwen/Qwen3-8B-GGUF:Q4_K_M (Hugging Face), \
                                  qwen3:8b (Ollama), or the address of a .gguf file"
                .to_owned(),
            Self::Unknown { hint, .. }
            | Self::Refused { hint, .. }
            | Self::Gated { hint, .. }
            | Self::Wrong { hint, .. } => hint.clone(),
            Self::Several { .. } => "write more of the name".to_owned(),
            Self::Status { .. } | Self::Answer { .. } => {
                "check the name; if it is right, try again later".to_owned()
            }
            Self::Unreachable { .. } => {
                "what came is kept; type the same again to go on from there".to_owned()
            }
            Self::Later { after, .. } => {
                format!("what came is kept; type the same again in {} s", after.as_secs())
            }
            Self::Offline => {
                "leave out `offline` (--offline, ORATORY_OFFLINE), or copy a .gguf file \
                              from elsewhere and register it with `oratory models import`"
                    .to_owned()
            }
            Self::Changed { .. } => "try again when its publisher has finished".to_owned(),
            Self::Digest { .. } => {
                "it was thrown away; pull it again, and if that happens twice, do not trust the \
                 source"
                    .to_owned()
            }
            Self::NoGguf { .. } => "choose a model that comes as .gguf files".to_owned(),
            Self::Space { .. } => {
                "make room there, name a smaller quantisation, or choose another folder with \
                 `home.models`"
                    .to_owned()
            }
            Self::TooLarge { repo, smallest, .. } => {
                format!("choose a smaller model, or insist with {repo}:{smallest}")
            }
            Self::Busy { .. } => "wait for it, or stop it".to_owned(),
            Self::Disk { .. } => "check that the folder can be read and written".to_owned(),
            Self::TooNew { .. } => "update this program, or remove the file".to_owned(),
        }
    }

    /// Returns a wrapper for what the system says about a path.
    pub(crate) fn disk(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { path, doing, source }
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::Name { .. } | Self::Several { .. } | Self::Wrong { .. } => FailureKind::Invalid,
            Self::Unknown { .. } => FailureKind::UnknownModel,
            Self::Refused { .. } => FailureKind::Refused,
            Self::Gated { .. } => FailureKind::Unauthorized,
            Self::Unreachable { .. } | Self::Offline => FailureKind::Unreachable,
            Self::Status { .. } | Self::Answer { .. } | Self::Changed { .. } => {
                FailureKind::Upstream
            }
            Self::Later { .. } | Self::Busy { .. } => FailureKind::Overloaded,
            Self::Digest { .. } | Self::NoGguf { .. } => FailureKind::Broken,
            Self::Space { .. } | Self::TooLarge { .. } => FailureKind::TooLarge,
            Self::Disk { .. } | Self::TooNew { .. } => FailureKind::Ours,
        }
    }
}

impl From<ModelsError> for Failure {
    fn from(error: ModelsError) -> Self {
        let retry = match &error {
            ModelsError::Unreachable { .. } => Retry::Now,
            ModelsError::Later { after, .. } => Retry::After(*after),
            _ => Retry::Never,
        };
        // Its own words hold what caused it, so nothing is said twice.
        Self::new(error.kind(), At::Oratory, error.to_string()).retry(retry).hint(error.hint())
    }
}

fn gib(bytes: u64) -> String {
    match bytes as f64 {
        n if n >= 1e9 => format!("{:.1} GB", n / 1e9),
        n if n >= 1e6 => format!("{:.1} MB", n / 1e6),
        n => format!("{n} bytes"),
    }
}

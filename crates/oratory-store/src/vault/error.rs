//! What can be wrong with the vault, and what to do then.
//!
//! Names files, never what is in them.

use std::io;
use std::path::{Path, PathBuf};

/// Why surrogates cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There are drawers and no key to open them.
    #[error("the key of the surrogates, {}, is gone", path.display())]
    KeyGone {
        /// Where it was.
        path: PathBuf,
    },
    /// The key is none.
    #[error("the key of the surrogates, {}, is damaged", path.display())]
    KeyDamaged {
        /// Where it is.
        path: PathBuf,
    },
    /// Other people of this machine can read the key.
    #[error("the key of the surrogates, {}, can be read by others", path.display())]
    KeyOpen {
        /// Where it is.
        path: PathBuf,
    },
    /// What was kept of a conversation does not open.
    #[error(
        "the surrogates of conversation {name} cannot be read: their file is damaged, or was sealed with another key"
    )]
    Damaged {
        /// The drawer's name.
        name: String,
    },
    /// A text is no drawer's name.
    #[error("{name:?} is no name of a conversation")]
    Name {
        /// The text.
        name: String,
    },
    /// The system refused.
    #[error("the surrogates in {} cannot be reached: {source}", path.display())]
    Reached {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl VaultError {
    pub(super) fn reached(path: &Path, source: io::Error) -> Self {
        Self::Reached { path: path.to_owned(), source }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::KeyGone { .. } | Self::KeyDamaged { .. } => {
                "put the key back, or give up what was kept with `oratory privacy forget --all`"
                    .to_owned()
            }
            Self::KeyOpen { path } => format!("type `chmod 600 {}`", path.display()),
            Self::Damaged { name } => {
                format!("give it up with `oratory privacy forget --conversation {name}`")
            }
            Self::Name { .. } => {
                "`oratory privacy mask` and `oratory privacy receipts` tell such names".to_owned()
            }
            Self::Reached { .. } => {
                "make that folder one that Oratory can write to, and free some space if the disk is full"
                    .to_owned()
            }
        }
    }
}

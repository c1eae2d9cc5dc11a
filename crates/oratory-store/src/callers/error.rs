//! What can go wrong with the keys of callers, in words a person can act on.
//!
//! No error carries a key.

use oratory_contract::{At, Failure, FailureKind};

use crate::StoreError;

/// Says what is wrong with the keys of callers.
#[derive(Debug, thiserror::Error)]
pub enum CallersError {
    /// Their database cannot be used.
    #[error("cannot use the callers' database {}: {}", .0.path.display(), .0.problem)]
    File(#[from] StoreError),
    /// There is a caller of this name.
    #[error("there is a key called {0:?} already")]
    Taken(String),
    /// The system gives no random numbers.
    #[error("no key can be made: {0}")]
    Random(#[from] std::io::Error),
}

impl CallersError {
    /// Returns what to do next, for a person.
    pub fn hint(&self) -> String {
        match self {
            Self::File(error) => error.hint(),
            Self::Taken(name) => {
                format!("choose another name, or `oratory keys rm {name}` first")
            }
            Self::Random(_) => "try again in a moment".to_owned(),
        }
    }

    /// Returns the failure of a request that therefore is not answered.
    pub(super) fn failure(self) -> Failure {
        let hint = self.hint();
        Failure::new(FailureKind::Broken, At::Oratory, self.to_string()).hint(hint).because(self)
    }
}

//! Places that are known and not called, and what whoever names them is told.
//!
//! The egress gate asks first; nothing is written down, as nothing leaves.

use oratory_contract::{At, Failure, FailureKind, PlaceName, Trouble};

/// Why a place is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It is beyond this machine, and nothing may go there.
    Offline,
    /// The key it wants is not there.
    NoKey {
        /// What is missing, and where it was looked for.
        why: String,
        /// What to do.
        next: String,
    },
}

impl Shut {
    /// Returns the reason as a place shows it.
    pub(crate) fn trouble(&self) -> Trouble {
        let (what, next) = match self {
            Self::Offline => ("offline: it is beyond this machine", OFFLINE),
            Self::NoKey { why, next } => (why.as_str(), next.as_str()),
        };
        Trouble { what: what.to_owned(), next: Some(next.to_owned()) }
    }

    /// Returns what becomes of a call.
    pub(crate) fn failure(&self, place: &PlaceName) -> Failure {
        let message = match self {
            Self::Offline => {
                format!("{place} is beyond this machine, and Oratory is offline")
            }
            Self::NoKey { why, .. } => format!("{place} lacks its key: {why}"),
        };
        let failure = Failure::new(FailureKind::Unreachable, At::Oratory, message);
        match self.trouble().next {
            Some(next) => failure.hint(next),
            None => failure,
        }
    }
}

const OFFLINE: &str = "name a model at home, or leave out `offline` (--offline, ORATORY_OFFLINE) once there is a network";

//! The seam to kept surrogates: one drawer for each conversation of each caller.
//!
//! What lies in a drawer is private; it is kept sealed, and never printed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CallerName, Failure};

/// Whose drawer is meant: a caller's, of the conversation that began with these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// Who asks.
    pub caller: CallerName,
    /// A digest of how the conversation began.
    pub opening: [u8; 32],
}

/// Which surrogate stands for what in one conversation.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawer {
    /// The drawer's name, which tells nothing of what lies in it; empty where nothing is kept.
    #[serde(skip)]
    pub name: String,
    /// The number that the first surrogate of each kind gets.
    pub first: u32,
    /// The number that the next surrogate of a kind gets.
    pub next: BTreeMap<String, u32>,
    /// What stands for what, in the order in which it was put in.
    pub entries: Vec<Surrogate>,
}

/// One surrogate and what it stands for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surrogate {
    /// What sort of thing it is: `EMAIL`.
    pub kind: String,
    /// The private text.
    pub original: String,
    /// What stands for it: `<EMAIL_1>`.
    pub surrogate: String,
}

impl fmt::Debug for Drawer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} surrogates in drawer {:?}", self.entries.len(), self.name)
    }
}

impl fmt::Debug for Surrogate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.surrogate)
    }
}

/// Keeps drawers.
pub trait Vault: Send + Sync {
    /// Lets `work` look into a drawer and put things in, and keeps what is in it then. Nobody
    /// else opens that drawer meanwhile.
    ///
    /// Fails where the drawer can be neither read nor made; `work` has not been called then, or
    /// what it did must not be used.
    fn open(&self, whose: &Whose, work: &mut dyn FnMut(&mut Drawer)) -> Result<(), Failure>;
}

//! Models that lie outside the folder, as somebody else keeps the list of them.
//!
//! Asked at every look, so that a model imported while the server runs is found at once.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use oratory_contract::ModelName;

/// A model that lies outside the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its name, whatever its files are called.
    pub name: ModelName,
    /// Its files, in order.
    pub parts: Vec<PathBuf>,
    /// What lets it see or hear, if it comes with that.
    pub projector: Option<PathBuf>,
}

/// Says which models lie outside the folder.
#[derive(Clone)]
pub struct Register(Arc<dyn Fn() -> Vec<Registered> + Send + Sync>);

impl Register {
    /// Returns a register that asks `list` each time.
    pub fn new(list: impl Fn() -> Vec<Registered> + Send + Sync + 'static) -> Self {
        Self(Arc::new(list))
    }

    pub(super) fn list(&self) -> Vec<Registered> {
        (self.0)()
    }
}

impl Default for Register {
    /// Returns a register of nothing.
    fn default() -> Self {
        Self::new(Vec::new)
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Register")
    }
}

//! `/loaded`: the models in memory just now, for whoever looks after the machine.
//!
//! Says what is; it changes nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loaded {
    /// Its name.
    pub model: String,
    /// What its process does: `loading`, `ready` or `resting`.
    pub state: String,
    /// The process.
    pub pid: Option<u32>,
    /// Requests it answers at once.
    pub lanes: u32,
    /// Requests it is answering.
    pub running: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Tokens one conversation may have, once it is known.
    pub context: Option<u32>,
    /// Memory it was planned to take.
    pub memory_bytes: u64,
    /// Memory that conversations take which nobody is having just now.
    pub kept_bytes: u64,
    /// Tokens it has written since the server began.
    pub tokens: u64,
    /// Its processes that ended by themselves since the server began.
    pub crashes: u32,
    /// How long it has had nothing to do.
    pub idle_seconds: u64,
    /// After how long it leaves memory, if nobody asks it; not known while it is at work.
    pub leaves_in_seconds: Option<u64>,
}

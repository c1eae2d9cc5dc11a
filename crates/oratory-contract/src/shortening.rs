//! What may be left out of a conversation before a model reads it, and what was.
//!
//! Nothing is, unless its caller has asked for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::TooLong;

/// What may be left out of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shortening {
    /// What becomes of a conversation that the model cannot hold.
    pub too_long: TooLong,
    /// How many of the last turns in which the model thought keep its thoughts; `None` is all.
    pub thoughts: Option<u32>,
    /// When what tools gave long ago is left out, if ever.
    pub results: Option<OldResults>,
}

/// What tools gave long ago, and when it is left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OldResults {
    /// From which length on.
    pub beyond: Length,
    /// How many of the last calls keep theirs.
    pub keep: u32,
    /// Nothing is left out unless it saves so many tokens.
    pub at_least: u32,
    /// Tools that always keep theirs.
    pub except: Vec<String>,
    /// What the tools were given is left out, too, of these calls.
    pub given: Given,
}

/// How long a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Length {
    /// In tokens.
    Tokens(u32),
    /// In calls of tools.
    Calls(u32),
}

/// Of which calls it is left out what the tool was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Given {
    /// Of none.
    #[default]
    Kept,
    /// Of every call whose result is left out.
    LeftOut,
    /// Of those of them that call these tools.
    LeftOutOf(Vec<String>),
}

/// What was left out of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Messages, the oldest.
    pub messages: u32,
    /// Thoughts of the model, turns of them.
    pub thoughts: Saved,
    /// What tools gave, calls of them.
    pub results: Saved,
}

/// How much leaving something out has saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// How many were left out.
    pub count: u32,
    /// The tokens they took.
    pub tokens: u32,
}

impl LeftOut {
    /// Says whether the model has read all of it.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.messages, "messages"),
            (self.thoughts.count, "turns of thinking"),
            (self.results.count, "results of tools"),
        ];
        let mut said = parts.into_iter().filter(|(count, _)| *count > 0);
        if let Some((count, what)) = said.next() {
            write!(f, "{count} {what}")?;
        }
        said.try_for_each(|(count, what)| write!(f, ", {count} {what}"))
    }
}

//! What a caller asked for, in no dialect's words.
//!
//! `oratory-http` and the command line make it; every later step reads it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{CallerName, Labels, RequestId};

/// One request, as understood.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Identifies the request.
    pub id: RequestId,
    /// Who asks.
    pub caller: CallerName,
    /// Which model they want.
    pub model: Wanted,
    /// The conversation so far, oldest first.
    pub messages: Vec<Message>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Where the answer ends.
    pub limits: Limits,
    /// Whether the caller reads the answer piece by piece.
    pub delivery: Delivery,
    /// The label the caller put on it, if any; detection can raise it, never lower it.
    pub declared: Option<Labels>,
}

impl Asked {
    /// Returns how much text there is in it, in bytes.
    pub fn length(&self) -> usize {
        let messages = self.messages.iter().map(|message| &message.content);
        messages.chain(&self.limits.stop).map(String::len).sum()
    }
}

/// Says which model a caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whichever suits; Oratory chooses.
    Any,
    /// This one: `model` or `place/model`.
    Named(String),
}

impl Wanted {
    /// Returns what the caller wrote in a model field: empty or `auto` means any.
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "" | "auto" | "oratory" => Self::Any,
            name => Self::Named(name.to_owned()),
        }
    }

    /// Returns the wish as people write it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Any => "auto",
            Self::Named(name) => name,
        }
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What they say.
    pub content: String,
}

/// Says who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions for the whole conversation.
    System,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// Returns the role's name as every dialect writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// How the next token is chosen. `None` leaves the choice to the place that answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 always takes the likeliest token.
    pub temperature: Option<f32>,
    /// Keeps the likeliest tokens that together reach this probability.
    pub top_p: Option<f32>,
    /// Keeps this many tokens.
    pub top_k: Option<u32>,
    /// Keeps tokens at least this likely beside the likeliest.
    pub min_p: Option<f32>,
    /// Makes sampling repeatable.
    pub seed: Option<u64>,
    /// Lowers tokens by how often they appeared.
    pub frequency_penalty: Option<f32>,
    /// Lowers tokens that appeared at all.
    pub presence_penalty: Option<f32>,
}

/// Where an answer ends at the latest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most tokens to produce; `None` means as many as the context holds.
    pub max_tokens: Option<u32>,
    /// Text that ends the answer and is not part of it.
    pub stop: Vec<String>,
    /// How long the whole answer may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_tokens: None, stop: Vec::new(), time: Duration::from_secs(600) }
    }
}

/// Whether the caller reads the answer piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In one piece at the end.
    Whole,
    /// As it is made.
    Stream,
}

//! What a caller asked for, in no dialect's words.
//!
//! `oratory-http` and the command line make it; every later step reads it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Ability, Caller, Extras, Form, Labels, Medium, Message, RequestId, Sampling, Sense, Shortening,
    Task, Tools,
};

/// One request, as understood.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Identifies the request.
    pub id: RequestId,
    /// Who asks.
    pub caller: Caller,
    /// Which model they want.
    pub model: Wanted,
    /// What is asked of it.
    pub task: Task,
    /// The conversation so far, oldest first; empty unless the task is about one.
    pub messages: Vec<Message>,
    /// What the model may call, and whether it must.
    pub tools: Tools,
    /// The form the answer must have.
    pub form: Form,
    /// How much the model thinks before it answers; `None` leaves that to the model.
    pub effort: Option<Effort>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Where the answer ends.
    pub limits: Limits,
    /// Whether the caller reads the answer piece by piece.
    pub delivery: Delivery,
    /// The label the caller put on it, if any; detection can raise it, never lower it.
    pub declared: Option<Labels>,
    /// What it is for, in the caller's words, as policies know them.
    pub purpose: Option<String>,
    /// What only an engine at home understands.
    pub at_home: AtHome,
    /// What only places that speak its own dialect understand.
    pub extras: Extras,
}

impl Asked {
    /// Returns a new request for streamed text, with nothing asked beyond that.
    pub fn new(caller: Caller, model: Wanted, messages: Vec<Message>) -> Self {
        Self {
            id: RequestId::new(),
            caller,
            model,
            task: Task::Answer,
            messages,
            tools: Tools::default(),
            form: Form::default(),
            effort: None,
            sampling: Sampling::default(),
            limits: Limits::default(),
            delivery: Delivery::Stream,
            declared: None,
            purpose: None,
            at_home: AtHome::default(),
            extras: Extras::default(),
        }
    }

    /// Returns every piece of text in it that a caller wrote and a model may read.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let messages = self.messages.iter().flat_map(Message::texts);
        let stops = self.limits.stop.iter().map(String::as_str);
        let around = self.tools.texts().chain(self.form.text()).chain(stops);
        messages.chain(around).chain(self.task.texts()).chain(self.extras.texts())
    }

    /// Returns every picture and sound in it. None of them can be read by a detector.
    pub fn media(&self) -> impl Iterator<Item = &Medium> {
        self.messages.iter().flat_map(|message| &message.media)
    }

    /// Returns what a model must be able to do beside the task itself.
    pub fn senses(&self) -> impl Iterator<Item = Ability> {
        let has = |sense: Sense| self.media().any(|medium| medium.sense == sense);
        let wanted = [(Sense::Sight, Ability::See), (Sense::Hearing, Ability::Hear)];
        wanted.into_iter().filter(move |(sense, _)| has(*sense)).map(|(_, ability)| ability)
    }

    /// Returns how much text there is in it, in bytes.
    pub fn length(&self) -> usize {
        self.texts().map(str::len).sum()
    }

    /// Returns a new request for something else than an answer.
    pub fn of(task: Task, caller: Caller, model: Wanted) -> Self {
        Self { task, delivery: Delivery::Whole, ..Self::new(caller, model, Vec::new()) }
    }
}

/// What only an engine at home understands; elsewhere it changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtHome {
    /// How long the model stays loaded after the answer; `None` is the house's own rule.
    pub keep: Option<Duration>,
    /// What of the conversation may be left out.
    pub shortening: Shortening,
}

/// How much a model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Not at all.
    Off,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// At length.
    High,
}

impl Effort {
    /// Returns the effort's name as every dialect writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
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

/// Where an answer ends at the latest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

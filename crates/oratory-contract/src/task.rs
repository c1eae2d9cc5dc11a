//! What is asked of a model: to write, to turn texts into vectors, or to rate documents.
//!
//! Conversations have a module of their own, `message`.

use serde::{Deserialize, Serialize};

/// What is asked of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Task {
    /// To go on with the conversation.
    #[default]
    Answer,
    /// To go on with a text just as it stands, with nothing around it.
    Continue(Input),
    /// To say how many tokens the conversation takes. Of an empty one, that is none, and all it
    /// does is to bring the model into memory.
    Count,
    /// To turn texts into vectors.
    Embed(Embed),
    /// To rate how well documents answer a query.
    Rank(Rank),
}

/// Texts to be turned into vectors, one each, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Embed {
    /// The texts.
    pub inputs: Vec<Input>,
    /// How many numbers each vector is cut to; `None` leaves them whole.
    pub dimensions: Option<u32>,
    /// What becomes of a text that the model cannot hold.
    pub too_long: TooLong,
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Input {
    /// As people write it.
    Text(String),
    /// As numbers of the model's own vocabulary.
    Tokens(Vec<u32>),
}

impl Input {
    /// Says whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Tokens(tokens) => tokens.is_empty(),
        }
    }
}

/// Documents to be rated, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// What is looked for.
    pub query: String,
    /// Where it may be found.
    pub documents: Vec<String>,
    /// What becomes of a document that the model cannot hold together with the query.
    pub too_long: TooLong,
}

/// What becomes of a text or a conversation that the model cannot hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TooLong {
    /// The request fails and says so.
    #[default]
    Refused,
    /// What does not fit is left out: the end of a text, the oldest turns of a conversation.
    Cut,
}

/// What a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ability {
    /// It goes on with a conversation.
    Answer,
    /// It turns texts into vectors.
    Embed,
    /// It rates documents.
    Rank,
    /// It takes pictures in, beside text.
    See,
    /// It takes sounds in, beside text.
    Hear,
}

impl Ability {
    /// Returns the ability in words that complete "a model that ...".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "writes text",
            Self::Embed => "turns texts into vectors",
            Self::Rank => "rates documents",
            Self::See => "reads pictures",
            Self::Hear => "hears sounds",
        }
    }
}

impl Task {
    /// Returns what a model must be able to do.
    pub fn ability(&self) -> Ability {
        match self {
            Self::Answer | Self::Continue(_) | Self::Count => Ability::Answer,
            Self::Embed(_) => Ability::Embed,
            Self::Rank(_) => Ability::Rank,
        }
    }

    /// Returns every piece of text in it. What comes as tokens is nothing that can be read.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (inputs, query, documents): (&[Input], Option<&str>, &[String]) = match self {
            Self::Answer | Self::Count => (&[], None, &[]),
            Self::Continue(text) => (std::slice::from_ref(text), None, &[]),
            Self::Embed(embed) => (&embed.inputs, None, &[]),
            Self::Rank(rank) => (&[], Some(&rank.query), &rank.documents),
        };
        let inputs = inputs.iter().filter_map(|input| match input {
            Input::Text(text) => Some(text.as_str()),
            Input::Tokens(_) => None,
        });
        inputs.chain(query).chain(documents.iter().map(String::as_str))
    }
}

//! What comes back: a stream of chunks that ends in one `Done` or one `Failure`.
//!
//! Dropping the stream cancels the work behind it.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use futures_util::Stream;
use serde::{Deserialize, Serialize};

use crate::{Failure, LeftOut, ModelName, PlaceName};

/// The chunks of one answer. After a `Done` or an error there is nothing more.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, Failure>> + Send>>;

/// An answer under way.
pub struct Answer {
    /// The place that answers.
    pub place: PlaceName,
    /// The model that answers.
    pub model: ModelName,
    /// The answer itself.
    pub chunks: Chunks,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer from {}/{}", self.place, self.model)
    }
}

/// One piece of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Chunk {
    /// The prompt has been read; comes first, from places that know.
    Begun(Begun),
    /// Some text; never part of a character.
    Text(String),
    /// Some of what the model thinks before it answers; never part of a character.
    Thinking(String),
    /// A part of a tool call.
    Call(CallPart),
    /// How likely the tokens just said were; comes only if asked for, after their text.
    Chances(Vec<Chance>),
    /// What one text was turned into; they come in the order of the texts.
    Vector(Vec<f32>),
    /// How well one document answers the query, from 0 to 1; in the order of the documents.
    Rating(f32),
    /// The end, and what it took.
    Done(Done),
}

/// What it took until an answer began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Tokens of the prompt.
    pub input: u32,
    /// Of those, tokens that were not computed again.
    pub cached: u32,
    /// How long it waited for the model to be loaded.
    pub loading: Duration,
    /// How long the prompt was read.
    pub reading: Duration,
    /// What was left out of the conversation.
    pub left_out: LeftOut,
}

/// A part of a tool call, as it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPart {
    /// Which call of this answer, from 0.
    pub index: u32,
    /// What the call is; comes with its first part.
    pub begins: Option<CallHead>,
    /// More of the JSON text it is given.
    pub arguments: String,
}

/// What a tool call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallHead {
    /// Tells it from the others of the conversation.
    pub id: String,
    /// The tool.
    pub name: String,
}

/// How likely one token was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// The token that was chosen.
    pub token: Rated,
    /// The likeliest in its place, likeliest first.
    pub top: Vec<Rated>,
}

/// A token and the logarithm of its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rated {
    /// Its number in the model's vocabulary.
    pub id: u32,
    /// Its bytes, which may be part of a character.
    pub bytes: Vec<u8>,
    /// The natural logarithm of its probability.
    pub logprob: f32,
}

/// How an answer ended and what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Why it ended.
    pub finish: Finish,
    /// The tokens it took.
    pub usage: Usage,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done.
    Stop,
    /// This stop text of the request appeared, by its place among them.
    Text(u32),
    /// A limit was reached: `max_tokens` or the context.
    Length,
    /// Tools were called, and what comes of them is awaited.
    Calls,
}

/// What an answer took, as the answering place counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input: u32,
    /// Of those, tokens that were not computed again.
    pub cached: u32,
    /// Tokens produced, those of thinking included.
    pub output: u32,
    /// Of those, tokens of thinking; `None` where nobody has counted them apart.
    pub reasoning: Option<u32>,
    /// The energy it took, in millionths of a joule; `None` where nobody has measured it.
    pub microjoules: Option<u64>,
}

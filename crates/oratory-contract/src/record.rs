//! One row per request, whatever became of it.
//!
//! A slot is reserved before the work starts, so that no outcome finds the queue full.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::{Failure, Money, RequestId, Usage};

/// What happened to one request. Carries no request or answer text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The request.
    pub id: RequestId,
    /// When it arrived, in milliseconds since 1970.
    pub started_ms: u64,
    /// Who asked.
    pub caller: String,
    /// The model they asked for.
    pub wanted: String,
    /// What the content was labelled, such as `confidential+pii`.
    pub labels: String,
    /// What policy allowed, such as `home as-is, lab masked`.
    pub permit: String,
    /// The place chosen; empty if none was.
    pub place: String,
    /// The model chosen; empty if none was.
    pub model: String,
    /// Why.
    pub reason: String,
    /// Private spans replaced before it left.
    pub masked_spans: u32,
    /// Whether a kept answer was given.
    pub from_cache: bool,
    /// The tokens and the energy it took.
    pub usage: Usage,
    /// What it cost by the price that held when it ended; `None` where nobody could say.
    pub spent: Option<Money>,
    /// Microseconds to the first chunk, if one came.
    pub first_chunk_us: Option<u64>,
    /// Microseconds to the end.
    pub total_us: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered to the end.
    Answered,
    /// The caller left before the end.
    HungUp,
    /// It failed; the kind's name.
    Failed(String),
}

impl Outcome {
    /// Returns the outcome as the store writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Answered => "answered",
            Self::HungUp => "hung_up",
            Self::Failed(kind) => kind,
        }
    }
}

/// Resolves once the row is on disk, or the store has given up and said so in the log.
pub type Written = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where records go.
pub trait Records: Send + Sync {
    /// Reserves room for one record, or says that the house is full.
    fn reserve(&self) -> Result<Box<dyn RecordSlot>, Failure>;
}

/// Room for one record.
pub trait RecordSlot: Send {
    /// Hands the record over. The hand-over itself never waits.
    fn write(self: Box<Self>, record: Record) -> Written;
}

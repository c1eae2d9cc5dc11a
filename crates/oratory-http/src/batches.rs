//! Batches: many requests handed over at once, answered one after the other while nobody waits.
//!
//! What is the same for every dialect. How they are asked for and told is the dialect's matter.

use crate::dialect::Dialect;

mod batch;
mod book;
mod desks;
mod line;
mod run;
mod sheet;

pub(crate) use batch::{Batch, Status};
pub(crate) use book::{Batches, Manner};
pub(crate) use desks::Desks;
pub(crate) use line::{most, written};

/// The only time a batch may take, as OpenAI has it.
pub(crate) const WINDOW: &str = "24h";
/// Where requests in Anthropic's dialect go.
pub(crate) const MESSAGES: &str = "/v1/messages";

/// Returns the dialect of requests that go there.
fn dialect(endpoint: &str) -> Dialect {
    if endpoint == MESSAGES { Dialect::Anthropic } else { Dialect::OpenAi }
}

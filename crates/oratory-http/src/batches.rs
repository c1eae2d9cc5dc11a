//! Batches: many requests handed over at once, answered one after the other while nobody waits.
//!
//! What is the same for every dialect. How they are asked for and told is the dialect's matter.

use std::sync::Arc;

use oratory_contract::{At, Failure, FailureKind};

use crate::dialect::Dialect;
use crate::folder::Folder;
use crate::router::House;

mod batch;
mod book;
mod line;
mod run;
mod sheet;

pub(crate) use batch::{Batch, Status};
pub(crate) use book::{Batches, Manner};
pub(crate) use line::{most, written};
pub(crate) use run::run;

/// The only time a batch may take, as OpenAI has it.
pub(crate) const WINDOW: &str = "24h";
/// Where requests in Anthropic's dialect go.
pub(crate) const MESSAGES: &str = "/v1/messages";

/// Returns the dialect of requests that go there.
fn dialect(endpoint: &str) -> Dialect {
    if endpoint == MESSAGES { Dialect::Anthropic } else { Dialect::OpenAi }
}

/// Returns the folder of files, where there is one.
pub(crate) fn folder(house: &House) -> Result<&Arc<Folder>, Failure> {
    Ok(&batches(house)?.files)
}

/// Returns the batches, where they are worked on.
pub(crate) fn batches(house: &House) -> Result<&Arc<Batches>, Failure> {
    house.batches.as_ref().ok_or_else(|| {
        let message = "no files are kept here, and no batches worked on";
        Failure::new(FailureKind::Refused, At::Oratory, message)
            .hint("send the requests one by one")
    })
}

//! A batch of messages as Anthropic's clients read it, and lists of them.
//!
//! How far each request is, is told once all of them are over, as it is there.

use http::{HeaderMap, Uri, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::batches::{Batch, Status};
use crate::clock;
use crate::listed::{limit, newest_first, place};
use crate::rejected::Rejected;

/// Batches of one page, as Anthropic has it.
const USUAL: usize = 20;
const MOST: usize = 1000;

/// A batch.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageBatch {
    id: String,
    r#type: &'static str,
    processing_status: &'static str,
    request_counts: Counts,
    ended_at: Option<String>,
    created_at: String,
    expires_at: String,
    archived_at: Option<String>,
    cancel_initiated_at: Option<String>,
    results_url: Option<String>,
}

/// How many of its requests came to what.
#[derive(Default, Serialize, JsonSchema)]
struct Counts {
    processing: usize,
    succeeded: usize,
    errored: usize,
    canceled: usize,
    expired: usize,
}

/// A page of batches.
#[derive(Serialize, JsonSchema)]
pub(super) struct List {
    data: Vec<MessageBatch>,
    has_more: bool,
    first_id: Option<String>,
    last_id: Option<String>,
}

/// A batch that is gone.
#[derive(Serialize, JsonSchema)]
pub(super) struct Deleted {
    id: String,
    r#type: &'static str,
}

impl Deleted {
    pub(super) fn of(batch: Batch) -> Self {
        Self { id: batch.id, r#type: "message_batch_deleted" }
    }
}

impl MessageBatch {
    /// Returns a batch as it is told to whoever sends this head.
    pub(super) fn of(batch: &Batch, headers: &HeaderMap, uri: &Uri) -> Self {
        let moment = |seconds| clock::written(seconds, None);
        let over = batch.status.is_over();
        let results = || {
            let path = format!("/v1/messages/batches/{}/results", batch.id);
            address(headers, uri).map_or(path.clone(), |address| address + &path)
        };
        Self {
            id: batch.id.clone(),
            r#type: "message_batch",
            processing_status: match batch.status {
                _ if over => "ended",
                Status::Cancelling => "canceling",
                _ => "in_progress",
            },
            request_counts: Counts::of(batch),
            ended_at: batch.ended_at().filter(|_| over).map(moment),
            created_at: moment(batch.created_at),
            expires_at: moment(batch.expires_at),
            archived_at: None,
            cancel_initiated_at: batch.cancelling_at.map(moment),
            results_url: over.then(results),
        }
    }
}

impl Counts {
    fn of(batch: &Batch) -> Self {
        let counts = &batch.request_counts;
        if !batch.status.is_over() {
            return Self { processing: counts.total, ..Self::default() };
        }
        let (succeeded, errored) = (counts.completed, counts.failed);
        let rest = counts.total.saturating_sub(succeeded + errored);
        let asked = Self { succeeded, errored, ..Self::default() };
        match batch.status {
            Status::Cancelled => Self { canceled: rest, ..asked },
            Status::Expired => Self { expired: rest, ..asked },
            _ => Self { errored: errored + rest, ..asked },
        }
    }
}

/// Returns where this house is, as the client has called it.
fn address(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).or(uri.authority().map(http::uri::Authority::as_str))?;
    // Behind whoever speaks TLS for it, it is called by their name and way.
    let forwarded = headers.get("x-forwarded-proto").is_some_and(|way| way == "https");
    Some(format!("{}://{host}", if forwarded { "https" } else { "http" }))
}

/// Returns the page that is asked for, the newest first.
pub(super) fn page(mut all: Vec<Batch>, headers: &HeaderMap, uri: &Uri) -> Result<List, Rejected> {
    let limit = limit(uri, USUAL, MOST)?;
    newest_first(&mut all);
    let (after, before) = (place(&all, uri, "after_id")?, place(&all, uri, "before_id")?);
    let has_more = match (after, before) {
        (Some(_), Some(_)) => {
            let message = "`before_id` and `after_id` are both there; name one";
            return Err(Rejected::field("before_id", message));
        }
        (None, Some(before)) => {
            all.truncate(before);
            let more = all.len().saturating_sub(limit);
            all.drain(..more);
            more > 0
        }
        (after, None) => {
            all.drain(..after.map_or(0, |after| after + 1));
            let more = all.len() > limit;
            all.truncate(limit);
            more
        }
    };
    let id = |one: Option<&Batch>| one.map(|one| one.id.clone());
    let (first_id, last_id) = (id(all.first()), id(all.last()));
    let data = all.iter().map(|batch| MessageBatch::of(batch, headers, uri)).collect();
    Ok(List { data, has_more, first_id, last_id })
}

//! A chat completion in one piece.
//!
//! Gathers the chunks; a failure at any point makes the whole a failure.

use axum::response::Response;
use futures_util::StreamExt;
use oratory_contract::{Chunk, Chunks, Done, Failure, Finish, ModelName, RequestId, Usage};
use serde::Serialize;

use super::telling::Telling;
use crate::health;

/// What every piece of one answer repeats.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) model: ModelName,
    pub(super) created: u64,
}

impl Head {
    pub(super) fn new(id: RequestId, model: ModelName, created: u64) -> Self {
        Self { id: format!("chatcmpl-{id}"), model, created }
    }
}

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: UsageWire,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: &'a str,
    refusal: Option<()>,
}

#[derive(Serialize)]
pub(super) struct UsageWire {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: Details,
}

#[derive(Serialize)]
struct Details {
    cached_tokens: u32,
}

impl From<Usage> for UsageWire {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            total_tokens: usage.input.saturating_add(usage.output),
            prompt_tokens_details: Details { cached_tokens: usage.cached },
        }
    }
}

/// Returns the reason's name on the wire.
pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Calls => "tool_calls",
    }
}

pub(super) async fn response(
    head: &Head,
    chunks: Chunks,
    telling: Telling,
) -> Result<Response, Failure> {
    let (text, done) = gather(chunks, telling).await?;
    Ok(health::json(&Completion {
        id: &head.id,
        object: "chat.completion",
        created: head.created,
        model: head.model.as_str(),
        choices: [Choice {
            index: 0,
            message: Message { role: "assistant", content: &text, refusal: None },
            logprobs: None,
            finish_reason: finish_reason(done.finish),
        }],
        usage: done.usage.into(),
    }))
}

async fn gather(mut chunks: Chunks, mut telling: Telling) -> Result<(String, Done), Failure> {
    let mut text = String::new();
    loop {
        let chunk = chunks.next().await.unwrap_or_else(|| Err(cut_short()));
        match chunk {
            Ok(Chunk::Text(ref more)) => {
                text.push_str(more);
                telling.note(&chunk);
            }
            Ok(Chunk::Done(done)) => {
                telling.note(&chunk);
                return Ok((text, done));
            }
            Ok(_) => telling.note(&chunk),
            Err(failure) => {
                telling.counted_elsewhere();
                return Err(failure);
            }
        }
    }
}

/// The failure of an answer that ended without an end.
pub(super) fn cut_short() -> Failure {
    use oratory_contract::{At, FailureKind};
    Failure::new(FailureKind::Ours, At::Oratory, "the answer ended without saying how")
}

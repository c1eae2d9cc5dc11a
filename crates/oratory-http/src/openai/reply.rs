//! A chat completion in one piece.
//!
//! Gathers the chunks; a failure at any point makes the whole a failure.

use axum::response::Response;
use futures_util::StreamExt;
use oratory_contract::{CallPart, Chance, Chunk, Chunks, Done, Failure, ModelName, RequestId};
use serde::Serialize;

use super::telling::Telling;
use super::wire::{CallWire, LogprobsWire, UsageWire, finish_reason};
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
    logprobs: Option<LogprobsWire>,
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    /// Null where tools were called and nothing was said.
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reasoning_content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallWire<'a>>,
    refusal: Option<()>,
}

/// An answer, gathered.
#[derive(Default)]
struct Gathered {
    text: String,
    thinking: String,
    calls: Vec<CallPart>,
    chances: Vec<Chance>,
}

impl Gathered {
    fn add(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Text(more) => self.text.push_str(&more),
            Chunk::Thinking(more) => self.thinking.push_str(&more),
            Chunk::Chances(more) => self.chances.extend(more),
            Chunk::Call(part) => {
                match self.calls.iter_mut().find(|call| call.index == part.index) {
                    Some(call) => call.arguments.push_str(&part.arguments),
                    None => self.calls.push(part),
                }
            }
            // Comes only where it is asked for, which is not here.
            Chunk::Vector(_) | Chunk::Rating(_) | Chunk::Done(_) => {}
        }
    }
}

pub(super) async fn response(
    head: &Head,
    chunks: Chunks,
    telling: Telling,
) -> Result<Response, Failure> {
    let (gathered, done) = gather(chunks, telling).await?;
    let silent = gathered.text.is_empty() && !gathered.calls.is_empty();
    let logprobs = (!gathered.chances.is_empty()).then(|| LogprobsWire::of(&gathered.chances));
    Ok(health::json(&Completion {
        id: &head.id,
        object: "chat.completion",
        created: head.created,
        model: head.model.as_str(),
        choices: [Choice {
            index: 0,
            message: Message {
                role: "assistant",
                content: (!silent).then_some(&gathered.text),
                reasoning_content: &gathered.thinking,
                tool_calls: gathered.calls.iter().map(CallWire::whole).collect(),
                refusal: None,
            },
            logprobs,
            finish_reason: finish_reason(done.finish),
        }],
        usage: done.usage.into(),
    }))
}

async fn gather(mut chunks: Chunks, mut telling: Telling) -> Result<(Gathered, Done), Failure> {
    let mut gathered = Gathered::default();
    loop {
        let chunk = chunks.next().await.unwrap_or_else(|| Err(cut_short()));
        if chunk.is_ok() {
            telling.note(&chunk);
        }
        match chunk {
            Ok(Chunk::Done(done)) => return Ok((gathered, done)),
            Ok(more) => gathered.add(more),
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

//! A chat completion in one piece.
//!
//! Field names and orders are OpenAI's.

use axum::response::Response;
use oratory_contract::Finish;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::{Gathered, Head, together};
use crate::health;
use crate::openai::wire::{CallWire, LogprobsWire, UsageWire, finish_reason};

#[derive(Serialize, JsonSchema)]
pub(in crate::openai) struct Completion<'a> {
    id: String,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    usage: UsageWire,
}

#[derive(Serialize, JsonSchema)]
struct Choice<'a> {
    index: usize,
    message: Message<'a>,
    logprobs: Option<LogprobsWire>,
    finish_reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct Message<'a> {
    role: &'a str,
    /// Null where tools were called and nothing was said.
    content: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallWire<'a>>,
    refusal: Option<()>,
}

pub(super) fn response(head: &Head, answers: &[Gathered]) -> Response {
    health::json(&Completion {
        id: format!("chatcmpl-{}", head.id),
        object: "chat.completion",
        created: head.created,
        model: head.model.as_str(),
        choices: answers.iter().enumerate().map(|(at, answer)| choice(at, answer)).collect(),
        usage: together(answers.iter().map(Gathered::usage)).into(),
    })
}

fn choice(index: usize, answer: &Gathered) -> Choice<'_> {
    let (text, tool_calls): (String, Vec<_>) =
        (answer.text(), answer.calls().map(CallWire::whole).collect());
    let silent = text.is_empty() && !tool_calls.is_empty();
    let logprobs = (!answer.chances.is_empty()).then(|| LogprobsWire::of(&answer.chances));
    let finish = answer.done.map_or(Finish::Stop, |done| done.finish);
    Choice {
        index,
        message: Message {
            role: "assistant",
            content: (!silent).then_some(text),
            reasoning_content: answer.thinking(),
            tool_calls,
            refusal: None,
        },
        logprobs,
        finish_reason: finish_reason(finish),
    }
}

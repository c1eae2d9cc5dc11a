//! Answers in the words of chat completions, whole or event by event.
//!
//! Reads what servers in use write, which is more than the specification has.

use oratory_contract::{Chance, Finish, Rated, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::heard::Heard;
use crate::said::{Said, Wrong};

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<UsageWire>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Spoken>,
    delta: Option<Spoken>,
    finish_reason: Option<String>,
    /// The stop text that was met, as vLLM tells it.
    stop_reason: Option<Value>,
    logprobs: Option<Chances>,
}

#[derive(Default, Deserialize)]
struct Spoken {
    #[serde(default)]
    content: Value,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallWire>>,
}

#[derive(Deserialize)]
struct CallWire {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionWire>,
}

#[derive(Deserialize)]
struct FunctionWire {
    name: Option<String>,
    #[serde(default)]
    arguments: Value,
}

#[derive(Deserialize)]
struct Chances {
    content: Option<Vec<ChanceWire>>,
}

/// How likely a token was.
#[derive(Deserialize)]
pub(crate) struct ChanceWire {
    token: String,
    logprob: f32,
    bytes: Option<Vec<u8>>,
    #[serde(default)]
    top_logprobs: Vec<ChanceWire>,
}

impl From<ChanceWire> for Chance {
    fn from(wire: ChanceWire) -> Self {
        let top = wire.top_logprobs.into_iter();
        let top = top.map(|one| rated(one.token, one.bytes, one.logprob)).collect();
        Self { token: rated(wire.token, wire.bytes, wire.logprob), top }
    }
}

/// A token's number is known to the model alone.
fn rated(token: String, bytes: Option<Vec<u8>>, logprob: f32) -> Rated {
    Rated { id: u32::MAX, bytes: bytes.unwrap_or_else(|| token.into_bytes()), logprob }
}

/// The tokens an answer took.
#[derive(Deserialize)]
pub(crate) struct UsageWire {
    #[serde(alias = "input_tokens")]
    prompt_tokens: Option<u32>,
    #[serde(alias = "output_tokens")]
    completion_tokens: Option<u32>,
    #[serde(alias = "input_tokens_details")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(alias = "output_tokens_details")]
    completion_tokens_details: Option<OutputDetails>,
    /// The same, as DeepSeek tells it.
    prompt_cache_hit_tokens: Option<u32>,
}

#[derive(Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u32>,
}

#[derive(Deserialize)]
struct OutputDetails {
    reasoning_tokens: Option<u32>,
}

impl UsageWire {
    /// Returns the tokens; those of thoughts are among the output.
    pub(crate) fn usage(&self) -> Usage {
        let cached = self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        Usage {
            input: self.prompt_tokens.unwrap_or(0),
            cached: cached.or(self.prompt_cache_hit_tokens).unwrap_or(0),
            output: self.completion_tokens.unwrap_or(0),
            reasoning: self
                .completion_tokens_details
                .as_ref()
                .and_then(|told| told.reasoning_tokens),
            microjoules: None,
        }
    }
}

/// Hears one event, or all of an answer. Says whether there was an answer in it.
pub(super) fn event(heard: &mut Heard, data: &[u8]) -> Result<bool, Wrong> {
    let event: Completion = serde_json::from_slice(data)?;
    if let Some(error) = event.error {
        return Err(Wrong::Said(Said::of(&error)));
    }
    if let Some(usage) = event.usage {
        heard.usage = usage.usage();
    }
    let Some(choice) = event.choices.into_iter().next() else { return Ok(false) };
    spoken(heard, choice.message.or(choice.delta).unwrap_or_default());
    let chances = choice.logprobs.and_then(|chances| chances.content).unwrap_or_default();
    heard.chances(chances.into_iter().map(Chance::from).collect());
    match (choice.finish_reason.as_deref(), choice.stop_reason) {
        (None, _) => {}
        (Some("length"), _) => heard.finish(Finish::Length),
        (Some("tool_calls" | "function_call"), _) => heard.finish(Finish::Calls),
        (Some("content_filter"), _) => return Err(Wrong::Said(Said::filtered())),
        (Some("stop"), Some(Value::String(stop))) => heard.stopped_at(&stop),
        (Some(_), _) => heard.finish(Finish::Stop),
    }
    Ok(true)
}

fn spoken(heard: &mut Heard, spoken: Spoken) {
    heard.thinking(spoken.reasoning_content.or(spoken.reasoning));
    content(heard, spoken.content);
    heard.text(spoken.refusal);
    for (position, call) in (0..).zip(spoken.tool_calls.into_iter().flatten()) {
        let key = call.index.unwrap_or(position);
        let Some(function) = call.function else { continue };
        if let Some(name) = function.name.filter(|_| !heard.knows(key)) {
            heard.call(key, call.id, name);
        }
        heard.arguments(
            key,
            match function.arguments {
                Value::Null => String::new(),
                Value::String(text) => text,
                // Some servers forget that it is text.
                other => other.to_string(),
            },
        );
    }
}

/// Hears content, which may come in parts: thoughts and words.
fn content(heard: &mut Heard, content: Value) {
    match content {
        Value::String(text) => heard.text(Some(text)),
        Value::Array(parts) => parts.into_iter().for_each(|part| match part["type"].as_str() {
            Some("thinking") => heard.thinking(Some(words(&part["thinking"]))),
            _ => heard.text(Some(words(&part["text"]))),
        }),
        _ => {}
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(|part| words(&part["text"])).collect(),
        _ => String::new(),
    }
}

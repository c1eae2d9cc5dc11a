//! Answers in the words of Converse, whole or event by event.
//!
//! What an event is stands in its frame, not in its JSON.

use oratory_contract::{Finish, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::frames::Event;
use crate::heard::Heard;
use crate::said::{Said, Wrong};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    output: Output,
    stop_reason: Option<String>,
    #[serde(default)]
    usage: UsageWire,
    additional_model_response_fields: Option<Value>,
}

#[derive(Deserialize)]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    text: Option<String>,
    tool_use: Option<ToolUse>,
    reasoning_content: Option<Reasoning>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse {
    tool_use_id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    input: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning {
    reasoning_text: Option<ReasoningText>,
    /// In a stream, the text stands here.
    text: Option<String>,
}

#[derive(Deserialize)]
struct ReasoningText {
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageWire {
    #[serde(default)]
    input_tokens: u32,
    #[serde(default)]
    output_tokens: u32,
    #[serde(default)]
    cache_read_input_tokens: u32,
    #[serde(default)]
    cache_write_input_tokens: u32,
}

impl From<UsageWire> for Usage {
    fn from(wire: UsageWire) -> Self {
        // What was cached is counted apart there.
        let cached = wire.cache_read_input_tokens;
        let fresh = wire.input_tokens.saturating_add(wire.cache_write_input_tokens);
        let (input, output) = (fresh.saturating_add(cached), wire.output_tokens);
        Self { input, cached, output, ..Self::default() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockEvent {
    #[serde(default)]
    content_block_index: u64,
    start: Option<Block>,
    delta: Option<Block>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stopped {
    stop_reason: Option<String>,
    additional_model_response_fields: Option<Value>,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    usage: UsageWire,
}

/// Hears an answer that came in one piece.
pub(super) fn whole(heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
    let whole: Whole = serde_json::from_slice(body)?;
    heard.usage = whole.usage.into();
    for (index, block) in (0..).zip(whole.output.message.content) {
        hear(heard, index, block);
    }
    stop(heard, whole.stop_reason.as_deref(), whole.additional_model_response_fields.as_ref())?;
    heard.over();
    Ok(())
}

/// Hears one event.
pub(super) fn event(heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
    match event.name {
        "contentBlockStart" | "contentBlockDelta" => {
            let block: BlockEvent = serde_json::from_slice(event.data)?;
            for part in block.start.into_iter().chain(block.delta) {
                hear(heard, block.content_block_index, part);
            }
        }
        "messageStop" => {
            let stopped: Stopped = serde_json::from_slice(event.data)?;
            let beside = stopped.additional_model_response_fields.as_ref();
            stop(heard, stopped.stop_reason.as_deref(), beside)?;
        }
        "metadata" => {
            let told: Told = serde_json::from_slice(event.data)?;
            heard.usage = told.usage.into();
            heard.over();
        }
        "messageStart" | "contentBlockStop" => {}
        name if name.ends_with("xception") || name.ends_with("Error") => {
            let said = Said::read(event.data);
            return Err(Wrong::Said(Said { name: name.to_owned(), ..said }));
        }
        _ => {}
    }
    Ok(())
}

fn hear(heard: &mut Heard, index: u64, block: Block) {
    heard.text(block.text);
    if let Some(reasoning) = block.reasoning_content {
        heard.thinking(reasoning.reasoning_text.map(|it| it.text).or(reasoning.text));
    }
    let Some(call) = block.tool_use else { return };
    if let Some(name) = call.name {
        heard.call(index, call.tool_use_id, name);
    }
    heard.arguments(
        index,
        match call.input {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        },
    );
}

fn stop(heard: &mut Heard, reason: Option<&str>, beside: Option<&Value>) -> Result<(), Wrong> {
    match reason {
        None => {}
        Some("max_tokens" | "model_context_window_exceeded") => heard.finish(Finish::Length),
        Some("tool_use") => heard.finish(Finish::Calls),
        Some("stop_sequence") => {
            // Told only by some models, and beside.
            let stop = beside.and_then(|beside| beside["stop_sequence"].as_str());
            heard.stopped_at(stop.unwrap_or_default());
        }
        Some("guardrail_intervened" | "content_filtered") => {
            return Err(Wrong::Said(Said::filtered()));
        }
        Some(_) => heard.finish(Finish::Stop),
    }
    Ok(())
}

//! Answers in the words of Messages, whole or event by event.
//!
//! An answer is a list of blocks: text, thoughts and calls.

use oratory_contract::{Finish, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::heard::Heard;
use crate::said::{Said, Wrong};

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    #[serde(default)]
    usage: UsageWire,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    Thinking {
        thinking: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Default, Deserialize)]
struct UsageWire {
    input_tokens: Option<u32>,
    cache_creation_input_tokens: Option<u32>,
    cache_read_input_tokens: Option<u32>,
    output_tokens: Option<u32>,
}

impl UsageWire {
    /// Takes what is told now; what is not told stays.
    fn tell(&self, usage: &mut Usage) {
        let cached = self.cache_read_input_tokens.unwrap_or(0);
        let fresh = self
            .input_tokens
            .map(|input| input.saturating_add(self.cache_creation_input_tokens.unwrap_or(0)));
        if let Some(fresh) = fresh {
            // What was cached is counted apart there.
            usage.input = fresh.saturating_add(cached);
            usage.cached = cached;
        }
        usage.output = self.output_tokens.unwrap_or(usage.output);
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum EventWire {
    MessageStart {
        message: Started,
    },
    ContentBlockStart {
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
    },
    MessageDelta {
        delta: Stopped,
        #[serde(default)]
        usage: UsageWire,
    },
    MessageStop,
    Error {
        error: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Started {
    #[serde(default)]
    usage: UsageWire,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "input_json_delta")]
    Input { partial_json: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Stopped {
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
}

/// Hears an answer that came in one piece.
pub(super) fn whole(heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
    let message: Message = serde_json::from_slice(body)?;
    message.usage.tell(&mut heard.usage);
    for (index, block) in (0..).zip(message.content) {
        let input = match &block {
            Block::ToolUse { input, .. } => Some(input.to_string()),
            _ => None,
        };
        begin(heard, index, block);
        heard.arguments(index, input.unwrap_or_default());
    }
    stop(heard, message.stop_reason.as_deref(), message.stop_sequence.as_deref())?;
    heard.over();
    Ok(())
}

/// Hears one event.
pub(super) fn event(heard: &mut Heard, data: &[u8]) -> Result<(), Wrong> {
    match serde_json::from_slice(data)? {
        EventWire::MessageStart { message } => message.usage.tell(&mut heard.usage),
        EventWire::ContentBlockStart { index, content_block } => {
            begin(heard, index, content_block);
        }
        EventWire::ContentBlockDelta { index, delta } => match delta {
            Delta::Text { text } => heard.text(Some(text)),
            Delta::Thinking { thinking } => heard.thinking(Some(thinking)),
            Delta::Input { partial_json } => heard.arguments(index, partial_json),
            Delta::Other => {}
        },
        EventWire::MessageDelta { delta, usage } => {
            usage.tell(&mut heard.usage);
            stop(heard, delta.stop_reason.as_deref(), delta.stop_sequence.as_deref())?;
        }
        EventWire::MessageStop => heard.over(),
        EventWire::Error { error } => return Err(Wrong::Said(Said::of(&error))),
        EventWire::Other => {}
    }
    Ok(())
}

fn begin(heard: &mut Heard, index: u64, block: Block) {
    match block {
        Block::Text { text } => heard.text(Some(text)),
        Block::Thinking { thinking } => heard.thinking(Some(thinking)),
        Block::ToolUse { id, name, .. } => heard.call(index, Some(id), name),
        Block::Other => {}
    }
}

fn stop(heard: &mut Heard, reason: Option<&str>, stop: Option<&str>) -> Result<(), Wrong> {
    match (reason, stop) {
        (None, _) => {}
        (Some("max_tokens" | "model_context_window_exceeded"), _) => heard.finish(Finish::Length),
        (Some("tool_use"), _) => heard.finish(Finish::Calls),
        (Some("stop_sequence"), Some(stop)) => heard.stopped_at(stop),
        (Some("refusal"), _) => return Err(Wrong::Said(Said::filtered())),
        (Some(_), _) => heard.finish(Finish::Stop),
    }
    Ok(())
}

//! The parts of a message that both its forms share: blocks, counts, why it ended.
//!
//! Field names and orders are Anthropic's.

use oratory_contract::{Begun, Done, Finish, RequestId, Usage};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// A message, whole or, before its first block, empty.
#[derive(Serialize, JsonSchema)]
pub(super) struct Message<'a> {
    pub(super) id: String,
    pub(super) r#type: &'a str,
    pub(super) role: &'a str,
    pub(super) model: &'a str,
    pub(super) content: Vec<Block<'a>>,
    pub(super) stop_reason: Option<&'a str>,
    pub(super) stop_sequence: Option<&'a str>,
    pub(super) usage: UsageWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_management: Option<Value>,
}

/// A block, whole or, in a stream, where it starts.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str, signature: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Value },
}

/// Tokens as Anthropic counts them: those that were not computed again are counted apart.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(super) struct UsageWire {
    input_tokens: u32,
    cache_creation_input_tokens: u32,
    cache_read_input_tokens: u32,
    output_tokens: u32,
}

impl From<Usage> for UsageWire {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input.saturating_sub(usage.cached),
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: usage.cached,
            output_tokens: usage.output,
        }
    }
}

impl From<Begun> for UsageWire {
    fn from(begun: Begun) -> Self {
        Usage { input: begun.input, cached: begun.cached, ..Usage::default() }.into()
    }
}

/// Returns why a message ended, and at which of the stop texts if it was one.
pub(super) fn stopped<'a>(done: &Done, stops: &'a [String]) -> (&'static str, Option<&'a str>) {
    match done.finish {
        Finish::Stop => ("end_turn", None),
        Finish::Text(which) => ("stop_sequence", stops.get(which as usize).map(String::as_str)),
        Finish::Length => ("max_tokens", None),
        Finish::Calls => ("tool_use", None),
    }
}

/// Returns what stands under thinking of ours. Clients send it back with the thinking, which is
/// read as it is: it says where it comes from, and proves nothing.
pub(super) fn signature(id: RequestId) -> String {
    format!("oratory-{id}")
}

/// Returns what a tool is given, as JSON; a call that a limit has cut off is given nothing.
pub(super) fn input(arguments: &str) -> Value {
    serde_json::from_str(arguments).unwrap_or_else(|_| json!({}))
}

//! The parts of an answer that both its forms share: tool calls, token chances, counts.
//!
//! Field names and orders are OpenAI's.

use oratory_contract::{CallHead, CallPart, Chance, Finish, Rated, Usage};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::Called;

/// Returns the reason's name on the wire.
pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Text(_) => "stop",
        Finish::Length => "length",
        Finish::Calls => "tool_calls",
    }
}

#[derive(Default, Serialize, JsonSchema)]
pub(super) struct UsageWire {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens_details: Option<OutputDetails>,
}

#[derive(Default, Serialize, JsonSchema)]
struct Details {
    cached_tokens: u32,
}

/// What of the output was thinking; told where it is known.
#[derive(Serialize, JsonSchema)]
struct OutputDetails {
    reasoning_tokens: u32,
}

impl From<Usage> for UsageWire {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            total_tokens: usage.input.saturating_add(usage.output),
            prompt_tokens_details: Details { cached_tokens: usage.cached },
            completion_tokens_details: usage
                .reasoning
                .map(|reasoning_tokens| OutputDetails { reasoning_tokens }),
        }
    }
}

/// What numbers took: nothing is written for them.
#[derive(Serialize, JsonSchema)]
pub(super) struct InputUsage {
    prompt_tokens: u32,
    total_tokens: u32,
}

impl From<Usage> for InputUsage {
    fn from(usage: Usage) -> Self {
        Self { prompt_tokens: usage.input, total_tokens: usage.input }
    }
}

/// A tool call, or in a stream a part of one.
#[derive(Serialize, JsonSchema)]
pub(super) struct CallWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a str>,
    function: FunctionWire<'a>,
}

#[derive(Serialize, JsonSchema)]
struct FunctionWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

impl<'a> CallWire<'a> {
    /// A part of a call, as it is made.
    pub(super) fn part(part: &'a CallPart) -> Self {
        Self::of(Some(part.index), part.begins.as_ref(), &part.arguments)
    }

    /// A call that is complete.
    pub(super) fn whole(called: &'a Called) -> Self {
        Self::of(None, Some(&called.head), &called.arguments)
    }

    fn of(index: Option<u32>, head: Option<&'a CallHead>, arguments: &'a str) -> Self {
        let name = head.map(|head| head.name.as_str());
        Self {
            index,
            id: head.map(|head| head.id.as_str()),
            r#type: head.map(|_| "function"),
            function: FunctionWire { name, arguments },
        }
    }
}

/// How likely tokens were.
#[derive(Serialize, JsonSchema)]
pub(super) struct LogprobsWire {
    content: Vec<TokenWire>,
    refusal: Option<()>,
}

#[derive(Serialize, JsonSchema)]
struct TokenWire {
    #[serde(flatten)]
    token: RatedWire,
    top_logprobs: Vec<RatedWire>,
}

#[derive(Serialize, JsonSchema)]
struct RatedWire {
    token: String,
    logprob: f32,
    bytes: Vec<u8>,
}

impl LogprobsWire {
    pub(super) fn of(chances: &[Chance]) -> Self {
        let token = |chance: &Chance| TokenWire {
            token: rated(&chance.token),
            top_logprobs: chance.top.iter().map(rated).collect(),
        };
        Self { content: chances.iter().map(token).collect(), refusal: None }
    }
}

fn rated(rated: &Rated) -> RatedWire {
    RatedWire {
        token: String::from_utf8_lossy(&rated.bytes).into_owned(),
        // JSON knows no infinity; OpenAI writes this for what was never likely.
        logprob: rated.logprob.max(-9999.0),
        bytes: rated.bytes.clone(),
    }
}

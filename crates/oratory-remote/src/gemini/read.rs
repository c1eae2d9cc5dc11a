//! Answers in the words of generateContent: a whole one is an event like any other.
//!
//! A stream has no mark of its end but its end.

use oratory_contract::{Chance, Finish, Rated, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::heard::Heard;
use crate::said::{Said, Wrong};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generated {
    #[serde(default)]
    candidates: Vec<Candidate>,
    usage_metadata: Option<UsageWire>,
    prompt_feedback: Option<Feedback>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    logprobs_result: Option<Chances>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    function_call: Option<CallWire>,
}

#[derive(Deserialize)]
struct CallWire {
    id: Option<String>,
    name: String,
    args: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageWire {
    prompt_token_count: Option<u32>,
    cached_content_token_count: Option<u32>,
    tool_use_prompt_token_count: Option<u32>,
    candidates_token_count: Option<u32>,
    thoughts_token_count: Option<u32>,
}

impl From<UsageWire> for Usage {
    fn from(wire: UsageWire) -> Self {
        let sum = |one: Option<u32>, other: Option<u32>| {
            one.unwrap_or(0).saturating_add(other.unwrap_or(0))
        };
        Self {
            input: sum(wire.prompt_token_count, wire.tool_use_prompt_token_count),
            cached: wire.cached_content_token_count.unwrap_or(0),
            // Thoughts are counted apart there.
            output: sum(wire.candidates_token_count, wire.thoughts_token_count),
            reasoning: wire.thoughts_token_count,
            microjoules: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chances {
    #[serde(default)]
    chosen_candidates: Vec<Rating>,
    #[serde(default)]
    top_candidates: Vec<Top>,
}

#[derive(Deserialize)]
struct Top {
    #[serde(default)]
    candidates: Vec<Rating>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rating {
    token: String,
    token_id: Option<u32>,
    log_probability: f32,
}

impl From<Rating> for Rated {
    fn from(rating: Rating) -> Self {
        let bytes = rating.token.into_bytes();
        Self { id: rating.token_id.unwrap_or(u32::MAX), bytes, logprob: rating.log_probability }
    }
}

/// Hears one event, or all of an answer.
pub(super) fn event(heard: &mut Heard, data: &[u8]) -> Result<(), Wrong> {
    let event: Generated = serde_json::from_slice(data)?;
    if let Some(error) = event.error {
        return Err(Wrong::Said(Said::of(&error)));
    }
    if let Some(usage) = event.usage_metadata {
        heard.usage = usage.into();
    }
    if event.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
        return Err(Wrong::Said(Said::filtered()));
    }
    let Some(candidate) = event.candidates.into_iter().next() else { return Ok(()) };
    for part in candidate.content.into_iter().flat_map(|content| content.parts) {
        if let Some(call) = part.function_call {
            let args = call.args.map_or_else(|| "{}".to_owned(), |args| args.to_string());
            heard.whole_call(call.id, call.name, args);
        } else if part.thought {
            heard.thinking(part.text);
        } else {
            heard.text(part.text);
        }
    }
    heard.chances(candidate.logprobs_result.map(chances).unwrap_or_default());
    finish(heard, candidate.finish_reason.as_deref(), candidate.finish_message)
}

fn chances(chances: Chances) -> Vec<Chance> {
    let mut tops = chances.top_candidates.into_iter();
    let chosen = chances.chosen_candidates.into_iter();
    chosen
        .map(|chosen| {
            let top = tops.next().map(|top| top.candidates).unwrap_or_default();
            Chance { token: chosen.into(), top: top.into_iter().map(Into::into).collect() }
        })
        .collect()
}

fn finish(heard: &mut Heard, reason: Option<&str>, why: Option<String>) -> Result<(), Wrong> {
    match reason {
        None | Some("FINISH_REASON_UNSPECIFIED") => {}
        Some("STOP") => heard.finish(Finish::Stop),
        Some("MAX_TOKENS") => heard.finish(Finish::Length),
        Some(name @ ("MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL")) => {
            let message = why.unwrap_or_else(|| "the model called a tool wrongly".to_owned());
            let name = name.to_lowercase();
            return Err(Wrong::Said(Said { name, message, after: None }));
        }
        Some("OTHER" | "LANGUAGE") => heard.finish(Finish::Stop),
        // All other reasons are filters.
        Some(_) => return Err(Wrong::Said(Said::filtered())),
    }
    Ok(())
}

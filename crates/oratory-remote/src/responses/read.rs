//! Answers in the words of Responses, whole or event by event.
//!
//! Of the many events only those are heard that say something new.

use oratory_contract::Finish;
use serde::Deserialize;
use serde_json::Value;

use crate::heard::Heard;
use crate::openai::{ChanceWire, UsageWire};
use crate::said::{Said, Wrong};

#[derive(Deserialize)]
struct Response {
    status: Option<String>,
    #[serde(default)]
    output: Vec<Item>,
    usage: Option<UsageWire>,
    error: Option<Value>,
    incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message {
        #[serde(default)]
        content: Vec<Content>,
    },
    FunctionCall {
        call_id: Option<String>,
        name: String,
        #[serde(default)]
        arguments: String,
    },
    Reasoning {
        #[serde(default)]
        summary: Vec<Words>,
        #[serde(default)]
        content: Option<Vec<Words>>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content {
    OutputText {
        text: String,
        #[serde(default)]
        logprobs: Option<Vec<ChanceWire>>,
    },
    Refusal {
        refusal: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Words {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum EventWire {
    #[serde(rename = "response.output_item.added")]
    Added { output_index: u64, item: Item },
    #[serde(rename = "response.output_text.delta")]
    Text {
        delta: String,
        #[serde(default)]
        logprobs: Option<Vec<ChanceWire>>,
    },
    #[serde(rename = "response.refusal.delta")]
    Refusal { delta: String },
    #[serde(
        rename = "response.reasoning_summary_text.delta",
        alias = "response.reasoning_text.delta"
    )]
    Thinking { delta: String },
    #[serde(rename = "response.function_call_arguments.delta")]
    Arguments { output_index: u64, delta: String },
    #[serde(
        rename = "response.completed",
        alias = "response.incomplete",
        alias = "response.failed",
        alias = "response.cancelled"
    )]
    Ended { response: Response },
    #[serde(rename = "error")]
    Error(Value),
    #[serde(other)]
    Other,
}

/// Hears an answer that came in one piece.
pub(super) fn whole(heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
    let mut response: Response = serde_json::from_slice(body)?;
    for (index, item) in (0..).zip(std::mem::take(&mut response.output)) {
        hear(heard, index, item);
    }
    end(heard, response)
}

/// Hears one event.
pub(super) fn event(heard: &mut Heard, data: &[u8]) -> Result<(), Wrong> {
    match serde_json::from_slice(data)? {
        // Its words come later, piece by piece.
        EventWire::Added { output_index, item: Item::FunctionCall { call_id, name, .. } } => {
            heard.call(output_index, call_id, name);
        }
        EventWire::Text { delta, logprobs } => {
            heard.text(Some(delta));
            heard.chances(logprobs.into_iter().flatten().map(Into::into).collect());
        }
        EventWire::Refusal { delta } => heard.text(Some(delta)),
        EventWire::Thinking { delta } => heard.thinking(Some(delta)),
        EventWire::Arguments { output_index, delta } => heard.arguments(output_index, delta),
        EventWire::Ended { response } => return end(heard, response),
        EventWire::Error(error) => return Err(Wrong::Said(Said::of(&error))),
        EventWire::Added { .. } | EventWire::Other => {}
    }
    Ok(())
}

fn hear(heard: &mut Heard, index: u64, item: Item) {
    match item {
        Item::Message { content } => content.into_iter().for_each(|part| match part {
            Content::OutputText { text, logprobs } => {
                heard.text(Some(text));
                heard.chances(logprobs.into_iter().flatten().map(Into::into).collect());
            }
            Content::Refusal { refusal } => heard.text(Some(refusal)),
            Content::Other => {}
        }),
        Item::FunctionCall { call_id, name, arguments } => {
            heard.call(index, call_id, name);
            heard.arguments(index, arguments);
        }
        Item::Reasoning { summary, content } => {
            let words = summary.into_iter().chain(content.into_iter().flatten());
            words.for_each(|words| heard.thinking(Some(words.text)));
        }
        Item::Other => {}
    }
}

fn end(heard: &mut Heard, response: Response) -> Result<(), Wrong> {
    if let Some(usage) = response.usage {
        heard.usage = usage.usage();
    }
    if let Some(error) = response.error {
        return Err(Wrong::Said(Said::of(&error)));
    }
    let reason = response.incomplete_details.and_then(|details| details.reason);
    match (response.status.as_deref(), reason.as_deref()) {
        (_, Some("content_filter")) => return Err(Wrong::Said(Said::filtered())),
        (Some("incomplete"), _) => heard.finish(Finish::Length),
        (Some("completed"), _) => heard.finish(Finish::Stop),
        (status, _) => {
            let status = status.unwrap_or("no status");
            return Err(Wrong::Senseless(format!("it ended with {status}")));
        }
    }
    heard.over();
    Ok(())
}

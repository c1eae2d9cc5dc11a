//! Ollama's own dialect, as we call it: one JSON object a line.
//!
//! A whole answer is a line like any other.

use std::time::Duration;

use bytes::Bytes;
use oratory_contract::{
    Asked, Delivery, Effort, Finish, Form, Message, Mirostat, ModelName, Several, Tool, ToolChoice,
    Usage, Words,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dialect::{Call, Speech, came_in, unheard_of};
use crate::fields::{self, Fields, object};
use crate::frames::{Event, Frames};
use crate::heard::Heard;
use crate::openai::{ChanceWire, function};
use crate::said::{Said, Wrong};

/// Ollama.
pub(crate) struct Ollama;

impl Speech for Ollama {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        let tools = &asked.tools;
        match tools.choice {
            ToolChoice::Required | ToolChoice::Named(_) => Some("tools that must be called"),
            _ if tools.may_be_called() && tools.several == Several::No => {
                Some("one tool call at a time")
            }
            _ => unheard_of(asked),
        }
    }

    fn words(&self) -> Option<Words> {
        Some(Words::Ollama)
    }

    fn carries(&self, wish: &str, _: &ModelName, _: &Asked) -> bool {
        !matches!(wish, "top_n_sigma" | "xtc" | "dry" | "truncation" | "context_management")
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        Call { path: "/api/chat".to_owned(), body: body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        line(heard, body)?;
        if heard.is_over() { Ok(()) } else { Err(Wrong::Senseless("it is not done".to_owned())) }
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        line(heard, event.data)
    }

    fn frames(&self) -> Frames {
        Frames::Lines(Vec::new())
    }

    fn listing(&self) -> Option<&'static str> {
        Some("/api/tags")
    }

    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong> {
        let tags: Tags = serde_json::from_slice(body)?;
        Ok(tags.models.into_iter().map(|model| model.name).collect())
    }
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let mut body = Fields::default();
    body.set("model", model.as_str());
    body.list("messages", messages(asked));
    if asked.tools.choice != ToolChoice::None {
        let known = |tool: &Tool| json!({ "type": "function", "function": function(tool) });
        body.list("tools", fields::tools(asked, Words::Ollama, known));
    }
    body.maybe(
        "format",
        match &asked.form {
            Form::Json => Some(json!("json")),
            Form::Schema(text) => Some(object(text, "schema")),
            Form::Text | Form::Regex(_) | Form::Grammar(_) => None,
        },
    );
    body.maybe(
        "think",
        asked.effort.map(|effort| match effort {
            Effort::Off => json!(false),
            // Only some models know degrees; for the others, the usual is yes.
            Effort::Medium => json!(true),
            Effort::Low | Effort::High => json!(effort.as_str()),
        }),
    );
    body.maybe("logprobs", asked.sampling.chances.map(|_| true));
    body.maybe("top_logprobs", asked.sampling.chances.filter(|top| *top > 0));
    body.object("options", options(asked));
    body.set("stream", asked.delivery == Delivery::Stream);
    if came_in(asked, Words::Ollama) {
        body.maybe("keep_alive", asked.at_home.keep.map(seconds));
    }
    body.pass_on(&asked.extras, Words::Ollama);
    body.bytes()
}

/// Returns how long a model stays in memory, in seconds; what is too long to be told is for ever.
fn seconds(keep: Duration) -> i64 {
    i64::from(i32::try_from(keep.as_secs()).unwrap_or(-1))
}

fn options(asked: &Asked) -> Fields {
    let (limits, sampling) = (&asked.limits, &asked.sampling);
    let mut options = Fields::default();
    options.maybe("num_predict", limits.max_tokens);
    options.list("stop", limits.stop.iter().map(String::as_str));
    options.number("temperature", sampling.temperature);
    options.number("top_p", sampling.top_p);
    options.maybe("top_k", sampling.top_k);
    options.number("min_p", sampling.min_p);
    options.number("typical_p", sampling.typical_p);
    options.maybe("seed", sampling.seed);
    options.number("frequency_penalty", sampling.frequency_penalty);
    options.number("presence_penalty", sampling.presence_penalty);
    options.number("repeat_penalty", sampling.repeat_penalty);
    options.maybe("repeat_last_n", sampling.penalty_window);
    if let Some(Mirostat { version, tau, eta }) = sampling.mirostat {
        options.set("mirostat", version);
        options.number("mirostat_tau", Some(tau));
        options.number("mirostat_eta", Some(eta));
    }
    options
}

fn messages(asked: &Asked) -> impl Iterator<Item = Value> {
    let called = |message: &Message| {
        let id = message.answers.as_deref()?;
        let mut calls = asked.messages.iter().flat_map(|message| &message.calls);
        calls.find(|call| call.id == id).map(|call| call.name.clone())
    };
    asked.messages.iter().map(move |message| {
        let mut said = Fields::default();
        said.set("role", message.role.as_str());
        said.set("content", message.content.as_str());
        said.maybe("thinking", message.thinking.as_deref());
        said.list(
            "tool_calls",
            message.calls.iter().map(|call| {
                let arguments = object(&call.arguments, "input");
                json!({ "function": { "name": call.name, "arguments": arguments } })
            }),
        );
        said.maybe("tool_name", called(message));
        said.into()
    })
}

#[derive(Deserialize)]
struct Line {
    message: Option<Spoken>,
    #[serde(default)]
    logprobs: Vec<ChanceWire>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u32>,
    eval_count: Option<u32>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Spoken {
    content: Option<String>,
    thinking: Option<String>,
    #[serde(default)]
    tool_calls: Vec<CallWire>,
}

#[derive(Deserialize)]
struct CallWire {
    id: Option<String>,
    function: FunctionWire,
}

#[derive(Deserialize)]
struct FunctionWire {
    name: String,
    #[serde(default)]
    arguments: Value,
}

fn line(heard: &mut Heard, data: &[u8]) -> Result<(), Wrong> {
    let line: Line = serde_json::from_slice(data)?;
    if let Some(error) = line.error {
        return Err(Wrong::Said(Said::of(&error)));
    }
    if let Some(spoken) = line.message {
        heard.thinking(spoken.thinking);
        heard.text(spoken.content);
        for CallWire { id, function } in spoken.tool_calls {
            heard.whole_call(id, function.name, function.arguments.to_string());
        }
    }
    heard.chances(line.logprobs.into_iter().map(Into::into).collect());
    if line.done {
        let (input, output) = (line.prompt_eval_count, line.eval_count);
        let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
        heard.usage = Usage { input, output, ..Usage::default() };
        let length = line.done_reason.as_deref() == Some("length");
        heard.finish(if length { Finish::Length } else { Finish::Stop });
        heard.over();
    }
    Ok(())
}

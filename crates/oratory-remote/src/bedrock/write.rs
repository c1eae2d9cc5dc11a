//! A request in the words of Converse.
//!
//! What Converse has no words for but the model's makers have goes beside it, in theirs.

use bytes::Bytes;
use oratory_contract::{Asked, Effort, Form, ModelName, Tool, ToolChoice, Tools};
use serde_json::{Value, json};

use crate::anthropic::{Thinks, thinking, thinks};
use crate::fields::{Fields, object};
use crate::talk::{Part, Side, Talk, Turn};

/// Returns the body of a call.
pub(super) fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let talk = Talk::of(asked);
    let mut body = Fields::default();
    body.list("system", talk.instructions.iter().map(|text| json!({ "text": text })));
    body.list("messages", talk.turns.iter().map(turn));
    let beside = beside(model, asked, &talk);
    body.object("inferenceConfig", config(model, asked, beside.as_ref()));
    if asked.tools.choice != ToolChoice::None {
        tools(&mut body, &asked.tools);
    }
    if let Form::Schema(text) = &asked.form {
        // As text: Converse passes it on.
        let schema = json!({ "schema": text, "name": "answer" });
        let format = json!({ "type": "json_schema", "structure": { "jsonSchema": schema } });
        body.set("outputConfig", json!({ "textFormat": format }));
    }
    body.maybe("additionalModelRequestFields", beside);
    body.bytes()
}

/// Says whether a wish finds its way into a call.
pub(super) fn carries(wish: &str, model: &ModelName, asked: &Asked) -> bool {
    let beside = || beside(model, asked, &Talk::of(asked));
    match wish {
        "temperature" | "top_p" => takes(model, beside().as_ref()),
        "thinking" => beside().is_some(),
        _ => false,
    }
}

/// Says whether a model takes settings of how tokens are chosen.
fn takes(model: &ModelName, beside: Option<&Value>) -> bool {
    beside.is_none() && !(is_claude(model) && thinks(model) == Thinks::ByItself)
}

fn turn(turn: &Turn<'_>) -> Value {
    let role = if turn.side == Side::Model { "assistant" } else { "user" };
    let content: Vec<Value> = turn.parts.iter().map(part).collect();
    json!({ "role": role, "content": content })
}

fn part(part: &Part<'_>) -> Value {
    match part {
        Part::Text(text) => json!({ "text": text }),
        Part::Call(call) => json!({ "toolUse": {
            "toolUseId": call.id, "name": call.name, "input": object(&call.arguments, "input"),
        }}),
        Part::Result { call, text, .. } => {
            json!({ "toolResult": { "toolUseId": call, "content": [{ "text": text }] } })
        }
    }
}

fn config(model: &ModelName, asked: &Asked, beside: Option<&Value>) -> Fields {
    let mut config = Fields::default();
    // Thinking is done within the same limit; what was asked for is meant for the answer.
    let thought = beside.and_then(|beside| beside["thinking"]["budget_tokens"].as_u64());
    let most = asked.limits.max_tokens.map(u64::from);
    config.maybe("maxTokens", most.map(|most| most + thought.unwrap_or(0)));
    config.list("stopSequences", asked.limits.stop.iter().map(String::as_str));
    if takes(model, beside) {
        config.number("temperature", asked.sampling.temperature);
        config.number("topP", asked.sampling.top_p);
    }
    config
}

fn tools(body: &mut Fields, tools: &Tools) {
    if tools.offered.is_empty() {
        return;
    }
    let mut written = Fields::default();
    written.list("tools", tools.offered.iter().map(tool));
    written.maybe(
        "toolChoice",
        match &tools.choice {
            ToolChoice::Auto | ToolChoice::None => None,
            ToolChoice::Required => Some(json!({ "any": {} })),
            ToolChoice::Named(name) => Some(json!({ "tool": { "name": name } })),
        },
    );
    body.object("toolConfig", written);
}

fn tool(tool: &Tool) -> Value {
    let mut written = Fields::default();
    written.set("name", tool.name.as_str());
    written.maybe("description", tool.description.as_deref());
    written.set("inputSchema", json!({ "json": object(&tool.parameters, "schema") }));
    json!({ "toolSpec": Value::from(written) })
}

fn is_claude(model: &ModelName) -> bool {
    model.as_str().contains("anthropic.")
}

/// Returns what tells the model to think, in the words of its makers; `None` where nobody asked.
fn beside(model: &ModelName, asked: &Asked, talk: &Talk<'_>) -> Option<Value> {
    let effort = asked.effort.filter(|effort| *effort != Effort::Off)?;
    if !is_claude(model) {
        let gpt = model.as_str().contains("openai.");
        return gpt.then(|| json!({ "reasoning_effort": effort.as_str() }));
    }
    let mut beside = Fields::default();
    beside.set("thinking", thinking(model, asked, talk)?);
    if thinks(model) != Thinks::Within {
        beside.set("output_config", json!({ "effort": effort.as_str() }));
    }
    Some(beside.into())
}

//! A request in the words of generateContent.
//!
//! Calls of earlier answers go without the signatures they came with, which nobody keeps; the
//! dialect has a word for that.

use bytes::Bytes;
use oratory_contract::{Asked, Effort, Form, ModelName, Tool, ToolChoice};
use serde_json::{Value, json};

use crate::fields::{Fields, object};
use crate::talk::{Part, Side, Talk, Turn};

/// What Google wants to see in place of a signature that is not there.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// Returns the body of a call.
pub(super) fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let talk = Talk::of(asked);
    let mut body = Fields::default();
    let mut instruction = Fields::default();
    instruction.list("parts", talk.instructions.iter().map(|text| json!({ "text": text })));
    body.object("systemInstruction", instruction);
    body.list("contents", talk.turns.iter().map(turn));
    if !asked.tools.offered.is_empty() {
        let declared: Vec<Value> = asked.tools.offered.iter().map(tool).collect();
        body.set("tools", json!([{ "functionDeclarations": declared }]));
        body.maybe("toolConfig", choice(&asked.tools.choice));
    }
    body.object("generationConfig", config(model, asked));
    body.bytes()
}

fn turn(turn: &Turn<'_>) -> Value {
    let role = if turn.side == Side::Model { "model" } else { "user" };
    let mut unsigned = Some(UNSIGNED);
    let parts = turn.parts.iter().map(|part| match part {
        Part::Text(text) => json!({ "text": text }),
        Part::Call(call) => {
            let mut written = Fields::default();
            let args = object(&call.arguments, "input");
            written.set("functionCall", json!({ "name": call.name, "args": args }));
            // The first call of a turn is the one that is looked at.
            written.maybe("thoughtSignature", unsigned.take());
            written.into()
        }
        Part::Result { tool, text, .. } => {
            json!({ "functionResponse": { "name": tool, "response": object(text, "result") } })
        }
    });
    let parts: Vec<Value> = parts.collect();
    json!({ "role": role, "parts": parts })
}

fn tool(tool: &Tool) -> Value {
    let mut declared = Fields::default();
    declared.set("name", tool.name.as_str());
    declared.maybe("description", tool.description.as_deref());
    declared.set("parametersJsonSchema", object(&tool.parameters, "schema"));
    declared.into()
}

fn choice(choice: &ToolChoice) -> Option<Value> {
    let calling = match choice {
        ToolChoice::Auto => return None,
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Named(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    };
    Some(json!({ "functionCallingConfig": calling }))
}

fn config(model: &ModelName, asked: &Asked) -> Fields {
    let (limits, sampling) = (&asked.limits, &asked.sampling);
    let mut config = Fields::default();
    config.maybe("maxOutputTokens", limits.max_tokens);
    config.list("stopSequences", limits.stop.iter().map(String::as_str));
    config.number("temperature", sampling.temperature);
    config.number("topP", sampling.top_p);
    config.maybe("topK", sampling.top_k);
    // It takes numbers of 32 bits with a sign, and no more.
    config.maybe("seed", sampling.seed.map(|seed| seed & 0x7fff_ffff));
    config.number("presencePenalty", sampling.presence_penalty);
    config.number("frequencyPenalty", sampling.frequency_penalty);
    config.maybe("responseLogprobs", sampling.chances.map(|_| true));
    config.maybe("logprobs", sampling.chances.filter(|top| *top > 0));
    match &asked.form {
        Form::Json => config.set("responseMimeType", "application/json"),
        Form::Schema(text) => {
            config.set("responseMimeType", "application/json");
            config.set("responseJsonSchema", object(text, "schema"));
        }
        Form::Text | Form::Regex(_) | Form::Grammar(_) => {}
    }
    config.maybe("thinkingConfig", asked.effort.map(|effort| thinking(model, effort)));
    config
}

/// Says how much to think: models before the third generation are told in tokens.
fn thinking(model: &ModelName, effort: Effort) -> Value {
    let early = ["gemini-1", "gemini-2"].iter().any(|early| model.as_str().contains(early));
    let shown = effort != Effort::Off;
    if early {
        let budget = match effort {
            Effort::Off => 0,
            Effort::Low => 2048,
            Effort::Medium => 8192,
            Effort::High => 24_576,
        };
        return json!({ "includeThoughts": shown, "thinkingBudget": budget });
    }
    // These cannot leave it entirely.
    let level = if shown { effort.as_str() } else { "low" };
    json!({ "includeThoughts": shown, "thinkingLevel": level })
}

//! Writes conversations the way the models' own chat template does.
//!
//! The template goes into every model file; tests of the engine hold the two to the same words.

use oratory_evals::everyday::{Call, Case, Part, Tool, Wanted};
use serde_json::Value;

/// The chat template of the models, in Jinja.
pub const TEMPLATE: &str = include_str!("talk/template.jinja");

/// How a model is asked to go about its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// It thinks first where that helps.
    Free,
    /// It answers at once.
    Off,
}

/// Returns the conversation of a case up to the answer.
pub fn prompt(tools: &[Tool], parts: &[Part], thinking: Thinking) -> String {
    let mut out = String::new();
    let (system, rest) = match parts.split_first() {
        Some((Part::System(text), rest)) => (Some(text.as_str()), rest),
        _ => (None, parts),
    };
    put_head(&mut out, system, tools);
    for (at, part) in rest.iter().enumerate() {
        put_part(&mut out, part, at.checked_sub(1).map(|before| &rest[before]), rest.get(at + 1));
    }
    out.push_str("<|im_start|>assistant\n");
    if thinking == Thinking::Off {
        out.push_str("<think></think>");
    }
    out
}

/// Returns the prompt of a case.
pub fn asked(case: &Case, thinking: Thinking) -> String {
    prompt(&case.tools, &case.parts, thinking)
}

/// Returns an answer as the model writes it, its end included.
pub fn answer(wanted: &Wanted, thinking: Thinking) -> String {
    let mut out = String::new();
    if let (Some(thought), Thinking::Free) = (&wanted.thinking, thinking) {
        out.push_str(&format!("<think>{thought}</think>"));
    }
    put_said(&mut out, &wanted.text, &wanted.calls);
    out
}

fn put_head(out: &mut String, system: Option<&str>, tools: &[Tool]) {
    if system.is_none() && tools.is_empty() {
        return;
    }
    out.push_str("<|im_start|>system\n");
    out.push_str(system.unwrap_or_default());
    if !tools.is_empty() {
        out.push_str(if system.is_some() { "\n<tools>" } else { "<tools>" });
        tools.iter().for_each(|tool| put_tool(out, tool));
        out.push_str("\n</tools>");
    }
    out.push_str("<|im_end|>\n");
}

/// Writes a tool on one line: `name(key: type, other: "a" | "b") what it does`.
fn put_tool(out: &mut String, tool: &Tool) {
    let properties = tool.parameters.get("properties").and_then(Value::as_object);
    let keys = properties.into_iter().flatten().map(|(key, schema)| match schema.get("enum") {
        Some(Value::Array(values)) => {
            let values: Vec<String> = values.iter().map(json).collect();
            format!("{key}: {}", values.join(" | "))
        }
        _ => format!("{key}: {}", schema.get("type").and_then(Value::as_str).unwrap_or("any")),
    });
    let keys: Vec<String> = keys.collect();
    out.push_str(&format!("\n{}({}) {}", tool.name, keys.join(", "), tool.description));
}

fn put_part(out: &mut String, part: &Part, before: Option<&Part>, behind: Option<&Part>) {
    let is_result = |part: Option<&Part>| matches!(part, Some(Part::ToolResult(_)));
    match part {
        Part::System(text) => out.push_str(&format!("<|im_start|>system\n{text}<|im_end|>\n")),
        Part::User(text) => out.push_str(&format!("<|im_start|>user\n{text}<|im_end|>\n")),
        Part::Assistant { text, calls, .. } => {
            out.push_str("<|im_start|>assistant\n");
            put_said(out, text, calls);
            out.push('\n');
        }
        Part::ToolResult(text) => {
            if !is_result(before) {
                out.push_str("<|im_start|>user");
            }
            out.push_str(&format!("\n<tool_response>\n{text}\n</tool_response>"));
            if !is_result(behind) {
                out.push_str("<|im_end|>\n");
            }
        }
    }
}

fn put_said(out: &mut String, text: &str, calls: &[Call]) {
    out.push_str(text);
    for (at, call) in calls.iter().enumerate() {
        if at > 0 || !text.is_empty() {
            out.push('\n');
        }
        let (name, arguments) = (&call.name, json(&call.arguments));
        out.push_str(&format!(
            "<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>"
        ));
    }
    out.push_str("<|im_end|>");
}

/// Writes JSON on one line with a space behind commas and colons, as templates do.
pub(crate) fn json(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), json(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        plain => plain.to_string(),
    }
}

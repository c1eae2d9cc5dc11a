//! A request in the words of Messages.
//!
//! Thoughts of earlier answers are not sent back: they count only with signatures, which nobody
//! keeps.

use bytes::Bytes;
use oratory_contract::{
    Asked, Delivery, Effort, Form, ModelName, Several, Tool, ToolChoice, Words,
};
use serde_json::{Value, json};

use crate::fields::{self, Fields, object};
use crate::talk::{Part, Side, Talk, Turn};

/// The most tokens where nobody said how many: the dialect wants a number, always.
const MOST: u32 = 8192;

/// Returns the body of a call.
pub(super) fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let talk = Talk::of(asked);
    let most = asked.limits.max_tokens.unwrap_or(MOST);
    let thinking = thinking(model, asked, &talk);
    let mut body = Fields::default();
    body.set("model", model.as_str());
    // Thinking is done within the same limit; what was asked for is meant for the answer.
    let thought = thinking.as_ref().and_then(|thinking| thinking["budget_tokens"].as_u64());
    body.set("max_tokens", u64::from(most) + thought.unwrap_or(0));
    body.list(
        "system",
        talk.instructions.iter().map(|text| json!({ "type": "text", "text": text })),
    );
    body.list("messages", talk.turns.iter().map(turn));
    body.list("stop_sequences", asked.limits.stop.iter().map(String::as_str));
    // A model that thinks, or may, takes no settings of how tokens are chosen.
    if thinks(model) != Thinks::ByItself && thinking.is_none() {
        body.number("temperature", asked.sampling.temperature);
        body.number("top_p", asked.sampling.top_p.filter(|_| asked.sampling.temperature.is_none()));
        body.maybe("top_k", asked.sampling.top_k);
    }
    tools(&mut body, asked);
    body.maybe("thinking", thinking);
    body.object("output_config", output(model, asked));
    body.maybe("stream", (asked.delivery == Delivery::Stream).then_some(true));
    body.pass_on(&asked.extras, Words::Messages);
    body.bytes()
}

/// Says whether a wish finds its way into a call.
pub(super) fn carries(wish: &str, model: &ModelName, asked: &Asked) -> bool {
    let thinks_now = || thinking(model, asked, &Talk::of(asked)).is_some();
    let chooses = || thinks(model) != Thinks::ByItself && !thinks_now();
    match wish {
        "temperature" | "top_k" => chooses(),
        "top_p" => asked.sampling.temperature.is_none() && chooses(),
        // An effort is told beside it, where the model knows efforts.
        "thinking" => thinks(model) != Thinks::Within || thinks_now(),
        "strict" => true,
        _ => false,
    }
}

fn turn(turn: &Turn<'_>) -> Value {
    let role = if turn.side == Side::Model { "assistant" } else { "user" };
    // What came of calls must come first.
    let (results, rest): (Vec<_>, Vec<_>) =
        turn.parts.iter().partition(|part| matches!(part, Part::Result { .. }));
    let content: Vec<Value> = results.into_iter().chain(rest).map(part).collect();
    json!({ "role": role, "content": content })
}

fn part(part: &Part<'_>) -> Value {
    match part {
        Part::Text(text) => json!({ "type": "text", "text": text }),
        Part::Call(call) => json!({
            "type": "tool_use", "id": call.id, "name": call.name,
            "input": object(&call.arguments, "input"),
        }),
        Part::Result { call, text, .. } => {
            json!({ "type": "tool_result", "tool_use_id": call, "content": text })
        }
    }
}

fn tools(body: &mut Fields, asked: &Asked) {
    let (offered, tools) = (fields::tools(asked, Words::Messages, tool), &asked.tools);
    if offered.is_empty() {
        return;
    }
    body.list("tools", offered);
    let one = tools.several == Several::No;
    let mut choice = Fields::default();
    match &tools.choice {
        ToolChoice::Auto if !one => return,
        ToolChoice::Auto => choice.set("type", "auto"),
        ToolChoice::None => choice.set("type", "none"),
        ToolChoice::Required => choice.set("type", "any"),
        ToolChoice::Named(name) => {
            choice.set("type", "tool");
            choice.set("name", name.as_str());
        }
    }
    let may = tools.choice != ToolChoice::None;
    choice.maybe("disable_parallel_tool_use", (one && may).then_some(true));
    body.object("tool_choice", choice);
}

fn tool(tool: &Tool) -> Value {
    let mut written = Fields::default();
    written.set("name", tool.name.as_str());
    written.maybe("description", tool.description.as_deref());
    written.set("input_schema", object(&tool.parameters, "schema"));
    written.maybe("strict", tool.strict.then_some(true));
    written.into()
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thinks {
    /// Within so many tokens.
    Within,
    /// As it sees fit, with so much effort.
    AsItSeesFit,
    /// So, and it takes no settings of how tokens are chosen either.
    ByItself,
}

/// Returns how a model is told to think; its name holds its version: `claude-opus-4-6`.
pub(crate) fn thinks(model: &ModelName) -> Thinks {
    let parts = model.as_str().split(['-', '.', '_', ':', '@', '/']);
    // Dates are numbers of eight digits.
    let numbers = parts.filter(|part| part.len() <= 2).filter_map(|part| part.parse::<u32>().ok());
    let version: Vec<u32> = numbers.take(2).collect();
    match version[..] {
        [major, ..] if major < 4 => Thinks::Within,
        [4, minor] if minor >= 7 => Thinks::ByItself,
        [4, 6] => Thinks::AsItSeesFit,
        [4, ..] | [] => Thinks::Within,
        _ => Thinks::ByItself,
    }
}

/// Returns how a model is told to think; `None` where it is not, or must not.
pub(crate) fn thinking(model: &ModelName, asked: &Asked, talk: &Talk<'_>) -> Option<Value> {
    let effort = asked.effort.filter(|effort| *effort != Effort::Off)?;
    // A model that must call a tool may not think first.
    if matches!(asked.tools.choice, ToolChoice::Required | ToolChoice::Named(_)) {
        return None;
    }
    match thinks(model) {
        // A turn that began without thoughts, as far as is sent, goes on without them.
        Thinks::Within if talk.continues_calls() => None,
        Thinks::Within => Some(json!({ "type": "enabled", "budget_tokens": budget(effort) })),
        _ => Some(json!({ "type": "adaptive", "display": "summarized" })),
    }
}

/// Returns how many tokens a model may think for.
fn budget(effort: Effort) -> u32 {
    match effort {
        Effort::Off | Effort::Low => 2048,
        Effort::Medium => 8192,
        Effort::High => 24_576,
    }
}

fn output(model: &ModelName, asked: &Asked) -> Fields {
    let mut output = Fields::default();
    let effort = asked.effort.filter(|effort| *effort != Effort::Off);
    let effort = effort.filter(|_| thinks(model) != Thinks::Within);
    output.maybe("effort", effort.map(|effort| effort.as_str()));
    if let Form::Schema(text) = &asked.form {
        output.set("format", json!({ "type": "json_schema", "schema": object(text, "schema") }));
    }
    output
}

#[cfg(test)]
mod tests {
    use super::{Thinks, thinks};

    #[test]
    fn a_models_name_tells_how_it_thinks() {
        for (name, expected) in [
            ("claude-3-7-sonnet-20250219", Thinks::Within),
            ("claude-sonnet-4-20250514", Thinks::Within),
            ("claude-opus-4-5-20251101", Thinks::Within),
            ("claude-haiku-4-5", Thinks::Within),
            ("claude-sonnet-4-6", Thinks::AsItSeesFit),
            ("us.anthropic.claude-opus-4-6-v1", Thinks::AsItSeesFit),
            ("claude-opus-4-7", Thinks::ByItself),
            ("anthropic/claude-opus-4.8", Thinks::ByItself),
            ("claude-sonnet-5", Thinks::ByItself),
            ("some-other-model", Thinks::Within),
        ] {
            assert_eq!(thinks(&name.into()), expected, "{name}");
        }
    }
}

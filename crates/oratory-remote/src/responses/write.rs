//! A request in the words of Responses: items in a list, and nothing stored.
//!
//! Thoughts of earlier answers are not sent back: they count only in the provider's own cipher.

use bytes::Bytes;
use oratory_contract::{
    Asked, Delivery, Effort, Form, Message, ModelName, Role, Several, TooLong, Tool, ToolChoice,
    Words,
};
use serde_json::{Value, json};

use crate::dialect::came_in;
use crate::fields::{self, Fields, object};
use crate::openai::function;
use crate::schema;

/// Returns the body of a call.
pub(super) fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let sampling = &asked.sampling;
    let mut body = Fields::default();
    body.set("model", model.as_str());
    body.set("store", false);
    body.list("input", asked.messages.iter().flat_map(items));
    body.maybe("max_output_tokens", asked.limits.max_tokens);
    body.number("temperature", sampling.temperature);
    body.number("top_p", sampling.top_p);
    body.list("include", sampling.chances.map(|_| "message.output_text.logprobs"));
    body.maybe("top_logprobs", sampling.chances.filter(|top| *top > 0));
    tools(&mut body, asked);
    body.maybe("text", form(&asked.form).map(|format| json!({ "format": format })));
    body.maybe(
        "reasoning",
        asked.effort.map(|effort| match effort {
            Effort::Off => json!({ "effort": effort.as_str() }),
            _ => json!({ "effort": effort.as_str(), "summary": "auto" }),
        }),
    );
    body.maybe("stream", (asked.delivery == Delivery::Stream).then_some(true));
    let cut = asked.at_home.shortening.too_long == TooLong::Cut;
    let truncates = cut && came_in(asked, Words::Responses);
    body.maybe("truncation", truncates.then_some("auto"));
    body.pass_on(&asked.extras, Words::Responses);
    body.bytes()
}

fn items(message: &Message) -> Vec<Value> {
    if message.role == Role::Tool {
        return vec![json!({
            "type": "function_call_output", "call_id": message.answers, "output": message.content,
        })];
    }
    let kind = if message.role == Role::Assistant { "output_text" } else { "input_text" };
    let said = (!message.content.is_empty()).then(|| {
        let content = json!([{ "type": kind, "text": message.content }]);
        json!({ "type": "message", "role": message.role.as_str(), "content": content })
    });
    let calls = message.calls.iter().map(|call| {
        json!({
            "type": "function_call", "call_id": call.id, "name": call.name,
            "arguments": call.arguments,
        })
    });
    said.into_iter().chain(calls).collect()
}

fn tools(body: &mut Fields, asked: &Asked) {
    let known = |tool: &Tool| {
        let mut written = function(tool);
        written["type"] = json!("function");
        // Left out, it means yes here.
        written["strict"] = json!(tool.strict);
        written
    };
    let (offered, tools) = (fields::tools(asked, Words::Responses, known), &asked.tools);
    if offered.is_empty() {
        return;
    }
    body.list("tools", offered);
    body.maybe(
        "tool_choice",
        match &tools.choice {
            ToolChoice::Auto => None,
            ToolChoice::None => Some(json!("none")),
            ToolChoice::Required => Some(json!("required")),
            ToolChoice::Named(name) => Some(json!({ "type": "function", "name": name })),
        },
    );
    body.maybe("parallel_tool_calls", (tools.several == Several::No).then_some(false));
}

fn form(form: &Form) -> Option<Value> {
    match form {
        Form::Json => Some(json!({ "type": "json_object" })),
        Form::Schema(text) => {
            let schema = object(text, "schema");
            let strict = schema::is_strict(&schema);
            Some(
                json!({ "type": "json_schema", "name": "answer", "schema": schema, "strict": strict }),
            )
        }
        Form::Text | Form::Regex(_) | Form::Grammar(_) => None,
    }
}

//! A request in the words of chat completions.
//!
//! Only what was asked for is written: servers refuse what they do not know.

use bytes::Bytes;
use oratory_contract::{
    Asked, Delivery, Form, Message, ModelName, Role, Several, Tool, ToolChoice, Words,
};
use serde_json::{Value, json};

use crate::dialect::came_in;
use crate::fields::{self, Fields, object};
use crate::schema;

/// Returns the body of a call.
pub(super) fn body(model: &ModelName, asked: &Asked) -> Bytes {
    let (limits, sampling) = (&asked.limits, &asked.sampling);
    let mut body = Fields::default();
    body.set("model", model.as_str());
    body.list("messages", asked.messages.iter().map(message));
    body.maybe(most(model), limits.max_tokens);
    body.list("stop", limits.stop.iter().map(String::as_str));
    body.number("temperature", sampling.temperature);
    body.number("top_p", sampling.top_p);
    body.maybe("top_k", sampling.top_k);
    body.number("min_p", sampling.min_p);
    body.maybe("seed", sampling.seed);
    body.number("frequency_penalty", sampling.frequency_penalty);
    body.number("presence_penalty", sampling.presence_penalty);
    if came_in(asked, Words::Chat) {
        body.number("typical_p", sampling.typical_p);
        body.number("repetition_penalty", sampling.repeat_penalty);
        body.object("logit_bias", biases(&sampling.bias));
    }
    body.maybe("logprobs", sampling.chances.map(|_| true));
    body.maybe("top_logprobs", sampling.chances.filter(|top| *top > 0));
    tools(&mut body, asked);
    body.maybe("response_format", form(&asked.form));
    body.maybe("reasoning_effort", asked.effort.map(|effort| effort.as_str()));
    if asked.delivery == Delivery::Stream {
        body.set("stream", true);
        body.set("stream_options", json!({ "include_usage": true }));
    }
    body.pass_on(&asked.extras, Words::Chat);
    body.bytes()
}

fn biases(bias: &[(u32, f32)]) -> Fields {
    let mut biases = Fields::default();
    bias.iter().for_each(|(token, by)| biases.number(&token.to_string(), Some(*by)));
    biases
}

/// Returns what the most tokens are called: OpenAI's models that think know only the newer name,
/// other servers often only the older.
fn most(model: &ModelName) -> &'static str {
    let bare = model.as_str().rsplit('/').next().unwrap_or_default();
    let numbered = |rest: &str| rest.starts_with(|sign: char| sign.is_ascii_digit());
    let thinks = bare.strip_prefix('o').is_some_and(numbered)
        || ["gpt-5", "gpt-6", "gpt-7"].iter().any(|prefix| bare.starts_with(prefix));
    if thinks { "max_completion_tokens" } else { "max_tokens" }
}

fn message(message: &Message) -> Value {
    let mut said = Fields::default();
    said.set("role", message.role.as_str());
    let silent = message.content.is_empty() && !message.calls.is_empty();
    said.set("content", (!silent).then_some(message.content.as_str()));
    said.list(
        "tool_calls",
        message.calls.iter().map(|call| {
            let function = json!({ "name": call.name, "arguments": call.arguments });
            json!({ "id": call.id, "type": "function", "function": function })
        }),
    );
    said.maybe("tool_call_id", message.answers.as_deref());
    let name = message.name.as_deref().filter(|_| message.role != Role::Tool);
    said.maybe("name", name);
    said.into()
}

fn tools(body: &mut Fields, asked: &Asked) {
    let known = |tool: &Tool| json!({ "type": "function", "function": function(tool) });
    let (offered, tools) = (fields::tools(asked, Words::Chat, known), &asked.tools);
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
            ToolChoice::Named(name) => {
                Some(json!({ "type": "function", "function": { "name": name } }))
            }
        },
    );
    body.maybe("parallel_tool_calls", (tools.several == Several::No).then_some(false));
}

/// Returns a tool; Responses writes it the same way.
pub(crate) fn function(tool: &Tool) -> Value {
    let mut function = Fields::default();
    function.set("name", tool.name.as_str());
    function.maybe("description", tool.description.as_deref());
    function.set("parameters", object(&tool.parameters, "schema"));
    function.maybe("strict", tool.strict.then_some(true));
    function.into()
}

fn form(form: &Form) -> Option<Value> {
    match form {
        Form::Json => Some(json!({ "type": "json_object" })),
        Form::Schema(text) => {
            let schema = object(text, "schema");
            let strict = schema::is_strict(&schema);
            let named = json!({ "name": "answer", "schema": schema, "strict": strict });
            Some(json!({ "type": "json_schema", "json_schema": named }))
        }
        // The last two have no words; such requests do not come here.
        Form::Text | Form::Regex(_) | Form::Grammar(_) => None,
    }
}

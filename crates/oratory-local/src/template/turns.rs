//! Puts a conversation into the values Hugging Face hands to chat templates.
//!
//! Every text that somebody outside wrote passes a guard on its way, keys of JSON included.

use std::collections::BTreeMap;

use minijinja::Value;
use oratory_contract::{Call, Message, Role, Tool};

use super::{Conversation, python};
use crate::prompt;
use crate::speech::Style;

/// Replaces what must not reach a template as it is.
pub(crate) type Guard<'a> = &'a mut dyn FnMut(&str) -> String;

/// A conversation on its way into a template.
#[derive(Debug, Default)]
pub(super) struct Talk {
    pub(super) turns: Vec<Turn>,
    /// The tools on offer, the way templates expect them.
    pub(super) tools: Vec<Value>,
}

/// One message.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    pub(super) role: Role,
    pub(super) content: String,
    pub(super) thinking: Option<String>,
    pub(super) calls: Vec<TurnCall>,
    pub(super) answers: Option<String>,
    pub(super) name: Option<String>,
}

/// One tool call.
#[derive(Clone, Debug)]
pub(super) struct TurnCall {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Value,
}

impl Talk {
    pub(super) fn of(asked: &Conversation<'_>, style: &Style, guard: Guard<'_>) -> Self {
        let called: BTreeMap<&str, &str> = asked
            .messages
            .iter()
            .flat_map(|message| &message.calls)
            .map(|call| (call.id.as_str(), call.name.as_str()))
            .collect();
        let mut turns = Vec::with_capacity(asked.messages.len());
        let mut shown = 0;
        for message in asked.messages {
            let mut turn = turn(message, style, &called, guard);
            if !message.media.is_empty() {
                turn.content = with_media(message, shown, guard);
                shown += message.media.len();
            }
            turns.push(turn);
        }
        let offered: &[Tool] = if asked.tools.may_be_called() { &asked.tools.offered } else { &[] };
        let tools = offered.iter().map(|tool| offer(tool, guard)).collect();
        Self { turns, tools }
    }

    /// Says whether tools are on offer.
    pub(super) fn offers(&self) -> bool {
        !self.tools.is_empty()
    }

    /// Says whether tools were called.
    pub(super) fn calls(&self) -> bool {
        self.turns.iter().any(|turn| !turn.calls.is_empty() || turn.role == Role::Tool)
    }

    /// Gives calls names of nine characters, which one family insists on.
    pub(super) fn shorten_ids(&mut self) {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for turn in &mut self.turns {
            let ids = turn.calls.iter_mut().map(|call| &mut call.id).chain(&mut turn.answers);
            for id in ids {
                let next = format!("call{:05}", known.len() % 100_000);
                id.clone_from(known.entry(id.clone()).or_insert(next));
            }
        }
    }

    /// Turns what tools were given into the text of its JSON, which some families want.
    pub(super) fn put_arguments_into_text(&mut self) {
        for call in self.turns.iter_mut().flat_map(|turn| &mut turn.calls) {
            if call.arguments.as_str().is_none() {
                call.arguments = Value::from(python::json(&call.arguments));
            }
        }
    }

    /// Returns the messages as a template reads them.
    pub(super) fn messages(&self) -> Value {
        self.turns.iter().map(message).collect()
    }
}

fn turn(message: &Message, style: &Style, called: &BTreeMap<&str, &str>, guard: Guard<'_>) -> Turn {
    let (thinking, content) = match (&message.thinking, message.role) {
        (None, Role::Assistant) => split_thinking(&message.content, style),
        (thinking, _) => (thinking.as_deref(), message.content.as_str()),
    };
    let answers = message.answers.as_deref();
    // A tool's answer may leave out which tool it was; the call says.
    let tool = answers.and_then(|id| called.get(id)).copied();
    Turn {
        role: message.role,
        content: guard(content),
        thinking: thinking.map(&mut *guard),
        calls: message.calls.iter().map(|call| turn_call(call, guard)).collect(),
        answers: answers.map(&mut *guard),
        name: message.name.as_deref().or(tool).map(guard),
    }
}

/// Returns what a message says, with marks where pictures and sounds stand; `before` were in earlier
/// messages. Templates are not told of them: what stands around a picture is the projector's to
/// say.
fn with_media(message: &Message, before: usize, guard: Guard<'_>) -> String {
    let (mut content, mut taken) = (String::new(), 0);
    for (number, medium) in (before..).zip(&message.media) {
        let at = message.content.floor_char_boundary(medium.at).max(taken);
        content.push_str(&guard(&message.content[taken..at]));
        content.push_str(&prompt::medium(number));
        taken = at;
    }
    content.push_str(&guard(&message.content[taken..]));
    content
}

/// Separates thinking that a client sent back inside the text, as the model once wrote it.
fn split_thinking<'a>(content: &'a str, style: &Style) -> (Option<&'a str>, &'a str) {
    let opened = content.trim_start().strip_prefix(style.thinking.open);
    match opened.and_then(|rest| rest.split_once(style.thinking.close)) {
        Some((thinking, answer)) => (Some(thinking.trim()), answer.trim_start()),
        None => (None, content),
    }
}

fn turn_call(call: &Call, guard: Guard<'_>) -> TurnCall {
    let arguments = match serde_json::from_str(&call.arguments) {
        Ok(json) => value(&json, guard),
        Err(_) => Value::from(guard(&call.arguments)),
    };
    TurnCall { id: guard(&call.id), name: guard(&call.name), arguments }
}

fn offer(tool: &Tool, guard: Guard<'_>) -> Value {
    let schema = serde_json::from_str(&tool.parameters).unwrap_or_default();
    let mut function = vec![("name", Value::from(guard(&tool.name)))];
    if let Some(description) = &tool.description {
        function.push(("description", Value::from(guard(description))));
    }
    function.push(("parameters", value(&schema, guard)));
    object([("type", Value::from("function")), ("function", object(function))])
}

/// Returns JSON as a template's value.
fn value(json: &serde_json::Value, guard: Guard<'_>) -> Value {
    match json {
        serde_json::Value::String(text) => Value::from(guard(text)),
        serde_json::Value::Array(items) => items.iter().map(|item| value(item, guard)).collect(),
        serde_json::Value::Object(members) => {
            let members = members.iter().map(|(key, item)| (guard(key), value(item, guard)));
            members.collect()
        }
        plain => Value::from_serialize(plain),
    }
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    members.into_iter().collect()
}

fn message(turn: &Turn) -> Value {
    let mut members = vec![
        ("role", Value::from(turn.role.as_str())),
        ("content", Value::from(turn.content.as_str())),
    ];
    if let Some(thinking) = &turn.thinking {
        members.push(("reasoning_content", Value::from(thinking.as_str())));
        // The family that reads this name takes a call's text for the thinking, and not both.
        if turn.calls.is_empty() || turn.content.is_empty() {
            members.push(("thinking", Value::from(thinking.as_str())));
        }
    }
    if !turn.calls.is_empty() {
        members.push(("tool_calls", turn.calls.iter().map(call).collect()));
    }
    if let Some(id) = &turn.answers {
        members.push(("tool_call_id", Value::from(id.as_str())));
    }
    if let Some(name) = &turn.name {
        members.push(("name", Value::from(name.as_str())));
    }
    object(members)
}

fn call(call: &TurnCall) -> Value {
    let function =
        [("name", Value::from(call.name.as_str())), ("arguments", call.arguments.clone())];
    object([
        ("id", Value::from(call.id.as_str())),
        ("type", Value::from("function")),
        ("function", object(function)),
    ])
}

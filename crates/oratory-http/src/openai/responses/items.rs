//! The items a conversation is made of: turns, calls, what came of them, thinking.
//!
//! What stands in items of its own here belongs to one turn of the model's: thinking, then
//! words, then calls.

use std::collections::HashMap;

use oratory_contract::{Call, Message, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing;
use crate::failures::short;
use crate::media;
use crate::rejected::Rejected;

/// A conversation: one text of the user's, or items.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum InputItems {
    Text(String),
    Items(Vec<Value>),
    #[schemars(skip)]
    Other(serde::de::IgnoredAny),
}

impl Default for InputItems {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

impl InputItems {
    /// Returns the items as they are listed to those who ask what a response was asked with.
    pub(super) fn listed(&self) -> Vec<Value> {
        match self {
            Self::Text(text) => {
                let part = json!({ "type": "input_text", "text": text });
                listing::named(vec![json!({ "role": "user", "content": [part] })])
            }
            Self::Items(items) => listing::named(items.clone()),
            Self::Other(_) => Vec::new(),
        }
    }
}

/// One item, its fields as they are: which of them it needs, its type says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    r#type: Option<String>,
    role: Option<String>,
    content: Option<Content>,
    call_id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
    input: Option<String>,
    output: Option<Content>,
}

/// Text, or parts of it, with pictures among them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    r#type: String,
    text: Option<String>,
    refusal: Option<String>,
    image_url: Option<String>,
}

/// Returns the conversation, which goes on from what was said before.
pub(super) fn messages(before: Vec<Message>, input: InputItems) -> Result<Vec<Message>, Rejected> {
    let mut turns = Turns::new(before);
    match input {
        InputItems::Text(text) => turns.all.push(Message::new(Role::User, text)),
        InputItems::Items(items) => {
            for (at, item) in items.into_iter().enumerate() {
                let item = serde_json::from_value(item).map_err(|_| {
                    let field = format!("input[{at}]");
                    let message = format!(
                        "`{field}` is no item: an object with `type` and what belongs to it"
                    );
                    Rejected::field(&field, message)
                })?;
                turns.add(at, item)?;
            }
        }
        InputItems::Other(_) => {
            let message = "`input` must be a text or a list of items";
            return Err(Rejected::field("input", message));
        }
    }
    Ok(turns.all)
}

struct Turns {
    all: Vec<Message>,
    /// The tools that were called, by the calls' names.
    called: HashMap<String, String>,
}

impl Turns {
    fn new(all: Vec<Message>) -> Self {
        let calls = all.iter().flat_map(|message| &message.calls);
        let called = calls.map(|call| (call.id.clone(), call.name.clone())).collect();
        Self { all, called }
    }

    fn add(&mut self, at: usize, item: Item) -> Result<(), Rejected> {
        let missing = |name: &str| {
            let field = format!("input[{at}].{name}");
            Rejected::field(&field, format!("`{field}` is missing"))
        };
        match item.r#type.as_deref().unwrap_or("message") {
            "message" => {
                let role = item.role.as_deref().ok_or_else(|| missing("role"))?;
                let role = self::role(role, at)?;
                let content = item.content.ok_or_else(|| missing("content"))?;
                let mut message = Message::new(role, "");
                content.add_to(&mut message, &format!("input[{at}].content"))?;
                self.said(message);
            }
            "reasoning" => {
                // Without its text, or sealed by somebody else, there is nothing to read.
                let mut thought = Message::new(Role::Assistant, "");
                if let Some(content) = item.content {
                    content.add_to(&mut thought, &format!("input[{at}].content"))?;
                }
                if !thought.content.is_empty() {
                    let thinking = Some(thought.content);
                    self.all.push(Message { thinking, ..Message::new(Role::Assistant, "") });
                }
            }
            kind @ ("function_call" | "custom_tool_call") => {
                let arguments = match kind {
                    "function_call" => item.arguments.ok_or_else(|| missing("arguments"))?,
                    _ => {
                        json!({ "input": item.input.ok_or_else(|| missing("input"))? }).to_string()
                    }
                };
                self.calls(Call {
                    id: item.call_id.ok_or_else(|| missing("call_id"))?,
                    name: item.name.ok_or_else(|| missing("name"))?,
                    arguments,
                });
            }
            "function_call_output" | "custom_tool_call_output" => {
                let id = item.call_id.ok_or_else(|| missing("call_id"))?;
                let output = item.output.ok_or_else(|| missing("output"))?;
                let name = self.called.get(&id).cloned();
                let answers = Some(id);
                let mut message = Message { answers, name, ..Message::new(Role::Tool, "") };
                output.add_to(&mut message, &format!("input[{at}].output"))?;
                self.all.push(message);
            }
            other => {
                let field = format!("input[{at}].type");
                let message =
                    format!("`{field}` is {:?}, which this Oratory cannot read", short(other));
                return Err(Rejected::field(&field, message));
            }
        }
        Ok(())
    }

    fn said(&mut self, message: Message) {
        match self.all.last_mut() {
            // Thinking comes in an item of its own, before what was said after it.
            Some(last) if message.role == Role::Assistant && last.is_bare_thought() => {
                last.content = message.content;
            }
            _ => self.all.push(message),
        }
    }

    fn calls(&mut self, call: Call) {
        self.called.insert(call.id.clone(), call.name.clone());
        match self.all.last_mut() {
            Some(last) if last.role == Role::Assistant => last.calls.push(call),
            _ => {
                let calls = vec![call];
                self.all.push(Message { calls, ..Message::new(Role::Assistant, "") });
            }
        }
    }
}

trait Bare {
    fn is_bare_thought(&self) -> bool;
}

impl Bare for Message {
    fn is_bare_thought(&self) -> bool {
        self.role == Role::Assistant && self.content.is_empty() && self.calls.is_empty()
    }
}

fn role(role: &str, at: usize) -> Result<Role, Rejected> {
    Ok(match role {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => {
            let (field, other) = (format!("input[{at}].role"), short(other));
            let message =
                format!("`{field}` is {other:?}; write system, developer, user or assistant");
            return Err(Rejected::field(&field, message));
        }
    })
}

impl Content {
    /// Adds what it holds to a message that holds nothing yet.
    fn add_to(self, message: &mut Message, field: &str) -> Result<(), Rejected> {
        let parts = match self {
            Self::Text(text) => {
                message.content = text;
                return Ok(());
            }
            Self::Parts(parts) => parts,
            Self::Other(_) => {
                let message = format!("`{field}` must be a text or a list of parts");
                return Err(Rejected::field(field, message));
            }
        };
        for (at, part) in parts.into_iter().enumerate() {
            part.add_to(message, &format!("{field}[{at}]"))?;
        }
        Ok(())
    }
}

impl Part {
    fn add_to(self, message: &mut Message, field: &str) -> Result<(), Rejected> {
        match (self.r#type.as_str(), self.text.or(self.refusal), self.image_url) {
            (
                "input_text" | "output_text" | "text" | "refusal" | "reasoning_text",
                Some(text),
                _,
            ) => {
                message.content.push_str(&text);
                Ok(())
            }
            ("input_image", _, Some(address)) => {
                media::add_address(message, &address, &format!("{field}.image_url"))
            }
            ("input_image", _, None) => {
                let field = format!("{field}.image_url");
                let what = format!(
                    "`{field}` is missing; no files are kept here, so `file_id` names none"
                );
                Err(Rejected::field(&field, what))
            }
            (kind, ..) => {
                let (field, kind) = (format!("{field}.type"), short(kind));
                let what = format!("`{field}` is {kind:?}; this Oratory reads text and pictures");
                Err(Rejected::field(&field, what))
            }
        }
    }
}

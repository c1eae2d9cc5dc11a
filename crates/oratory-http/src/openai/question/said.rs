//! One turn of a conversation, as clients write it.
//!
//! Reads text and tool calls; other parts are refused by name.

use std::fmt;

use oratory_contract::{Call, Message, Role};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::failures::short;
use crate::loose::Asks;
use crate::rejected::Rejected;

#[derive(serde::Deserialize)]
pub(super) struct Said {
    role: String,
    #[serde(default)]
    content: Content,
    name: Option<String>,
    // What servers of open models call it; the second is OpenRouter's word.
    #[serde(alias = "reasoning")]
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<Called>>,
    tool_call_id: Option<String>,
    #[serde(default)]
    function_call: Asks,
}

/// A call the model made earlier.
#[derive(serde::Deserialize)]
struct Called {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(serde::Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Arguments,
}

/// What a tool is given: the text of a JSON object, or, as some clients write it, the object.
#[derive(Default)]
pub(crate) struct Arguments(pub(crate) String);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Self(match serde_json::Value::deserialize(reader)? {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            object => object.to_string(),
        }))
    }
}

impl Said {
    pub(super) fn message(self, at: usize) -> Result<Message, Rejected> {
        let field = |name: &str| format!("messages[{at}].{name}");
        if self.function_call.0 {
            let field = field("function_call");
            let message = format!("`{field}` is out of use; write `tool_calls`");
            return Err(Rejected::field(&field, message));
        }
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" | "function" => Role::Tool,
            other => {
                let (field, other) = (field("role"), short(other));
                let message = format!(
                    "`{field}` is {other:?}; write system, developer, user, assistant or tool"
                );
                return Err(Rejected::field(&field, message));
            }
        };
        let call = |called: Called| Call {
            id: called.id,
            name: called.function.name,
            arguments: called.function.arguments.0,
        };
        Ok(Message {
            role,
            content: self.content.0,
            thinking: self.reasoning_content,
            calls: self.tool_calls.into_iter().flatten().map(call).collect(),
            answers: self.tool_call_id,
            name: self.name,
        })
    }
}

/// Text, given as a string, as text parts, or not at all.
#[derive(Default)]
struct Content(String);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ContentVisitor).map(Self)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of text parts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_unit<E: de::Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<String, A::Error> {
        let mut whole = String::new();
        while let Some(part) = parts.next_element::<Part>()? {
            match (part.r#type.as_str(), part.text) {
                ("text" | "input_text", Some(text)) => whole.push_str(&text),
                ("text" | "input_text", None) => return Err(de::Error::missing_field("text")),
                (kind, _) => {
                    let kind = short(kind);
                    let message = format!("this Oratory reads text parts only, not {kind:?}");
                    return Err(de::Error::custom(message));
                }
            }
        }
        Ok(whole)
    }
}

#[derive(serde::Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

//! One turn of a conversation, as clients write it.
//!
//! Reads text, pictures, sounds and tool calls; other parts are refused by name.

use std::fmt;

use oratory_contract::{Call, Message, Role};
use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::failures::short;
use crate::loose::Asks;
use crate::media;
use crate::rejected::Rejected;
use crate::shape;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Said {
    #[schemars(extend("enum" = ["system", "developer", "user", "assistant", "tool"]))]
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
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Called {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Arguments,
}

/// What a tool is given: the text of a JSON object, or, as some clients write it, the object.
#[derive(Default)]
pub(crate) struct Arguments(pub(crate) String);

shape::written!(Arguments, { "type": ["string", "object", "null"] });

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
        let mut message = Message {
            thinking: self.reasoning_content,
            calls: self.tool_calls.into_iter().flatten().map(call).collect(),
            answers: self.tool_call_id,
            name: self.name,
            ..Message::new(role, "")
        };
        self.content.add_to(&mut message, &field("content"))?;
        Ok(message)
    }
}

/// Text, given as a string, as parts among which pictures and sounds may stand, or not at all.
#[derive(Default)]
struct Content(Vec<Piece>);

enum Piece {
    Text(String),
    /// By its address.
    Picture(String),
    Sound(Sound),
}

#[derive(serde::Deserialize, JsonSchema)]
struct Sound {
    data: String,
    format: String,
}

impl Content {
    fn add_to(self, message: &mut Message, field: &str) -> Result<(), Rejected> {
        for (at, piece) in self.0.into_iter().enumerate() {
            match piece {
                Piece::Text(text) if message.content.is_empty() => message.content = text,
                Piece::Text(text) => message.content.push_str(&text),
                Piece::Picture(address) => {
                    let field = format!("{field}[{at}].image_url.url");
                    media::add_address(message, &address, &field)?;
                }
                Piece::Sound(Sound { data, format }) => {
                    let field = format!("{field}[{at}].input_audio");
                    media::add_sound(message, &data, &format, &field)?;
                }
            }
        }
        Ok(())
    }
}

shape::written!(Content, |it| {
    "anyOf": [{ "type": ["string", "null"] }, { "type": "array", "items": it.subschema_for::<Part>() }]
});

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ContentVisitor).map(Self)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Vec<Piece>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of parts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Piece>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Vec<Piece>, E> {
        Ok(vec![Piece::Text(text)])
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<Piece>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Vec<Piece>, A::Error> {
        let mut all = Vec::new();
        while let Some(piece) = parts.next_element()? {
            all.push(piece);
        }
        Ok(all)
    }
}

#[derive(serde::Deserialize, JsonSchema)]
struct Part {
    r#type: String,
    text: Option<String>,
    image_url: Option<Address>,
    input_audio: Option<Sound>,
}

/// An address, as an object or, as some clients write it, alone.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(untagged)]
enum Address {
    Within { url: String },
    Alone(String),
}

// Within the part, so that what is wrong with it is told of its place in the list.
impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Part::deserialize(reader)?.piece()
    }
}

impl Part {
    fn piece<E: de::Error>(self) -> Result<Piece, E> {
        let piece = match &*self.r#type {
            "text" | "input_text" => self.text.map(Piece::Text).ok_or("text"),
            "image_url" => self.image_url.map(Address::piece).ok_or("image_url"),
            "input_audio" => self.input_audio.map(Piece::Sound).ok_or("input_audio"),
            kind => {
                let kind = short(kind);
                let message = format!("this Oratory reads text, pictures and sounds, not {kind:?}");
                return Err(E::custom(message));
            }
        };
        piece.map_err(E::missing_field)
    }
}

impl Address {
    fn piece(self) -> Piece {
        let (Self::Within { url } | Self::Alone(url)) = self;
        Piece::Picture(url)
    }
}

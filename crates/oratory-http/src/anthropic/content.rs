//! The blocks a turn is made of.
//!
//! Reads what is text, a picture, thinking, a call or its result; other blocks are refused by name.

use std::fmt;

use oratory_contract::{Call, Message, Role, Sense};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use crate::failures::short;
use crate::media;
use crate::rejected::Rejected;
use crate::shape;

/// Blocks, or one text that stands for one block.
#[derive(Default)]
pub(super) struct Blocks(pub(super) Vec<Block>);

/// One block, its fields as they are: which of them it needs, its type says.
#[derive(Default, serde::Deserialize)]
pub(super) struct Block {
    r#type: String,
    text: Option<String>,
    thinking: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Value>,
    tool_use_id: Option<String>,
    content: Option<Box<Blocks>>,
    is_error: Option<bool>,
    title: Option<String>,
    /// Where a document is; of a search result, its address. Kept as it is: blocks may stand in
    /// blocks here, and must not be read twice at every depth.
    #[serde(default)]
    source: Value,
}

/// What sort of block it is, as far as turns must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Thinking,
    Redacted,
    ToolUse,
    ToolResult,
    Other,
}

impl Block {
    pub(super) fn kind(&self) -> Kind {
        match self.r#type.as_str() {
            "text" => Kind::Text,
            "thinking" => Kind::Thinking,
            "redacted_thinking" => Kind::Redacted,
            "tool_use" => Kind::ToolUse,
            "tool_result" => Kind::ToolResult,
            _ => Kind::Other,
        }
    }

    /// Says whether it is a text that begins so.
    pub(super) fn begins_with(&self, start: &str) -> bool {
        self.text.as_ref().is_some_and(|text| text.starts_with(start))
    }

    /// Adds what a block says or shows to a message.
    pub(super) fn add_to(mut self, message: &mut Message, field: &str) -> Result<(), Rejected> {
        if self.r#type != "image" {
            add(&mut message.content, &self.text(field)?);
            return Ok(());
        }
        let field = format!("{field}.source");
        match self.source["type"].as_str() {
            Some("base64") => {
                let Value::String(letters) = self.source["data"].take() else {
                    return Err(missing(&field, "data"));
                };
                media::add(message, Sense::Sight, &letters, &format!("{field}.data"))
            }
            Some("url") => {
                let address = self.source["url"].as_str().unwrap_or_default();
                media::add_address(message, address, &format!("{field}.url"))
            }
            _ => {
                let field = format!("{field}.type");
                Err(Rejected::field(&field, format!("`{field}` must be \"base64\"")))
            }
        }
    }

    /// Returns what a block says.
    fn text(mut self, field: &str) -> Result<String, Rejected> {
        let source = self.source["type"].as_str().unwrap_or_default().to_owned();
        match (self.r#type.as_str(), &*source) {
            ("text", _) => self.text.ok_or_else(|| missing(field, "text")),
            ("document", "text") => {
                let data = self.source["data"].as_str();
                let data = data.ok_or_else(|| missing(field, "source.data"))?.to_owned();
                Ok(titled(self.title, data))
            }
            ("document", "content") => {
                let field = format!("{field}.source.content");
                let blocks = Blocks::deserialize(self.source["content"].take());
                let blocks = blocks.map_err(|_| {
                    let message = format!("`{field}` must be a text or a list of blocks");
                    Rejected::field(&field, message)
                })?;
                Ok(titled(self.title, blocks.text(&field)?))
            }
            ("document", kind) => {
                let field = format!("{field}.source.type");
                let message = format!(
                    "`{field}` is {:?}, and no model here can read that; send the document's text, \
                     as a source of type text",
                    short(kind)
                );
                Err(Rejected::field(&field, message))
            }
            ("search_result", _) => {
                let text = self.content.unwrap_or_default().text(field)?;
                let (title, address) = (self.title.unwrap_or_default(), self.source.as_str());
                Ok(titled(Some(format!("{title} ({})", address.unwrap_or_default())), text))
            }
            (kind, _) => {
                let field = format!("{field}.type");
                let message = format!(
                    "`{field}` is {:?}, which no model here can read; send text",
                    short(kind)
                );
                Err(Rejected::field(&field, message))
            }
        }
    }

    /// Returns what the model thought earlier; its signature is not looked at.
    pub(super) fn thought(self, field: &str) -> Result<String, Rejected> {
        self.thinking.ok_or_else(|| missing(field, "thinking"))
    }

    pub(super) fn call(self, field: &str) -> Result<Call, Rejected> {
        let arguments = match self.input {
            None => "{}".to_owned(),
            Some(input @ Value::Object(_)) => input.to_string(),
            Some(_) => {
                let field = format!("{field}.input");
                return Err(Rejected::field(&field, format!("`{field}` must be an object")));
            }
        };
        Ok(Call {
            id: self.id.ok_or_else(|| missing(field, "id"))?,
            name: self.name.ok_or_else(|| missing(field, "name"))?,
            arguments,
        })
    }

    /// Returns what came of a call, as a turn of its own.
    pub(super) fn result(self, field: &str) -> Result<Message, Rejected> {
        let answers = Some(self.tool_use_id.ok_or_else(|| missing(field, "tool_use_id"))?);
        // Templates know no other way to tell a model that a tool failed.
        let start = if self.is_error.unwrap_or(false) { "Error: " } else { "" };
        let mut message = Message { answers, ..Message::new(Role::Tool, "") };
        for (at, block) in self.content.unwrap_or_default().0.into_iter().enumerate() {
            block.add_to(&mut message, &format!("{field}.content[{at}]"))?;
        }
        message.content.insert_str(0, start);
        message.media.iter_mut().for_each(|medium| medium.at += start.len());
        Ok(message)
    }
}

/// Adds a block's text to those before it, apart from them.
pub(super) fn add(whole: &mut String, text: &str) {
    if !whole.is_empty() && !whole.ends_with('\n') && !text.is_empty() {
        whole.push_str("\n\n");
    }
    whole.push_str(text);
}

impl Blocks {
    /// Returns what all of them say.
    fn text(self, field: &str) -> Result<String, Rejected> {
        let each = self.0.into_iter().enumerate();
        let each = each.map(|(at, block)| block.text(&format!("{field}[{at}]")));
        Ok(each.collect::<Result<Vec<_>, _>>()?.join("\n\n"))
    }
}

fn titled(title: Option<String>, text: String) -> String {
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("{title}\n\n{text}"),
        None => text,
    }
}

fn missing(field: &str, name: &str) -> Rejected {
    let field = format!("{field}.{name}");
    Rejected::field(&field, format!("`{field}` is missing"))
}

// Blocks may stand in blocks, so their fields are told in words only.
shape::written!(Blocks, {
    "anyOf": [{ "type": ["string", "null"] }, { "type": "array", "items": {
        "type": "object",
        "properties": { "type": { "type": "string" }, "text": { "type": ["string", "null"] } },
        "required": ["type"],
    } }]
});

impl<'de> Deserialize<'de> for Blocks {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(BlocksVisitor).map(Self)
    }
}

struct BlocksVisitor;

impl<'de> Visitor<'de> for BlocksVisitor {
    type Value = Vec<Block>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of blocks")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Block>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Vec<Block>, E> {
        let (r#type, text) = ("text".to_owned(), Some(text));
        Ok(vec![Block { r#type, text, ..Block::default() }])
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<Block>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<Vec<Block>, A::Error> {
        let mut all = Vec::new();
        while let Some(block) = blocks.next_element()? {
            all.push(block);
        }
        Ok(all)
    }
}

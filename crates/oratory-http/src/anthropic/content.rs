//! The blocks a turn is made of.
//!
//! Reads what is text, thinking, a call or its result; other blocks are refused by name.

use std::fmt;

use oratory_contract::Call;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use crate::failures::short;
use crate::rejected::Rejected;

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

/// What came of a call.
pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) text: String,
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

    /// Returns what a block says.
    pub(super) fn text(mut self, field: &str) -> Result<String, Rejected> {
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

    pub(super) fn result(self, field: &str) -> Result<Outcome, Rejected> {
        let id = self.tool_use_id.ok_or_else(|| missing(field, "tool_use_id"))?;
        let text = self.content.unwrap_or_default().text(&format!("{field}.content"))?;
        // Templates know no other way to tell a model that a tool failed.
        let failed = self.is_error.unwrap_or(false);
        let text = if failed { format!("Error: {text}") } else { text };
        Ok(Outcome { id, text })
    }
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

//! One turn of a conversation, and the tool calls it may hold.
//!
//! In no dialect's words; the dialects and the chat templates translate.

use serde::{Deserialize, Serialize};

use crate::Medium;

/// One turn of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What they say.
    pub content: String,
    /// The pictures and sounds in it, in the order they stand.
    pub media: Vec<Medium>,
    /// What the model thought before it said this, where it was kept.
    pub thinking: Option<String>,
    /// The tools the model called.
    pub calls: Vec<Call>,
    /// The call that a tool's message answers.
    pub answers: Option<String>,
    /// The name of the tool or person that speaks, where one was given.
    pub name: Option<String>,
}

impl Message {
    /// Returns a message that only says something.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), ..Self::default() }
    }

    /// Returns every piece of text in it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let calls = self.calls.iter().flat_map(|call| [call.name.as_str(), &call.arguments]);
        let rest = [&self.thinking, &self.name].into_iter().flatten().map(String::as_str);
        std::iter::once(self.content.as_str()).chain(calls).chain(rest)
    }
}

/// Says who speaks in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions for the whole conversation.
    System,
    /// The person or program that asks.
    #[default]
    User,
    /// The model.
    Assistant,
    /// A tool, saying what came of a call.
    Tool,
}

impl Role {
    /// Returns the role's name as every dialect writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A tool call a model made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Tells it from the others of the conversation.
    pub id: String,
    /// The tool.
    pub name: String,
    /// What the tool is given: the text of a JSON object.
    pub arguments: String,
}

/// What a model may call, and whether it must.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tools {
    /// The tools there are.
    pub offered: Vec<Tool>,
    /// Whether one must be called.
    pub choice: ToolChoice,
    /// Whether several may be called in one answer.
    pub several: Several,
}

impl Tools {
    /// Returns every piece of text in them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().flat_map(|tool| {
            let description = tool.description.as_deref().unwrap_or_default();
            [tool.name.as_str(), description, &tool.parameters]
        })
    }

    /// Says whether the answer may hold a call at all.
    pub fn may_be_called(&self) -> bool {
        !self.offered.is_empty() && self.choice != ToolChoice::None
    }
}

/// One tool a model may call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does and when to use it.
    pub description: Option<String>,
    /// The JSON schema of what it is given, as text, so that its order stays.
    pub parameters: String,
    /// Whether what it is given must follow the schema to the letter.
    pub strict: bool,
}

/// Says whether a tool must be called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// None may be called.
    None,
    /// At least one must be called.
    Required,
    /// This one must be called.
    Named(String),
}

/// Says whether one answer may call several tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Several {
    /// As many as the model likes.
    #[default]
    Allowed,
    /// At most one.
    No,
}

/// The form an answer must have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// Any text.
    #[default]
    Text,
    /// Any JSON value that is an object.
    Json,
    /// JSON that follows this schema, given as text.
    Schema(String),
    /// Text that this regular expression matches as a whole.
    Regex(String),
    /// Text that this Lark grammar makes.
    Grammar(String),
}

impl Form {
    /// The longest text that describes a form, in bytes.
    pub const LARGEST: usize = 256 << 10;

    /// Returns the text that describes it, if it needs one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text | Self::Json => None,
            Self::Schema(text) | Self::Regex(text) | Self::Grammar(text) => Some(text),
        }
    }
}

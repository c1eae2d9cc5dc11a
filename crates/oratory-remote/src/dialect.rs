//! The dialects we call: a name for each, and what each must be able to do.
//!
//! A dialect turns a request into bytes and bytes into what was said; it sends nothing itself.

use bytes::Bytes;
use oratory_contract::{Asked, Form, ModelName, Words};

use crate::frames::{Event, Frames};
use crate::heard::Heard;
use crate::said::Wrong;
use crate::{anthropic, bedrock, gemini, ollama, openai, responses};

/// How a place is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions, which most servers speak.
    #[default]
    OpenAi,
    /// Chat completions as Azure wants to be asked for them.
    Azure,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's generateContent.
    Gemini,
    /// Ollama's own.
    Ollama,
    /// AWS Bedrock's Converse.
    Bedrock,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 7] = [
        Self::OpenAi,
        Self::Azure,
        Self::Responses,
        Self::Anthropic,
        Self::Gemini,
        Self::Ollama,
        Self::Bedrock,
    ];

    /// Returns the dialect's name as settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure => "azure",
            Self::Responses => "responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::Bedrock => "bedrock",
        }
    }

    /// Returns the dialect of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name)
    }

    pub(crate) fn speech(self) -> &'static dyn Speech {
        match self {
            Self::OpenAi | Self::Azure => &openai::Chat,
            Self::Responses => &responses::Responses,
            Self::Anthropic => &anthropic::Messages,
            Self::Gemini => &gemini::Gemini,
            Self::Ollama => &ollama::Ollama,
            Self::Bedrock => &bedrock::Converse,
        }
    }
}

/// Final bytes of a call, and where they go, below the place's address.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

/// What a dialect can do.
pub(crate) trait Speech: Send + Sync {
    /// Returns what is asked that it has no words for.
    fn lacks(&self, asked: &Asked) -> Option<&'static str>;

    /// Returns whose words it writes in, if requests may come in the same.
    fn words(&self) -> Option<Words> {
        None
    }

    /// Says whether a wish finds its way into a call.
    fn carries(&self, wish: &str, model: &ModelName, asked: &Asked) -> bool;

    /// Returns the call that asks a model.
    fn call(&self, model: &ModelName, asked: &Asked) -> Call;

    /// Hears an answer that came in one piece.
    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong>;

    /// Hears one event of an answer.
    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong>;

    /// Returns what cuts a stream into events.
    fn frames(&self) -> Frames {
        Frames::events()
    }

    /// Returns where the models are listed, if anywhere.
    fn listing(&self) -> Option<&'static str>;

    /// Returns the names in a list of models.
    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong>;
}

/// What most dialects have no words for.
pub(crate) fn unheard_of(asked: &Asked) -> Option<&'static str> {
    let biased = !asked.sampling.bias.is_empty();
    formless(asked).or(biased.then_some("biases of single tokens"))
}

/// Forms that no dialect has words for.
pub(crate) fn formless(asked: &Asked) -> Option<&'static str> {
    match asked.form {
        Form::Regex(_) | Form::Grammar(_) => Some("regular expressions and grammars"),
        Form::Text | Form::Json | Form::Schema(_) => None,
    }
}

/// Says whether a request came in these words, so that what stands in them can be passed on.
pub(crate) fn came_in(asked: &Asked, words: Words) -> bool {
    asked.extras.words == Some(words)
}

/// Returns a model's name as it may stand in an address.
pub(crate) fn in_address(model: &ModelName) -> String {
    let mut out = String::new();
    for byte in model.as_str().bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

//! A chat completion request, as clients really send it, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

use std::borrow::Cow;
use std::fmt;

use oratory_contract::{
    Asked, At, CallerName, Delivery, Failure, FailureKind, Labels, Limits, Message, Role, Sampling,
    Wanted,
};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Rejected, misread};
use crate::failures::short;

#[derive(serde::Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    model: String,
    messages: Vec<Said>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    #[serde(default)]
    stop: Stop,
    temperature: Option<f32>,
    top_p: Option<f32>,
    top_k: Option<u32>,
    min_p: Option<f32>,
    seed: Option<i64>,
    frequency_penalty: Option<f32>,
    presence_penalty: Option<f32>,
    n: Option<u32>,
    repetition_penalty: Option<f32>,
    repeat_penalty: Option<f32>,
    #[serde(default)]
    tools: Asks,
    #[serde(default)]
    tool_choice: Asks,
    #[serde(default)]
    functions: Asks,
    #[serde(default)]
    function_call: Asks,
    // `{}` asks for a search with the usual options.
    web_search_options: Option<IgnoredAny>,
    #[serde(default)]
    audio: Asks,
    response_format: Option<ResponseFormat>,
    #[serde(default)]
    logprobs: Asks,
    #[serde(default)]
    top_logprobs: Asks,
    #[serde(default)]
    logit_bias: Asks,
    modalities: Option<Vec<String>>,
}

/// What becomes of a field that this Oratory does not carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// It changes what the model may do or say: refused by name.
    Refused,
    /// It is a hint, or about the caller's own books: the answer is as good without it.
    Ignored,
}

/// The fields clients really send that this Oratory does not carry out, and why that matters.
///
/// A field that is not here and not read is unknown, and ignored as well.
const NOT_CARRIED_OUT: [(&str, Rule, &str); 28] = [
    ("tools", Rule::Refused, "the model would call them"),
    ("tool_choice", Rule::Refused, "the model would have to call a tool"),
    ("functions", Rule::Refused, "the model would call them"),
    ("function_call", Rule::Refused, "the model would have to call a function"),
    ("web_search_options", Rule::Refused, "the answer would rest on a search"),
    ("audio", Rule::Refused, "the answer would be speech"),
    ("modalities", Rule::Refused, "the answer would be more than text"),
    ("response_format", Rule::Refused, "the answer would have a form that is not enforced here"),
    ("logit_bias", Rule::Refused, "other words would be said"),
    ("logprobs", Rule::Refused, "the answer would carry probabilities"),
    ("top_logprobs", Rule::Refused, "the answer would carry probabilities"),
    ("n", Rule::Refused, "there would be several answers, or none"),
    ("repetition_penalty", Rule::Refused, "other words would be said"),
    ("repeat_penalty", Rule::Refused, "other words would be said"),
    ("reasoning_effort", Rule::Ignored, "how hard a model thinks is its own matter"),
    ("verbosity", Rule::Ignored, "a wish about style, not a promise"),
    ("prediction", Rule::Ignored, "it only makes an answer come sooner"),
    ("parallel_tool_calls", Rule::Ignored, "no tools, so none in parallel"),
    ("store", Rule::Ignored, "text is never stored here"),
    ("metadata", Rule::Ignored, "the caller's own notes"),
    ("user", Rule::Ignored, "the provider's bookkeeping"),
    ("safety_identifier", Rule::Ignored, "the provider's bookkeeping"),
    ("service_tier", Rule::Ignored, "the provider's price list"),
    ("prompt_cache_key", Rule::Ignored, "it only makes an answer come sooner"),
    ("prompt_cache_retention", Rule::Ignored, "it only makes an answer come sooner"),
    ("cache_prompt", Rule::Ignored, "it only makes an answer come sooner"),
    ("keep_alive", Rule::Ignored, "how long models stay loaded is the engine's matter"),
    ("stream_options.include_obfuscation", Rule::Ignored, "padding, no part of the answer"),
];

/// Whether a field asks for anything: `false`, `0`, `"none"`, `"auto"`, `[]` and `{}` do not.
#[derive(Clone, Copy, Default)]
struct Asks(bool);

impl<'de> Deserialize<'de> for Asks {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AsksVisitor).map(Self)
    }
}

struct AsksVisitor;

impl<'de> Visitor<'de> for AsksVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: de::Error>(self, asks: bool) -> Result<bool, E> {
        Ok(asks)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<bool, E> {
        Ok(number != 0)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<bool, E> {
        Ok(number != 0.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<bool, E> {
        Ok(text != "none" && text != "auto")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut asks = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            asks = true;
        }
        Ok(asks)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        let mut asks = false;
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            asks = true;
        }
        Ok(asks)
    }
}

#[derive(serde::Deserialize)]
struct Said {
    role: String,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    tool_calls: Asks,
    #[serde(default)]
    function_call: Asks,
}

#[derive(serde::Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(serde::Deserialize)]
struct ResponseFormat {
    r#type: String,
}

impl Question {
    /// Reads a request, naming the field where it cannot.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Rejected> {
        serde_json::from_slice(bytes).map_err(|_| {
            // Read again only to find the place: the common case pays nothing for it.
            let mut reader = serde_json::Deserializer::from_slice(bytes);
            match serde_path_to_error::deserialize::<_, Self>(&mut reader) {
                Err(error) => misread::rejected(&error.path().to_string(), error.inner()),
                Ok(_) => Rejected::field("body", "something follows the JSON of the body"),
            }
        })
    }

    pub(super) fn streams(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    pub(super) fn wants_usage(&self) -> bool {
        let options = self.stream_options.as_ref();
        options.and_then(|options| options.include_usage).unwrap_or(false)
    }

    pub(super) fn into_asked(
        self,
        caller: CallerName,
        declared: Option<Labels>,
    ) -> Result<Asked, Rejected> {
        self.refuse_what_cannot_be_honoured()?;
        let sampling = self.sampling()?;
        let max_tokens = self.max_completion_tokens.or(self.max_tokens);
        if max_tokens == Some(0) {
            return Err(Rejected::field("max_tokens", "`max_tokens` is 0; ask for at least 1"));
        }
        if let Cow::Owned(model) = short(&self.model) {
            // No model has such a name, and every room behind this one would carry it along.
            let message = format!("there is no model {model:?} here");
            return Err(Failure::new(FailureKind::UnknownModel, At::Caller, message).into());
        }
        let delivery = if self.streams() { Delivery::Stream } else { Delivery::Whole };
        let messages = self.messages.into_iter().enumerate();
        let messages = messages.map(|(at, said)| said.message(at)).collect::<Result<_, _>>()?;
        Ok(Asked {
            sampling,
            limits: Limits { max_tokens, stop: self.stop.0, ..Limits::default() },
            delivery,
            declared,
            ..Asked::new(caller, Wanted::parse(&self.model), messages)
        })
    }

    fn sampling(&self) -> Result<Sampling, Rejected> {
        within("temperature", self.temperature, 0.0, 2.0)?;
        within("top_p", self.top_p, 0.0, 1.0)?;
        within("min_p", self.min_p, 0.0, 1.0)?;
        within("frequency_penalty", self.frequency_penalty, -2.0, 2.0)?;
        within("presence_penalty", self.presence_penalty, -2.0, 2.0)?;
        Ok(Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            // Clients send any integer; all that matters is that equal seeds stay equal.
            seed: self.seed.map(i64::cast_unsigned),
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            ..Sampling::default()
        })
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let format = self.response_format.as_ref().map(|format| format.r#type.as_str());
        let mut modalities = self.modalities.iter().flatten();
        // Penalties elsewhere multiply, and 1 is none.
        let penalty = |value: Option<f32>| value.is_some_and(|value| value != 1.0);
        let asked = [
            ("tools", self.tools.0),
            ("tool_choice", self.tool_choice.0),
            ("functions", self.functions.0),
            ("function_call", self.function_call.0),
            ("web_search_options", self.web_search_options.is_some()),
            ("audio", self.audio.0),
            ("modalities", modalities.any(|kind| kind != "text")),
            ("response_format", format.is_some_and(|format| format != "text")),
            ("logit_bias", self.logit_bias.0),
            ("logprobs", self.logprobs.0),
            ("top_logprobs", self.top_logprobs.0),
            ("n", self.n.is_some_and(|n| n != 1)),
            ("repetition_penalty", penalty(self.repetition_penalty)),
            ("repeat_penalty", penalty(self.repeat_penalty)),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            None => Ok(()),
            Some((field, _)) => {
                let row = NOT_CARRIED_OUT.iter().find(|(name, ..)| *name == field);
                let why = row.map_or("the answer would be another", |(.., why)| why);
                let message = format!("this Oratory cannot honour `{field}`, and with it {why}");
                Err(Rejected::field(field, message))
            }
        }
    }
}

fn within(field: &str, value: Option<f32>, low: f32, high: f32) -> Result<(), Rejected> {
    match value {
        Some(value) if !(low..=high).contains(&value) => {
            let message = format!("`{field}` is {value}; it must lie between {low} and {high}");
            Err(Rejected::field(field, message))
        }
        _ => Ok(()),
    }
}

impl Said {
    fn message(self, at: usize) -> Result<Message, Rejected> {
        let field = |name: &str| format!("messages[{at}].{name}");
        let calls = [("tool_calls", self.tool_calls), ("function_call", self.function_call)];
        if let Some((name, _)) = calls.into_iter().find(|(_, calls)| calls.0) {
            let field = field(name);
            let message = format!("`{field}`: tools are not read by this Oratory");
            return Err(Rejected::field(&field, message));
        }
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" | "function" => {
                let (field, role) = (field("role"), self.role);
                let message = format!("`{field}` is {role:?}; tools are not read by this Oratory");
                return Err(Rejected::field(&field, message));
            }
            other => {
                let other = short(other);
                let message = format!(
                    "`{}` is {other:?}; write system, developer, user or assistant",
                    field("role")
                );
                return Err(Rejected::field(&field("role"), message));
            }
        };
        Ok(Message::new(role, self.content.0))
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

/// Stop texts: one, several, or none.
#[derive(Default)]
struct Stop(Vec<String>);

impl<'de> Deserialize<'de> for Stop {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(StopVisitor).map(Self)
    }
}

struct StopVisitor;

impl<'de> Visitor<'de> for StopVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of at most 16 strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(if text.is_empty() { Vec::new() } else { vec![text.to_owned()] })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Vec<String>, A::Error> {
        let mut all = Vec::new();
        while all.len() < 16 {
            match texts.next_element::<String>()? {
                Some(text) if text.is_empty() => {}
                Some(text) => all.push(text),
                None => return Ok(all),
            }
        }
        match texts.next_element::<IgnoredAny>()? {
            None => Ok(all),
            Some(_) => Err(de::Error::invalid_length(17, &self)),
        }
    }
}

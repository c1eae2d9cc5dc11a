//! A chat completion request, as clients really send it, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

use std::fmt;

use oratory_contract::{
    Asked, CallerName, Delivery, Labels, Limits, Message, RequestId, Role, Sampling, Wanted,
};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use super::Rejected;

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
    tools: Option<Value>,
    tool_choice: Option<Value>,
    functions: Option<Value>,
    response_format: Option<ResponseFormat>,
    logprobs: Option<Value>,
    logit_bias: Option<Value>,
    modalities: Option<Vec<String>>,
}

#[derive(serde::Deserialize)]
struct Said {
    role: String,
    #[serde(default)]
    content: Content,
    tool_calls: Option<Value>,
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
                Err(error) => {
                    let path = error.path().to_string();
                    let inside = path.contains(|c: char| c.is_alphanumeric());
                    let param = if inside { path.as_str() } else { "body" };
                    Rejected::field(param, format!("`{param}` cannot be read: {}", error.inner()))
                }
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
        let delivery = if self.streams() { Delivery::Stream } else { Delivery::Whole };
        let messages = self.messages.into_iter().enumerate();
        let messages = messages.map(|(at, said)| said.message(at)).collect::<Result<_, _>>()?;
        Ok(Asked {
            id: RequestId::new(),
            caller,
            model: Wanted::parse(&self.model),
            messages,
            sampling,
            limits: Limits { max_tokens, stop: self.stop.0, ..Limits::default() },
            delivery,
            declared,
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
        })
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let asks = |value: &Option<Value>| match value {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(Value::String(text)) => text != "none" && text != "auto",
            Some(_) => true,
        };
        let format = self.response_format.as_ref().map(|format| format.r#type.as_str());
        let modalities = self.modalities.iter().flatten();
        let asked = [
            ("tools", asks(&self.tools)),
            ("tool_choice", asks(&self.tool_choice)),
            ("functions", asks(&self.functions)),
            ("logprobs", asks(&self.logprobs)),
            ("logit_bias", asks(&self.logit_bias)),
            ("n", self.n.is_some_and(|n| n != 1)),
            ("response_format", format.is_some_and(|format| format != "text")),
            ("modalities", modalities.into_iter().any(|kind| kind != "text")),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            None => Ok(()),
            Some((field, _)) => Err(Rejected::field(
                field,
                format!(
                    "this Oratory cannot honour `{field}`, and leaving it out would change the answer"
                ),
            )),
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
        if self.tool_calls.is_some_and(|calls| calls.as_array().is_some_and(|c| !c.is_empty())) {
            let field = field("tool_calls");
            return Err(Rejected::field(&field, format!("this Oratory cannot read `{field}`")));
        }
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            other => {
                let other: String = other.chars().take(40).collect();
                let message = format!(
                    "`{}` is {other:?}; write system, developer, user or assistant",
                    field("role")
                );
                return Err(Rejected::field(&field("role"), message));
            }
        };
        Ok(Message { role, content: self.content.0 })
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

//! What a place says when something is wrong, in whatever envelope: its own words, and how it
//! calls them.
//!
//! Reads; what it means for us is `errors`' business.

use std::time::Duration;

use serde_json::Value;

/// The most of a provider's message that is passed on, in characters.
const LONGEST: usize = 500;

/// What it is called where a filter stops an answer.
const FILTERED: &str = "content_filter";

/// Why bytes of a place give no answer.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// They are not what the dialect says.
    Senseless(String),
    /// They say what went wrong there.
    Said(Said),
}

impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        // Its words would quote the answer.
        let (line, column) = (error.line(), error.column());
        Self::Senseless(match error.classify() {
            serde_json::error::Category::Data => format!("{error}"),
            _ => format!("it is no JSON at line {line}, column {column}"),
        })
    }
}

/// What a place says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// What it calls it, such as `overloaded_error`.
    pub(crate) name: String,
    /// Its words.
    pub(crate) message: String,
    /// When it says it may be asked again.
    pub(crate) after: Option<Duration>,
}

impl Said {
    /// Reads a body that tells an error, in any envelope known.
    pub(crate) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(value) => Self::of(&value),
            // Nobody reads markup in a message.
            Err(_) if is_page(body) => Self { message: "a web page".to_owned(), ..Self::default() },
            Err(_) => Self { message: short(&String::from_utf8_lossy(body)), ..Self::default() },
        }
    }

    /// Returns what a place says that takes its own answer back.
    pub(crate) fn filtered() -> Self {
        let message = "its content filter stopped the answer".to_owned();
        Self { name: FILTERED.to_owned(), message, after: None }
    }

    /// Says whether a filter stopped the answer: it would stop the next one too.
    pub(crate) fn is_filtered(&self) -> bool {
        self.name == FILTERED
    }

    /// Reads a value that tells an error.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self { message: short(text), ..Self::default() },
            // Google puts one error into a list where a stream was asked for.
            Value::Array(values) => values.first().map(Self::of).unwrap_or_default(),
            Value::Object(fields) => {
                if let Some(inner) = fields.get("error").filter(|inner| !inner.is_null()) {
                    return Self::of(inner);
                }
                let words = ["message", "Message", "detail", "error_description"];
                let words = words.iter().find_map(|name| fields.get(*name));
                Self {
                    name: name(value),
                    message: short(&words.map_or_else(|| value.to_string(), plain)),
                    after: after(value),
                }
            }
            _ => Self::default(),
        }
    }
}

/// Says whether a body is markup, as web servers send it that serve no models.
pub(crate) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns what an error is called: a word under `code` tells more than one under `type`.
fn name(value: &Value) -> String {
    let names = ["code", "status", "__type", "type"];
    let named = names.iter().find_map(|name| value[name].as_str());
    // AWS writes a namespace before it and an address behind it.
    let bare = named.unwrap_or_default().rsplit('#').next().unwrap_or_default();
    bare.split(':').next().unwrap_or_default().to_owned()
}

/// Returns when Google says it may be asked again: `"retryDelay": "34.4s"`.
fn after(value: &Value) -> Option<Duration> {
    let details = value["details"].as_array()?;
    let delay = details.iter().find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

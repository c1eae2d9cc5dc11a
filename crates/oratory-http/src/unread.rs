//! Fields of a body that its reader does not know, gathered so that they can be passed on to places
//! that speak the same dialect, or be told to be left out.
//!
//! What they mean is nobody's matter here. Too large or too deep, they are only told.

use std::collections::BTreeSet;
use std::fmt;

use oratory_contract::{Extras, Words};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_ignored::Path;
use serde_json::{Map, Value};

use crate::failures::short;
use crate::loose::Asks;
use crate::rejected::Rejected;

/// The most fields that a body may have beside those that are known.
const MOST: usize = 64;
/// The most that they take together, as text.
const LARGEST: usize = 256 << 10;

/// What becomes of a field that a dialect knows and this Oratory does not carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It changes what the model may do or say, and could not be told: refused by name.
    Refused,
    /// It changes what the model may do: goes only where it is understood, or is refused by name.
    Needed,
    /// It is a hint: passed on, and not missed where it is not.
    Hint,
    /// It is carried out here, or would leave text with somebody: never passed on, nor missed.
    Kept,
}

/// A field by its path, what becomes of it, and why that matters.
pub(crate) type Row = (&'static str, Rule, &'static str);

/// The rules where there are no others.
pub(crate) const USUAL: &[Row] = &[
    ("user", Rule::Kept, "the caller's own books"),
    ("metadata", Rule::Kept, "the caller's own notes"),
    ("service_tier", Rule::Kept, "a provider's price list"),
    ("stream_options.include_obfuscation", Rule::Kept, "padding, no part of the answer"),
];

/// Names that clients give back with a turn, a tool or a part as they got them, or that change no
/// answer; they are not missed.
const QUIET: [&str; 14] = [
    "annotations",
    "audio",
    "cache_control",
    "caller",
    "citations",
    "created_at",
    "id",
    "index",
    "logprobs",
    "obfuscation",
    "refusal",
    "signature",
    "status",
    "type",
];

/// Fields of a body that its reader does not know.
#[derive(Default)]
pub(crate) struct Unread {
    /// Where they stand; `None` is an element of a list.
    paths: BTreeSet<Vec<Option<String>>>,
    /// Those at the top, with everything around them.
    fields: Map<String, Value>,
}

impl Unread {
    /// Notes a field that the reader has skipped.
    pub(crate) fn note(&mut self, path: &Path<'_>) {
        if self.paths.len() <= MOST {
            self.paths.insert(steps(path));
        }
    }

    /// Takes what was skipped out of the body, which its reader has understood.
    pub(crate) fn gather(&mut self, body: &[u8]) {
        let whole = |path: &&Vec<Option<String>>| path.iter().all(Option::is_some);
        let tops = self.paths.iter().filter(whole).filter_map(|path| path.first()?.as_deref());
        let tops: BTreeSet<&str> = tops.collect();
        if tops.is_empty() {
            return;
        }
        let mut reader = serde_json::Deserializer::from_slice(body);
        // What is too deep is not passed on, and told.
        if let Ok(fields) = Picked(&tops).deserialize(&mut reader) {
            self.fields = fields;
        }
    }

    /// Adds it to what a request holds beside what is read.
    pub(crate) fn add_to(&self, extras: &mut Extras, rules: &[Row]) -> Result<(), Rejected> {
        if self.paths.len() > MOST {
            let message = format!("the body has more than {MOST} fields that nobody here knows");
            return Err(Rejected::field("body", message));
        }
        let mut fields = Map::new();
        for path in &self.paths {
            let name = name(path);
            let value = self.value(path);
            let row = rules.iter().find(|(field, ..)| *field == name);
            match (row, value) {
                (Some((_, Rule::Refused | Rule::Kept, _)), _) | (_, Some(Value::Null)) => {}
                (Some((_, Rule::Needed, why)), Some(value)) if asks(value) => {
                    put(&mut fields, path, value);
                    extras.needs(name, why);
                }
                (Some((_, Rule::Needed, _)), Some(_)) | (Some((_, Rule::Hint, _)), None) => {}
                (Some((_, Rule::Needed, why)), None) => return Err(Rejected::cannot(&name, why)),
                (Some((_, Rule::Hint, _)), Some(value)) => put(&mut fields, path, value),
                (None, Some(value)) => {
                    put(&mut fields, path, value);
                    extras.misses(name);
                }
                (None, None) if is_quiet(path) => {}
                (None, None) => extras.lost.push(name),
            }
        }
        add_fields(extras, fields);
        if extras.fields.len() > LARGEST {
            if let Some((name, why)) = extras.needed() {
                return Err(Rejected::cannot(name, why));
            }
            extras.fields.clear();
            extras.tools.clear();
            let missed = std::mem::take(&mut extras.missed);
            extras.lost.extend(missed.into_iter().map(|missed| missed.name));
        }
        Ok(())
    }

    fn value(&self, path: &[Option<String>]) -> Option<&Value> {
        let (top, rest) = path.split_first()?;
        let mut value = self.fields.get(top.as_deref()?)?;
        for step in rest {
            value = value.get(step.as_deref()?)?;
        }
        Some(value)
    }
}

/// Adds fields to those that a request holds beside what is read.
pub(crate) fn add_fields(extras: &mut Extras, fields: Map<String, Value>) {
    if fields.is_empty() {
        return;
    }
    let mut all = serde_json::from_str(&extras.fields).unwrap_or_default();
    merge(&mut all, fields);
    extras.fields = Value::Object(all).to_string();
}

/// Headers that say how a dialect is meant, by how their names begin. Whatever names an account, a
/// key or a machine is none of them.
pub(crate) fn headers(all: &http::HeaderMap, words: Option<Words>) -> Vec<(String, String)> {
    let begins = match words {
        Some(Words::Messages) => "anthropic-beta",
        Some(Words::Chat | Words::Responses) => "openai-beta",
        Some(Words::Ollama) | None => return Vec::new(),
    };
    let ours = all.iter().filter(|(name, _)| name.as_str().starts_with(begins));
    let texts = ours.filter_map(|(name, value)| {
        let text = value.to_str().ok().filter(|text| text.len() <= 1024)?;
        Some((name.as_str().to_owned(), text.to_owned()))
    });
    texts.take(8).collect()
}

fn steps(path: &Path<'_>) -> Vec<Option<String>> {
    let (before, step) = match path {
        Path::Root => return Vec::new(),
        Path::Seq { parent, .. } => (parent, None),
        Path::Map { parent, key } => (parent, Some(key.clone())),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => return steps(parent),
    };
    let mut steps = steps(before);
    steps.push(step);
    steps
}

/// Returns a path as people write it, `messages[].name`, as far as an answer may quote it.
fn name(path: &[Option<String>]) -> String {
    let mut name = String::new();
    for step in path {
        match step {
            None => name.push_str("[]"),
            Some(key) if name.is_empty() => name.push_str(key),
            Some(key) => {
                name.push('.');
                name.push_str(key);
            }
        }
    }
    short(&name).into_owned()
}

fn is_quiet(path: &[Option<String>]) -> bool {
    let last = path.last().and_then(Option::as_deref);
    path.len() > 1 && last.is_none_or(|last| QUIET.contains(&last))
}

/// Notes what of an element of a list is not read: it cannot be passed on, for what stands around
/// it is written anew.
pub(crate) fn lose(extras: &mut Extras, list: &str, rest: &Map<String, Value>) {
    let missed =
        rest.iter().filter(|(key, value)| !value.is_null() && !QUIET.contains(&key.as_str()));
    for (key, _) in missed {
        let name = short(&format!("{list}[].{key}")).into_owned();
        if !extras.lost.contains(&name) && extras.lost.len() < MOST {
            extras.lost.push(name);
        }
    }
}

/// Whether a value asks for anything: `{}` does, for the usual of it.
fn asks(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        value => serde_json::from_value(value.clone()).is_ok_and(|Asks(asks)| asks),
    }
}

fn put(into: &mut Map<String, Value>, path: &[Option<String>], value: &Value) {
    let Some((Some(first), rest)) = path.split_first() else { return };
    if rest.is_empty() {
        into.insert(first.clone(), value.clone());
        return;
    }
    let inner = into.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn merge(into: &mut Map<String, Value>, fields: Map<String, Value>) {
    for (name, value) in fields {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(fields)) => merge(into, fields),
            (_, value) => drop(into.insert(name, value)),
        }
    }
}

/// Reads some fields of an object and skips the others.
struct Picked<'p>(&'p BTreeSet<&'p str>);

impl<'de> DeserializeSeed<'de> for Picked<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Picked<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut picked = Map::new();
        while let Some(name) = all.next_key::<String>()? {
            if self.0.contains(&*name) {
                picked.insert(name, all.next_value()?);
            } else {
                all.next_value::<IgnoredAny>()?;
            }
        }
        Ok(picked)
    }
}

//! Builds the JSON of a request field by field, in order; what was not asked for is left out.
//!
//! Knows no dialect.

use bytes::Bytes;
use oratory_contract::{Asked, Extras, Tool, Words};
use serde_json::{Map, Value};

/// Fields that are said here or not at all, whatever came along: who is asked what, how it is
/// answered, and what stays with a provider.
const OURS: [&str; 10] = [
    "background",
    "conversation",
    "input",
    "messages",
    "model",
    "n",
    "previous_response_id",
    "store",
    "stream",
    "tools",
];

/// The fields of a JSON object.
#[derive(Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Sets a field.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a field, if there is something to set.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a number, if there is one, as short as it was written: 0.7 and not 0.699999988.
    pub(crate) fn number(&mut self, name: &str, number: Option<f32>) {
        self.maybe(name, number.and_then(|number| number.to_string().parse::<f64>().ok()));
    }

    /// Sets a list, unless it is empty.
    pub(crate) fn list<T: Into<Value>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        self.maybe(name, (!values.is_empty()).then_some(values));
    }

    /// Sets an object, unless it is empty.
    pub(crate) fn object(&mut self, name: &str, fields: Self) {
        self.maybe(name, (!fields.0.is_empty()).then_some(fields.0));
    }

    /// Adds what came in the same words and was not read here. What is set stays as it is.
    pub(crate) fn pass_on(&mut self, extras: &Extras, words: Words) {
        if extras.words != Some(words) {
            return;
        }
        if let Ok(Value::Object(mut fields)) = serde_json::from_str(&extras.fields) {
            fields.retain(|name, _| !OURS.contains(&name.as_str()));
            add(&mut self.0, fields);
        }
    }

    /// Returns the bytes of the object.
    pub(crate) fn bytes(self) -> Bytes {
        serde_json::to_vec(&self.0).expect("strings and numbers always serialise").into()
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

/// Returns the tools of a request: those that are known here, as they are written, and those that
/// came in the same words.
pub(crate) fn tools(asked: &Asked, words: Words, known: impl Fn(&Tool) -> Value) -> Vec<Value> {
    let same = asked.extras.words == Some(words);
    let others = asked.extras.tools.iter().filter(|_| same);
    let others = others.filter_map(|text| serde_json::from_str(text).ok());
    asked.tools.offered.iter().map(known).chain(others).collect()
}

/// Adds fields to others, into objects that are in both; what is there stays.
fn add(into: &mut Map<String, Value>, fields: Map<String, Value>) {
    for (name, value) in fields {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(fields)) => add(into, fields),
            (Some(_), _) => {}
            (None, value) => drop(into.insert(name, value)),
        }
    }
}

/// Returns what a JSON text says as an object; what is none stands in one, under `name`.
pub(crate) fn object(text: &str, name: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(Value::Null) | Err(_) if text.trim().is_empty() => Value::Object(Map::new()),
        Ok(other) => Value::Object(Map::from_iter([(name.to_owned(), other)])),
        Err(_) => Value::Object(Map::from_iter([(name.to_owned(), text.into())])),
    }
}

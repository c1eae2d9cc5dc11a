//! Builds the JSON of a request field by field, in order; what was not asked for is left out.
//!
//! Knows no dialect.

use bytes::Bytes;
use serde_json::{Map, Value};

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

/// Returns what a JSON text says as an object; what is none stands in one, under `name`.
pub(crate) fn object(text: &str, name: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(Value::Null) | Err(_) if text.trim().is_empty() => Value::Object(Map::new()),
        Ok(other) => Value::Object(Map::from_iter([(name.to_owned(), other)])),
        Err(_) => Value::Object(Map::from_iter([(name.to_owned(), text.into())])),
    }
}

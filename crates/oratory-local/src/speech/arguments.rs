//! Decides what the plain text of a tagged parameter is in JSON.
//!
//! `42` is a number for one tool and a word for another: the tool's schema says which.

use std::sync::Arc;

use oratory_contract::Tool;
use serde_json::{Map, Value};

/// The properties a tool's schema declares.
#[derive(Clone, Debug, Default)]
pub(super) struct Types(Arc<Map<String, Value>>);

impl Types {
    pub(super) fn of(tool: &Tool) -> Self {
        let schema: Value = serde_json::from_str(&tool.parameters).unwrap_or_default();
        match schema.get("properties") {
            Some(Value::Object(properties)) => Self(Arc::new(properties.clone())),
            _ => Self::default(),
        }
    }

    /// Says whether `key` takes text and nothing else.
    fn is_text(&self, key: &str) -> Option<bool> {
        let schema = self.0.get(key)?;
        match (schema.get("type"), schema.get("enum")) {
            (Some(Value::String(kind)), _) => Some(kind == "string"),
            (Some(Value::Array(kinds)), _) if !kinds.iter().any(|kind| kind == "string") => {
                Some(false)
            }
            (None, Some(Value::Array(values))) => Some(values.iter().all(Value::is_string)),
            _ => None,
        }
    }
}

/// Returns `text`, the value of parameter `key`, as JSON; `told` is what the model said itself
/// about its being text.
pub(super) fn value_of(types: &Types, key: &str, text: &str, told: Option<bool>) -> String {
    // The line breaks next to the tags are layout.
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let quoted = || Value::from(text).to_string();
    if types.is_text(key).or(told) == Some(true) {
        return quoted();
    }
    let trimmed = text.trim();
    match trimmed {
        "True" => return "true".to_owned(),
        "False" => return "false".to_owned(),
        "None" => return "null".to_owned(),
        _ => {}
    }
    match serde_json::from_str::<Value>(trimmed) {
        // Undeclared text that happens to stand in quotes keeps them.
        Ok(Value::String(_)) if types.is_text(key).is_none() && told.is_none() => quoted(),
        Ok(_) => trimmed.to_owned(),
        Err(_) => quoted(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_says_what_is_text() {
        let parameters = r#"{"properties": {"zip": {"type": "string"}, "n": {"type": "integer"},
            "either": {"type": ["string", "null"]}}}"#;
        let tool = Tool {
            name: "x".into(),
            description: None,
            parameters: parameters.into(),
            strict: false,
        };
        let types = Types::of(&tool);
        let value = |key, text| value_of(&types, key, text, None);
        assert_eq!(value("zip", "\n01234\n"), r#""01234""#);
        assert_eq!(value("n", "42"), "42");
        assert_eq!(value("n", "many"), r#""many""#);
        assert_eq!(value("either", "null"), "null");
        assert_eq!(value("other", "[1, {\"a\": true}]"), "[1, {\"a\": true}]");
        assert_eq!(value("other", "False"), "false");
        assert_eq!(value("other", "a \"b\"\nc"), r#""a \"b\"\nc""#);
        assert_eq!(value_of(&types, "other", "7", Some(true)), r#""7""#);
    }
}

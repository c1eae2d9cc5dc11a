//! Whether a JSON schema is of the kind that providers can hold an answer to, to the letter.
//!
//! Changes nothing: a schema means what its author wrote.

use serde_json::Value;

/// Says whether every object in a schema names all its fields, needs them all, and takes no others.
pub(crate) fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            closed(schema) && fields.iter().all(|(name, value)| name == "enum" || is_strict(value))
        }
        Value::Array(values) => values.iter().all(is_strict),
        _ => true,
    }
}

fn closed(schema: &Value) -> bool {
    if schema["type"] != "object" {
        return true;
    }
    let needed = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(properties) = schema["properties"].as_object() else { return false };
    schema["additionalProperties"] == false
        && properties.keys().all(|name| needed.iter().any(|needed| needed == name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_strict;

    #[test]
    fn only_what_is_closed_all_through_is_strict() {
        let inner = |closed: bool| {
            json!({ "type": "object", "properties": { "a": { "type": "string" } },
                    "required": ["a"], "additionalProperties": !closed })
        };
        let outer = |inner| {
            json!({ "type": "object", "properties": { "list": { "type": "array", "items": inner } },
                    "required": ["list"], "additionalProperties": false })
        };
        assert!(is_strict(&outer(inner(true))));
        assert!(!is_strict(&outer(inner(false))));
        assert!(!is_strict(&json!({ "type": "object" })));
        assert!(is_strict(&json!({ "type": "string" })));
    }
}

//! Looks through the final bytes of a call for what may not be in them.
//!
//! Patterns read the bytes as they are. The tagger reads the texts inside, as they were before
//! they became JSON: around a text it would see only brackets.

use oratory_contract::Sensitivity;
use serde_json::Value;

use crate::{Finding, Kind, find, shaped};

/// Names under which bodies carry what somebody wrote, however short.
const WRITTEN: [&str; 4] = ["content", "text", "input", "prompt"];

/// Returns the first thing in a request's body that is above `cleared`.
pub fn above(body: &[u8], cleared: Sensitivity) -> Option<Kind> {
    let is_above = |finding: &Finding| finding.kind.sensitivity() > cleared;
    let shaped = shaped(body).find(is_above).map(|finding| finding.kind);
    // The tagger finds nothing that is above confidential.
    if shaped.is_some() || cleared >= Sensitivity::Confidential {
        return shaped;
    }
    let in_text = |text: &str| find(text).into_iter().find(is_above).map(|finding| finding.kind);
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => first_in(&value, false, &in_text),
        // Too deep, or no JSON: read as it stands.
        Err(_) => in_text(&String::from_utf8_lossy(body)),
    }
}

/// Returns the first thing found in the texts of a value. A single word that nobody wrote, such
/// as a role or the name of a model, is no text.
fn first_in(value: &Value, written: bool, find: &impl Fn(&str) -> Option<Kind>) -> Option<Kind> {
    match value {
        Value::String(text) if written || text.contains(char::is_whitespace) => find(text),
        Value::Array(values) => values.iter().find_map(|value| first_in(value, written, find)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            first_in(value, written || WRITTEN.contains(&name.as_str()), find)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(body: &Value) -> Option<Kind> {
        above(body.to_string().as_bytes(), Sensitivity::Internal)
    }

    fn saying(text: &str) -> Value {
        json!({"model": "mini", "messages": [{"role": "user", "content": text}]})
    }

    #[test]
    fn what_somebody_wrote_is_read_without_its_json() {
        assert_eq!(found(&saying("call\n\"Sarah Miller\"\nplease")), Some(Kind::Person));
        assert_eq!(found(&saying("What is the capital of France?")), None);
        assert_eq!(found(&saying("Dear <PERSON_1>, see you at <ADDRESS_2>.")), None);
    }

    #[test]
    fn names_of_models_and_roles_are_not_text() {
        let body = json!({"model": "claude", "role": "james", "user": "jordan"});
        assert_eq!(found(&body), None);
        assert_eq!(found(&json!({"name": "written by Sarah Miller"})), Some(Kind::Person));
    }

    #[test]
    fn what_is_no_json_is_read_as_it_stands() {
        let text = b"My name is Sarah Miller and I live in Leeds.";
        assert_eq!(above(text, Sensitivity::Internal), Some(Kind::Person));
        assert_eq!(above(text, Sensitivity::Confidential), None);
        let deep = format!("{}\"My name is Sarah Miller.\"{}", "[".repeat(500), "]".repeat(500));
        assert_eq!(above(deep.as_bytes(), Sensitivity::Internal), Some(Kind::Person));
    }
}

//! Looks through the final bytes of a call for what may not be in them.
//!
//! Patterns read the bytes as they are. Both detectors read the texts inside, as they were before
//! they became JSON: around a text the tagger would see only brackets, and what was split over
//! texts is whole in none of them.

use oratory_contract::Sensitivity;
use serde_json::Value;

use crate::across::find_in_turns;
use crate::{Custom, Finding, Kind, find_with, shaped_with};

/// Names under which bodies carry what somebody wrote, however short.
const WRITTEN: [&str; 4] = ["content", "text", "input", "prompt"];
/// Names under which bodies carry what is no text of anybody's.
const NAMES: [&str; 3] = ["role", "model", "type"];

/// Returns the first thing in a request's body that is above `cleared`.
pub fn above(body: &[u8], cleared: Sensitivity, custom: &Custom) -> Option<Kind> {
    let is_above = |finding: &Finding| finding.kind.sensitivity() > cleared;
    let shaped = shaped_with(body, custom).find(is_above).map(|finding| finding.kind);
    if shaped.is_some() {
        return shaped;
    }
    // The tagger finds nothing that is above confidential, but patterns find in texts what JSON
    // has hidden from them in the bytes.
    let in_text = |text: &str| match cleared < Sensitivity::Confidential {
        true => find_with(text, custom).into_iter().find(is_above),
        false => shaped_with(text.as_bytes(), custom).find(is_above),
    };
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        // Too deep, or no JSON: read as it stands.
        return in_text(&String::from_utf8_lossy(body)).map(|finding| finding.kind);
    };
    let mut texts = Vec::new();
    gather(&value, "", false, &mut texts);
    let within = || texts.iter().filter(|text| text.is_read()).find_map(|text| in_text(text.text));
    let turns: Vec<_> = texts.iter().map(|text| (text.who, text.text)).collect();
    let across = || find_in_turns(&turns, custom).into_iter().flatten().find(is_above);
    within().or_else(across).map(|finding| finding.kind)
}

/// A text of a body, and who speaks.
struct Text<'v> {
    who: &'v str,
    text: &'v str,
    written: bool,
}

impl Text<'_> {
    /// Says whether it is read for names: a single word that nobody wrote is no text.
    fn is_read(&self) -> bool {
        self.written || self.text.contains(char::is_whitespace)
    }
}

/// Gathers every text of a value, in order.
fn gather<'v>(value: &'v Value, who: &'v str, written: bool, texts: &mut Vec<Text<'v>>) {
    match value {
        Value::String(text) => texts.push(Text { who, text, written }),
        Value::Array(values) => values.iter().for_each(|one| gather(one, who, written, texts)),
        Value::Object(fields) => {
            let who = fields.get("role").and_then(Value::as_str).unwrap_or(who);
            // What a map is kept by may be written by anybody, too.
            let names = fields.keys().filter(|name| name.contains(char::is_whitespace));
            texts.extend(names.map(|name| Text { who, text: name, written }));
            for (name, value) in fields.iter().filter(|(name, value)| !is_name(name, value)) {
                gather(value, who, written || WRITTEN.contains(&name.as_str()), texts);
            }
        }
        _ => {}
    }
}

/// Says whether a field names a role, a model or a type. A name with a space in it is text.
fn is_name(field: &str, value: &Value) -> bool {
    let word = value.as_str().is_some_and(|text| !text.contains(char::is_whitespace));
    NAMES.contains(&field) && word
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(body: &Value) -> Option<Kind> {
        above(body.to_string().as_bytes(), Sensitivity::Internal, Custom::none())
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
        assert_eq!(found(&json!({"scores": {"My name is Sarah Miller": 3}})), Some(Kind::Person));
    }

    #[test]
    fn what_is_no_json_is_read_as_it_stands() {
        let text = b"My name is Sarah Miller and I live in Leeds.";
        assert_eq!(above(text, Sensitivity::Internal, Custom::none()), Some(Kind::Person));
        assert_eq!(above(text, Sensitivity::Confidential, Custom::none()), None);
        let deep = format!("{}\"My name is Sarah Miller.\"{}", "[".repeat(500), "]".repeat(500));
        assert_eq!(
            above(deep.as_bytes(), Sensitivity::Internal, Custom::none()),
            Some(Kind::Person)
        );
    }

    #[test]
    fn what_is_split_over_texts_is_found() {
        let split = json!({"messages": [
            {"role": "user", "content": [{"type": "text", "text": "4111 1111"}]},
            {"role": "assistant", "content": "go on"},
            {"role": "user", "content": [{"type": "text", "text": "1111 1111"}]},
        ]});
        assert_eq!(found(&split), Some(Kind::Card));
        let stops = json!({"stop": ["4111 1111", "1111 1111"]});
        assert_eq!(found(&stops), Some(Kind::Card));
    }
}

//! Says whether an answer is right.
//!
//! Exact where one answer is right; JSON, numbers and lists are compared by what they say. What a
//! model thought on the way is never looked at.

use serde_json::Value;

use super::{Call, Case, Task, chat};

/// Says whether this text and these calls answer the case.
pub fn good(case: &Case, text: &str, calls: &[Call]) -> bool {
    let wanted = &case.wanted;
    if !same_calls(&wanted.calls, calls) {
        return false;
    }
    let text = text.trim();
    match case.task {
        // What is said beside a right call does not matter.
        _ if !wanted.calls.is_empty() => true,
        Task::Tool => !text.is_empty(),
        Task::Chat => chat::holds(&wanted.text, text),
        Task::Fields => same_json(&wanted.text, text),
        Task::Arithmetic | Task::Count | Task::Summary => same_number(&wanted.text, text),
        Task::Normalise => text == wanted.text || same_plain_number(&wanted.text, text),
        Task::Sort => pieces(&wanted.text) == pieces(text),
        Task::Copy => text == wanted.text,
        Task::Intent | Task::Sentiment | Task::Sensitivity | Task::Difficulty => {
            bare(&wanted.text).eq_ignore_ascii_case(bare(text))
        }
        Task::Passage => without_article(&wanted.text) == without_article(text),
        Task::Translate | Task::Plan => bare(&wanted.text) == bare(text),
    }
}

fn same_calls(wanted: &[Call], given: &[Call]) -> bool {
    let same = |(wanted, given): (&Call, &Call)| {
        wanted.name == given.name && same_value(&wanted.arguments, &given.arguments)
    };
    wanted.len() == given.len() && wanted.iter().zip(given).all(same)
}

/// Compares what JSON says: order of keys, `3` or `"3"`, and a last full stop make no difference.
fn same_value(wanted: &Value, given: &Value) -> bool {
    match (wanted, given) {
        (Value::Object(wanted), Value::Object(given)) => {
            let same = |(key, value): (&String, &Value)| {
                given.get(key).is_some_and(|given| same_value(value, given))
            };
            wanted.len() == given.len() && wanted.iter().all(same)
        }
        (Value::String(text), Value::Number(number))
        | (Value::Number(number), Value::String(text)) => {
            text.parse::<f64>().ok() == number.as_f64()
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::String(one), Value::String(other)) => bare(one) == bare(other),
        _ => wanted == given,
    }
}

fn same_json(wanted: &str, given: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(unfenced(text)).ok();
    match (read(wanted), read(given)) {
        (Some(wanted), Some(given)) => same_value(&wanted, &given),
        _ => false,
    }
}

/// Returns what stands inside a fence of code, as many models write JSON.
fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    inside.map_or(text, |inside| inside.trim_start_matches("json").trim())
}

/// Compares the last number that the text names, so that "47 + 38 = 85." is right too.
fn same_number(wanted: &str, given: &str) -> bool {
    let number = |character: char| character.is_ascii_digit() || character == '.';
    let last = given
        .split(|character: char| !number(character) && character != '-')
        .rfind(|piece| piece.contains(|character: char| character.is_ascii_digit()));
    last.is_some_and(|last| same_plain_number(wanted, last.trim_end_matches('.')))
}

fn same_plain_number(wanted: &str, given: &str) -> bool {
    match (wanted.parse::<f64>(), bare(given).parse::<f64>()) {
        (Ok(wanted), Ok(given)) => wanted == given,
        _ => false,
    }
}

/// Returns the text without a full stop or quotes around it.
fn bare(text: &str) -> &str {
    text.trim_matches(['.', '"', '\'', ' '])
}

fn without_article(text: &str) -> &str {
    let text = bare(text);
    ["a ", "an ", "the "].iter().find_map(|article| text.strip_prefix(article)).unwrap_or(text)
}

/// Returns the items of a list, whether with commas, in lines or with marks before them.
fn pieces(text: &str) -> Vec<&str> {
    let marked = |piece: &'_ str| piece.starts_with("- ") || piece.starts_with("* ");
    text.trim_end_matches('.')
        .split([',', '\n'])
        .map(str::trim)
        .map(|piece| if marked(piece) { piece[2..].trim() } else { piece })
        .filter(|piece| !piece.is_empty())
        .collect()
}

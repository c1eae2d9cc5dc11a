//! Everything a provider was sent, read in every way in which a canary could be in it.
//!
//! Head and body, as bytes and as the texts inside the JSON.

use std::path::Path;

use serde_json::Value;

use super::disguises::{Canary, hex};

pub(super) struct Captured {
    /// As it was sent, in small letters.
    raw: String,
    /// The texts inside, in small letters and without what cannot be seen.
    texts: String,
    /// All digits of any script, with nothing between them but where a request ends.
    digits: String,
}

impl Captured {
    pub(super) fn new(received: &[String]) -> Self {
        let mut texts = String::new();
        let mut digits = String::new();
        for request in received {
            let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
            texts.push_str(head);
            match serde_json::from_str::<Value>(body) {
                Ok(value) => gather(&value, &mut texts, &mut digits),
                Err(_) => texts.push_str(body),
            }
            digits.push('\n');
        }
        let raw = received.join("\n").to_lowercase();
        let seen = |sign: &char| !matches!(sign, '\u{200b}'..='\u{200f}');
        Self { raw, texts: texts.to_lowercase().chars().filter(seen).collect(), digits }
    }

    /// Says whether a canary can be read from it, or what was sent of it.
    pub(super) fn tells(&self, canary: &Canary, sent: &[String]) -> bool {
        let hides = |text: &str| {
            let text = text.to_lowercase();
            let seen: String =
                text.chars().filter(|sign| !matches!(sign, '\u{200b}'..='\u{200f}')).collect();
            self.raw.contains(&text) || self.texts.contains(&seen)
        };
        let (local, _) = canary.text.split_once('@').unwrap_or((&canary.text, ""));
        let in_digits = canary.digits && self.digits.contains(&canary.text);
        in_digits
            || hides(local)
            || hides(&hex(local.as_bytes()))
            || sent.iter().any(|part| hides(part))
    }
}

fn gather(value: &Value, texts: &mut String, digits: &mut String) {
    match value {
        Value::String(text) => {
            texts.push_str(text);
            texts.push('\n');
            digits.extend(text.chars().filter_map(digit));
        }
        Value::Number(number) => digits.push_str(&number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts, digits)),
        Value::Object(fields) => {
            for (name, value) in fields {
                texts.push_str(name);
                gather(value, texts, digits);
            }
        }
        _ => {}
    }
}

/// Returns a digit of the scripts that the disguises use.
fn digit(sign: char) -> Option<char> {
    let value = match sign {
        '0'..='9' => sign as u32 - '0' as u32,
        '\u{ff10}'..='\u{ff19}' => sign as u32 - 0xff10,
        '\u{660}'..='\u{669}' => sign as u32 - 0x660,
        _ => return None,
    };
    char::from_digit(value, 10)
}

/// Returns the files of a house in which a canary can be read.
pub(super) fn left_on_disk(folder: &Path, canaries: &[&Canary]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(left_on_disk(&path, canaries));
        } else if path.extension().is_none_or(|end| end != "gguf") {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            let told = canaries.iter().any(|canary| text.contains(&canary.text));
            found.extend(told.then(|| path.display().to_string()));
        }
    }
    found
}

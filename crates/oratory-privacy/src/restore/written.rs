//! Writes an original in the notation in which its surrogate stood.
//!
//! HTML stays HTML, an address stays an address, and JSON stays JSON.

use super::sign::{Notation, Writing};
use super::token::Stands;

/// Adds what a surrogate stands for.
pub(super) fn put(out: &mut String, stands: &Stands<'_>, writing: Writing) {
    let mut text = match stands.notation {
        Notation::Bare | Notation::Backslash => stands.original.to_owned(),
        Notation::Html => html(stands.original),
        Notation::Percent => percent(stands.original),
        Notation::Escape => json(stands.original),
    };
    text.push_str(&stands.ending);
    match writing {
        Writing::Plain => out.push_str(&text),
        // `\u003c` in JSON is JSON's own escape, undone before it was read.
        Writing::Json => out.push_str(&json(&text)),
    }
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns text as it stands between the quotes of a JSON string.
fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("text always serialises");
    quoted[1..quoted.len() - 1].to_owned()
}

fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'@' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

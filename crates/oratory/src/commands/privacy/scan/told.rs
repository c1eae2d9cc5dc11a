//! How findings are told: one JSON document a text, or a table for people.
//!
//! Each finding is written when it is found, so that a long text takes no memory.

use oratory_privacy::Seen;
use serde::Serialize;
use serde_json::Value;

use crate::out;

/// One finding as JSON has it.
#[derive(Serialize)]
struct Finding<'a> {
    r#type: String,
    start: u64,
    end: u64,
    score: f64,
    why: &'a str,
}

/// What is printed about texts.
pub(super) struct Told {
    json: bool,
    name: String,
    in_text: u64,
    texts: u64,
    all: u64,
}

impl Told {
    pub(super) fn new(json: bool) -> Self {
        Self { json, name: String::new(), in_text: 0, texts: 0, all: 0 }
    }

    /// Begins a text, which people know by `name` and programs by `id`.
    pub(super) fn begins(&mut self, name: &str, id: &Value) {
        name.clone_into(&mut self.name);
        self.in_text = 0;
        self.texts += 1;
        if self.json {
            out::piece(format_args!("{{\"id\":{id},\"findings\":["));
        }
    }

    pub(super) fn tells(&mut self, seen: &[Seen]) {
        let mut text = String::new();
        for seen in seen {
            if self.json {
                if self.in_text > 0 {
                    text.push(',');
                }
                text.push_str(&json(seen));
            } else {
                text.push_str(&self.row(seen));
            }
            self.in_text += 1;
            self.all += 1;
        }
        if !text.is_empty() {
            out::piece(text);
        }
    }

    pub(super) fn ends(&self) {
        if self.json {
            out::line("]}");
        }
    }

    fn row(&self, seen: &Seen) -> String {
        let place = format!("{}:{}:{}", self.name, seen.line, seen.column);
        let length = seen.span.end - seen.span.start;
        let kind = seen.kind.as_str();
        format!("{place:<32} {kind:<16} {length:>5} {:>5.2}  {}\n", seen.score, seen.why)
    }

    /// Tells a person how much was found.
    pub(super) fn summed_up(&self) {
        if !self.json {
            let things = if self.all == 1 { "thing" } else { "things" };
            let texts = if self.texts == 1 { "text" } else { "texts" };
            out::note(format_args!("{} {things} found in {} {texts}", self.all, self.texts));
        }
    }
}

fn json(seen: &Seen) -> String {
    let finding = Finding {
        r#type: seen.kind.as_str().to_ascii_lowercase(),
        start: seen.span.start,
        end: seen.span.end,
        // Two digits are all that the figure means.
        score: (f64::from(seen.score) * 100.0).round() / 100.0,
        why: seen.why,
    };
    serde_json::to_string(&finding).unwrap_or_else(|error| error.to_string())
}

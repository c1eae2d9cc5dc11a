//! Recorded outcomes, read from JSON lines: a request, and how each model did on it.
//!
//! A line that cannot be used is an error that names it; what it does not need is left alone.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::ReplayError;
use super::gzip::unpacked;

/// Some scorers subtract for wrong answers, and end a little below nothing.
const LEAST_SCORE: f64 = -1.0;

/// One request and how models did on it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Recorded {
    /// What the line calls it.
    pub id: Id,
    /// What was asked.
    pub prompt: String,
    /// How each model did.
    pub outcomes: BTreeMap<String, Outcome>,
}

/// A name or a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A name.
    Name(String),
    /// A number.
    Number(i64),
}

/// How one model did on one request.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Outcome {
    /// How good the answer was, 0 to 1.
    pub score: f64,
    /// What it cost, in whatever money the file counts in.
    #[serde(default)]
    pub cost: Option<f64>,
    /// How long it took.
    #[serde(default)]
    pub latency_ms: Option<f64>,
}

/// Returns the outcomes in a file's bytes, packed by gzip or not.
pub fn read(bytes: &[u8]) -> Result<Vec<Recorded>, ReplayError> {
    let bytes = unpacked(bytes)?;
    let text = str::from_utf8(&bytes).map_err(|error| no_text(&bytes[..error.valid_up_to()]))?;
    let (mut all, mut seen) = (Vec::new(), HashMap::new());
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let recorded =
            recorded(text).map_err(|(what, next)| ReplayError::Line { line, what, next })?;
        if let Some(earlier) = seen.insert(recorded.id.clone(), line) {
            let what = format!("has the id {} of line {earlier}", recorded.id);
            let next = "give it an id of its own, or take one of the two out";
            return Err(ReplayError::Line { line, what, next });
        }
        all.push(recorded);
    }
    if all.is_empty() { Err(ReplayError::Empty) } else { Ok(all) }
}

fn no_text(before: &[u8]) -> ReplayError {
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    let (what, next) = (format!("is not UTF-8, at column {column}"), "save the file as UTF-8");
    ReplayError::Line { line, what, next }
}

fn recorded(text: &str) -> Result<Recorded, (String, &'static str)> {
    let recorded: Recorded = serde_json::from_str(text).map_err(|error| {
        let what = format!("cannot be read, at column {}: {}", error.column(), plain(&error));
        (what, "correct it, or take the line out; --help shows one that can be read")
    })?;
    for (model, outcome) in &recorded.outcomes {
        let Outcome { score, cost, latency_ms } = outcome;
        let column = column(text, model);
        if !(LEAST_SCORE..=1.0).contains(score) {
            let what = format!("has the score {score} for {model}, at column {column}");
            return Err((what, "scores are from 0 to 1: divide them all by the best there can be"));
        }
        for (name, number) in [("cost", cost), ("latency_ms", latency_ms)] {
            if let Some(number) = number.filter(|number| !(number.is_finite() && *number >= 0.0)) {
                let what = format!("has the {name} {number} for {model}, at column {column}");
                return Err((what, "leave out what is not known; nothing is less than 0"));
            }
        }
    }
    Ok(recorded)
}

/// Returns where in the line the model is named, counted from 1.
fn column(text: &str, model: &str) -> usize {
    let outcomes = text.find("\"outcomes\"").unwrap_or(0);
    let name = serde_json::Value::from(model).to_string();
    text[outcomes..].find(&name).map_or(0, |at| outcomes + at) + 1
}

/// Returns what the parser says, without the place, which would count from the line's beginning.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

//! Recorded outcomes, read from JSON lines: a request, and how each model did on it.
//!
//! A line that cannot be used is an error that names it; what it does not need is left alone.

use std::collections::{BTreeMap, HashSet};

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
    let text = str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        ReplayError::Line { line, what: "is not UTF-8".to_owned() }
    })?;
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let recorded = recorded(text).map_err(|what| ReplayError::Line { line, what })?;
        if !seen.insert(recorded.id.clone()) {
            let what = format!("has the id {} of an earlier line", recorded.id);
            return Err(ReplayError::Line { line, what });
        }
        all.push(recorded);
    }
    if all.is_empty() { Err(ReplayError::Empty) } else { Ok(all) }
}

fn recorded(text: &str) -> Result<Recorded, String> {
    let recorded: Recorded = serde_json::from_str(text).map_err(|error| {
        format!("cannot be read, at column {}: {}", error.column(), plain(&error))
    })?;
    for (model, outcome) in &recorded.outcomes {
        let Outcome { score, cost, latency_ms } = outcome;
        if !(LEAST_SCORE..=1.0).contains(score) {
            return Err(format!("has the score {score} for {model}; scores are from 0 to 1"));
        }
        for (name, number) in [("cost", cost), ("latency_ms", latency_ms)] {
            if number.is_some_and(|number| !(number.is_finite() && number >= 0.0)) {
                return Err(format!("has a {name} for {model} that is less than nothing"));
            }
        }
    }
    Ok(recorded)
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

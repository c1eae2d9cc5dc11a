//! A fact, where it is from, and how sure it is.

use serde::Serialize;

/// Something that is said of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact<T> {
    /// What is said.
    pub value: T,
    /// Where: `card`, `gguf`, `models.dev` or `known`, as the table explains them.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It was read there.
    Read,
    /// It was worked out from what was read there.
    WorkedOut,
    /// Nobody has checked it.
    Unchecked,
}

impl Confidence {
    /// Returns the mark that people see behind a value.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Read => "",
            Self::WorkedOut => "~",
            Self::Unchecked => "?",
        }
    }
}

/// Reads `VALUE@SOURCE`, marked or not; an empty cell says nothing.
pub(crate) fn cell(cell: &'static str) -> Option<Fact<&'static str>> {
    let (value, source) = cell.rsplit_once('@')?;
    let (source, confidence) = match (source.strip_suffix('?'), source.strip_suffix('~')) {
        (Some(source), _) => (source, Confidence::Unchecked),
        (_, Some(source)) => (source, Confidence::WorkedOut),
        _ => (source, Confidence::Read),
    };
    Some(Fact { value: value.trim(), source, confidence })
}

impl<T> Fact<T> {
    /// Returns the same of another value, if there is one.
    pub(crate) fn and_then<U>(self, make: impl FnOnce(T) -> Option<U>) -> Option<Fact<U>> {
        let Self { value, source, confidence } = self;
        Some(Fact { value: make(value)?, source, confidence })
    }
}

/// Reads a number of things: `9.65B`, `17G`, `262144`.
pub(crate) fn count(text: &str) -> Option<u64> {
    let (number, scale) = match text.strip_suffix(['B', 'G']) {
        Some(number) => (number, 1_000_000_000.0),
        None => (text, 1.0),
    };
    let count = number.parse::<f64>().ok()? * scale;
    (count.is_finite() && count >= 0.0).then_some(count.round() as u64)
}

/// Returns the rows of a table: no empty lines, no comments.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

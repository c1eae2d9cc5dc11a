//! What is wrong with a policy, by line and column.
//!
//! Cedar's own words, with the place in front, as compilers write it.

use std::fmt;

use cedar_policy::{ParseErrors, ValidationError, ValidationWarning};
use miette::Diagnostic;
use serde::Serialize;

/// Why a policy does not load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError(pub Vec<Problem>);

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line, from 1; `None` where it has no place.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// What is wrong, and what to do if that is known.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Problem {
    fn of(text: &str, diagnostic: &dyn Diagnostic) -> Self {
        let mut message = diagnostic.to_string();
        let mut labels = diagnostic.labels().into_iter().flatten();
        let label = labels.next();
        // Often the one thing that says what was expected.
        if let Some(words) = label.as_ref().and_then(|label| label.label()) {
            message = format!("{message}: {words}");
        }
        if let Some(help) = diagnostic.help() {
            message = format!("{message} ({help})");
        }
        let place = label.map(|label| place(text, label.offset()));
        Self { line: place.map(|(line, _)| line), column: place.map(|(_, column)| column), message }
    }

    pub(super) fn without_place(message: String) -> Self {
        Self { line: None, column: None, message }
    }
}

pub(super) fn syntax(text: &str, errors: &ParseErrors) -> PolicyError {
    PolicyError(errors.iter().map(|error| Problem::of(text, error)).collect())
}

pub(super) fn misfits<'a>(
    text: &str,
    errors: impl Iterator<Item = &'a ValidationError>,
) -> PolicyError {
    PolicyError(errors.map(|error| Problem::of(text, error)).collect())
}

pub(super) fn warnings<'a>(
    text: &str,
    warnings: impl Iterator<Item = &'a ValidationWarning>,
) -> Vec<Problem> {
    warnings.map(|warning| Problem::of(text, warning)).collect()
}

/// Returns the line and the column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

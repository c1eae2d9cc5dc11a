//! Caps what a caller hands in before anything is compiled.
//!
//! A grammar that is nested 200,000 deep would end the process that reads it.

use serde_json::Value;

use super::Problem;

/// The largest schema, grammar or expression.
const LARGEST: usize = 256 << 10;

/// The deepest schema or grammar.
const DEEPEST: usize = 64;

/// The most names in a schema. Compiling takes longer with each, and others wait meanwhile.
const MOST_NAMES: usize = 2500;

/// The longest an error of the parts underneath may be; some recite the whole grammar.
const LONGEST_WHY: usize = 600;

/// Returns the schema in `text`; `what` names it in errors.
pub(super) fn schema(text: &str, what: &str) -> Result<Value, Problem> {
    size(text, what)?;
    let depth = depth(text, &['{', '['], &['}', ']']);
    if depth > DEEPEST {
        return Err(too_deep(what, depth));
    }
    let schema: Value = serde_json::from_str(text)
        .map_err(|error| super::unsupported(what, format!("it is no JSON: {error}")))?;
    let names = names(&schema);
    if names > MOST_NAMES {
        let what = what.to_owned();
        return Err(Problem::TooMuch { what, size: names, unit: "names", most: MOST_NAMES });
    }
    match schema {
        Value::Object(_) | Value::Bool(_) => Ok(schema),
        _ => Err(super::unsupported(what, "a schema is an object")),
    }
}

/// Checks the size and depth of a grammar or an expression.
pub(super) fn grammar(text: &str, what: &str) -> Result<(), Problem> {
    size(text, what)?;
    // Brackets in strings count as well: rather one too many than a stack too deep.
    let depth = depth(text, &['(', '[', '{'], &[')', ']', '}']);
    if depth > DEEPEST { Err(too_deep(what, depth)) } else { Ok(()) }
}

/// Counts the names of members, at every depth.
fn names(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(names).sum::<usize>(),
        Value::Array(items) => items.iter().map(names).sum(),
        _ => 0,
    }
}

fn size(text: &str, what: &str) -> Result<(), Problem> {
    if text.len() <= LARGEST {
        return Ok(());
    }
    let (what, size) = (what.to_owned(), text.len());
    Err(Problem::TooMuch { what, size, unit: "bytes", most: LARGEST })
}

fn too_deep(what: &str, size: usize) -> Problem {
    Problem::TooMuch { what: what.to_owned(), size, unit: "levels", most: DEEPEST }
}

fn depth(text: &str, opening: &[char], closing: &[char]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in text.chars() {
        if opening.contains(&c) {
            depth += 1;
            deepest = deepest.max(depth);
        } else if closing.contains(&c) {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// Returns the beginning of an error that may go on for pages.
pub(super) fn shortened(why: &str) -> String {
    let why = why.split("\n<state>").next().unwrap_or(why);
    let why = why.split("<backtrace>").next().unwrap_or(why);
    let why = why.split("<non-verbose/>").next().unwrap_or(why).trim();
    match why.char_indices().nth(LONGEST_WHY) {
        Some((end, _)) => format!("{} ...", &why[..end]),
        None => why.to_owned(),
    }
}

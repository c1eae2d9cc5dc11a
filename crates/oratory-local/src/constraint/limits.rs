//! Caps what a caller hands in before anything is compiled.
//!
//! A grammar that is nested 200,000 deep would end the process that reads it.

use serde_json::Value;

use super::{Problem, grounds};

/// The largest schema, grammar or expression.
const LARGEST: usize = oratory_contract::Form::LARGEST;

/// The deepest schema or grammar.
const DEEPEST: usize = 64;

/// The most names in a schema. Compiling takes longer with each, and others wait meanwhile.
const MOST_NAMES: usize = 2500;

/// The most schemas that must hold at once. What it costs to compile grows faster than anything
/// counted later: eight patterns took 10 ms, sixteen 260 ms, twenty-four longer than 3 s.
const MOST_TOGETHER: usize = 16;

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
    let together = together(&schema);
    if together > MOST_TOGETHER {
        let (what, unit) = (what.to_owned(), "parts that must all hold");
        return Err(Problem::TooMuch { what, size: together, unit, most: MOST_TOGETHER });
    }
    if !grounds::has_an_end(&schema) {
        let why = "it refers to itself in such a way that no text can ever be complete";
        return Err(super::unsupported(what, why));
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

/// Returns how many schemas must hold at once, where most do.
fn together(schema: &Value) -> usize {
    let here = match schema.get("allOf") {
        Some(Value::Array(all)) => all.iter().map(|one| together(one).max(1)).sum(),
        _ => 0,
    };
    let inside: Option<usize> = match schema {
        Value::Object(members) => members.values().map(together).max(),
        Value::Array(items) => items.iter().map(together).max(),
        _ => None,
    };
    here.max(inside.unwrap_or(0))
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

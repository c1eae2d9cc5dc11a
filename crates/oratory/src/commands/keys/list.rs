//! `oratory keys list`: the keys there are, what they allow and what was spent.
//!
//! Of a key itself only how it begins is known here.

use std::process::ExitCode;

use oratory_contract::{Budget, calendar};
use oratory_store::{KeyBook, KnownKey};
use serde::Serialize;

use super::{error, now};
use crate::cli::Json;
use crate::out;

#[derive(Serialize)]
struct Row {
    name: String,
    begins: String,
    groups: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clearance: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'static str>,
    models: Vec<String>,
    budgets: Vec<Spent>,
    made: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    expired: bool,
}

#[derive(Serialize)]
struct Spent {
    budget: Budget,
    spent: String,
    begins_again: String,
}

pub(super) fn run(args: &Json, book: &KeyBook) -> anyhow::Result<ExitCode> {
    let now = now();
    let rows: Vec<Row> =
        book.list(now).map_err(error)?.into_iter().map(|key| row(key, now)).collect();
    if args.json {
        out::json(&rows);
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        out::note("there are no keys; `oratory keys add NAME` makes one");
    }
    for row in &rows {
        out::line(format_args!("{:<16} {}…  {}", row.name, row.begins, facts(row)));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(key: KnownKey, now: u64) -> Row {
    let KnownKey { name, begins, rights, made, spent } = key;
    let budgets = rights.budgets.iter().zip(spent).map(|(budget, spent)| Spent {
        budget: *budget,
        spent: budget.unit.shown(spent),
        begins_again: calendar::utc(budget.period.window(now).1),
    });
    Row {
        name: name.to_string(),
        begins,
        groups: rights.groups.iter().map(ToString::to_string).collect(),
        clearance: rights.clearance.map(|level| level.as_str()),
        label: rights.label.map(|level| level.as_str()),
        budgets: budgets.collect(),
        models: rights.models,
        made: calendar::utc(made),
        expires: rights.expires.map(calendar::utc),
        expired: rights.expires.is_some_and(|expires| expires <= now),
    }
}

fn facts(row: &Row) -> String {
    let mut facts = Vec::new();
    if !row.groups.is_empty() {
        facts.push(format!("in {}", row.groups.join(", ")));
    }
    facts.extend(row.clearance.map(|level| format!("up to {level}")));
    facts.extend(row.label.map(|level| format!("at least {level}")));
    if !row.models.is_empty() {
        facts.push(format!("models {}", row.models.join(", ")));
    }
    facts.extend(row.budgets.iter().map(|of| format!("{} of {}", of.spent, of.budget)));
    if let Some(expires) = &row.expires {
        let word = if row.expired { "ended" } else { "ends" };
        facts.push(format!("{word} {}", expires.get(..10).unwrap_or(expires)));
    }
    if facts.is_empty() { "without limits".to_owned() } else { facts.join("; ") }
}

//! `oratory models list --available`: open-weight models people run, and which would fit this machine.
//!
//! A mark behind a figure says how sure it is: `~` was worked out, `?` nobody has checked.

use std::process::ExitCode;

use oratory_catalogue::{Commerce, Fact, Model, models};
use oratory_local::hardware::Hardware;
use serde::Serialize;

use super::row::{count, size};
use crate::out;

/// The usual compromise between size and quality, and what is listed.
const USUAL: &str = "Q4_K_M";
/// What a model takes beside its weights, as a part of them, at a context of some thousand tokens.
const BESIDES: f64 = 1.15;

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    model: &'static Model,
    /// The file of the usual quantisation.
    usual_bytes: Option<Fact<u64>>,
    /// Whether that file would run here, as far as its size alone can tell.
    fits: Option<bool>,
}

pub(super) fn run(json: bool) -> ExitCode {
    let room = Hardware::look().room();
    let mut rows: Vec<Row> = models().iter().map(|model| row(model, room)).collect();
    rows.sort_by_key(|row| row.model.parameters.as_ref().map_or(0, |fact| fact.value));
    if json {
        out::json(&rows);
        return ExitCode::SUCCESS;
    }
    let width = rows.iter().map(|row| row.model.name.len()).max().unwrap_or(0);
    for row in &rows {
        out::line(format_args!("{:<width$}  {}", row.model.name, facts(row)));
    }
    out::note("");
    out::note(format_args!(
        "Sizes are of {USUAL} files; ~ was worked out, ? nobody has checked, * runs here by its size. The \
         header of a file says more: `oratory fit`."
    ));
    ExitCode::SUCCESS
}

fn row(model: &'static Model, room: u64) -> Row {
    // A file that was looked at is worth more than a sum, however its weights are written.
    let seen = model.sizes.iter().find(|(name, _)| *name == USUAL).or(model.sizes.first());
    let usual = seen.map(|(_, size)| size.clone()).or_else(|| model.size(USUAL));
    let fits = usual.as_ref().map(|size| size.value as f64 * BESIDES <= room as f64);
    Row { model, usual_bytes: usual, fits }
}

fn facts(row: &Row) -> String {
    let Row { model, usual_bytes, fits } = row;
    let mark = if *fits == Some(true) { "*" } else { " " };
    let told = |fact: &Option<Fact<u64>>, tell: fn(u64) -> String| match fact {
        Some(fact) => format!("{}{}", tell(fact.value), fact.confidence.mark()),
        None => "-".to_owned(),
    };
    let active = model.active.as_ref().map(|fact| format!("{} used", count(fact.value)));
    let licence = model.licence.as_ref().map_or("licence unknown".to_owned(), |fact| {
        let free = match fact.value.commerce {
            Commerce::Free => "",
            Commerce::Conditions => " (conditions)",
            Commerce::No => " (not for money)",
        };
        format!("{}{free}{}", fact.value.title, fact.confidence.mark())
    });
    format!(
        "{mark} {:>9} {:>9} {:>12} {:>7}  {licence}",
        told(usual_bytes, size),
        told(&model.parameters, count),
        active.unwrap_or_default(),
        told(&model.context, tokens),
    )
}

fn tokens(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

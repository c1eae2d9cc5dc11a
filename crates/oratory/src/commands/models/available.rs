//! `oratory models list --available`: open-weight models people run, and which would fit this machine.
//!
//! A mark behind a figure says how sure it is: `~` was worked out, `?` nobody has checked.

use std::process::ExitCode;

use oratory_catalogue::{Commerce, Fact, Model, cheapest, models};
use oratory_contract::Price;
use oratory_local::hardware::Hardware;
use serde::Serialize;

use super::row::{count, size};
use crate::out::{self, wrapped};

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
    /// The least that a cloud takes for it.
    cheapest: Option<Offer>,
}

/// What a cloud takes for a model.
#[derive(Serialize)]
struct Offer {
    provider: &'static str,
    dollars_for_a_million: Price,
}

/// Columns of the table beside the name, without the licence.
const COLUMNS: usize = 65;

pub(super) fn run(json: bool) -> ExitCode {
    let room = Hardware::look().room();
    let mut rows: Vec<Row> = models().iter().map(|model| row(model, room)).collect();
    rows.sort_by_key(|row| row.model.parameters.as_ref().map_or(0, |fact| fact.value));
    if json {
        out::json(&rows);
        return ExitCode::SUCCESS;
    }
    let name = rows.iter().map(|row| row.model.name.len()).max().unwrap_or(0);
    // Less than this for a licence, and it is told below.
    let wide = out::width() >= name + COLUMNS + 24;
    for row in &rows {
        if wide {
            let room = out::width().saturating_sub(name + COLUMNS);
            let licence: String = licence(row.model).chars().take(room).collect();
            out::line(format_args!("{:<name$}  {}  {licence}", row.model.name, figures(row)));
        } else {
            narrow(row).iter().for_each(out::line);
        }
    }
    out::note("");
    let legend = format!(
        "Sizes are of {USUAL} files; ~ was worked out, ? nobody has checked, * runs here by its size. Money is the \
         least that a cloud in the price list takes for a million tokens read and written. The header of a file \
         says more: `oratory fit`."
    );
    wrapped(&legend, out::width()).iter().for_each(out::note);
    ExitCode::SUCCESS
}

fn row(model: &'static Model, room: u64) -> Row {
    // A file that was looked at is worth more than a sum, however its weights are written.
    let seen = model.sizes.iter().find(|(name, _)| *name == USUAL).or(model.sizes.first());
    let usual = seen.map(|(_, size)| size.clone()).or_else(|| model.size(USUAL));
    let fits = usual.as_ref().map(|size| size.value as f64 * BESIDES <= room as f64);
    let cheapest = cheapest(model);
    let cheapest =
        cheapest.map(|(provider, price)| Offer { provider, dollars_for_a_million: price });
    Row { model, usual_bytes: usual, fits, cheapest }
}

fn told(fact: &Option<Fact<u64>>, tell: fn(u64) -> String) -> String {
    match fact {
        Some(fact) => format!("{}{}", tell(fact.value), fact.confidence.mark()),
        None => "-".to_owned(),
    }
}

fn figures(row: &Row) -> String {
    let Row { model, usual_bytes, fits, cheapest } = row;
    let mark = if *fits == Some(true) { "*" } else { " " };
    let active = model.active.as_ref().map(|fact| format!("{} used", count(fact.value)));
    format!(
        "{mark} {:>9} {:>9} {:>12} {:>7} {:>15}",
        told(usual_bytes, size),
        told(&model.parameters, count),
        active.unwrap_or_default(),
        told(&model.context, tokens),
        cheapest.as_ref().map_or_else(|| "-".to_owned(), money),
    )
}

/// Returns a row as a few lines, where there is no room for a table.
fn narrow(row: &Row) -> Vec<String> {
    let Row { model, usual_bytes, fits, cheapest } = row;
    let size = usual_bytes.as_ref().map(|_| format!("a file of {}", told(usual_bytes, size)));
    let runs = (*fits == Some(true)).then(|| "runs here by its size".to_owned());
    let money = cheapest.as_ref().map(|offer| format!("{} at {}", money(offer), offer.provider));
    let facts = [size, runs, money, Some(licence(model))];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let lines = wrapped(&facts.join(", "), out::width().saturating_sub(2).max(10));
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    std::iter::once(out::bold(model.name)).chain(lines).collect()
}

fn money(offer: &Offer) -> String {
    let Price { input, output, .. } = offer.dollars_for_a_million;
    format!("{input}/{output}")
}

fn licence(model: &Model) -> String {
    model.licence.as_ref().map_or("licence unknown".to_owned(), |fact| {
        let free = match fact.value.commerce {
            Commerce::Free => "",
            Commerce::Conditions => " (conditions)",
            Commerce::No => " (not for money)",
        };
        format!("{}{free}{}", fact.value.title, fact.confidence.mark())
    })
}

fn tokens(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

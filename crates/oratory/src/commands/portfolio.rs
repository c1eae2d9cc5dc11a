//! `oratory portfolio`: places, models, and what each place may receive.
//!
//! Asks the configured places once, and waits no longer than a moment for them.

use std::process::ExitCode;

use oratory_contract::{ModelCard, PlaceCard, Readiness, Trouble};
use serde::Serialize;

use crate::cli::Json;
use crate::house::House;
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Row {
    place: PlaceCard,
    models: Vec<ModelCard>,
    /// What it is, if it was found on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// What is wrong there.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
}

pub(super) async fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let (house, _pipeline) = House::build(config, Vec::new())?;
    house.listed().await;
    let rows: Vec<Row> = house
        .portfolio
        .sites()
        .iter()
        .map(|site| Row {
            place: site.card().clone(),
            models: site.models().to_vec(),
            found: house.near.what(site.card()),
            trouble: site.trouble(),
        })
        .collect();
    if args.json {
        out::json(&rows);
    } else {
        for row in &rows {
            show(row);
        }
    }
    house.close().await;
    Ok(ExitCode::SUCCESS)
}

fn show(row: &Row) {
    let PlaceCard { name, tier, address, clearance, .. } = &row.place;
    let masked = match clearance.masked {
        Some(level) => format!(", {level} once masked"),
        None => String::new(),
    };
    out::line(format_args!(
        "{name}  {tier}  {address}  receives up to {}{masked}",
        clearance.as_is
    ));
    if let Some(what) = &row.found {
        out::line(format_args!("  found: {what}"));
    }
    match &row.trouble {
        Some(Trouble { what, next }) => {
            out::line(format_args!("  {what}"));
            if let Some(next) = next {
                out::line(format_args!("  next: {next}"));
            }
        }
        None if row.models.is_empty() => {
            out::line("  it has not said yet which models it serves");
        }
        None => {}
    }
    for model in &row.models {
        out::line(format_args!("  {:<32} {}", model.name.as_str(), describe(model)));
    }
}

/// Returns what is known of a model, in one line.
pub(super) fn describe(model: &ModelCard) -> String {
    let mut facts = Vec::new();
    match &model.readiness {
        Readiness::Ready => facts.push("ready".to_owned()),
        Readiness::Cold => facts.push("loads when asked".to_owned()),
        Readiness::Unavailable(why) => facts.push(format!("unavailable: {why}")),
    }
    if let Some(parameters) = model.parameters {
        facts.push(amount(parameters, "parameters"));
    }
    if let Some(bytes) = model.bytes {
        facts.push(amount(bytes, "bytes"));
    }
    if let Some(context) = model.context {
        facts.push(format!("{context} tokens"));
    }
    if model.stand_in {
        facts.push("comes with Oratory".to_owned());
    }
    facts.join(", ")
}

fn amount(number: u64, unit: &str) -> String {
    let number = number as f64;
    match number {
        n if n >= 1e9 => format!("{:.1} G {unit}", n / 1e9),
        n if n >= 1e6 => format!("{:.1} M {unit}", n / 1e6),
        n if n >= 1e3 => format!("{:.0} k {unit}", n / 1e3),
        n => format!("{n} {unit}"),
    }
}

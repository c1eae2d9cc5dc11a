//! `oratory portfolio`: places, models, and what each place may receive.
//!
//! Asks the configured places once, and waits no longer than a moment for them.

use std::process::ExitCode;

use oratory_contract::{ModelCard, PlaceCard, Readiness};
use serde::Serialize;

use crate::cli::Json;
use crate::house::House;
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Row {
    place: PlaceCard,
    models: Vec<ModelCard>,
}

pub(super) async fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let (house, _pipeline) = House::build(config, Vec::new())?;
    house.listed().await;
    let rows: Vec<Row> = house
        .portfolio
        .sites()
        .iter()
        .map(|site| Row { place: site.card().clone(), models: site.models().to_vec() })
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
    if row.models.is_empty() {
        out::line("  no model is known; is the server running?");
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

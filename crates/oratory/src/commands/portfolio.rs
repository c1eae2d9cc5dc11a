//! `oratory portfolio`: places, models, and what each place may receive.
//!
//! Asks the configured places once, and waits no longer than a moment for them.

use std::process::ExitCode;

use oratory_contract::{ModelCard, PlaceCard, Price, Readiness, Tier, Trouble};
use oratory_pipeline::Site;
use serde::Serialize;

use crate::cli::Json;
use crate::house::House;
use crate::licences::Known;
use crate::out::{self, wrapped};
use crate::prices::PriceList;
use crate::settings::Config;

#[derive(Serialize)]
struct Row {
    place: PlaceCard,
    models: Vec<Told>,
    /// What it is, if it was found on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// What is wrong there.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
}

/// A model, and what is known of it beside its card.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    card: ModelCard,
    /// What its tokens cost; absent where nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
}

pub(super) async fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let (house, _pipeline) = House::build(config, Vec::new())?;
    house.listed().await;
    let prices = PriceList::new(config);
    let sites = house.portfolio.sites();
    let rows: Vec<Row> = sites.iter().map(|site| row(site, &house, &prices)).collect();
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

fn row(site: &Site, house: &House, prices: &PriceList) -> Row {
    let place = site.card().clone();
    let told = |card: &ModelCard| {
        let price = prices.of(place.name.as_str(), card.name.as_str());
        let of = card.adapts.as_ref().unwrap_or(&card.name);
        let licence = Known::of(of.as_str(), card.origin.licence.as_deref());
        let licence = licence.name().map(str::to_owned).filter(|_| !card.stand_in);
        Told { card: card.clone(), price, licence }
    };
    let models = site.models().iter().map(told).collect();
    Row { models, found: house.near.what(&place), trouble: site.trouble(), place }
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
        let facts = facts(model, row.place.tier);
        let lines = wrapped(&facts, out::width().saturating_sub(35).max(20));
        for (at, line) in lines.iter().enumerate() {
            let name = if at == 0 { model.card.name.as_str() } else { "" };
            out::line(format_args!("  {name:<32} {line}"));
        }
    }
}

/// Returns all that is known of a model, its price and its licence included.
fn facts(model: &Told, tier: Tier) -> String {
    let mut facts = vec![describe(&model.card)];
    match model.price {
        Some(Price::FREE) => {}
        Some(price) => facts.push(format!("{} in and {} out a million", price.input, price.output)),
        None if tier == Tier::Cloud => facts.push("price unknown".to_owned()),
        None => {}
    }
    facts.extend(model.licence.clone());
    facts.join(", ")
}

/// Returns what is known of a model, in one line.
pub(super) fn describe(model: &ModelCard) -> String {
    let mut facts = Vec::new();
    match &model.readiness {
        Readiness::Ready => facts.push("ready".to_owned()),
        Readiness::Cold => facts.push("loads when asked".to_owned()),
        Readiness::Unavailable(why) => facts.push(format!("unavailable: {why}")),
        Readiness::Forbidden(why) => facts.push(format!("forbidden: {why}")),
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

//! `oratory ledger`: tokens, money and energy, what stayed at home, and what that would have cost
//! elsewhere.
//!
//! Adds up the records. Quality for what it cost is not told: answers are judged nowhere yet.

mod columns;
mod even;
mod page;
mod sum;
mod sums;
mod table;

use std::process::ExitCode;

use anyhow::Context;
use oratory_contract::Price;
use oratory_pipeline::Clock;
use oratory_store::Reader;
use serde::Serialize;

use self::even::Curve;
use self::sum::Sum;
use self::sums::Sums;
use crate::cli::{By, Ledger};
use crate::clock::MachineClock;
use crate::out::{self, WrongUsage};
use crate::prices;
use crate::settings::Config;

const DAY_MS: u64 = 86_400_000;

/// All that is told.
#[derive(Serialize)]
struct Report {
    days: Option<u64>,
    by: By,
    rows: Vec<Row>,
    total: Sum,
    /// Of the requests that were answered, the share answered on this machine.
    home_share: Option<f64>,
    reference: Reference,
    /// What was measured; nothing is estimated.
    joules: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even: Option<Curve>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    #[serde(flatten)]
    sum: Sum,
}

/// The model that everything is compared with.
#[derive(Serialize)]
struct Reference {
    name: String,
    dollars_for_a_million: Price,
}

pub(super) fn run(args: &Ledger, config: &Config) -> anyhow::Result<ExitCode> {
    let reference = reference(args)?;
    let since = args.days.map_or(0, |days| MachineClock.unix_ms().saturating_sub(days * DAY_MS));
    let on_page: &[By] = if args.html.is_some() { &page::BY } else { &[] };
    let mut sums = Sums::new(config, args.by, on_page, reference.dollars_for_a_million);
    // Before the first request there is no file, and nothing to add up.
    if config.store.exists() {
        Reader::open(&config.store)?.each(since, |entry| sums.add(&entry))?;
    }
    let report = Report {
        days: args.days,
        by: args.by,
        rows: sums.rows(args.by),
        home_share: sums.total().home_share(),
        joules: sums.total().joules(),
        total: sums.total().clone(),
        break_even: args.machine.map(|machine| even::curve(machine, args, sums.home())),
        reference,
    };
    if let Some(file) = &args.html {
        page::write(file, &report, &sums, args.force)?;
    }
    if args.json {
        out::json(&report);
    } else if let Some(file) = &args.html {
        out::line(format_args!("The ledger is in {}.", file.display()));
    } else {
        table::show(&report);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns what everything is compared with, by its name in the price list or by what is stated.
fn reference(args: &Ledger) -> anyhow::Result<Reference> {
    let name = &args.reference;
    let listed = || {
        let (provider, model) = name
            .split_once('/')
            .with_context(|| format!("{name:?} names no provider; write one as openai/gpt-5.4"))?;
        oratory_catalogue::price(provider, model).with_context(|| {
            format!(
                "no price is known of {name:?}; name another with --reference, such as \
                 anthropic/claude-sonnet-5, or say what it costs with --reference-price"
            )
        })
    };
    let wrong = |why| WrongUsage(format!("--reference-price: {why}"));
    let price = match &args.reference_price {
        Some(text) => prices::written(text).map_err(wrong)?,
        None => listed()?,
    };
    Ok(Reference { name: name.clone(), dollars_for_a_million: price })
}

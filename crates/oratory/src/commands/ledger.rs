//! `oratory ledger`: tokens and money, what stayed at home, and what that would have cost elsewhere.
//!
//! Adds up the records; today's prices count for all of them.

mod even;
mod sums;
mod table;

use std::process::ExitCode;

use anyhow::Context;
use oratory_catalogue::Price;
use oratory_pipeline::Clock;
use oratory_store::Reader;
use serde::Serialize;

use self::even::Curve;
use self::sums::{Key, Sum, Sums};
use crate::cli::{By, Ledger};
use crate::clock::MachineClock;
use crate::out;
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
    /// No meter of this machine is read.
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
    let (provider, model) = args.reference.split_once('/').with_context(|| {
        format!("{:?} names no provider; write one as openai/gpt-5.4", args.reference)
    })?;
    let price = oratory_catalogue::price(provider, model).with_context(|| {
        format!(
            "no price is known of {:?}; name another with --reference, such as anthropic/claude-sonnet-5",
            args.reference
        )
    })?;
    let since = args.days.map_or(0, |days| MachineClock.unix_ms().saturating_sub(days * DAY_MS));
    let mut sums = Sums::new(config, Key(args.by), price);
    // Before the first request there is no file, and nothing to add up.
    if config.store.exists() {
        Reader::open(&config.store)?.each(since, |entry| sums.add(&entry))?;
    }
    let curve = args.machine.map(|machine| even::curve(machine, args, &sums.home()));
    let report = Report {
        days: args.days,
        by: args.by,
        total: sums.total(),
        home_share: sums.home_share(),
        rows: sums.into_rows().map(|(name, sum)| Row { name, sum }).collect(),
        reference: Reference { name: args.reference.clone(), dollars_for_a_million: price },
        joules: None,
        break_even: curve,
    };
    if args.json {
        out::json(&report);
    } else {
        table::show(&report);
    }
    Ok(ExitCode::SUCCESS)
}

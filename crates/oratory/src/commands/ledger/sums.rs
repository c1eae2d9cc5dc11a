//! Adds records up, in one go over all of them.

use std::collections::{BTreeMap, HashMap};

use oratory_catalogue::{Price, Tokens};
use oratory_contract::{Money, Tier, calendar};
use oratory_store::Entry;
use serde::Serialize;

use super::DAY_MS;
use crate::cli::By;
use crate::prices::{self, Cost};
use crate::settings::Config;

/// What some records add up to.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Sum {
    pub(super) requests: u64,
    pub(super) answered: u64,
    pub(super) from_cache: u64,
    pub(super) input_tokens: u64,
    pub(super) cached_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) masked_spans: u64,
    /// Dollars that somebody asks for.
    pub(super) spent: Money,
    /// Requests of which nobody knows what they cost.
    pub(super) unpriced: u64,
    /// Dollars that the same tokens would have cost at the model of reference.
    pub(super) at_reference: Money,
    /// Seconds of work, each request by itself.
    pub(super) seconds: f64,
}

/// By what records are told apart.
pub(super) struct Key(pub(super) By);

/// All sums, growing.
pub(super) struct Sums<'a> {
    config: &'a Config,
    key: Key,
    reference: Price,
    rows: BTreeMap<String, Sum>,
    tiers: BTreeMap<Tier, Sum>,
    /// Looked up once for each model.
    costs: HashMap<(String, String), (Tier, Cost)>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(config: &'a Config, key: Key, reference: Price) -> Self {
        let (rows, tiers, costs) = (BTreeMap::new(), BTreeMap::new(), HashMap::new());
        Self { config, key, reference, rows, tiers, costs }
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let model = (entry.place.clone(), entry.model.clone());
        let config = self.config;
        let cost = self.costs.entry(model);
        let (tier, cost) =
            *cost.or_insert_with_key(|(place, model)| prices::of(config, place, model));
        let mut one = one(entry, cost);
        if entry.answered {
            one.at_reference = self.reference.of(tokens(entry));
        }
        self.rows.entry(self.key.of(entry, tier)).or_default().add(&one);
        if !entry.place.is_empty() {
            self.tiers.entry(tier).or_default().add(&one);
        }
    }

    /// Returns what was done on this machine.
    pub(super) fn home(&self) -> Sum {
        self.tiers.get(&Tier::Edge).cloned().unwrap_or_default()
    }

    pub(super) fn home_share(&self) -> Option<f64> {
        let all: u64 = self.tiers.values().map(|sum| sum.answered).sum();
        (all > 0).then(|| self.home().answered as f64 / all as f64)
    }

    pub(super) fn total(&self) -> Sum {
        self.rows.values().fold(Sum::default(), |mut all, sum| {
            all.add(sum);
            all
        })
    }

    /// Returns the sums: days in their order, everything else with the most requests first.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (String, Sum)> {
        let mut rows: Vec<_> = self.rows.into_iter().collect();
        if !matches!(self.key.0, By::Day) {
            rows.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.requests));
        }
        rows.into_iter()
    }
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.answered += other.answered;
        self.from_cache += other.from_cache;
        self.input_tokens += other.input_tokens;
        self.cached_tokens += other.cached_tokens;
        self.output_tokens += other.output_tokens;
        self.masked_spans += other.masked_spans;
        self.spent += other.spent;
        self.unpriced += other.unpriced;
        self.at_reference += other.at_reference;
        self.seconds += other.seconds;
    }
}

fn tokens(entry: &Entry) -> Tokens {
    let usage = entry.usage;
    Tokens { input: usage.input.into(), cached: usage.cached.into(), output: usage.output.into() }
}

fn one(entry: &Entry, cost: Cost) -> Sum {
    let usage = entry.usage;
    let worked = !entry.from_cache && !entry.place.is_empty();
    let (spent, unpriced) = match cost {
        Cost::Tokens(price) if worked => (price.of(tokens(entry)), 0),
        Cost::Unknown if worked => (Money::NONE, 1),
        _ => (Money::NONE, 0),
    };
    Sum {
        requests: 1,
        answered: entry.answered.into(),
        from_cache: entry.from_cache.into(),
        input_tokens: usage.input.into(),
        cached_tokens: usage.cached.into(),
        output_tokens: usage.output.into(),
        masked_spans: entry.masked_spans.into(),
        spent,
        unpriced,
        at_reference: Money::NONE,
        seconds: if worked { entry.total_us as f64 / 1e6 } else { 0.0 },
    }
}

impl Key {
    fn of(&self, entry: &Entry, tier: Tier) -> String {
        let nowhere = || "(nowhere)".to_owned();
        match self.0 {
            By::Caller => entry.caller.clone(),
            By::Day => day(entry.started_ms / DAY_MS),
            _ if entry.place.is_empty() => nowhere(),
            By::Model => format!("{}/{}", entry.place, entry.model),
            By::Place => entry.place.clone(),
            By::Tier => tier.as_str().to_owned(),
        }
    }
}

/// Returns a day since 1970 as `2026-11-21`.
fn day(days: u64) -> String {
    let (year, month, day) = calendar::date(days);
    format!("{year:04}-{month:02}-{day:02}")
}

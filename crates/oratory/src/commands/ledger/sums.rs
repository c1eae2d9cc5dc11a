//! Adds records up, in one go over all of them.

use std::collections::{BTreeMap, HashMap};

use oratory_contract::{Money, Price, Tier, calendar};
use oratory_store::Entry;

use super::sum::{Spread, Sum};
use super::{DAY_MS, Row};
use crate::cli::By;
use crate::prices::PriceList;
use crate::settings::{Config, PlaceConfig};

/// An answer that comes in less than this after its first word came in one piece: it has no pace.
const PIECE_US: u64 = 1000;

/// All sums, growing.
pub(super) struct Sums {
    prices: PriceList,
    reference: Price,
    total: Sum,
    home: Sum,
    groups: BTreeMap<By, BTreeMap<String, Sum>>,
    /// Looked up once for each model.
    known: HashMap<(String, String), (Tier, Option<Price>)>,
}

impl Sums {
    pub(super) fn new(config: &Config, by: By, more: &[By], reference: Price) -> Self {
        Self::of(&config.places, by, more, reference)
    }

    /// Returns no sums yet, for these places.
    pub(super) fn of(places: &[PlaceConfig], by: By, more: &[By], reference: Price) -> Self {
        let groups = more.iter().chain([&by]).map(|by| (*by, BTreeMap::new())).collect();
        let (total, home, known) = (Sum::default(), Sum::default(), HashMap::new());
        Self { prices: PriceList::of_places(places), reference, total, home, groups, known }
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let model = (entry.place.clone(), entry.model.clone());
        let prices = &self.prices;
        let known = self.known.entry(model);
        let (tier, price) = *known
            .or_insert_with_key(|(place, model)| (prices.tier(place), prices.of(place, model)));
        let one = self.one(entry, tier, price);
        for (by, rows) in &mut self.groups {
            rows.entry(name(*by, entry, tier)).or_default().add(&one);
        }
        if tier == Tier::Edge && !entry.place.is_empty() {
            self.home.add(&one);
        }
        self.total.add(&one);
    }

    pub(super) fn total(&self) -> &Sum {
        &self.total
    }

    /// Returns what was done on this machine.
    pub(super) fn home(&self) -> &Sum {
        &self.home
    }

    /// Returns the sums: days in their order, everything else with the most requests first.
    pub(super) fn rows(&self, by: By) -> Vec<Row> {
        let sums = self.groups.get(&by).into_iter().flatten();
        let mut rows: Vec<Row> =
            sums.map(|(name, sum)| Row { name: name.clone(), sum: sum.clone() }).collect();
        if by != By::Day {
            rows.sort_by_key(|row| std::cmp::Reverse(row.sum.requests));
        }
        rows
    }

    fn one(&self, entry: &Entry, tier: Tier, price: Option<Price>) -> Sum {
        let usage = entry.usage;
        let worked = !entry.from_cache && !entry.place.is_empty();
        let at_home = tier == Tier::Edge && !entry.place.is_empty();
        let spent = spent(entry, price.filter(|_| worked));
        let measured = usage.microjoules.filter(|_| worked);
        Sum {
            requests: 1,
            answered: entry.answered.into(),
            answered_at_home: (entry.answered && at_home).into(),
            from_cache: entry.from_cache.into(),
            input: usage.input.into(),
            cached: usage.cached.into(),
            output: usage.output.into(),
            reasoning: usage.reasoning.map(u64::from),
            masked_spans: entry.masked_spans.into(),
            spent: spent.map(|(spent, _)| spent).unwrap_or_default(),
            unpriced: (worked && spent.is_none()).into(),
            at_todays_price: spent.is_some_and(|(_, today)| today).into(),
            at_reference: match entry.answered {
                true => self.reference.of(usage.into()),
                false => Money::NONE,
            },
            seconds: if worked { entry.total_us as f64 / 1e6 } else { 0.0 },
            said: said(entry).filter(|_| worked).unwrap_or_default(),
            firsts: entry.first_chunk_us.filter(|_| worked).map(Spread::of).unwrap_or_default(),
            measured: measured.is_some().into(),
            measured_output: measured.map_or(0, |_| usage.output.into()),
            microjoules: measured.unwrap_or(0),
            worked_at_home: (worked && at_home).into(),
        }
    }
}

/// Returns what a request cost, and whether that is by today's price.
fn spent(entry: &Entry, price: Option<Price>) -> Option<(Money, bool)> {
    let today = || {
        let price = price?;
        // Where no tokens were told, no price says what they cost.
        let told = entry.usage.input > 0 || entry.usage.output > 0;
        (told || !entry.answered && entry.first_chunk_us.is_none() || price == Price::FREE)
            .then(|| (price.of(entry.usage.into()), price != Price::FREE))
    };
    entry.spent.map(|spent| (spent, false)).or_else(today)
}

/// Returns the tokens that came after the first word, and how long that took in seconds.
fn said(entry: &Entry) -> Option<(u64, f64)> {
    let first = entry.first_chunk_us.filter(|_| entry.answered)?;
    let after = entry.total_us.checked_sub(first).filter(|after| *after >= PIECE_US)?;
    let more = u64::from(entry.usage.output).checked_sub(1).filter(|more| *more > 0)?;
    Some((more, after as f64 / 1e6))
}

fn name(by: By, entry: &Entry, tier: Tier) -> String {
    match by {
        By::Caller => entry.caller.clone(),
        By::Day => day(entry.started_ms / DAY_MS),
        _ if entry.place.is_empty() => "(nowhere)".to_owned(),
        By::Model => format!("{}/{}", entry.place, entry.model),
        By::Place => entry.place.clone(),
        By::Tier => tier.as_str().to_owned(),
    }
}

/// Returns a day since 1970 as `2026-11-21`.
pub(super) fn day(days: u64) -> String {
    let (year, month, day) = calendar::date(days);
    format!("{year:04}-{month:02}-{day:02}")
}

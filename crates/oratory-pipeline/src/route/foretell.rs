//! What is expected of each model for a request: how well it would answer, and what that would take.
//!
//! What was learnt on this machine comes first; where nothing was, models are guessed by their size.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use oratory_brains::predictor::{Estimate, Predictor};
use oratory_catalogue::{Kind, counts_as, model, prior};
use oratory_contract::{Asked, ModelCard, Money, Price, Prices, Readiness, Tier, Tokens};
use serde::Serialize;

use super::Choice;
use super::kind::{kind, question};
use super::pace::{Pace, Speed};
use crate::wellbeing::Spot;

/// Models whose facts are kept at hand, and questions whose estimates are.
const MOST: usize = 1024;
/// Bytes of a token, where nobody has counted.
const BYTES: usize = 4;
/// What a cold model takes to load, in seconds, for each billion of weights and at the least.
const LOADING: f32 = 0.5;
/// Joules a written token takes for each billion of weights that are used: 0.36 to 0.74 on consumer cards.
const JOULES: f32 = 0.5;
/// A model of unknown size elsewhere is taken for one of so many billions, by what its answers cost.
const BY_PRICE: [(f64, f64); 4] = [(0.5, 30.0), (2.5, 100.0), (12.0, 400.0), (f64::MAX, 1000.0)];
/// A model of unknown size, in billions of weights: at home, and elsewhere.
const UNKNOWN: (f64, f64) = (4.0, 100.0);

/// What is expected of one model for one request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The share of such requests that it answers well, 0 to 1.
    pub quality: f32,
    /// How far off that may well be; `None` where it is a guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<f32>,
    /// What it costs; `None` where nobody knows.
    pub money: Option<Money>,
    /// How long the whole answer takes, in seconds.
    pub seconds: f32,
    /// What it takes, in joules: always a guess.
    pub joules: f32,
}

impl Forecast {
    /// Says whether its quality was learnt on this machine.
    pub fn is_learnt(&self) -> bool {
        self.doubt.is_some()
    }
}

/// Foretells what models would do.
#[derive(Default)]
pub(crate) struct Foresight {
    known: RwLock<Arc<Known>>,
    prices: Option<Prices>,
    pub(crate) pace: Pace,
}

/// What was learnt, and what was worked out of it since; goes as a whole when something else is learnt.
#[derive(Default)]
struct Known {
    learnt: Option<Arc<Predictor>>,
    /// What was foretold lately, by a hash of the question.
    estimates: Mutex<HashMap<u64, Estimate>>,
    facts: Mutex<HashMap<Spot, Facts>>,
}

/// What is known of a model whatever it is asked.
#[derive(Clone, Copy)]
struct Facts {
    price: Option<Price>,
    /// Billions of weights it counts as, and of those that are used for a token.
    size: f64,
    used: f64,
    thinks: bool,
    /// Where it stands in what was learnt.
    learnt: Option<usize>,
}

impl Foresight {
    pub(crate) fn new(prices: Option<Prices>) -> Self {
        Self { prices, ..Self::default() }
    }

    /// Puts in force what was learnt.
    pub(crate) fn learn(&self, learnt: Option<Arc<Predictor>>) {
        let known = Arc::new(Known { learnt, ..Known::default() });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Returns what is expected of each choice.
    pub(super) fn of(&self, asked: &Asked, choices: &[&Choice]) -> Vec<Forecast> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        let facts = self.facts(&known, choices);
        let question = question(asked);
        let kind = kind(asked, question);
        let tokens = tokens(asked, kind);
        let any = facts.iter().any(|facts| facts.learnt.is_some());
        let estimate = any.then(|| known.estimate(asked, question)).flatten();
        let forecast = |(choice, facts): (&&Choice, &Facts)| {
            let learnt = estimate.as_ref().zip(facts.learnt);
            self.forecast(choice, facts, kind, tokens, learnt)
        };
        choices.iter().zip(&facts).map(forecast).collect()
    }

    fn forecast(
        &self,
        choice: &Choice,
        facts: &Facts,
        kind: Kind,
        tokens: Tokens,
        learnt: Option<(&Estimate, usize)>,
    ) -> Forecast {
        let card = choice.card();
        let guessed = || prior(kind, facts.size, facts.thinks);
        let money = match choice.site.card().tier {
            Tier::Edge => Some(Money::NONE),
            _ => facts.price.map(|price| price.of(tokens)),
        };
        let cold = card.is_some_and(|card| card.readiness == Readiness::Cold);
        let loading = if cold { 1.0 + LOADING * facts.size as f32 } else { 0.0 };
        let speed = self.pace.of(&choice.spot());
        Forecast {
            quality: learnt.map_or_else(guessed, |(estimate, at)| estimate.quality(at)),
            doubt: learnt.map(|(estimate, at)| estimate.doubt(at)),
            money,
            seconds: loading + seconds(choice.site.card().tier, facts, speed, tokens),
            joules: JOULES
                * facts.used as f32
                * (tokens.output as f32 + tokens.input as f32 / 20.0),
        }
    }

    /// Returns what is known of each choice; looked up once.
    fn facts(&self, known: &Known, choices: &[&Choice]) -> Vec<Facts> {
        let mut facts = known.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.len() >= MOST.max(2 * choices.len()) {
            // Callers may write any name of a model.
            facts.clear();
        }
        let learnt = known.learnt.as_deref();
        let of = |choice: &&Choice| {
            let facts = facts.entry(choice.spot());
            *facts.or_insert_with(|| self.look_up(choice, choice.card(), learnt))
        };
        choices.iter().map(of).collect()
    }

    fn look_up(
        &self,
        choice: &Choice,
        card: Option<&ModelCard>,
        learnt: Option<&Predictor>,
    ) -> Facts {
        let place = choice.site.card();
        let price = |prices: &Prices| prices(place.name.as_str(), choice.model.as_str());
        let price = self.prices.as_ref().and_then(price);
        let known = model(choice.model.as_str());
        // The file's own word is worth more than the table's.
        let own = card.and_then(|card| card.parameters);
        let told = known.and_then(|model| model.parameters.as_ref()).map(|fact| fact.value);
        let used = known.and_then(|model| model.active.as_ref()).map(|fact| fact.value);
        let size = match own.or(told) {
            Some(all) => counts_as(all, used),
            None => unknown(place.tier, price),
        };
        let used = used.or(own).or(told).map_or(size, |used| used as f64 / 1e9);
        let thinks = known.is_some_and(|model| model.can("reasoning"));
        Facts {
            price,
            size,
            used,
            thinks,
            learnt: learnt.and_then(|learnt| place_in(learnt, choice)),
        }
    }
}

impl Known {
    /// Returns what is foretold of a question. While an agent works, one question comes again and again.
    fn estimate(&self, asked: &Asked, question: &str) -> Option<Estimate> {
        let learnt = self.learnt.as_ref()?;
        let mut hasher = DefaultHasher::new();
        // How soon an answer begins must not tell one caller what another has asked.
        (asked.caller.name.as_str(), question).hash(&mut hasher);
        let key = hasher.finish();
        let lock = || self.estimates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(estimate) = lock().get(&key) {
            return Some(estimate.clone());
        }
        let estimate = learnt.predict(question);
        let mut known = lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, estimate.clone());
        Some(estimate)
    }
}

fn unknown(tier: Tier, price: Option<Price>) -> f64 {
    match (tier, price) {
        (Tier::Edge, _) => UNKNOWN.0,
        (_, None) => UNKNOWN.1,
        (_, Some(price)) => {
            let dollars = price.output.dollars();
            let by_price = BY_PRICE.iter().find(|(most, _)| dollars <= *most);
            by_price.map_or(UNKNOWN.1, |(_, size)| *size)
        }
    }
}

/// Returns where a model stands in what was learnt: under its own name, with its place or without, or
/// under another that means the same model.
fn place_in(learnt: &Predictor, choice: &Choice) -> Option<usize> {
    let models = learnt.models();
    let (place, own) = (&choice.grant.place, choice.model.as_str());
    let full = |name: &String| {
        name.split_once('/').is_some_and(|(at, rest)| at == place.as_str() && rest == own)
    };
    let bare = |name: &String| name == own;
    models.iter().position(full).or_else(|| models.iter().position(bare)).or_else(|| {
        let meant = model(own)?;
        models.iter().position(|name| model(name).is_some_and(|known| known.name == meant.name))
    })
}

/// Returns the tokens a request is expected to take.
fn tokens(asked: &Asked, kind: Kind) -> Tokens {
    let input = (asked.length() / BYTES + 16) as u64;
    let usual = match kind {
        Kind::Chat | Kind::Vision => 300,
        Kind::Code => 500,
        Kind::Reasoning => 400,
        Kind::Extraction => 150,
        Kind::Translation => input,
    };
    let most = asked.limits.max_tokens.map_or(u64::MAX, u64::from);
    Tokens { input, cached: 0, output: usual.min(most).max(1) }
}

/// Returns how long an answer is expected to take: as lately, or by what such places usually do.
fn seconds(tier: Tier, facts: &Facts, known: Option<Speed>, tokens: Tokens) -> f32 {
    let (first, each) = match tier {
        // Memory is read once for each token: about 20 GB/s at four bits.
        Tier::Edge => (0.2 + tokens.input as f32 * 0.002, 0.03 * facts.used as f32),
        Tier::Onprem => (0.4, 0.025),
        Tier::Cloud => (0.8, 0.0125),
    };
    let first = known.map_or(first, |speed| speed.first);
    let each = known.and_then(|speed| speed.each).unwrap_or(each);
    first + each * tokens.output as f32
}

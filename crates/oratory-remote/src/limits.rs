//! What a place says of its limits with every answer, so that it is left alone before it must refuse.
//!
//! Reads headers; what a refusal says of it, `errors` reads.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use oratory_contract::ModelName;
use tokio::time::Instant;

use crate::errors::later;

/// How long nothing is asked where nothing is left and nobody has said until when.
const MOMENT: Duration = Duration::from_secs(1);
/// The longest that a place is left alone for what it has said of its limits.
const LONGEST: Duration = Duration::from_hours(1);
/// Models that are remembered; callers may write any name.
const MOST: usize = 1024;

/// What a place has said last of the limits of each of its models.
#[derive(Default)]
pub(crate) struct Limits {
    known: Mutex<HashMap<ModelName, Vec<Limit>>>,
}

/// One limit, and when it was told.
#[derive(Clone, Copy, Debug)]
struct Limit {
    told: Told,
    at: Instant,
}

impl Limits {
    /// Notes what an answer's head says of them; a head that says nothing changes nothing.
    pub(crate) fn note(&self, model: &ModelName, status: StatusCode, headers: &HeaderMap) {
        let (now, today) = (Instant::now(), SystemTime::now());
        let mut all: Vec<Told> = told(headers, today).collect();
        let pause = later::told(headers, today);
        let mut known = self.lock();
        if pause.is_some() && !status.is_success() {
            // A refusal's own pause is told by its failure, and says more than any limit.
            known.remove(model);
            return;
        }
        all.extend(pause.map(|pause| Told { reset: Some(pause), ..Told::default() }));
        if all.is_empty() {
            return;
        }
        if known.len() >= MOST {
            known.retain(|_, limits| limits.iter().any(|limit| limit.at + LONGEST > now));
        }
        if known.len() < MOST || known.contains_key(model) {
            let limits = all.into_iter().map(|told| Limit { told, at: now });
            known.insert(model.clone(), limits.collect());
        }
    }

    /// Returns how long a model takes no request of at least so many tokens.
    pub(crate) fn rest(&self, model: &ModelName, tokens: u64) -> Option<Duration> {
        let now = Instant::now();
        let known = self.lock();
        let limits = known.get(model)?.iter();
        let rests = limits.filter_map(|limit| Some(limit.at + limit.told.wait(tokens)?));
        let rest = rests.max()?.saturating_duration_since(now);
        (!rest.is_zero()).then_some(rest)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ModelName, Vec<Limit>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a head says of one limit.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// What is left, of whatever is counted.
    left: u64,
    /// How much there is when all is there, where it comes back little by little.
    size: Option<u64>,
    /// Whether tokens of the prompt are counted.
    prompt: bool,
    /// How long until all is there again.
    reset: Option<Duration>,
}

impl Told {
    /// Returns how long to wait for a request of so many tokens; `None` where enough is left.
    fn wait(&self, tokens: u64) -> Option<Duration> {
        let need = if self.prompt { tokens.max(1) } else { 1 };
        let missing = need.checked_sub(self.left).filter(|missing| *missing > 0)?;
        let Some(reset) = self.reset else { return Some(MOMENT) };
        let wait = match self.size.and_then(|size| size.checked_sub(self.left)) {
            Some(all) if missing < all => reset.mul_f64(missing as f64 / all as f64),
            _ => reset,
        };
        Some(wait.min(LONGEST))
    }
}

/// How the headers of a limit are called: what is left, how much there is, and when all is there again.
///
/// Where a limit has a name of its own, it comes back little by little; else all at once.
const NAMES: [[(&str, &str); 3]; 3] = [
    // OpenAI, Azure, Groq, Mistral, OpenRouter and whoever follows them.
    [("x-ratelimit-remaining", ""), ("x-ratelimit-limit", ""), ("x-ratelimit-reset", "")],
    [
        ("anthropic-ratelimit", "-remaining"),
        ("anthropic-ratelimit", "-limit"),
        ("anthropic-ratelimit", "-reset"),
    ],
    // The IETF's draft, up to its sixth version.
    [("ratelimit-remaining", ""), ("ratelimit-limit", ""), ("ratelimit-reset", "")],
];

fn told(headers: &HeaderMap, today: SystemTime) -> impl Iterator<Item = Told> + '_ {
    let pairs = headers.iter().filter_map(move |(name, value)| {
        NAMES.iter().find_map(|[(begins, ends), size, reset]| {
            let which = name.as_str().strip_prefix(begins)?.strip_suffix(ends)?;
            let other = |(begins, ends): &(&str, &str)| {
                let value = headers.get(format!("{begins}{which}{ends}"))?;
                value.to_str().ok().map(str::trim)
            };
            Some(Told {
                left: value.to_str().ok()?.trim().parse().ok()?,
                size: other(size).filter(|_| !which.is_empty()).and_then(|size| size.parse().ok()),
                prompt: counts_the_prompt(which),
                reset: other(reset).and_then(|reset| later::pause(reset, today)),
            })
        })
    });
    pairs.chain(headers.get_all("ratelimit").iter().filter_map(|value| item(value.to_str().ok()?)))
}

/// Says whether a limit counts what a prompt holds. Tokens of answers are counted by themselves.
fn counts_the_prompt(which: &str) -> bool {
    which.contains("token") && !which.contains("output")
}

/// Reads the IETF's draft from its seventh version on: `"hourly";r=0;t=50`, or `remaining=0, reset=50`.
fn item(text: &str) -> Option<Told> {
    let number = |names: [&str; 2]| {
        let mut parts = text.split([';', ',']).filter_map(|part| part.trim().split_once('='));
        parts.find(|(name, _)| names.contains(name))?.1.parse().ok()
    };
    let left = number(["r", "remaining"])?;
    let reset = number(["t", "reset"]).map(Duration::from_secs);
    Some(Told { left, reset, ..Told::default() })
}

#[cfg(test)]
mod tests;

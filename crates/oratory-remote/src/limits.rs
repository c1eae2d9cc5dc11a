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

/// One limit, as far as it binds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    /// What is left, of whatever is counted.
    left: u64,
    /// Whether tokens of the prompt are counted.
    prompt: bool,
    /// When it is lifted.
    lifted: Instant,
}

impl Limits {
    /// Notes what an answer's head says of them; a head that says nothing changes nothing.
    pub(crate) fn note(&self, model: &ModelName, status: StatusCode, headers: &HeaderMap) {
        let (now, today) = (Instant::now(), SystemTime::now());
        let mut told: Vec<Limit> = told(headers, today)
            .map(|told| Limit {
                left: told.left,
                prompt: told.prompt,
                lifted: now + told.reset.unwrap_or(MOMENT).min(LONGEST),
            })
            .collect();
        // A refusal's own pause is told by its failure.
        if let Some(pause) = later::told(headers, today).filter(|_| status.is_success()) {
            told.push(Limit { left: 0, prompt: false, lifted: now + pause.min(LONGEST) });
        }
        if told.is_empty() {
            return;
        }
        let mut known = self.lock();
        if known.len() >= MOST {
            known.retain(|_, limits| limits.iter().any(|limit| limit.lifted > now));
        }
        if known.len() < MOST || known.contains_key(model) {
            known.insert(model.clone(), told);
        }
    }

    /// Returns how long a model takes no request of at least so many tokens.
    pub(crate) fn rest(&self, model: &ModelName, tokens: u64) -> Option<Duration> {
        let now = Instant::now();
        let known = self.lock();
        let limits = known.get(model)?.iter();
        let reached =
            limits.filter(|limit| limit.left < if limit.prompt { tokens.max(1) } else { 1 });
        let rest = reached.map(|limit| limit.lifted.saturating_duration_since(now)).max()?;
        (!rest.is_zero()).then_some(rest)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ModelName, Vec<Limit>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a head says of one limit.
#[derive(Debug, PartialEq)]
struct Told {
    left: u64,
    prompt: bool,
    reset: Option<Duration>,
}

/// Where the names of a limit's two headers differ.
const NAMES: [(&str, &str, &str, &str); 3] = [
    // OpenAI, Azure, Mistral, OpenRouter and whoever follows them.
    ("x-ratelimit-remaining", "", "x-ratelimit-reset", ""),
    ("anthropic-ratelimit", "-remaining", "anthropic-ratelimit", "-reset"),
    // The IETF's draft, up to its sixth version.
    ("ratelimit-remaining", "", "ratelimit-reset", ""),
];

fn told(headers: &HeaderMap, today: SystemTime) -> impl Iterator<Item = Told> + '_ {
    let pairs = headers.iter().filter_map(move |(name, value)| {
        NAMES.iter().find_map(|(begins, ends, reset, reset_ends)| {
            let which = name.as_str().strip_prefix(begins)?.strip_suffix(ends)?;
            let reset = headers.get(format!("{reset}{which}{reset_ends}"));
            let reset = reset.and_then(|reset| later::pause(reset.to_str().ok()?.trim(), today));
            let left = value.to_str().ok()?.trim().parse().ok()?;
            Some(Told { left, prompt: counts_the_prompt(which), reset })
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
    Some(Told { left, prompt: false, reset: number(["t", "reset"]).map(Duration::from_secs) })
}

#[cfg(test)]
mod tests;

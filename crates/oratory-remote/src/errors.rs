//! What a provider's refusal means, in our words, with the provider's own kept.
//!
//! One table for all dialects; the provider's message is shown to the caller and never logged.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use oratory_contract::{At, Failure, FailureKind, PlaceName, Retry};

use crate::said::{Said, Wrong};

pub(crate) mod later;

/// How long a place is left alone that does not say for how long.
const USUAL: Duration = Duration::from_secs(5);

/// Returns what a response that is no success means.
pub(crate) fn failure(
    place: &PlaceName,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Failure {
    let mut said = Said::read(body);
    if let Some(name) = headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok()) {
        name.split(':').next().unwrap_or_default().clone_into(&mut said.name);
    }
    let (kind, retry) = meaning(status.as_u16(), &said);
    let retry = match retry {
        Retry::Never => Retry::Never,
        retry => when(retry, headers, said.after),
    };
    let colon = if said.message.is_empty() { "" } else { ": " };
    let message = format!("{place} answered {}{colon}{}", status.as_u16(), said.message);
    let failure = Failure::new(kind, At::Remote(place.clone()), message).retry(retry);
    match (status.as_u16(), kind) {
        (_, FailureKind::Unpaid) => {
            failure.hint(format!("the account of [places.{place}] has no credit left"))
        }
        (401 | 403, _) => failure.hint(format!("check the key of [places.{place}]")),
        (404, _) => failure.hint(format!("check `url` and the model's name at {place}")),
        (300..=399, _) => {
            failure.hint("redirects are not followed; write the final address as `url`")
        }
        _ => failure,
    }
}

/// Returns when to ask again: as the place says, or else as is usual.
fn when(usual: Retry, headers: &HeaderMap, said: Option<Duration>) -> Retry {
    let now = SystemTime::now();
    let told = later::told(headers, now).or(said);
    let lifted = || later::reset(headers, now).filter(|_| usual != Retry::Now);
    let after = |pause: Duration| Retry::After(pause.min(later::LONGEST));
    told.or_else(lifted).map_or(usual, after)
}

/// Returns what it means that bytes of a place give no answer.
pub(crate) fn wrong(place: &PlaceName, wrong: Wrong) -> Failure {
    let at = At::Remote(place.clone());
    match wrong {
        Wrong::Senseless(why) => {
            let message = format!("{place} answered something that makes no sense: {why}");
            Failure::new(FailureKind::Upstream, at, message)
        }
        Wrong::Said(said) => {
            let kind = named(&said).unwrap_or(FailureKind::Upstream);
            let retry = match kind {
                _ if said.is_filtered() => Retry::Never,
                FailureKind::Overloaded => Retry::After(said.after.unwrap_or(USUAL)),
                kind if kind.may_end_elsewhere() && kind != FailureKind::Unpaid => Retry::Now,
                _ => Retry::Never,
            };
            let message = format!("{place} broke off with an error: {}", said.message);
            Failure::new(kind, at, message).retry(retry)
        }
    }
}

/// What a status means, and whether to ask again. What the place calls it may say more.
fn meaning(status: u16, said: &Said) -> (FailureKind, Retry) {
    let after = Retry::After(USUAL);
    match (status, named(said)) {
        (402, _) | (400..=499, Some(FailureKind::Unpaid)) => (FailureKind::Unpaid, Retry::Never),
        (400 | 413 | 422, Some(FailureKind::TooLong)) => (FailureKind::TooLong, Retry::Never),
        (400, Some(FailureKind::Overloaded)) => (FailureKind::Overloaded, after),
        (404, _) => (FailureKind::UnknownModel, Retry::Never),
        (400 | 422, _) => (FailureKind::Invalid, Retry::Never),
        (413, _) => (FailureKind::TooLong, Retry::Never),
        (408 | 504 | 524, _) => (FailureKind::Timeout, Retry::Now),
        (429, _) => (FailureKind::Overloaded, after),
        (503 | 529, _) => (FailureKind::Overloaded, Retry::Now),
        (409 | 425 | 500..=599, _) => (FailureKind::Upstream, Retry::Now),
        _ => (FailureKind::Upstream, Retry::Never),
    }
}

/// What errors are called, in whatever dialect, and what that means.
const NAMES: [(&str, FailureKind); 28] = [
    ("insufficient_quota", FailureKind::Unpaid),
    ("insufficient_balance", FailureKind::Unpaid),
    ("insufficient_credits", FailureKind::Unpaid),
    ("billing_error", FailureKind::Unpaid),
    ("billing_hard_limit_reached", FailureKind::Unpaid),
    ("billing_not_active", FailureKind::Unpaid),
    ("context_length_exceeded", FailureKind::TooLong),
    ("exceed_context_size_error", FailureKind::TooLong),
    ("request_too_large", FailureKind::TooLong),
    ("overloaded_error", FailureKind::Overloaded),
    ("rate_limit_error", FailureKind::Overloaded),
    ("rate_limit_exceeded", FailureKind::Overloaded),
    ("server_is_overloaded", FailureKind::Overloaded),
    ("resource_exhausted", FailureKind::Overloaded),
    ("unavailable", FailureKind::Overloaded),
    ("throttlingexception", FailureKind::Overloaded),
    ("serviceunavailableexception", FailureKind::Overloaded),
    ("servicequotaexceededexception", FailureKind::Overloaded),
    ("modelnotreadyexception", FailureKind::Overloaded),
    ("timeout_error", FailureKind::Timeout),
    ("deadline_exceeded", FailureKind::Timeout),
    ("modeltimeoutexception", FailureKind::Timeout),
    ("model_not_found", FailureKind::UnknownModel),
    ("not_found_error", FailureKind::UnknownModel),
    ("resourcenotfoundexception", FailureKind::UnknownModel),
    ("invalid_request_error", FailureKind::Invalid),
    ("invalid_argument", FailureKind::Invalid),
    ("validationexception", FailureKind::Invalid),
];

/// Words by which those are told apart that many providers call by one name.
const WORDS: [(&str, FailureKind); 8] = [
    ("credit balance", FailureKind::Unpaid),
    ("insufficient balance", FailureKind::Unpaid),
    ("prompt is too long", FailureKind::TooLong),
    ("input is too long", FailureKind::TooLong),
    ("maximum context length", FailureKind::TooLong),
    ("exceeds the context", FailureKind::TooLong),
    ("exceed the context", FailureKind::TooLong),
    ("exceeds the maximum number of tokens", FailureKind::TooLong),
];

/// Returns what a place means by how it calls an error and what it says of it.
fn named(said: &Said) -> Option<FailureKind> {
    let (name, message) = (said.name.to_lowercase(), said.message.to_lowercase());
    let words = WORDS.iter().find(|(words, _)| message.contains(words));
    let names = || NAMES.iter().find(|(known, _)| *known == name);
    words.or_else(names).map(|(_, kind)| *kind)
}

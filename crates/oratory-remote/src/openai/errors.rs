//! What a provider's refusal means, in our words, with the provider's own kept.
//!
//! One table; the provider's message is shown to the caller and never logged.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use oratory_contract::{At, Failure, FailureKind, PlaceName, Retry};
use serde::Deserialize;

/// The most of a provider's message that is passed on, in characters.
const LONGEST: usize = 500;

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ErrorWire {
    Full { message: String },
    Bare(String),
    Other(serde_json::Value),
}

impl ErrorWire {
    pub(super) fn failure(&self, place: &PlaceName) -> Failure {
        let message = format!("{place} broke off with an error: {}", self.message());
        Failure::new(FailureKind::Upstream, At::Remote(place.clone()), message).retry(Retry::Now)
    }

    fn message(&self) -> String {
        let text = match self {
            Self::Full { message } | Self::Bare(message) => message.clone(),
            Self::Other(value) => value.to_string(),
        };
        text.chars().take(LONGEST).collect()
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: ErrorWire,
}

/// Returns what a response that is no success means.
pub(crate) fn failure(
    place: &PlaceName,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Failure {
    let said = match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) => envelope.error.message(),
        Err(_) => String::from_utf8_lossy(body).chars().take(LONGEST).collect(),
    };
    let (kind, retry) = meaning(status, headers);
    let colon = if said.is_empty() { "" } else { ": " };
    let message = format!("{place} answered {}{colon}{said}", status.as_u16());
    let failure = Failure::new(kind, At::Remote(place.clone()), message).retry(retry);
    match status.as_u16() {
        401 | 403 => failure.hint(format!("check the key of [places.{place}]")),
        402 => failure.hint(format!("the account of [places.{place}] has no credit left")),
        404 => failure.hint(format!("check `url` and the model's name at {place}")),
        300..=399 => failure.hint("redirects are not followed; write the final address as `url`"),
        _ => failure,
    }
}

fn meaning(status: StatusCode, headers: &HeaderMap) -> (FailureKind, Retry) {
    match status.as_u16() {
        404 => (FailureKind::UnknownModel, Retry::Never),
        400 | 422 => (FailureKind::Invalid, Retry::Never),
        413 => (FailureKind::TooLong, Retry::Never),
        408 | 504 => (FailureKind::Timeout, Retry::Now),
        429 | 503 | 529 => (FailureKind::Overloaded, Retry::After(retry_after(headers))),
        500..=599 => (FailureKind::Upstream, Retry::Now),
        _ => (FailureKind::Upstream, Retry::Never),
    }
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds =
        headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

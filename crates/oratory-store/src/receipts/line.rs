//! One receipt as a line of JSON that ends in its own digest.
//!
//! The digest is over the very bytes before it, so that a line need not be written anew to be
//! checked.

use std::collections::BTreeMap;

use oratory_contract::Departure;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the first receipt names as the one before it.
pub(super) const NONE_BEFORE: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";
/// Stands between what a line says and its digest.
const SEAM: &str = ",\"hash\":\"";
/// Closes a line.
const END: &str = "\"}";

/// What one line says of one departure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which receipt it is, from 1.
    pub number: u64,
    /// When it left, in UTC: `2026-01-31T12:00:00.000Z`.
    pub time: String,
    /// The place it left for.
    pub place: String,
    /// The method and the address.
    pub to: String,
    /// The request, as its record names it; none for calls of Oratory's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What the request was labelled before anything was masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// In which form it left: `as it is` or `masked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Spans that were replaced, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub masked: BTreeMap<String, u32>,
    /// The conversation whose surrogates were used, as `oratory privacy forget` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// How many bytes the body had.
    pub bytes: u64,
    /// The SHA-256 digest of the body.
    pub sha256: String,
    /// The digest of the receipt before.
    pub previous: String,
}

impl Receipt {
    pub(super) fn of(departure: &Departure, number: u64, unix_ms: u64, previous: &str) -> Self {
        let cargo = departure.cargo.as_ref();
        let masked = cargo.iter().flat_map(|cargo| &cargo.masked);
        let drawer = cargo.map(|cargo| cargo.drawer.clone());
        Self {
            number,
            time: told(unix_ms),
            place: departure.place.to_string(),
            to: departure.to.clone(),
            request: cargo.map(|cargo| cargo.request.to_string()),
            labels: cargo.map(|cargo| cargo.labels.clone()),
            form: cargo.map(|cargo| cargo.form.to_owned()),
            masked: masked.map(|(kind, count)| (kind.to_ascii_lowercase(), *count)).collect(),
            conversation: drawer.filter(|drawer| !drawer.is_empty()),
            bytes: departure.bytes,
            sha256: hex(&departure.digest),
            previous: previous.to_owned(),
        }
    }

    /// Returns the line, and the digest that it ends in.
    pub(super) fn line(&self) -> (String, String) {
        let mut line = serde_json::to_string(self).expect("plain data always serialises");
        line.truncate(line.len() - 1);
        let hash = digest(&line);
        line.push_str(SEAM);
        line.push_str(&hash);
        line.push_str(END);
        line.push('\n');
        (line, hash)
    }
}

/// A line that was read.
pub(super) struct Read {
    pub(super) receipt: Receipt,
    /// The digest it ends in.
    pub(super) hash: String,
    /// Whether that is its digest.
    pub(super) is_whole: bool,
}

/// Reads a line; `None` if it is no receipt.
pub(super) fn read(line: &[u8]) -> Option<Read> {
    let line = std::str::from_utf8(line).ok()?;
    let (said, hash) = line.strip_suffix(END)?.rsplit_once(SEAM)?;
    let receipt: Receipt = serde_json::from_str(&format!("{said}}}")).ok()?;
    Some(Read { receipt, is_whole: digest(said) == hash, hash: hash.to_owned() })
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a moment as RFC 3339 writes it.
fn told(unix_ms: u64) -> String {
    let (seconds, rest) = (unix_ms / 1000, unix_ms % 1000);
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}Z")
}

/// Returns the date so many days after 1 January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_everybody_writes_them() {
        assert_eq!(told(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(told(1_709_164_799_999), "2024-02-28T23:59:59.999Z");
        assert_eq!(told(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
        assert_eq!(told(1_795_259_665_007), "2026-11-21T11:14:25.007Z");
    }
}

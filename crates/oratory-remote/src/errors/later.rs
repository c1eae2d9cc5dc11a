//! When a place says it may be asked again, in any of the ways in which places say it.
//!
//! Reads headers; what a body says of it, `said` reads.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use oratory_contract::calendar;

/// The longest that anybody is told to wait.
pub(super) const LONGEST: Duration = Duration::from_hours(24);

/// Returns how long to wait, as a place asks for it.
pub(crate) fn told(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = ["retry-after-ms", "x-ms-retry-after-ms"].into_iter().find_map(header);
    millis
        .and_then(|text| seconds(text, 1000.0))
        .or_else(|| header("retry-after").and_then(|text| seconds(text, 1.0)))
        .or_else(|| header("retry-after").and_then(|text| until(text, now)))
}

fn seconds(text: &str, of: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(number / of).ok()
}

/// Reads an HTTP date; one that has passed means now.
fn until(text: &str, now: SystemTime) -> Option<Duration> {
    let then = httpdate::parse_http_date(text).ok()?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Returns when the limit is lifted that was reached: of several, the one with nothing left.
pub(super) fn reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut found = Vec::new();
    for (name, value) in headers {
        let Some(which) = name.as_str().strip_prefix("x-ratelimit-reset") else { continue };
        let Some(pause) = value.to_str().ok().and_then(|text| pause(text.trim(), now)) else {
            continue;
        };
        let left = headers.get(format!("x-ratelimit-remaining{which}"));
        found.push((left.is_some_and(|left| left == "0"), pause));
    }
    let reached = found.iter().filter(|(reached, _)| *reached).map(|(_, pause)| *pause).max();
    reached.or_else(|| found.iter().map(|(_, pause)| *pause).min())
}

/// Reads `6m0s`, `120ms`, seconds, a moment in seconds or milliseconds since 1970, or one by RFC 3339.
pub(crate) fn pause(text: &str, now: SystemTime) -> Option<Duration> {
    let Ok(number) = text.parse::<f64>() else { return units(text).or_else(|| moment(text, now)) };
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let moment = match number {
        number if number > 1e11 => number / 1000.0,
        number if number > 1e8 => number,
        number => return Duration::try_from_secs_f64(number).ok(),
    };
    Some(Duration::try_from_secs_f64(moment).ok()?.saturating_sub(since))
}

/// Reads `2026-11-21T12:00:00Z`, with a fraction and an offset, if any; one that has passed means now.
fn moment(text: &str, now: SystemTime) -> Option<Duration> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let day = calendar::days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = day * 86_400 + hour * 3600 + minute * 60 + second;
    let rest = text[19..].trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    let then = match rest.split_at_checked(1)? {
        ("Z" | "z", "") => local,
        ("+", offset) => local.checked_sub(seconds_of(offset)?)?,
        ("-", offset) => local + seconds_of(offset)?,
        _ => return None,
    };
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(then);
    Some(then.duration_since(now).unwrap_or_default())
}

fn seconds_of(offset: &str) -> Option<u64> {
    let (hours, minutes) = offset.split_once(':')?;
    Some(hours.parse::<u64>().ok()?.min(24) * 3600 + minutes.parse::<u64>().ok()?.min(60) * 60)
}

fn units(mut text: &str) -> Option<Duration> {
    let mut all = 0.0;
    while !text.is_empty() {
        let digits = text.find(|sign: char| !(sign.is_ascii_digit() || sign == '.'))?;
        let (number, rest) = text.split_at(digits);
        let unit = rest.find(|sign: char| sign.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(unit);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        all += number.parse::<f64>().ok()? * seconds;
        text = rest;
    }
    Duration::try_from_secs_f64(all).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &str)]) -> Option<f64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT").unwrap();
        told(&map, now).or_else(|| reset(&map, now)).map(|pause| pause.as_secs_f64())
    }

    #[test]
    fn every_way_of_saying_when_is_understood() {
        for (headers, expected) in [
            (&[("retry-after", "7")][..], 7.0),
            (&[("retry-after", "1.5")], 1.5),
            (&[("retry-after", "Sat, 21 Nov 2026 12:01:30 GMT")], 90.0),
            (&[("retry-after", "Sat, 21 Nov 2026 11:00:00 GMT")], 0.0),
            (&[("retry-after", "9"), ("retry-after-ms", "250")], 0.25),
            (&[("x-ratelimit-reset-tokens", "6m0s")], 360.0),
            (&[("x-ratelimit-reset-requests", "120ms")], 0.12),
            (&[("x-ratelimit-reset", "1795262460")], 60.0),
            (&[("x-ratelimit-reset", "1795262460000")], 60.0),
            (
                &[
                    ("x-ratelimit-reset-tokens", "2s"),
                    ("x-ratelimit-reset-requests", "1h0m3s"),
                    ("x-ratelimit-remaining-requests", "0"),
                ],
                3603.0,
            ),
        ] {
            let found = wait(headers).unwrap_or(-1.0);
            assert!((found - expected).abs() < 1e-6, "{headers:?}: {found}");
        }
    }

    #[test]
    fn moments_are_read_with_their_offset() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT").unwrap();
        for (text, expected) in [
            ("2026-11-21T12:00:30Z", Some(30)),
            ("2026-11-21T12:00:30.250Z", Some(30)),
            ("2026-11-21T13:01:00+01:00", Some(60)),
            ("2026-11-21T07:01:00-05:00", Some(60)),
            ("2026-11-21T11:00:00Z", Some(0)),
            ("2026-02-30T11:00:00Z", None),
            ("2026-11-21T25:00:00Z", None),
            ("2026-11-21T12:00:30", None),
            ("2026-11-21T12:00:30Zulu", None),
            ("2026-11-2€T12:00:30Z", None),
            ("0000-00-00T00:00:00Z", None),
        ] {
            assert_eq!(pause(text, now).map(|pause| pause.as_secs()), expected, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_says_nothing() {
        for text in ["soon", "-3", "NaN", "inf", "1e400", ""] {
            assert_eq!(wait(&[("retry-after", text)]), None, "{text}");
        }
        assert_eq!(wait(&[("x-ratelimit-reset", "6 parsecs")]), None);
    }
}

//! What heads of answers say, in every provider's words.

use super::*;

fn head(headers: &[(&'static str, &str)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()))
        .collect::<HeaderMap>()
}

fn rest(headers: &[(&'static str, &str)], tokens: u64) -> Option<u64> {
    let limits = Limits::default();
    limits.note(&"m".into(), StatusCode::OK, &head(headers));
    assert_eq!(limits.rest(&"other".into(), tokens), None, "limits are of a model");
    // What is told as a moment has begun to pass.
    limits.rest(&"m".into(), tokens).map(|rest| rest.as_secs_f64().round() as u64)
}

/// Returns a moment from now, as RFC 3339 writes it.
fn in_seconds(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    oratory_contract::calendar::utc(now.as_secs() + 1 + seconds)
}

#[test]
fn nothing_left_rests_until_it_is_lifted_in_every_dialect() {
    let soon = in_seconds(40);
    for (headers, expected) in [
        (
            &[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "6m0s")][..],
            360,
        ),
        (&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "1s")], 1),
        (&[("x-ratelimit-remaining-requests", "0")], 1),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30")], 30),
        (&[("ratelimit-remaining", "0"), ("ratelimit-reset", "50")], 50),
        (&[("ratelimit", "\"hourly\";r=0;t=70")], 70),
        (&[("ratelimit", "limit=10, remaining=0, reset=20")], 20),
        (&[("retry-after", "9")], 9),
        (
            &[
                ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", soon.as_str()),
                ("anthropic-ratelimit-tokens-remaining", "90000"),
                ("anthropic-ratelimit-tokens-reset", "2999-01-01T00:00:00Z"),
            ],
            40,
        ),
        (
            &[
                ("anthropic-ratelimit-output-tokens-remaining", "0"),
                ("anthropic-ratelimit-output-tokens-reset", "2999-01-01T00:00:00Z"),
            ],
            3600,
        ),
    ] {
        let found = rest(headers, 10).unwrap_or_else(|| panic!("{headers:?} say nothing"));
        assert!(found.abs_diff(expected) <= 1, "{headers:?}: {found}");
    }
}

#[test]
fn a_request_that_is_larger_than_what_is_left_rests_and_a_smaller_one_does_not() {
    let tokens = [("x-ratelimit-remaining-tokens", "500"), ("x-ratelimit-reset-tokens", "20s")];
    assert_eq!((rest(&tokens, 501), rest(&tokens, 500)), (Some(20), None));
    let output = [
        ("anthropic-ratelimit-output-tokens-remaining", "500"),
        ("anthropic-ratelimit-output-tokens-reset", "2999-01-01T00:00:00Z"),
    ];
    assert_eq!(rest(&output, 10_000), None, "answers are not prompts");
}

#[test]
fn what_comes_back_little_by_little_is_waited_for_no_longer_than_needed() {
    let requests = [
        ("x-ratelimit-limit-requests", "60"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "10m"),
    ];
    assert_eq!(rest(&requests, 0), Some(10));
    let tokens = [
        ("x-ratelimit-limit-tokens", "1000"),
        ("x-ratelimit-remaining-tokens", "500"),
        ("x-ratelimit-reset-tokens", "50s"),
    ];
    assert_eq!(
        [500, 600, 1000, 9000].map(|need| rest(&tokens, need)),
        [None, Some(10), Some(50), Some(50)]
    );
    let at_once =
        [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30")];
    assert_eq!(rest(&at_once, 0), Some(30));
}

#[test]
fn what_is_left_or_makes_no_sense_rests_nothing() {
    for headers in [
        &[("x-ratelimit-remaining-requests", "1"), ("x-ratelimit-reset-requests", "6m0s")][..],
        &[("x-ratelimit-remaining-requests", "-1")],
        &[("x-ratelimit-remaining-requests", "none")],
        &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "0")],
        &[("ratelimit", "\"hourly\";q=0")],
        &[("content-type", "text/plain")],
    ] {
        assert_eq!(rest(headers, 0), None, "{headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_lifted_by_time_and_by_what_is_said_next() {
    let (limits, model) = (Limits::default(), ModelName::from("m"));
    let reached = [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "10s")];
    limits.note(&model, StatusCode::OK, &head(&reached));
    limits.note(&model, StatusCode::OK, &head(&[]));
    assert!(limits.rest(&model, 0).is_some());
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(limits.rest(&model, 0), None);
    limits.note(&model, StatusCode::OK, &head(&reached));
    limits.note(&model, StatusCode::OK, &head(&[("x-ratelimit-remaining-requests", "3")]));
    assert_eq!(limits.rest(&model, 0), None);
    limits.note(&model, StatusCode::OK, &head(&reached));
    let refused = [reached[0], reached[1], ("retry-after", "2")];
    limits.note(&model, StatusCode::TOO_MANY_REQUESTS, &head(&refused));
    assert_eq!(limits.rest(&model, 0), None, "what a refusal asks for is its failure's to tell");
}

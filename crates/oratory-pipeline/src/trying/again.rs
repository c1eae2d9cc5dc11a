//! Whether a place is worth asking once more, and how long it is left alone before.
//!
//! Told what went wrong and given its randomness; asks nobody.

use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, RequestId, Retry};

/// The longest first pause; each further one may be twice as long.
const FIRST: Duration = Duration::from_millis(100);
/// No pause of our own is longer, and none is where somebody else may be asked.
pub(super) const LONGEST: Duration = Duration::from_secs(2);
/// The longest that a place may ask for while somebody waits.
const ASKED: Duration = Duration::from_secs(5);
/// What has taken longer to fail is not worth the same time again.
const QUICK: Duration = Duration::from_secs(10);

/// How a place asks to be left alone before it is asked once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// It has said nothing of it.
    None,
    /// For so long.
    After(Duration),
}

/// Returns what a place that has failed wishes; `None` where it is not worth asking again.
pub(super) fn wish(failure: &Failure, took: Duration) -> Option<Wish> {
    let passing = matches!(
        failure.kind,
        FailureKind::Overloaded
            | FailureKind::Timeout
            | FailureKind::Unreachable
            | FailureKind::Upstream
    );
    // What Oratory itself has refused, such as one request too many, it would refuse again.
    if !passing || !matches!(failure.at, At::Remote(_)) || took > QUICK {
        return None;
    }
    match (failure.kind, failure.retry) {
        (_, Retry::Never) => None,
        // Who cannot be reached has said nothing; how long to wait is advice of ours for callers.
        (FailureKind::Unreachable, _) | (_, Retry::Now) => Some(Wish::None),
        (_, Retry::After(pause)) => (pause <= ASKED).then_some(Wish::After(pause)),
    }
}

/// Returns how long to wait before a place is asked for the `again`th time more, counted from 0.
///
/// Anything between nothing and the longest pause, so that those who failed together do not come
/// back together.
pub(super) fn pause(wish: Wish, again: u32, random: f64) -> Option<Duration> {
    Some(match wish {
        Wish::None => FIRST.saturating_mul(1 << again.min(16)).min(LONGEST).mul_f64(random),
        Wish::After(pause) => pause + FIRST.mul_f64(random),
    })
}

/// Returns a number from 0 to 1, another for each request and each time.
pub(super) fn random(id: &RequestId, again: u32) -> f64 {
    let [.., a, b, c, d, e, f, g] = *id.as_bytes();
    let drawn = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
    // The finalizer of SplitMix64: neighbouring numbers give unlike ones.
    let mut mixed = drawn.wrapping_add(u64::from(again + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: FailureKind, retry: Retry) -> Failure {
        Failure::new(kind, At::Remote("lab".into()), "no").retry(retry)
    }

    #[test]
    fn only_what_passes_is_asked_again() {
        let soon = Duration::from_millis(3);
        let after = |seconds| Retry::After(Duration::from_secs(seconds));
        for (kind, retry, expected) in [
            (FailureKind::Upstream, Retry::Now, Some(Wish::None)),
            (FailureKind::Unreachable, after(5), Some(Wish::None)),
            (FailureKind::Overloaded, Retry::Now, Some(Wish::None)),
            (FailureKind::Overloaded, after(5), Some(Wish::After(Duration::from_secs(5)))),
            (FailureKind::Overloaded, after(6), None),
            (FailureKind::Upstream, Retry::Never, None),
            (FailureKind::Unpaid, Retry::Now, None),
            (FailureKind::Invalid, Retry::Now, None),
        ] {
            assert_eq!(wish(&failed(kind, retry), soon), expected, "{kind:?} {retry:?}");
        }
        let slow = Duration::from_secs(11);
        assert_eq!(wish(&failed(FailureKind::Timeout, Retry::Now), slow), None);
        let ours = Failure::new(FailureKind::Overloaded, At::Oratory, "full").retry(Retry::Now);
        assert_eq!(wish(&ours, soon), None);
    }

    #[test]
    fn pauses_grow_are_spread_and_keep_what_was_asked() {
        let longest = |again| pause(Wish::None, again, 1.0).unwrap();
        assert_eq!([0, 1, 9].map(longest).map(|pause| pause.as_millis()), [100, 200, 2000]);
        assert_eq!(pause(Wish::None, 1, 0.0), Some(Duration::ZERO));
        let asked = pause(Wish::After(Duration::from_secs(3)), 0, 0.5).unwrap();
        assert_eq!(asked.as_millis(), 3050);
        let drawn: Vec<f64> =
            (0..200).flat_map(|_| [0, 1].map(|again| random(&RequestId::new(), again))).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)));
        let below = |limit| drawn.iter().filter(|number| **number < limit).count();
        assert!((50..150).contains(&below(0.25)) && (250..350).contains(&below(0.75)));
    }
}

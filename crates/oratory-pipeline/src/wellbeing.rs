//! How models elsewhere have been doing: one that fails again and again rests, and is tried again by one
//! request at a time, ever more seldom while it does no better.
//!
//! Told the time; knows what failed, not why.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, ModelName, PlaceName, Retry};

/// Failures in a row after which a place rests.
const ENOUGH: u32 = 3;
/// The first rest; each further one is twice as long.
const REST: Duration = Duration::from_secs(2);
/// No rest is longer, unless the place itself has asked for it.
const LONGEST: Duration = Duration::from_secs(120);
/// How long a place is left alone whose account is empty.
const UNPAID: Duration = Duration::from_secs(300);
/// The longest that a place may ask to be left alone.
const ASKED: Duration = Duration::from_secs(3600);
/// Models that are remembered, before those are forgotten that do not rest.
const MOST: usize = 1024;
/// What one request gets to try a place that has rested, before the next one may.
const TRIAL: Duration = Duration::from_secs(30);

/// How every model elsewhere has been doing.
#[derive(Clone, Default)]
pub(crate) struct Wellbeing {
    // Shared with the answers under way, which may still break off.
    known: Arc<Mutex<HashMap<Spot, Health>>>,
}

/// A model at a place: limits are of a model, and what holds for the place shows at each of them.
pub(crate) type Spot = (PlaceName, ModelName);

/// How a model has been doing.
#[derive(Clone, Copy, Debug, Default)]
struct Health {
    failures: u32,
    /// The moment until which nothing is asked of it, in milliseconds since 1970.
    rests_until: u64,
    /// The moment until which it takes no more, by what its place has said.
    limited_until: u64,
    last: Option<FailureKind>,
}

impl Wellbeing {
    /// Says whether a model rests; changes nothing.
    pub(crate) fn rests(&self, spot: &Spot, now: u64) -> bool {
        self.lock()
            .get(spot)
            .is_some_and(|health| now < health.rests_until.max(health.limited_until))
    }

    /// Asks leave to ask a model. Where it has rested long enough, one caller gets it and the others
    /// find it resting until that one has come back.
    pub(crate) fn enter(&self, spot: &Spot, now: u64) -> Result<(), Failure> {
        let mut known = self.lock();
        let Some(health) = known.get_mut(spot) else { return Ok(()) };
        if now < health.rests_until {
            return Err(health.resting(spot, now));
        }
        if health.rests_until > 0 {
            health.rests_until = now + millis(TRIAL);
        }
        Ok(())
    }

    /// Notes that a model has begun to answer: others may ask it, too. Whether it is well shows at the
    /// end: one that breaks off each time begins each time.
    pub(crate) fn begun(&self, spot: &Spot) {
        if let Some(health) = self.lock().get_mut(spot) {
            health.rests_until = 0;
        }
    }

    /// Notes that a model has answered to the end.
    pub(crate) fn well(&self, spot: &Spot) {
        if let Entry::Occupied(mut known) = self.lock().entry(spot.clone()) {
            match known.get().limited_until {
                0 => drop(known.remove()),
                limited_until => *known.get_mut() = Health { limited_until, ..Health::default() },
            }
        }
    }

    /// Notes that a place takes no more for a model until some time has passed.
    pub(crate) fn limited(&self, spot: &Spot, wait: Duration, now: u64) {
        let until = now + millis(wait.min(ASKED));
        with_room(&mut self.lock(), now).entry(spot.clone()).or_default().limited_until = until;
    }

    /// Notes that a model has failed, if that says something about it or its place.
    pub(crate) fn failed(&self, spot: &Spot, failure: &Failure, now: u64) {
        if failure.at == At::Oratory && failure.retry == Retry::Never {
            // Not even tried, for a reason of ours.
            return;
        }
        let rest = match (failure.kind, failure.retry) {
            (kind, _) if thinks(kind) => return self.well(spot),
            (kind, _) if !tells(kind) || failure.at == At::Oratory => return,
            (FailureKind::Unpaid, _) => Some(UNPAID),
            (FailureKind::Overloaded, Retry::After(asked)) => Some(asked.min(ASKED)),
            _ => None,
        };
        let mut known = self.lock();
        let health = with_room(&mut known, now).entry(spot.clone()).or_default();
        health.failures = health.failures.saturating_add(1);
        health.last = Some(failure.kind);
        let over = health.failures.checked_sub(ENOUGH);
        let own = over.map(|over| REST.saturating_mul(1 << over.min(16)).min(LONGEST));
        if let Some(rest) = rest.max(own) {
            health.rests_until = now + millis(rest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Spot, Health>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    fn resting(&self, spot: &Spot, now: u64) -> Failure {
        let (place, model) = spot;
        let left = Duration::from_millis(self.rests_until.saturating_sub(now));
        let why = match self.last {
            Some(FailureKind::Unpaid) => "its account has no credit left",
            Some(FailureKind::Overloaded) => "it has asked to be left alone for a while",
            _ => "it has failed several times in a row",
        };
        Failure::new(
            self.last.unwrap_or(FailureKind::Unreachable),
            At::Remote(place.clone()),
            format!("{model} at {place} is not asked just now: {why}"),
        )
        .hint(format!("it is tried again in {} s", left.as_secs() + 1))
        .retry(Retry::After(left))
    }
}

/// Forgets models that do not rest, where there are too many: callers may write any name of a model.
fn with_room(known: &mut HashMap<Spot, Health>, now: u64) -> &mut HashMap<Spot, Health> {
    if known.len() >= MOST {
        known.retain(|_, health| now < health.rests_until.max(health.limited_until));
    }
    known
}

/// Says whether a place that answers so is well, and has an opinion of the request.
fn thinks(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Invalid | FailureKind::TooLong | FailureKind::UnknownModel)
}

/// Says whether a failure is about the place and not about the request.
fn tells(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Overloaded
            | FailureKind::Timeout
            | FailureKind::Unreachable
            | FailureKind::Broken
            | FailureKind::Upstream
            | FailureKind::Unpaid
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Failure {
        Failure::new(FailureKind::Unreachable, At::Caller, "gone")
    }

    #[test]
    fn a_place_that_fails_again_and_again_rests_and_is_tried_by_one() {
        let (places, lab) = (Wellbeing::default(), ("lab".into(), "large".into()));
        for _ in 0..2 {
            places.failed(&lab, &broken(), 1000);
            assert!(places.enter(&lab, 1000).is_ok());
        }
        places.failed(&lab, &broken(), 1000);
        assert!(places.rests(&lab, 2999) && !places.rests(&lab, 3000));
        let failure = places.enter(&lab, 2000).unwrap_err();
        assert_eq!(failure.retry, Retry::After(Duration::from_secs(1)));
        assert!(failure.message.contains("large at lab is not asked just now"), "{failure}");
        // One tries it, the others wait for what becomes of that.
        assert!(places.enter(&lab, 3000).is_ok());
        assert!(places.enter(&lab, 3001).is_err());
        // It does no better: twice as long.
        places.failed(&lab, &broken(), 3100);
        assert!(places.rests(&lab, 7099) && !places.rests(&lab, 7100));
        places.well(&lab);
        assert!(places.enter(&lab, 3200).is_ok() && places.enter(&lab, 3200).is_ok());
    }

    #[test]
    fn rests_do_not_grow_without_end() {
        let (places, lab) = (Wellbeing::default(), ("lab".into(), "large".into()));
        for _ in 0..100 {
            places.failed(&lab, &broken(), 0);
        }
        assert!(places.rests(&lab, 119_999) && !places.rests(&lab, 120_000));
    }

    #[test]
    fn what_a_place_asks_for_is_kept_and_what_it_thinks_of_a_request_is_no_fault() {
        let (places, lab) = (Wellbeing::default(), ("lab".into(), "large".into()));
        let wait = Retry::After(Duration::from_secs(20));
        let busy = Failure::new(FailureKind::Overloaded, At::Caller, "busy").retry(wait);
        places.failed(&lab, &busy, 0);
        assert!(places.rests(&lab, 19_999) && !places.rests(&lab, 20_000));
        places.failed(&lab, &Failure::new(FailureKind::Invalid, At::Caller, "no"), 20_000);
        assert!(!places.rests(&lab, 20_001));
        places.failed(&lab, &Failure::new(FailureKind::Unpaid, At::Caller, "pay"), 0);
        assert!(places.rests(&lab, 299_999));
        assert!(places.enter(&lab, 1).unwrap_err().message.contains("no credit"));
    }

    #[test]
    fn a_limit_that_was_told_holds_however_well_a_model_is() {
        let (places, lab) = (Wellbeing::default(), ("lab".into(), "large".into()));
        places.limited(&lab, Duration::from_secs(10), 1000);
        places.begun(&lab);
        places.well(&lab);
        assert!(places.rests(&lab, 10_999) && !places.rests(&lab, 11_000));
        // Whoever comes after it is not kept waiting for the first one.
        assert!(places.enter(&lab, 11_000).is_ok() && places.enter(&lab, 11_000).is_ok());
    }

    #[test]
    fn a_place_that_is_full_by_our_own_count_has_not_failed() {
        let (places, lab) = (Wellbeing::default(), ("lab".into(), "large".into()));
        let wait = Retry::After(Duration::from_secs(1));
        places.failed(
            &lab,
            &Failure::new(FailureKind::Overloaded, At::Oratory, "full").retry(wait),
            0,
        );
        assert!(!places.rests(&lab, 0));
    }
}

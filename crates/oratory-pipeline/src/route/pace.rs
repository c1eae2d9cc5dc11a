//! How fast models have been answering: what comes next is expected to be as fast as what came lately.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::wellbeing::Spot;

/// How much the latest answer counts beside all before it.
const LATEST: f32 = 0.2;
/// Models that are remembered.
const MOST: usize = 1024;
/// Answers of fewer tokens tell nothing of how fast tokens come.
const ENOUGH: u32 = 8;

/// How fast every model has been answering.
#[derive(Default)]
pub(crate) struct Pace {
    known: Mutex<HashMap<Spot, Speed>>,
}

/// How fast a model answers, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Speed {
    /// Until the first token.
    pub(crate) first: f32,
    /// For each token after it.
    pub(crate) each: Option<f32>,
}

impl Pace {
    /// Returns how fast a model has been answering, if it has.
    pub(crate) fn of(&self, spot: &Spot) -> Option<Speed> {
        self.lock().get(spot).copied()
    }

    /// Notes an answer: when its first piece came, when its last, and how many tokens it had.
    pub(crate) fn note(&self, spot: &Spot, first_us: u64, all_us: u64, tokens: u32) {
        let seconds = |us: u64| us as f32 / 1e6;
        let each = seconds(all_us.saturating_sub(first_us)) / tokens.max(1) as f32;
        let seen = Speed { first: seconds(first_us), each: (tokens >= ENOUGH).then_some(each) };
        let mut known = self.lock();
        if known.len() >= MOST && !known.contains_key(spot) {
            // Callers may write any name of a model.
            known.clear();
        }
        known.entry(spot.clone()).and_modify(|before| before.then(seen)).or_insert(seen);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Spot, Speed>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Speed {
    fn then(&mut self, seen: Self) {
        let mixed = |before: f32, now: f32| before + LATEST * (now - before);
        self.first = mixed(self.first, seen.first);
        self.each = match (self.each, seen.each) {
            (Some(before), Some(now)) => Some(mixed(before, now)),
            (before, now) => before.or(now),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_answers_count_more_and_short_ones_tell_no_speed() {
        let (pace, spot) = (Pace::default(), ("lab".into(), "large".into()));
        assert_eq!(pace.of(&spot), None);
        pace.note(&spot, 1_000_000, 1_000_001, 2);
        assert_eq!(pace.of(&spot), Some(Speed { first: 1.0, each: None }));
        pace.note(&spot, 2_000_000, 4_000_000, 20);
        let speed = pace.of(&spot).unwrap();
        assert!((speed.first - 1.2).abs() < 1e-4 && (speed.each.unwrap() - 0.1).abs() < 1e-4);
    }
}

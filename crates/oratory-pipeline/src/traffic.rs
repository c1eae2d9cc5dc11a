//! What is under way at each place elsewhere, and how often a place may be asked once more.
//!
//! Counts; whether something is worth asking again is `trying`'s to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oratory_contract::PlaceName;

/// What a request adds to what may be asked once more, and what asking once more takes: one in ten.
const EARNED: u32 = 1;
const TAKEN: u32 = 10;
/// The most that is saved up: ten times more.
const SAVED: u32 = 10 * TAKEN;

/// What goes to every place elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Traffic {
    // As many as places were ever configured.
    flows: Arc<Mutex<HashMap<PlaceName, Flow>>>,
}

struct Flow {
    under_way: usize,
    saved: u32,
}

impl Default for Flow {
    fn default() -> Self {
        Self { under_way: 0, saved: SAVED }
    }
}

/// One request under way, until dropped.
pub(crate) struct UnderWay {
    place: PlaceName,
    traffic: Traffic,
}

impl Traffic {
    /// Counts a request as under way.
    pub(crate) fn begin(&self, place: &PlaceName) -> UnderWay {
        self.lock().entry(place.clone()).or_default().under_way += 1;
        UnderWay { place: place.clone(), traffic: self.clone() }
    }

    /// Returns how many requests are under way at a place.
    pub(crate) fn under_way(&self, place: &PlaceName) -> usize {
        self.lock().get(place).map_or(0, |flow| flow.under_way)
    }

    /// Notes that a place is asked something for the first time.
    pub(crate) fn earn(&self, place: &PlaceName) {
        let mut flows = self.lock();
        let flow = flows.entry(place.clone()).or_default();
        flow.saved = (flow.saved + EARNED).min(SAVED);
    }

    /// Asks leave to ask a place once more than requests alone would, so that one that is down is
    /// not stormed by those who try again.
    pub(crate) fn once_more(&self, place: &PlaceName) -> bool {
        let mut flows = self.lock();
        let flow = flows.entry(place.clone()).or_default();
        let left = flow.saved.checked_sub(TAKEN);
        flow.saved = left.unwrap_or(flow.saved);
        left.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PlaceName, Flow>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(flow) = self.traffic.lock().get_mut(&self.place) {
            flow.under_way = flow.under_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_more_at_first_and_then_one_for_ten_requests() {
        let (traffic, lab, other) = (Traffic::default(), "lab".into(), "other".into());
        let more = |requests: u32| {
            (0..requests).for_each(|_| traffic.earn(&lab));
            let asks = std::iter::repeat_with(|| traffic.once_more(&lab)).take(99);
            asks.take_while(|more| *more).count()
        };
        assert_eq!(more(1), 10);
        assert_eq!((more(9), more(1), more(100), more(1000)), (0, 1, 10, 10));
        assert!(traffic.once_more(&other), "each place has its own");
    }

    #[test]
    fn what_has_ended_is_no_longer_under_way() {
        let (traffic, lab) = (Traffic::default(), PlaceName::from("lab"));
        let (one, other) = (traffic.begin(&lab), traffic.begin(&lab));
        assert_eq!(traffic.under_way(&lab), 2);
        drop(one);
        assert_eq!(traffic.under_way(&lab), 1);
        drop(other);
        assert_eq!(traffic.under_way(&lab), 0);
    }
}

//! Which requests may leave where a person has said how many of them at the most.
//!
//! Every request earns the share, and leaving costs one. What is saved up is never more than four: so among any 200
//! requests in a row no more leave than the share and two points, and no fewer than the share less two
//! points where as many would gain by it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most that is saved up, in requests: two points of the window.
const SAVED: f64 = 4.0;
/// Requests whose gains are compared.
const WINDOW: usize = 200;

/// The share of requests that may leave.
#[derive(Debug)]
pub(crate) struct Share {
    most: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    saved: f64,
    /// What leaving would have gained the latest requests; nothing, where they had better stay.
    gains: VecDeque<f32>,
}

/// Leave for one request, given back unless it was used.
#[derive(Debug)]
pub(crate) struct Leave {
    share: Arc<Share>,
    /// Whether it was counted when it was given.
    counted: bool,
    used: AtomicBool,
}

impl Share {
    /// Returns a share of all requests, from 0 to 1.
    pub(crate) fn new(most: f64) -> Self {
        Self { most, state: Mutex::default() }
    }

    /// Notes a request that would gain so much by leaving, and gives it leave if it is among
    /// those that gain most.
    pub(crate) fn ask(self: &Arc<Self>, gain: Option<f32>) -> Option<Arc<Leave>> {
        let mut state = self.lock();
        state.saved = (state.saved + self.most).min(SAVED);
        let leaves = gain.is_some_and(|gain| self.suffices(&state, gain));
        if state.gains.len() == WINDOW {
            state.gains.pop_front();
        }
        state.gains.push_back(gain.unwrap_or_default());
        if !leaves {
            return None;
        }
        state.saved -= 1.0;
        Some(Arc::new(Leave { share: self.clone(), counted: true, used: false.into() }))
    }

    /// Says whether a request that would gain so much would be given leave now; changes nothing.
    pub(crate) fn would(&self, gain: f32) -> bool {
        let mut state = self.lock();
        state.saved += self.most;
        let leaves = self.suffices(&state, gain);
        state.saved -= self.most;
        leaves
    }

    /// Says whether a request may leave that was to stay and found nobody there.
    pub(crate) fn has_some(&self) -> bool {
        self.lock().saved >= 1.0
    }

    /// Returns leave for a request that is to stay, for when it finds nobody there; counted only then.
    pub(crate) fn later(self: &Arc<Self>) -> Arc<Leave> {
        Arc::new(Leave { share: self.clone(), counted: false, used: false.into() })
    }

    /// Returns the share in words: `10 %`.
    pub(crate) fn in_words(&self) -> String {
        format!("{} %", (self.most * 1000.0).round() / 10.0)
    }

    /// The fuller the savings, the smaller a gain suffices; with full ones any does.
    fn suffices(&self, state: &State, gain: f32) -> bool {
        if state.saved < 1.0 {
            return false;
        }
        let full = state.saved / SAVED.min(self.most * WINDOW as f64).max(1.0);
        let share = self.most * (0.5 + full);
        let greater = state.gains.iter().filter(|other| **other > gain).count() as f64;
        full >= 1.0 - self.most || greater <= share * state.gains.len() as f64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave {
    /// Counts the request as one that has left, however many places it asks.
    pub(crate) fn go(&self) {
        if !self.used.swap(true, Ordering::Relaxed) && !self.counted {
            self.share.lock().saved -= 1.0;
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if self.counted && !*self.used.get_mut() {
            let mut state = self.share.lock();
            state.saved = (state.saved + 1.0).min(SAVED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for each gain in turn, and returns who left.
    fn sent(most: f64, gains: impl Iterator<Item = Option<f32>>) -> Vec<(Option<f32>, bool)> {
        let share = Arc::new(Share::new(most));
        let ask = |gain| {
            let leave = share.ask(gain);
            leave.iter().for_each(|leave| leave.go());
            (gain, leave.is_some())
        };
        gains.map(ask).collect()
    }

    /// Evenly spread numbers from 0 to 1, the same each time.
    fn spread(count: usize) -> impl Iterator<Item = f32> {
        (1..=count).map(|at| (at as f64 * 0.618_033_988_75).fract() as f32)
    }

    fn windows(sent: &[(Option<f32>, bool)]) -> (usize, usize) {
        let left = sent.windows(200).map(|window| window.iter().filter(|(_, left)| *left).count());
        let left: Vec<usize> = left.collect();
        (*left.iter().min().unwrap(), *left.iter().max().unwrap())
    }

    #[test]
    fn in_any_two_hundred_the_share_is_kept_to_two_points() {
        for most in [0.02, 0.05, 0.1, 0.3, 0.5, 0.9] {
            let allowed = most * 200.0;
            for gains in [
                spread(5000).map(Some).collect::<Vec<_>>(),
                // All alike, and in bursts.
                vec![Some(0.5); 5000],
                (0..5000).map(|at| Some(if at / 300 % 2 == 0 { 0.9 } else { 0.1 })).collect(),
            ] {
                // Begins with nothing saved, so the first window may fall short.
                let sent = sent(most, gains.into_iter());
                let (fewest, greatest) = windows(&sent[400..]);
                assert!(fewest as f64 >= allowed - 4.01, "{most}: {fewest}");
                assert!(greatest as f64 <= allowed + 4.01, "{most}: {greatest}");
                assert!(windows(&sent).1 as f64 <= allowed + 4.01, "{most}: from the start");
            }
        }
    }

    #[test]
    fn those_leave_that_gain_most() {
        let sent = sent(0.1, spread(5000).map(Some));
        let mean = |chosen: &[&(Option<f32>, bool)]| {
            chosen.iter().filter_map(|(gain, _)| *gain).sum::<f32>() / chosen.len() as f32
        };
        let left: Vec<_> = sent[200..].iter().filter(|(_, left)| *left).collect();
        // The best tenth has 0.95 on average, chance 0.5.
        assert!(mean(&left) > 0.88, "{}", mean(&left));
    }

    #[test]
    fn who_would_not_gain_stays_and_leave_that_is_not_used_is_given_back() {
        assert!(sent(0.5, std::iter::repeat_n(None, 100)).iter().all(|(_, left)| !left));
        let share = Arc::new(Share::new(0.5));
        assert!(share.ask(Some(1.0)).is_none());
        drop(share.ask(Some(1.0)).expect("two requests earn one"));
        assert!(share.would(1.0) && share.has_some());
        share.ask(Some(1.0)).unwrap().go();
        assert!(!share.has_some());
    }
}

//! Times gathered, and what can be said of them.
//!
//! A percentile is a time that was really measured, never one in between.

use std::time::Duration;

/// The times of one way.
#[derive(Default)]
pub(crate) struct Times {
    microseconds: Vec<f64>,
}

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.microseconds.push(time.as_secs_f64() * 1e6);
    }

    /// Returns the time, in microseconds, that `share` of all did not exceed.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.microseconds.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn count(&self) -> usize {
        self.microseconds.len()
    }
}

/// Returns the middle one of several rounds.
pub(crate) fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let mut times = Times::default();
        (1..=200).rev().for_each(|time| times.add(Duration::from_micros(time)));
        let at = |share| times.percentile(share).round() as u64;
        assert_eq!((at(0.5), at(0.99), at(1.0), at(0.0)), (100, 198, 200, 1));
        assert_eq!(median(&[3.0, 1.0, 2.0]).round() as u64, 2);
    }
}

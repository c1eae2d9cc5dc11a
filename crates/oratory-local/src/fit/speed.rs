//! How fast a model will write, from how fast memory is read.
//!
//! Each new token reads every active weight once, so memory sets the pace. What share of it is
//! reached differs; the shares here are those of other people's runs.

use crate::gguf::Facts;

use super::active_bytes;

/// The share of memory bandwidth that one run in ten stays under, one in two, nine in ten.
const DENSE: [f64; 3] = [0.33, 0.65, 0.79];
/// The same of models with experts, whose reads are scattered.
const EXPERTS: [f64; 3] = [0.32, 0.48, 0.61];

/// Tokens a second that a model is expected to write, at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Nine machines in ten are faster.
    pub low: f64,
    /// As many are faster as slower.
    pub likely: f64,
    /// Nine machines in ten are slower.
    pub high: f64,
}

/// Returns how fast the model should write where memory is read at `bandwidth` bytes a second.
pub fn speed(facts: &Facts, bandwidth: f64) -> Option<Speed> {
    let bytes = active_bytes(facts);
    if bytes == 0 || bandwidth <= 0.0 {
        return None;
    }
    let [low, likely, high] = if facts.network.experts.0 > 0 { EXPERTS } else { DENSE };
    let tokens = bandwidth / bytes as f64;
    Some(Speed { low: low * tokens, likely: likely * tokens, high: high * tokens })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the shares that a tenth, a half and nine tenths of runs stay under.
    fn quantiles(kind: &str) -> [f64; 3] {
        let lines = include_str!("speed/runs.txt").lines();
        let shares =
            lines.filter_map(|line| line.strip_prefix(kind)).flat_map(str::split_whitespace);
        let mut shares: Vec<f64> = shares.map(|share| share.parse().unwrap()).collect();
        shares.sort_by(f64::total_cmp);
        [0.1, 0.5, 0.9].map(|part| shares[(shares.len() as f64 * part) as usize])
    }

    #[test]
    fn shares_are_those_of_the_runs() {
        assert_eq!(quantiles("dense "), DENSE);
        assert_eq!(quantiles("experts "), EXPERTS);
    }

    #[test]
    fn experts_that_are_not_used_cost_no_time() {
        let facts = super::super::tests::hollow("tiny-qwen3moe").1;
        let speed = speed(&facts, 1e9).unwrap();
        let all = facts.weights.iter().map(|weight| weight.bytes).sum::<u64>() as f64;
        assert!(speed.likely > 0.48 * 1.5 * 1e9 / all, "{speed:?}");
        assert!(speed.low < speed.likely && speed.likely < speed.high);
    }
}

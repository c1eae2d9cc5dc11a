//! What is usual among the lessons, and how far a request is from it.
//!
//! Learnt from the lessons' texts alone; their outcomes are not looked at.

use super::request::{COUNT, Request};
use super::terms::{self, Term};

/// Farther from the usual than this many spreads is as far as can be.
const FARTHEST: f32 = 4.0;
/// A number that varies less than this does not vary.
const STILL: f32 = 1e-4;

/// The usual numbers and the weight of every term.
#[derive(Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) means: Vec<f32>,
    /// One over the spread; nothing for what does not vary.
    pub(super) factors: Vec<f32>,
    pub(super) weights: Vec<f32>,
}

/// A request seen against what is usual.
pub(super) struct Seen<'a> {
    /// Scaled so that two requests are about one apart.
    pub(super) shape: [f32; COUNT],
    pub(super) vector: &'a [f32],
    pub(super) terms: Vec<Term>,
}

impl Scale {
    pub(super) fn of(requests: &[&Request]) -> Self {
        let count = requests.len().max(1) as f64;
        let mean = |value: &dyn Fn(&Request) -> f64| {
            requests.iter().map(|request| value(request)).sum::<f64>() / count
        };
        let (mut means, mut factors) = (Vec::new(), Vec::new());
        for at in 0..COUNT {
            let usual = mean(&|request| f64::from(request.shape[at]));
            let spread = mean(&|request| (f64::from(request.shape[at]) - usual).powi(2)).sqrt();
            means.push(usual as f32);
            let spread = spread as f32;
            factors.push(if spread > STILL { spread.recip() } else { 0.0 });
        }
        let weights = terms::weights(requests.iter().map(|request| request.terms.as_slice()));
        Self { means, factors, weights }
    }

    pub(super) fn see<'a>(&self, request: &'a Request) -> Seen<'a> {
        let mut shape = request.shape;
        let all = (COUNT as f32).sqrt();
        for ((number, mean), factor) in shape.iter_mut().zip(&self.means).zip(&self.factors) {
            *number = ((*number - mean) * factor).clamp(-FARTHEST, FARTHEST) / all;
        }
        let terms = terms::weighed(&request.terms, &self.weights);
        Seen { shape, vector: request.vector.numbers(), terms }
    }
}

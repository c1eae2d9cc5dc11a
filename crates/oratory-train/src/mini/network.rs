//! A transformer of the `qwen3` kind, forwards and backwards, over texts of any lengths at once.
//!
//! The texts of a batch lie one behind the other; only attention knows where each begins.

mod attention;
mod backward;
mod exponent;
mod forward;
mod loss;
mod norm;
mod rotary;
#[cfg(test)]
mod tests;

use std::ops::AddAssign;

use crate::mini::chance::Chance;
use crate::mini::matrix::{Exactness, Multiplier, Onto, Target, View};
use crate::mini::shape::{Layout, Shape, Tensor};

pub(crate) use self::backward::Workshop;
pub(crate) use self::exponent::{exponential, sigmoid};
pub(crate) use self::norm::normed;
pub(crate) use self::rotary::Rotary;

/// What is computed in one go: texts one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    /// The tokens of all texts.
    pub(crate) tokens: Vec<u32>,
    /// How long each text is.
    pub(crate) lengths: Vec<usize>,
    /// For each token, the one to be foretold there.
    pub(crate) next: Vec<u32>,
    /// How much foretelling that one counts; zero for most.
    pub(crate) weights: Vec<f32>,
}

/// The network: its numbers and what is needed to compute with them.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) shape: Shape,
    pub(crate) layout: Layout,
    pub(crate) numbers: Vec<f32>,
    pub(crate) multiplier: Multiplier,
    pub(crate) rotary: Rotary,
}

/// The highest score a token can get at the beginning.
const SURE: f32 = 6.0;

/// How well a batch was foretold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// The sum of weighted losses.
    pub(crate) loss: f64,
    /// The sum of weights.
    pub(crate) weight: f64,
    /// How many tokens of full weight were foretold right.
    pub(crate) right: usize,
    /// How many there were.
    pub(crate) counted: usize,
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.weight += other.weight;
        self.right += other.right;
        self.counted += other.counted;
    }
}

impl Network {
    /// Returns a network that has learnt nothing.
    pub(crate) fn new(shape: Shape, seed: u64, exactness: Exactness) -> Self {
        let layout = shape.layout();
        let mut numbers = vec![0.0; layout.numbers];
        let mut chance = Chance::of(&[seed, 1]);
        let mut fill = |tensor: Tensor, scale: f32| {
            numbers[tensor.range()].iter_mut().for_each(|number| *number = scale * chance.normal());
        };
        // Rows must be long enough to be told apart by their scores soon: until then nothing can be
        // copied with certainty. Much longer, and every token would foretell itself at first.
        fill(layout.embedding, SURE / shape.width as f32);
        for layer in &layout.layers {
            let wide = 1.0 / (shape.width as f32).sqrt();
            for tensor in [layer.query, layer.key, layer.value, layer.gate, layer.up] {
                fill(tensor, wide);
            }
            // What writes into the stream begins at nothing: every layer is at first left out.
            fill(layer.out, 0.0);
            fill(layer.down, 0.0);
        }
        let norms = layout
            .layers
            .iter()
            .flat_map(|layer| [layer.norm, layer.query_norm, layer.key_norm, layer.inner_norm]);
        for norm in norms.chain([layout.norm]) {
            numbers[norm.range()].fill(1.0);
        }
        Self::with(shape, numbers, exactness)
    }

    /// Returns a network of these numbers.
    pub(crate) fn with(shape: Shape, numbers: Vec<f32>, exactness: Exactness) -> Self {
        let layout = shape.layout();
        assert_eq!(
            numbers.len(),
            layout.numbers,
            "a network has as many numbers as its shape says"
        );
        let rotary = Rotary::new(shape.head);
        Self { shape, layout, numbers, multiplier: Multiplier::new(exactness), rotary }
    }

    /// Puts `rows` times the transpose of a tensor to `out`: what every layer does to its input.
    pub(crate) fn apply(&mut self, rows: &[f32], tensor: Tensor, out: &mut [f32], onto: Onto) {
        let weights = View::of(&self.numbers[tensor.range()], tensor.columns);
        let target = Target { data: out, row_step: tensor.rows, onto };
        self.multiplier.multiply(View::of(rows, tensor.columns), weights.turned(), target);
    }

    /// Takes slopes back through [`Network::apply`]: to its input, and to the tensor.
    fn unapply(
        &mut self,
        tensor: Tensor,
        (rows, slopes): (&[f32], &[f32]),
        rows_slope: &mut [f32],
        all_slopes: &mut [f32],
    ) {
        let slopes = View::of(slopes, tensor.rows);
        let weights = View::of(&self.numbers[tensor.range()], tensor.columns);
        let row_step = tensor.columns;
        let target = Target { data: rows_slope, row_step, onto: Onto::Replace };
        self.multiplier.multiply(slopes, weights, target);
        let data = &mut all_slopes[tensor.range()];
        let target = Target { data, row_step, onto: Onto::Add };
        self.multiplier.multiply(slopes.turned(), View::of(rows, tensor.columns), target);
    }
}

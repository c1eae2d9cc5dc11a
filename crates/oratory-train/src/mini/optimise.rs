//! Turns slopes into steps: Muon for matrices, Adam for everything else.
//!
//! Muon makes every direction of a matrix's step equally long, so that rare directions learn as
//! fast as frequent ones; small models get far more out of each token that way.

use crate::mini::matrix::{Multiplier, Onto, Target, View};
use crate::mini::shape::{Layout, Tensor};

/// How fast everything learns at full speed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rates {
    /// Matrices, by Muon.
    pub matrices: f32,
    /// Embeddings and norms, by Adam.
    pub others: f32,
    /// How much matrices shrink, times their rate.
    pub decay: f32,
}

const MOMENTUM: f32 = 0.95;
const ADAM: (f32, f32) = (0.9, 0.95);

/// What optimising remembers between steps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Memory {
    /// The steps taken.
    pub(crate) steps: u64,
    /// Running means of slopes, and of their squares (of those that Adam moves).
    pub(crate) means: Vec<f32>,
    pub(crate) squares: Vec<f32>,
}

impl Memory {
    pub(crate) fn new(numbers: usize) -> Self {
        Self { steps: 0, means: vec![0.0; numbers], squares: vec![0.0; numbers] }
    }

    /// Moves `numbers` one step against `slopes`, at this share of the full rates.
    pub(crate) fn step(
        &mut self,
        multiplier: &mut Multiplier,
        layout: &Layout,
        numbers: &mut [f32],
        slopes: &[f32],
        (rates, share): (Rates, f32),
    ) {
        self.steps += 1;
        let matrices: Vec<Tensor> =
            layout.layers.iter().flat_map(|layer| layer.matrices()).collect();
        let mut next = 0;
        for matrix in &matrices {
            self.adam(next..matrix.start, numbers, slopes, rates.others * share);
            self.muon(*matrix, multiplier, numbers, slopes, (rates.matrices * share, rates.decay));
            next = matrix.range().end;
        }
        self.adam(next..layout.numbers, numbers, slopes, rates.others * share);
    }

    fn adam(
        &mut self,
        range: std::ops::Range<usize>,
        numbers: &mut [f32],
        slopes: &[f32],
        rate: f32,
    ) {
        let steps = self.steps as i32;
        let (mean_bias, square_bias) = (1.0 - ADAM.0.powi(steps), 1.0 - ADAM.1.powi(steps));
        for at in range {
            let slope = slopes[at];
            self.means[at] += (1.0 - ADAM.0) * (slope - self.means[at]);
            self.squares[at] += (1.0 - ADAM.1) * (slope * slope - self.squares[at]);
            let size = (self.squares[at] / square_bias).sqrt() + 1e-10;
            numbers[at] -= rate * self.means[at] / mean_bias / size;
        }
    }

    fn muon(
        &mut self,
        matrix: Tensor,
        multiplier: &mut Multiplier,
        numbers: &mut [f32],
        slopes: &[f32],
        (rate, decay): (f32, f32),
    ) {
        let range = matrix.range();
        let means = &mut self.means[range.clone()];
        let mut step = Vec::with_capacity(range.len());
        for (mean, slope) in means.iter_mut().zip(&slopes[range.clone()]) {
            *mean += (1.0 - MOMENTUM) * (slope - *mean);
            step.push(slope + MOMENTUM * (*mean - slope));
        }
        even_out(multiplier, &mut step, matrix.columns);
        let length = rate * (matrix.rows as f32 / matrix.columns as f32).max(1.0).sqrt();
        for (number, step) in numbers[range].iter_mut().zip(&step) {
            *number -= rate * decay * *number + length * step;
        }
    }
}

fn target(data: &mut [f32], row_step: usize) -> Target<'_> {
    Target { data, row_step, onto: Onto::Replace }
}

/// Makes all directions of a matrix about equally long: five rounds of Newton and Schulz with the
/// factors Keller Jordan found for Muon.
fn even_out(multiplier: &mut Multiplier, matrix: &mut Vec<f32>, columns: usize) {
    let rows = matrix.len() / columns;
    let length = matrix.iter().map(|number| number * number).sum::<f32>().sqrt() + 1e-12;
    matrix.iter_mut().for_each(|number| *number /= length);
    let side = rows.min(columns);
    let (mut square, mut fourth) = (vec![0.0; side * side], vec![0.0; side * side]);
    let mut next = vec![0.0; matrix.len()];
    for _ in 0..5 {
        let (whole, is_tall) = (View::of(matrix, columns), rows > columns);
        let (left, right) = if is_tall { (whole.turned(), whole) } else { (whole, whole.turned()) };
        multiplier.multiply(left, right, target(&mut square, side));
        multiplier.multiply(
            View::of(&square, side),
            View::of(&square, side),
            target(&mut fourth, side),
        );
        for (fourth, square) in fourth.iter_mut().zip(&square) {
            *fourth = 2.0315 * *fourth - 4.775 * square;
        }
        let mixed = View::of(&fourth, side);
        let (left, right) = if is_tall { (whole, mixed) } else { (mixed, whole) };
        multiplier.multiply(left, right, target(&mut next, columns));
        next.iter_mut().zip(&*matrix).for_each(|(next, before)| *next += 3.4445 * before);
        std::mem::swap(matrix, &mut next);
    }
}

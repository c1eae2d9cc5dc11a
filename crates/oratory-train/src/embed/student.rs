//! The student: a direction and a weight per piece, trained until texts are as alike as the
//! teacher finds them.
//!
//! A text's vector is the sum of its pieces' weighted directions, made one long. Two wishes are
//! weighed against each other in every batch: that all likenesses within it be the teacher's, and
//! that each vector point where the teacher's does.

use anyhow::Result;
use candle_core::{Device, Tensor};

use super::fast::{dot, exp, normalise};
use super::labels::Progress;
use super::random::Random;

const BATCH: usize = 768;
/// Weights are logarithms, and may go further in a step than the numbers of a direction.
const WEIGHT_RATE: f32 = 4.0;
const KEPT_OF_SLOPE: f32 = 0.9;
const KEPT_OF_SQUARE: f32 = 0.99;

/// Texts as runs of pieces, and where the teacher sees them.
pub(super) struct Lessons<'a> {
    /// The pieces of each text.
    pub(super) texts: &'a [Vec<u32>],
    /// A normalised vector for each.
    pub(super) targets: &'a [f32],
}

/// How to train.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe {
    /// How much pointing where the teacher does counts beside being alike.
    pub(super) pointing: f32,
    /// How far the first steps go.
    pub(super) rate: f32,
    /// How often every lesson is gone through.
    pub(super) rounds: usize,
}

/// What is being trained.
pub(super) struct Student {
    width: usize,
    directions: Vec<f32>,
    /// Logarithms, so that no weight can turn a direction round.
    weights: Vec<f32>,
    slopes: Vec<Slope>,
    steps: i32,
}

/// What Adam keeps of one piece's slopes.
#[derive(Clone)]
struct Slope {
    mean: Vec<f32>,
    square: Vec<f32>,
    weight_mean: f32,
    weight_square: f32,
}

impl Student {
    /// Returns a student that has learnt nothing: the pieces' own directions, and weights that
    /// fall with how often a piece is seen.
    pub(super) fn untrained(directions: Vec<f32>, counts: &[u64], width: usize) -> Self {
        let all = counts.iter().sum::<u64>().max(1) as f32;
        let weight = |count: &u64| (1e-3 / (1e-3 + *count as f32 / all)).ln();
        let none = Slope {
            mean: vec![0.0; width],
            square: vec![0.0; width],
            weight_mean: 0.0,
            weight_square: 0.0,
        };
        Self {
            width,
            directions,
            weights: counts.iter().map(weight).collect(),
            slopes: vec![none; counts.len()],
            steps: 0,
        }
    }

    /// Returns each piece's row: its direction times its weight.
    pub(super) fn rows(&self) -> Vec<f32> {
        let rows = self.directions.chunks_exact(self.width).zip(&self.weights);
        rows.flat_map(|(row, weight)| row.iter().map(|number| number * weight.exp())).collect()
    }

    /// Goes through the lessons `rounds` times, in an order that depends on the seed alone.
    pub(super) fn train(&mut self, lessons: &Lessons, recipe: Recipe, seed: u64) -> Result<()> {
        let rounds = recipe.rounds;
        let mut random = Random::new(seed);
        let mut order: Vec<usize> = (0..lessons.texts.len()).collect();
        let batches = order.len() / BATCH;
        let mut progress = Progress::new("student, batches", batches * rounds);
        let mut lost = 0.0;
        for round in 0..rounds {
            random.shuffle(&mut order);
            for (at, batch) in order.chunks_exact(BATCH).enumerate() {
                let done = round * batches + at;
                let rate = recipe.rate * (1.0 - done as f32 / (batches * rounds) as f32);
                let now = Recipe { rate, ..recipe };
                let loss = self.step(lessons, batch, now)?;
                lost = if done == 0 { loss } else { lost * 0.98 + loss * 0.02 };
                progress.at(done + 1, &format!(", loss {lost:.5}"));
            }
        }
        Ok(())
    }

    /// Takes one step down and returns the mean square by which likenesses were wrong.
    fn step(&mut self, lessons: &Lessons, batch: &[usize], recipe: Recipe) -> Result<f32> {
        let width = self.width;
        let (mut vectors, mut lengths) = (vec![0.0; batch.len() * width], Vec::new());
        let mut targets = Vec::with_capacity(batch.len() * width);
        for (text, vector) in batch.iter().zip(vectors.chunks_exact_mut(width)) {
            for piece in &lessons.texts[*text] {
                let weight = exp(self.weights[*piece as usize]);
                add(vector, &self.directions[*piece as usize * width..][..width], weight);
            }
            lengths.push(normalise(vector).max(1e-6));
            targets.extend_from_slice(&lessons.targets[text * width..][..width]);
        }
        let (mut slopes, lost) = slopes(&vectors, &targets, width, recipe.pointing)?;
        for ((slope, vector), length) in
            slopes.chunks_exact_mut(width).zip(vectors.chunks_exact(width)).zip(&lengths)
        {
            let along = dot(slope, vector);
            add(slope, vector, -along);
            slope.iter_mut().for_each(|number| *number /= length);
        }
        self.descend(lessons, batch, &slopes, recipe.rate);
        Ok(lost)
    }

    /// Hands every piece of the batch its slope and moves it once.
    fn descend(&mut self, lessons: &Lessons, batch: &[usize], slopes: &[f32], rate: f32) {
        let mut uses: Vec<(u32, usize)> = Vec::new();
        for (at, text) in batch.iter().enumerate() {
            uses.extend(lessons.texts[*text].iter().map(|piece| (*piece, at)));
        }
        uses.sort_unstable();
        self.steps += 1;
        let mut slope = vec![0.0; self.width];
        for piece in uses.chunk_by(|a, b| a.0 == b.0) {
            slope.fill(0.0);
            for (_, at) in piece {
                add(&mut slope, &slopes[at * self.width..][..self.width], 1.0);
            }
            self.move_piece(piece[0].0 as usize, &slope, rate);
        }
    }

    fn move_piece(&mut self, piece: usize, slope: &[f32], rate: f32) {
        let weight = exp(self.weights[piece]);
        let direction = &mut self.directions[piece * self.width..][..self.width];
        let kept = &mut self.slopes[piece];
        let unbiased = 1.0 - KEPT_OF_SQUARE.powi(self.steps);
        let fresh = 1.0 - KEPT_OF_SLOPE.powi(self.steps);
        let weight_slope = weight * dot(direction, slope);
        kept.weight_mean = mixed(KEPT_OF_SLOPE, kept.weight_mean, weight_slope);
        kept.weight_square = mixed(KEPT_OF_SQUARE, kept.weight_square, weight_slope * weight_slope);
        let size = (kept.weight_square / unbiased).sqrt() + 1e-8;
        self.weights[piece] -= WEIGHT_RATE * rate * kept.weight_mean / fresh / size;
        for at in 0..self.width {
            let slope = slope[at] * weight;
            kept.mean[at] = mixed(KEPT_OF_SLOPE, kept.mean[at], slope);
            kept.square[at] = mixed(KEPT_OF_SQUARE, kept.square[at], slope * slope);
            let size = (kept.square[at] / unbiased).sqrt() + 1e-8;
            direction[at] -= rate * kept.mean[at] / fresh / size;
        }
    }
}

fn mixed(kept: f32, old: f32, new: f32) -> f32 {
    kept * old + (1.0 - kept) * new
}

fn add(sum: &mut [f32], more: &[f32], times: f32) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more * times);
}

/// Returns which way each vector should not go, and the mean square error of the likenesses.
fn slopes(
    vectors: &[f32],
    targets: &[f32],
    width: usize,
    pointing: f32,
) -> Result<(Vec<f32>, f32)> {
    let count = vectors.len() / width;
    let ours = Tensor::from_slice(vectors, (count, width), &Device::Cpu)?;
    let theirs = Tensor::from_slice(targets, (count, width), &Device::Cpu)?;
    let alike = ours.matmul(&ours.t()?)?.flatten_all()?.to_vec1::<f32>()?;
    let wanted = theirs.matmul(&theirs.t()?)?.flatten_all()?.to_vec1::<f32>()?;
    let mut wrong: Vec<f32> = alike.iter().zip(&wanted).map(|(a, b)| a - b).collect();
    wrong.iter_mut().step_by(count + 1).for_each(|same| *same = 0.0);
    let lost = dot(&wrong, &wrong) / (count * count) as f32;
    let wrong = Tensor::from_vec(wrong, (count, count), &Device::Cpu)?;
    let mut slopes = wrong.matmul(&ours)?.flatten_all()?.to_vec1::<f32>()?;
    let scale = 4.0 / count as f32;
    for (slope, target) in slopes.iter_mut().zip(targets) {
        *slope = *slope * scale - pointing * target;
    }
    Ok((slopes, lost))
}

//! Learns what being like each landmark says about a model, from the lessons' outcomes.
//!
//! Ridge regression on likeness, in closed form: with a landmark for every lesson it is exactly
//! the mean of a Gaussian process; with fewer it is the nearest that they can come.

use super::landmarks::Landmarks;
use super::scale::Seen;
use super::solve::Decomposed;
use crate::embed::dot;

/// How much a single outcome is doubted: as much as three agreeing lessons say together.
const DOUBT: f64 = 3.0;
/// Keeps landmarks that are nearly the same from being played off against each other.
const SAME: f64 = 1e-4;
/// Lessons are taken in this many at a time, so that they stay in the processor's cache.
const BLOCK: usize = 256;

/// The likenesses of all lessons to all landmarks, which are some of the lessons.
pub(super) struct Likenesses {
    landmarks: usize,
    /// A row for each lesson.
    rows: Vec<Vec<f32>>,
    /// Which lessons the landmarks are.
    chosen: Vec<usize>,
}

impl Likenesses {
    pub(super) fn of(landmarks: &Landmarks, chosen: Vec<usize>, seen: &[Seen<'_>]) -> Self {
        let rows = seen.iter().map(|seen| landmarks.likeness(seen).each).collect();
        Self { landmarks: landmarks.count, rows, chosen }
    }

    /// Returns each model's weights, where these are the outcomes of the lessons in `known`.
    ///
    /// `None` if the arithmetic breaks down, which sound likenesses do not lead to.
    pub(super) fn weights(&self, known: &[usize], outcomes: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        if known.len() == self.landmarks && *known == self.chosen {
            let rows = known.iter().flat_map(|lesson| self.rows[*lesson].iter().copied());
            let mut matrix: Vec<f64> = rows.map(f64::from).collect();
            matrix.iter_mut().step_by(self.landmarks + 1).for_each(|number| *number += DOUBT);
            let solved = Decomposed::of(matrix, self.landmarks)?;
            return Some(outcomes.iter().map(|outcomes| solved.solve(outcomes.clone())).collect());
        }
        let solved = Decomposed::of(self.normal(known), self.landmarks)?;
        Some(outcomes.iter().map(|o| solved.solve(self.summed(known, o))).collect())
    }

    /// Returns the matrix of the normal equations; its lower triangle is what counts.
    fn normal(&self, known: &[usize]) -> Vec<f64> {
        let size = self.landmarks;
        let mut matrix = vec![0.0; size * size];
        for (row, lesson) in self.chosen.iter().enumerate() {
            for (to, likeness) in matrix[row * size..][..=row].iter_mut().zip(&self.rows[*lesson]) {
                *to = DOUBT * f64::from(*likeness);
            }
            matrix[row * (size + 1)] += SAME * known.len() as f64;
        }
        for block in known.chunks(BLOCK) {
            self.add_products(block, &mut matrix);
        }
        matrix
    }

    fn add_products(&self, block: &[usize], matrix: &mut [f64]) {
        let size = self.landmarks;
        let mut columns = vec![0.0_f32; size * BLOCK];
        for (at, lesson) in block.iter().enumerate() {
            for (landmark, likeness) in self.rows[*lesson].iter().enumerate() {
                columns[landmark * BLOCK + at] = *likeness;
            }
        }
        for (row, one) in columns.chunks_exact(BLOCK).enumerate() {
            let others = columns.chunks_exact(BLOCK);
            for (to, other) in matrix[row * size..][..=row].iter_mut().zip(others) {
                *to += f64::from(dot(one, other));
            }
        }
    }

    fn summed(&self, known: &[usize], outcomes: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.landmarks];
        for (lesson, outcome) in known.iter().zip(outcomes) {
            for (sum, likeness) in sums.iter_mut().zip(&self.rows[*lesson]) {
                *sum += f64::from(*likeness) * outcome;
            }
        }
        sums
    }
}

//! How well the next tokens were foretold, and the first slopes of the way back.

use super::attention::total;
use super::{Batch, Network, Told, exponential};
use crate::mini::matrix::Onto;

/// Places that are judged at a time: their scores over the vocabulary stay in the cache.
const BAND: usize = 256;

impl Network {
    /// Judges the places that count; returns the slopes of the last layer's stream, times `scale`.
    pub(super) fn judge(
        &mut self,
        batch: &Batch,
        last: &[f32],
        scale: f32,
        slopes: &mut [f32],
    ) -> (Told, Vec<f32>) {
        let (width, words) = (self.shape.width, self.shape.vocabulary);
        let counted: Vec<usize> =
            (0..batch.weights.len()).filter(|&at| batch.weights[at] > 0.0).collect();
        let (mut told, mut stream) = (Told::default(), vec![0.0; last.len()]);
        let embedding = self.layout.embedding;
        for places in counted.chunks(BAND) {
            let input = gathered(last, places, width);
            let rows = self.after_norm(&input, self.layout.norm);
            let mut scores = vec![0.0; places.len() * words];
            self.apply(&rows, embedding, &mut scores, Onto::Replace);
            for (&at, line) in places.iter().zip(scores.chunks_exact_mut(words)) {
                blame(line, batch.next[at] as usize, batch.weights[at], scale, &mut told);
            }
            let mut rows_slope = vec![0.0; rows.len()];
            self.unapply(embedding, (&rows, &scores), &mut rows_slope, slopes);
            let mut input_slope = vec![0.0; rows.len()];
            self.back_through(self.layout.norm, &input, &rows_slope, &mut input_slope, slopes);
            for (&at, slope) in places.iter().zip(input_slope.chunks_exact(width)) {
                stream[at * width..][..width].copy_from_slice(slope);
            }
        }
        (told, stream)
    }
}

fn gathered(rows: &[f32], places: &[usize], width: usize) -> Vec<f32> {
    places.iter().flat_map(|&at| &rows[at * width..][..width]).copied().collect()
}

/// Turns the scores of one place into their slopes, and counts how good they were.
fn blame(line: &mut [f32], wanted: usize, weight: f32, scale: f32, told: &mut Told) {
    let most = line.iter().copied().fold(f32::MIN, f32::max);
    let score = line[wanted] - most;
    line.iter_mut().for_each(|number| *number = exponential(*number - most));
    let sum = total(line);
    told.loss += f64::from(weight) * f64::from(sum.ln() - score);
    told.weight += f64::from(weight);
    if weight >= 1.0 {
        told.counted += 1;
        told.right += usize::from(score == 0.0);
    }
    let share = weight * scale / sum;
    line.iter_mut().for_each(|number| *number *= share);
    line[wanted] -= weight * scale;
}

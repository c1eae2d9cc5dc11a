//! Scales rows to length one (by their root mean square), forwards and backwards.

use crate::mini::shape::EPSILON;

/// Puts each row of `rows`, scaled to root mean square one and times `weights`, to `out`.
pub(crate) fn normed(rows: &[f32], weights: &[f32], out: &mut [f32]) {
    let width = weights.len();
    for (row, out) in rows.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        let scale = scale(row);
        for ((out, number), weight) in out.iter_mut().zip(row).zip(weights) {
            *out = number * scale * weight;
        }
    }
}

/// Takes slopes back through [`normed`] and adds them to those of the rows and of the weights.
pub(super) fn unnormed(
    rows: &[f32],
    weights: &[f32],
    slopes: &[f32],
    rows_slope: &mut [f32],
    weights_slope: &mut [f32],
) {
    let width = weights.len();
    let lines = rows.chunks_exact(width).zip(slopes.chunks_exact(width));
    for ((row, slope), out) in lines.zip(rows_slope.chunks_exact_mut(width)) {
        unnormed_row(row, weights, slope, out, weights_slope);
    }
}

pub(super) fn unnormed_row(
    row: &[f32],
    weights: &[f32],
    slope: &[f32],
    out: &mut [f32],
    weights_slope: &mut [f32],
) {
    let scale = scale(row);
    let mut along = [0.0_f32; LANES];
    each_lane(row.len(), |at, lane| along[lane] += slope[at] * weights[at] * row[at]);
    let pull = along.iter().sum::<f32>() * scale * scale / row.len() as f32;
    for at in 0..row.len() {
        out[at] += scale * (slope[at] * weights[at] - row[at] * pull);
        weights_slope[at] += slope[at] * row[at] * scale;
    }
}

/// Returns what a row is multiplied with.
pub(super) fn scale(row: &[f32]) -> f32 {
    let mut squares = [0.0_f32; LANES];
    each_lane(row.len(), |at, lane| squares[lane] += row[at] * row[at]);
    1.0 / (squares.iter().sum::<f32>() / row.len() as f32 + EPSILON).sqrt()
}

/// Sums that run side by side: one alone would wait for itself.
const LANES: usize = 32;

fn each_lane(length: usize, mut visit: impl FnMut(usize, usize)) {
    for start in (0..length / LANES * LANES).step_by(LANES) {
        (0..LANES).for_each(|lane| visit(start + lane, lane));
    }
    (length / LANES * LANES..length).for_each(|at| visit(at, at % LANES));
}

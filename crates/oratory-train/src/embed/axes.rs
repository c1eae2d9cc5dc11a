//! The few axes along which the teacher's vectors differ most, and vectors seen along them.

use anyhow::Result;
use candle_core::{Device, Tensor};

use super::fast::{dot, normalise};
use super::random::Random;

/// More rounds than this change nothing in the sixth digit of a likeness.
const ROUNDS: usize = 40;

/// Returns `wanted` axes of `vectors`, one after the other (power iteration on a subspace).
///
/// They go through the origin, not the mean, so that cosines stay what they are.
pub(super) fn of(vectors: &[f32], width: usize, wanted: usize, seed: u64) -> Result<Vec<f32>> {
    let count = vectors.len() / width;
    let all = Tensor::from_slice(vectors, (count, width), &Device::Cpu)?;
    let moments = all.t()?.contiguous()?.matmul(&all)?;
    let mut random = Random::new(seed);
    let mut axes: Vec<f32> =
        (0..wanted * width).map(|_| random.below(2001) as f32 / 1000.0 - 1.0).collect();
    for _ in 0..ROUNDS {
        straighten(&mut axes, width);
        let rows = Tensor::from_vec(axes, (wanted, width), &Device::Cpu)?;
        axes = rows.matmul(&moments)?.flatten_all()?.to_vec1()?;
    }
    straighten(&mut axes, width);
    Ok(axes)
}

/// Makes the axes perpendicular and one long.
fn straighten(axes: &mut [f32], width: usize) {
    for at in 0..axes.len() / width {
        let (before, rest) = axes.split_at_mut(at * width);
        let axis = &mut rest[..width];
        normalise(axis);
        // Twice, because once leaves rounding errors that grow from axis to axis.
        for _ in 0..2 {
            for other in before.chunks_exact(width) {
                let along = dot(axis, other);
                axis.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
        }
        normalise(axis);
    }
}

/// Returns `vectors` as seen along the axes, each one long again.
pub(super) fn seen_along(axes: &[f32], vectors: &[f32], width: usize) -> Result<Vec<f32>> {
    let (count, wanted) = (vectors.len() / width, axes.len() / width);
    let all = Tensor::from_slice(vectors, (count, width), &Device::Cpu)?;
    let axes = Tensor::from_slice(axes, (wanted, width), &Device::Cpu)?;
    let mut seen: Vec<f32> = all.matmul(&axes.t()?)?.flatten_all()?.to_vec1()?;
    for vector in seen.chunks_exact_mut(wanted) {
        normalise(vector);
    }
    Ok(seen)
}

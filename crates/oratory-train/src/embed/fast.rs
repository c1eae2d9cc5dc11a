//! The few functions that training calls billions of times, written so that the compiler makes
//! vector instructions of them.
//!
//! Exact to about six digits, which is more than what is learnt needs.

pub(super) use oratory_brains::embed::dot;

/// Returns e to the power of `x`: a power of two by its bits, times a short series.
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0) * std::f32::consts::LOG2_E;
    // Adding and taking away this number rounds, without a call.
    let whole = (x + 12_582_912.0) - 12_582_912.0;
    let part = (x - whole) * std::f32::consts::LN_2;
    let mut series = 1.0 / 5040.0;
    for term in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * part + term;
    }
    let power = f32::from_bits((((whole as i32).wrapping_add(127)) as u32) << 23);
    series * power
}

/// Replaces each number by its Gaussian error linear unit.
pub(super) fn gelu(numbers: &mut [f32]) {
    for x in numbers {
        let erf = erf(*x * std::f32::consts::FRAC_1_SQRT_2);
        *x = 0.5 * *x * (1.0 + erf);
    }
}

/// Returns the error function (Abramowitz and Stegun, 7.1.26; off by at most 1.5e-7).
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut series = 1.061_405_4;
    for term in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        series = series * t + term;
    }
    (1.0 - series * t * exp(-size * size)).copysign(x)
}

/// Replaces each row of scores by its shares, after multiplying it by `scale`.
pub(super) fn softmax(scores: &mut [f32], row: usize, scale: f32) {
    for row in scores.chunks_exact_mut(row) {
        let most = row.iter().fold(f32::MIN, |most, score| most.max(*score));
        row.iter_mut().for_each(|score| *score = exp((*score - most) * scale));
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|score| *score /= sum);
    }
}

/// Makes a vector one long; nothing stays nothing. Returns how long it was.
pub(super) fn normalise(vector: &mut [f32]) -> f32 {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|number| *number /= length);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_series_agree_with_the_long_ones() {
        for step in -800..800 {
            let x = step as f32 / 20.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 3e-6, "{x}: {} {}", exp(x), x.exp());
        }
        for (x, known) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-2.0, -0.995_322_3)]
        {
            assert!((erf(x) - known).abs() < 1e-6, "{x}");
        }
    }
}

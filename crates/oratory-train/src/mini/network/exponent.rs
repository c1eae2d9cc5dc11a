//! The exponential and its kin, written so that the compiler computes many at once.

/// Returns e to the power of `number`, to about seven digits, for what a float can hold.
pub(crate) fn exponential(number: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // Adding this pushes the fraction out of the float: it rounds to whole numbers.
    const ROUND: f32 = 12_582_912.0;
    let number = number.clamp(-87.0, 88.0);
    let shifted = number * LOG2_E + ROUND;
    let whole = shifted - ROUND;
    // The logarithm of two in two parts, so that little is lost.
    let rest = number - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * rest + factor;
    }
    let fraction = sum * rest * rest + rest + 1.0;
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    fraction * f32::from_bits(power)
}

/// Returns one over one plus e to the power of minus `number`.
pub(crate) fn sigmoid(number: f32) -> f32 {
    1.0 / (1.0 + exponential(-number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_six_digits() {
        for step in -860..=870 {
            let number = step as f32 / 10.0;
            let wanted = number.exp();
            let off = (exponential(number) - wanted).abs() / wanted;
            assert!(off < 2e-6, "e^{number} is off by {off}");
        }
    }
}

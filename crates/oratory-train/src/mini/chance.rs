//! Draws numbers that look random and are the same every time for the same seed.

/// A stream of such numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Returns the stream of this seed; neighbouring seeds have nothing in common.
    pub(crate) fn new(seed: u64) -> Self {
        Self(mixed(seed ^ 0x6f72_6174_6f72_7921))
    }

    /// Returns the stream of a seed and further numbers, in that order.
    pub(crate) fn of(numbers: &[u64]) -> Self {
        Self::new(numbers.iter().fold(0, |sum, number| mixed(sum ^ *number)))
    }

    /// Draws 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Draws from 0 up to, but not, 1.
    pub(crate) fn fraction(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Draws a whole number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// Draws from a bell curve of width one around zero.
    pub(crate) fn normal(&mut self) -> f32 {
        // Box and Muller; 1 - x keeps the logarithm away from zero.
        let radius = (-2.0 * (1.0 - self.fraction()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.fraction()).cos()
    }

    /// Draws a place in `weights`, each as often as it says.
    pub(crate) fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.fraction() * weights.iter().sum::<f32>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len() - 1
    }
}

/// Spreads the bits of a number over all of it (the finaliser of SplitMix64).
pub(crate) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

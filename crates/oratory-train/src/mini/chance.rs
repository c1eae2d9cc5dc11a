//! Draws numbers that look random and are the same every time for the same seed.

use crate::splitmix::{mixed, next};

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
        next(&mut self.0)
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

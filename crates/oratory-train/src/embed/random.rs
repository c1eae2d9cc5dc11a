//! Chance that is the same every time: a seeded generator, and the choices made with it.

use crate::splitmix;

/// A generator of numbers that look random (splitmix64).
pub(super) struct Random(u64);

impl Random {
    /// Returns a generator that always gives the same numbers for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        splitmix::next(&mut self.0)
    }

    /// Returns a number below `end`, which is not nothing.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    /// Returns one of `these`, which are not none.
    pub(super) fn of<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len())]
    }

    /// Puts `these` in a random order.
    pub(super) fn shuffle<T>(&mut self, these: &mut [T]) {
        for at in (1..these.len()).rev() {
            these.swap(at, self.below(at + 1));
        }
    }
}

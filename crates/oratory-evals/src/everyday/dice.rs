//! Chance from a seed: the same throws on every machine and in every version.
//!
//! SplitMix64, because ten lines that never change are worth more here than better statistics.

use super::{Split, Task};

/// A seeded source of choices that knows which split it draws for.
pub(super) struct Dice {
    split: Split,
    state: u64,
}

impl Dice {
    pub(super) fn new(task: Task, split: Split, seed: u64) -> Self {
        let start = digest(task.name()) ^ digest(if split == Split::Held { "held" } else { "" });
        let mut dice = Self { split, state: start ^ seed.wrapping_mul(0xD134_2543_DE82_EF95) };
        dice.throw();
        dice
    }

    pub(super) fn split(&self) -> Split {
        self.split
    }

    fn throw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `sides`, which is not zero.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        (self.throw() % sides as u64) as usize
    }

    /// Returns a number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// Says yes once in so many times.
    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Returns `count` different items in chance order, or all when there are fewer.
    pub(super) fn some<T: Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut order: Vec<usize> = (0..items.len()).collect();
        self.shuffle(&mut order);
        order.into_iter().take(count).map(|at| items[at].clone()).collect()
    }

    /// Returns the first value made that belongs to this split.
    pub(super) fn ours(&mut self, mut make: impl FnMut(&mut Self) -> String) -> String {
        loop {
            let made = make(self);
            if belongs(&made, self.split) {
                return made;
            }
        }
    }
}

/// Says whether a value may be used in a split: every value is of one split only, one in five held out.
pub(super) fn belongs(value: &str, split: Split) -> bool {
    let held = digest(&value.to_lowercase()).is_multiple_of(5);
    held == (split == Split::Held)
}

/// FNV-1a with a final stir, so that near values fall apart.
fn digest(text: &str) -> u64 {
    let mut digest = 0xCBF2_9CE4_8422_2325_u64;
    for byte in text.bytes() {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    (digest ^ (digest >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 17
}

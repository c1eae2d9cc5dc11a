//! Which requests are learnt from and which are held out, dealt from a seed.
//!
//! Requests with the same outcomes are dealt evenly, so that no part is luckier than another.

use super::curve::Stake;

/// How requests are parted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parting {
    /// Into this many parts, each held out once while the rest is learnt from.
    Folds(usize),
    /// This share is learnt from, the rest held out.
    Fraction(f64),
}

/// Returns the held-out requests of each part.
pub(super) fn parts(stakes: &[Stake], parting: Parting, seed: u64) -> Vec<Vec<usize>> {
    let order = dealt(stakes, seed);
    match parting {
        Parting::Folds(folds) => {
            let part = |fold| order.iter().copied().skip(fold).step_by(folds);
            (0..folds).map(|fold| sorted(part(fold).collect())).collect()
        }
        Parting::Fraction(fraction) => {
            let learnt = |at: usize| (at as f64 * fraction).floor();
            // As many are learnt from up to any place as belong there, so that the deal stays even.
            let held = (0..order.len()).filter(|at| learnt(*at) == learnt(at + 1));
            vec![sorted(held.map(|at| order[at]).collect())]
        }
    }
}

fn sorted(mut part: Vec<usize>) -> Vec<usize> {
    part.sort_unstable();
    part
}

/// Returns all requests, those with like outcomes side by side and in chance order among them.
fn dealt(stakes: &[Stake], seed: u64) -> Vec<usize> {
    let mut chance = Chance(seed ^ 0x5EED_0F0A_70A7_0121);
    let mut order: Vec<usize> = (0..stakes.len()).collect();
    chance.shuffle(&mut order);
    let outcome = |at: &usize| (stakes[*at].strong - stakes[*at].weak, stakes[*at].weak);
    order.sort_by(|one, other| {
        let (one, other) = (outcome(one), outcome(other));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    order
}

/// Chance from a seed: SplitMix64, the same throws everywhere.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    /// Returns a number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

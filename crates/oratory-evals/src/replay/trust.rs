//! How far a measure can be trusted: what it would be had requests been dealt otherwise, or had
//! others of the kind been recorded.
//!
//! The bootstrap: requests are drawn again, as many as there were, some twice and some not at all.

use super::bench::Sorted;
use super::split::Chance;

const DRAWS: usize = 400;
/// Half of what lies outside 95 %.
const TAIL: f64 = 0.025;

/// Another seed should not change a measure by more than a few of these: the standard error over
/// repeats at which they are enough.
const SETTLED: f64 = 0.002;
/// One deal differs from another by about this, over the root of the number of requests. A few
/// repeats that happen to agree are no proof that the next will.
const USUAL: f64 = 0.3;
const FEWEST_REPEATS: usize = 2;
/// No more than so many requests are learnt from in all repeats together.
const ENOUGH: usize = 100_000;
const MOST_REPEATS: usize = 100;

/// Returns how many repeats are enough, by those that are done.
pub(super) fn settled(areas: &[f64], requests: usize) -> usize {
    let usual = USUAL / (requests.max(1) as f64).sqrt();
    let count = areas.len() as f64;
    let mean = areas.iter().sum::<f64>() / count;
    let squares = areas.iter().map(|area| (area - mean).powi(2)).sum::<f64>();
    let spread = if areas.len() < 2 { 0.0 } else { (squares / (count - 1.0)).sqrt() };
    let wanted = (spread.max(usual) / SETTLED).powi(2).ceil() as usize;
    let most = (ENOUGH / requests.max(1)).clamp(FEWEST_REPEATS, MOST_REPEATS);
    wanted.clamp(FEWEST_REPEATS, most)
}

/// Returns between which values the APGR lies with 95 % confidence.
pub(super) fn interval(sorted: &[Sorted], seed: u64) -> Option<[f64; 2]> {
    let mut chance = Chance(seed ^ 0xB007_57A9_0000_0001);
    let orders: Vec<Vec<usize>> = sorted.iter().map(order).collect();
    let mut measures: Vec<f64> = (0..DRAWS)
        .filter_map(|draw| {
            let at = draw % sorted.len();
            drawn(&sorted[at], &orders[at], &mut chance)
        })
        .collect();
    measures.sort_by(f64::total_cmp);
    let at = |share: f64| measures.get((share * measures.len() as f64) as usize).copied();
    // Where most draws have no gap, what the others say is no interval.
    let enough = 2 * measures.len() > DRAWS;
    enough.then(|| Some([at(TAIL)?, at(1.0 - TAIL)?])).flatten()
}

/// Returns the requests, those ranked highest first.
fn order(sorted: &Sorted) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sorted.stakes.len()).collect();
    order.sort_by(|one, other| sorted.ranks[*other].total_cmp(&sorted.ranks[*one]));
    order
}

/// Returns the APGR of requests drawn again.
fn drawn(sorted: &Sorted, order: &[usize], chance: &mut Chance) -> Option<f64> {
    let mut times = vec![0_u32; order.len()];
    for _ in order {
        times[chance.below(order.len())] += 1;
    }
    let (mut area, mut gained) = (0.0, 0.0);
    for at in order {
        let better = sorted.stakes[*at].strong - sorted.stakes[*at].weak;
        for _ in 0..times[*at] {
            area += gained + better / 2.0;
            gained += better;
        }
    }
    (gained > 1e-9).then(|| area / gained / order.len() as f64)
}

//! The statistics that a card reports: rank correlation, areas, and intervals by resampling.

use super::random::Random;

const RESAMPLED: usize = 300;

/// A figure and where it lies with 95 % confidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    /// What was measured.
    pub(super) value: f64,
    /// The lower end.
    pub(super) low: f64,
    /// The upper end.
    pub(super) high: f64,
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} ({:.3}–{:.3})", self.value, self.low, self.high)
    }
}

/// Returns a figure over `groups`, which are drawn again and again as wholes: what shares a text
/// is not independent.
pub(super) fn resampled<T: Copy>(
    groups: &[Vec<T>],
    seed: u64,
    measure: impl Fn(&[T]) -> f64,
) -> Figure {
    let mut random = Random::new(seed);
    let value = measure(&groups.concat());
    let mut drawn: Vec<f64> = (0..RESAMPLED)
        .map(|_| {
            let sample = (0..groups.len()).flat_map(|_| random.of(groups).iter().copied());
            measure(&sample.collect::<Vec<T>>())
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    Figure { value, low: drawn[RESAMPLED / 40], high: drawn[RESAMPLED - 1 - RESAMPLED / 40] }
}

/// Returns Spearman's rank correlation.
pub(super) fn spearman(pairs: &[(f32, f32)]) -> f64 {
    let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
    pearson(&ranks(&a), &ranks(&b))
}

/// Returns the ranks, equal ones sharing the mean of theirs.
fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for alike in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (alike.len() as f64 - 1.0) / 2.0;
        alike.iter().for_each(|at| ranks[*at] = rank);
        before += alike.len();
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        of_a += (a - mean_a).powi(2);
        of_b += (b - mean_b).powi(2);
    }
    both / (of_a * of_b).sqrt()
}

/// Returns how often something of the first kind scores above something of the second.
pub(super) fn area(scored: &[(f32, bool)]) -> f64 {
    let (scores, kinds): (Vec<f32>, Vec<bool>) = scored.iter().copied().unzip();
    let first = kinds.iter().filter(|kind| **kind).count() as f64;
    let second = kinds.len() as f64 - first;
    let ranks = ranks(&scores);
    let sum: f64 = ranks.iter().zip(&kinds).filter(|(_, kind)| **kind).map(|(rank, _)| rank).sum();
    (sum - first * (first - 1.0) / 2.0) / (first * second)
}

/// Returns the mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_correlation_sees_order_alone() {
        assert!((spearman(&[(1.0, 2.0), (2.0, 4.0), (3.0, 800.0)]) - 1.0).abs() < 1e-12);
        assert!((spearman(&[(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]) + 1.0).abs() < 1e-12);
        // Worked by hand: ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4.
        let tied = [(1.0, 1.0), (2.0, 3.0), (2.0, 2.0), (3.0, 4.0)];
        assert!((spearman(&tied) - 0.948_683_298).abs() < 1e-8);
    }

    #[test]
    fn an_area_counts_pairs_in_the_right_order() {
        let scored = [(0.9, true), (0.4, true), (0.5, false), (0.1, false)];
        assert!((area(&scored) - 0.75).abs() < 1e-12);
        assert!((area(&[(0.5, true), (0.5, false)]) - 0.5).abs() < 1e-12);
    }
}

//! What quality and cost follow from sending more and more requests to the strong model.
//!
//! The measures are RouteLLM's: the area under the share of the gap recovered (APGR), and the
//! share of strong calls at which half or four fifths of it are recovered (CPT).

/// What one request gives and costs with each of the two models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stake {
    pub(super) weak: f64,
    pub(super) strong: f64,
    /// What each costs; nothing where it is not known.
    pub(super) costs: (f64, f64),
}

/// Mean quality and mean cost with 0, 1, 2, … requests sent to the strong model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) quality: Vec<f64>,
    pub(super) cost: Vec<f64>,
}

impl Curve {
    /// Returns the curve of sending those ranked highest first.
    ///
    /// Those ranked the same are sent in any order, and what counts is the mean over all orders.
    pub(super) fn of(stakes: &[Stake], ranks: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..stakes.len()).collect();
        order.sort_by(|one, other| ranks[*other].total_cmp(&ranks[*one]));
        let sum = |value: &dyn Fn(&Stake) -> f64| stakes.iter().map(value).sum::<f64>();
        let mut quality = vec![sum(&|stake| stake.weak)];
        let mut cost = vec![sum(&|stake| stake.costs.0)];
        for same in order.chunk_by(|one, other| ranks[*one] == ranks[*other]) {
            let mean = |value: &dyn Fn(&Stake) -> f64| {
                same.iter().map(|at| value(&stakes[*at])).sum::<f64>() / same.len() as f64
            };
            let better = mean(&|stake| stake.strong - stake.weak);
            let dearer = mean(&|stake| stake.costs.1 - stake.costs.0);
            for _ in same {
                quality.push(quality[quality.len() - 1] + better);
                cost.push(cost[cost.len() - 1] + dearer);
            }
        }
        // Divided once at the end, so that whole scores add up without a rest.
        let count = stakes.len() as f64;
        quality.iter_mut().chain(&mut cost).for_each(|sum| *sum /= count);
        Self { quality, cost }
    }

    /// Returns the mean of curves over equally many requests.
    pub(super) fn mean(curves: &[Self]) -> Self {
        let mean = |part: &dyn Fn(&Self) -> &[f64]| -> Vec<f64> {
            let points = curves.iter().map(|curve| part(curve).len()).min().unwrap_or(0);
            let at = |point| curves.iter().map(|curve| part(curve)[point]).sum::<f64>();
            (0..points).map(|point| at(point) / curves.len() as f64).collect()
        };
        Self { quality: mean(&|curve| &curve.quality), cost: mean(&|curve| &curve.cost) }
    }

    /// Returns how much better the strong model is; `None` unless it is better at all.
    pub(super) fn gap(&self) -> Option<f64> {
        let gap = self.quality.last()? - self.quality.first()?;
        (gap > 1e-12).then_some(gap)
    }

    /// Returns the average performance gap recovered: the area, by trapezoids between all points.
    pub(super) fn apgr(&self) -> Option<f64> {
        let gap = self.gap()?;
        let steps = self.quality.array_windows().map(|[before, after]| before.midpoint(*after));
        let area = steps.sum::<f64>() / (self.quality.len() - 1) as f64;
        Some((area - self.quality[0]) / gap)
    }

    /// Returns the least share of strong calls that recovers this share of the gap.
    pub(super) fn cpt(&self, recovered: f64) -> Option<f64> {
        let wanted = self.quality[0] + recovered * self.gap()?;
        let after = self.quality.iter().position(|quality| *quality >= wanted)?;
        let Some(before) = after.checked_sub(1) else { return Some(0.0) };
        let (low, high) = (self.quality[before], self.quality[after]);
        Some((before as f64 + (wanted - low) / (high - low)) / (self.quality.len() - 1) as f64)
    }

    /// Returns quality and cost where this share of calls is strong.
    pub(super) fn at(&self, share: f64) -> (f64, f64) {
        let place = share * (self.quality.len() - 1) as f64;
        let (before, part) = (place.floor() as usize, place.fract());
        let between = |values: &[f64]| {
            let after = values[(before + 1).min(values.len() - 1)];
            values[before] + part * (after - values[before])
        };
        (between(&self.quality), between(&self.cost))
    }
}

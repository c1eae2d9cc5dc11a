//! How sure a model was of what it said, from how likely the tokens were that it chose.
//!
//! Two things are looked at: how likely they were on the whole, and where they were least so. What that says of
//! being right was fitted on answers whose worth is known, and is measured by `cargo xtask bench brains`.

/// Tokens in a row that are looked at together to find the weakest place.
const TOGETHER: usize = 4;
/// No token counts as less likely than this.
const LEAST: f32 = -20.0;

/// What the likelihood of tokens says of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sureness {
    /// The mean logarithm of a token's likelihood.
    pub mean: f32,
    /// The same, of the few tokens in a row where it is lowest.
    pub weakest: f32,
}

/// What each of them says of being right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Where nothing was unlikely.
    pub usual: f32,
    /// For each unit of the mean.
    pub mean: f32,
    /// For each unit of the weakest place.
    pub weakest: f32,
}

/// As fitted on the everyday suite with all sizes of `mini`.
pub const FIT: Fit = Fit { usual: 3.0, mean: 4.0, weakest: 0.6 };

impl Sureness {
    /// Returns what tokens of these logarithms of likelihood say; `None` of no tokens.
    pub fn of(chances: &[f32]) -> Option<Self> {
        let together = TOGETHER.min(chances.len());
        let mean = |of: &[f32]| of.iter().map(|at| at.max(LEAST)).sum::<f32>() / of.len() as f32;
        (together > 0).then(|| Self {
            mean: mean(chances),
            weakest: chances.windows(together).map(mean).fold(0.0, f32::min),
        })
    }

    /// Returns the share of such answers that are right.
    pub fn right(self, fit: &Fit) -> f32 {
        let at = fit.usual + fit.mean * self.mean + fit.weakest * self.weakest;
        1.0 / (1.0 + (-at).exp())
    }
}

impl Fit {
    /// Returns the fit that explains best which answers were right.
    pub fn to(answers: &[(Sureness, bool)]) -> Self {
        let mut fit = [0.0_f64; 3];
        // Newton's method; a little weight keeps it from running away where all were right.
        for _ in 0..30 {
            let mut slope = fit.map(|weight| -1e-3 * weight);
            let mut bend = [[0.0; 3]; 3];
            (0..3).for_each(|at| bend[at][at] = 1e-3);
            for (Sureness { mean, weakest }, right) in answers {
                let row = [1.0, f64::from(*mean), f64::from(*weakest)];
                let at: f64 = row.iter().zip(fit).map(|(a, b)| a * b).sum();
                let share = 1.0 / (1.0 + (-at).exp());
                for one in 0..3 {
                    slope[one] += row[one] * (f64::from(u8::from(*right)) - share);
                    for other in 0..3 {
                        bend[one][other] += row[one] * row[other] * share * (1.0 - share);
                    }
                }
            }
            let step = solved(bend, slope);
            (0..3).for_each(|at| fit[at] += step[at]);
        }
        let [usual, mean, weakest] = fit.map(|weight| weight as f32);
        Self { usual, mean, weakest }
    }
}

/// Solves three equations of positive weights.
fn solved(mut rows: [[f64; 3]; 3], mut to: [f64; 3]) -> [f64; 3] {
    for at in 0..3 {
        for below in at + 1..3 {
            let factor = rows[below][at] / rows[at][at];
            (at..3).for_each(|column| rows[below][column] -= factor * rows[at][column]);
            to[below] -= factor * to[at];
        }
    }
    for at in (0..3).rev() {
        let known: f64 = (at + 1..3).map(|column| rows[at][column] * to[column]).sum();
        to[at] = (to[at] - known) / rows[at][at];
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_place_is_found_wherever_it_is() {
        let mut chances = vec![-0.1; 20];
        chances[10..14].fill(-3.0);
        let sureness = Sureness::of(&chances).unwrap();
        assert!((sureness.weakest + 3.0).abs() < 1e-5 && sureness.mean > -0.8);
        assert_eq!(Sureness::of(&[]), None);
        assert!(Sureness::of(&[f32::NEG_INFINITY]).unwrap().right(&FIT) < 1e-3);
    }

    #[test]
    fn a_fit_finds_what_the_answers_were_drawn_by() {
        let truth = Fit { usual: 2.0, mean: 3.0, weakest: 0.5 };
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let answers: Vec<_> = (0..20_000)
            .map(|_| {
                let sureness = Sureness { mean: -2.0 * next(), weakest: -6.0 * next() };
                (sureness, next() < sureness.right(&truth))
            })
            .collect();
        let fit = Fit::to(&answers);
        assert!((fit.usual - 2.0).abs() < 0.2 && (fit.mean - 3.0).abs() < 0.25, "{fit:?}");
        assert!((fit.weakest - 0.5).abs() < 0.1, "{fit:?}");
    }
}

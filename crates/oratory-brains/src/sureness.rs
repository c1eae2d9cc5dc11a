//! How sure a model was of what it said, from how likely the tokens were that it chose.
//!
//! The least likely tenth of them says most, and says the same of short answers and of long ones. What that means for
//! being right was fitted on answers whose worth is known; `cargo xtask bench brains` measures it.

/// The part of the tokens that is looked at: the least likely ones.
const PART: usize = 10;
/// No token counts as less likely than this, as a logarithm.
const LEAST: f32 = -20.0;
/// Below this, doubts are all the same.
const NONE: f32 = 1e-3;

/// What the odds of being right are, by how much doubt there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The logarithm of the odds where the doubt is one.
    pub usual: f32,
    /// How much it grows each time the doubt shrinks by a factor of *e*.
    pub grows: f32,
}

/// As fitted on the everyday suite with all sizes of `mini`.
pub const FIT: Fit = Fit { usual: -1.28, grows: 1.2 };

/// Returns how much doubt there was where there was most, from 0 up, by the logarithms of the
/// likelihoods of all tokens; `None` of no tokens.
pub fn doubt(chances: &[f32]) -> Option<f32> {
    let mut chances: Vec<f32> = chances.iter().map(|chance| chance.clamp(LEAST, 0.0)).collect();
    let part = chances.len().div_ceil(PART);
    let (least, ..) =
        (part > 0).then(|| chances.select_nth_unstable_by(part - 1, f32::total_cmp))?;
    let rest = least.iter().sum::<f32>();
    Some(-(rest + chances[part - 1]) / part as f32)
}

impl Fit {
    /// Returns the share of answers that are right in which there was so much doubt.
    pub fn right(&self, doubt: f32) -> f32 {
        let at = self.usual + self.grows * sureness(doubt);
        1.0 / (1.0 + (-at).exp())
    }

    /// Returns the fit that explains best which answers were right, by their doubts.
    pub fn to(answers: &[(f32, bool)]) -> Self {
        let mut fit = [0.0_f64; 2];
        // Newton's method; a little weight keeps it from running away where all were right.
        for _ in 0..30 {
            let mut slope = fit.map(|weight| -1e-3 * weight);
            let [mut one, mut both, mut other] = [1e-3, 0.0, 1e-3];
            for (doubt, right) in answers {
                let sureness = f64::from(sureness(*doubt));
                let share = 1.0 / (1.0 + (-(fit[0] + fit[1] * sureness)).exp());
                let off = f64::from(u8::from(*right)) - share;
                let bends = share * (1.0 - share);
                slope[0] += off;
                slope[1] += off * sureness;
                one += bends;
                both += bends * sureness;
                other += bends * sureness * sureness;
            }
            let size = one * other - both * both;
            fit[0] += (other * slope[0] - both * slope[1]) / size;
            fit[1] += (one * slope[1] - both * slope[0]) / size;
        }
        let [usual, grows] = fit.map(|weight| weight as f32);
        Self { usual, grows }
    }
}

fn sureness(doubt: f32) -> f32 {
    -(doubt + NONE).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_is_where_there_is_most_of_it() {
        let mut chances = vec![-0.1; 20];
        chances[10..12].fill(-3.0);
        assert!((doubt(&chances).unwrap() - 3.0).abs() < 1e-5);
        assert_eq!(doubt(&[]), None);
        assert_eq!(doubt(&[f32::NEG_INFINITY]), Some(20.0));
        let right = [0.0, 0.01, 0.3, 3.0].map(|doubt| FIT.right(doubt));
        assert!(right.is_sorted_by(|one, other| one > other) && right[0] > 0.98, "{right:?}");
    }

    #[test]
    fn a_fit_finds_what_the_answers_were_drawn_by() {
        let truth = Fit { usual: -1.0, grows: 0.8 };
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let answers: Vec<_> = (0..20_000)
            .map(|_| {
                let doubt = (8.0 * next() - 7.0).exp();
                (doubt, next() < truth.right(doubt))
            })
            .collect();
        let fit = Fit::to(&answers);
        assert!((fit.usual + 1.0).abs() < 0.1 && (fit.grows - 0.8).abs() < 0.05, "{fit:?}");
    }
}

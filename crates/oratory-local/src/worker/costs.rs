//! What a step takes, by the number of its tokens, and how well one way of guessing has paid.
//!
//! Measured as it runs; it measures nothing itself.

/// The most tokens proposed at once.
pub(crate) const MOST: u32 = 15;
/// Proposals that might have been made before one is tried again after it did not pay.
const TRY_AGAIN: u32 = 48;
/// The same after it has often not paid.
const TRY_AGAIN_AT_LAST: u32 = 1024;
/// Tokens of a trial.
const TRIAL: usize = 2;

/// How long a step takes for one conversation, by the number of tokens in it.
#[derive(Debug)]
pub(super) struct Costs {
    /// In microseconds; 0 is unknown.
    steps: [f32; MOST as usize + 2],
}

impl Default for Costs {
    fn default() -> Self {
        Self { steps: [0.0; MOST as usize + 2] }
    }
}

impl Costs {
    /// Notes how long a step with so many tokens took.
    pub(super) fn note(&mut self, tokens: usize, micros: f32) {
        if let Some(known) = self.steps.get_mut(tokens) {
            *known = smooth(*known, micros);
        }
    }

    /// Returns how long a step with so many tokens takes, as far as is known.
    pub(super) fn step(&self, tokens: usize) -> f32 {
        let known = |tokens: &usize| self.steps[*tokens] > 0.0;
        let below = (1..=tokens).rev().find(known);
        let above = (tokens..self.steps.len()).find(known);
        match (below, above) {
            (Some(below), Some(above)) if below != above => {
                let share = (tokens - below) as f32 / (above - below) as f32;
                self.steps[below] + (self.steps[above] - self.steps[below]) * share
            }
            (Some(at), _) if at == tokens => self.steps[at],
            // Weights are read once for all, so the first tokens beside one cost little.
            (Some(below), _) => self.steps[below] * (1.0 + 0.12 * (tokens - below) as f32),
            (None, Some(above)) => self.steps[above],
            (None, None) => 1.0 + 0.12 * tokens as f32,
        }
    }

    /// Returns the number of proposed tokens with which most tokens a second are expected, and
    /// how many times faster that is; 0 if none pays. `each` is what proposing a token takes.
    fn best(&self, hope: f32, each: f32) -> (usize, f32) {
        let plain = self.step(1);
        // A little more must come of it than the noise of the clock.
        let mut best = (0, 1.03);
        let (mut expected, mut chance) = (1.0, 1.0);
        for proposed in 1..=MOST as usize {
            chance *= hope;
            expected += chance;
            let faster = expected * plain / (self.step(proposed + 1) + each * proposed as f32);
            if faster > best.1 {
                best = (proposed, faster);
            }
        }
        best
    }

    /// Returns how likely one more token must be for proposing it to pay, when making it up takes
    /// `each`.
    pub(super) fn least_chance(&self, each: f32) -> f32 {
        let most = MOST as usize + 1;
        let more = (self.step(most) - self.step(1)).max(0.0) / MOST as f32;
        ((each + more) / self.step(1)).clamp(0.02, 0.9)
    }
}

/// Moves what is known towards what was seen. A pause of the machine is no cost of ours: one slow
/// step counts for little.
pub(super) fn smooth(known: f32, seen: f32) -> f32 {
    if known == 0.0 { seen } else { known + (seen.min(known * 2.0) - known) * 0.2 }
}

/// How well one way of guessing does.
#[derive(Debug)]
pub(super) struct Tally {
    /// How likely a proposed token is right.
    hope: f32,
    /// How many times faster it has made the steps it was part of, all costs counted.
    paid: f32,
    waited: u32,
    patience: u32,
}

impl Tally {
    pub(super) fn new(hope: f32) -> Self {
        Self { hope, paid: 1.5, waited: 0, patience: TRY_AGAIN }
    }

    /// Begins with little trust: asking costs something even where nothing is proposed.
    pub(super) fn cautious(hope: f32) -> Self {
        Self { paid: 1.2, ..Self::new(hope) }
    }

    /// Begins an answer: what failed in the last may do well in this one.
    pub(super) fn refresh(&mut self, hope: f32) {
        self.hope = self.hope.max(hope);
    }

    /// Returns how many tokens are worth proposing, and how many times faster that should be.
    pub(super) fn worth(&self, costs: &Costs, each: f32) -> (usize, f32) {
        match costs.best(self.hope, each) {
            (best, faster) if self.paid > 1.0 => (best, faster),
            _ => (0, 1.0),
        }
    }

    /// Returns how many tokens to try where none are worth proposing: now and then a few.
    pub(super) fn trial(&mut self) -> usize {
        self.waited += 1;
        if self.waited < self.patience {
            return 0;
        }
        self.waited = 0;
        self.patience = (self.patience * 2).min(TRY_AGAIN_AT_LAST);
        TRIAL
    }

    /// Notes how many of the proposed tokens were right.
    pub(super) fn judged(&mut self, proposed: usize, right: usize) {
        // A run of right guesses that ended in a wrong one says two things.
        let tries = right + usize::from(right < proposed);
        for at in 0..tries {
            let truth = if at < right { 1.0 } else { 0.0 };
            self.hope += (truth - self.hope) * 0.15;
        }
    }

    /// Notes how many times faster a proposal and what came of it were than plain steps.
    pub(super) fn settled(&mut self, faster: f32) {
        self.paid += (faster.min(4.0) - self.paid) * 0.2;
        if faster > 1.0 {
            self.patience = TRY_AGAIN;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(one: f32, most: f32) -> Costs {
        let mut costs = Costs::default();
        costs.note(1, one);
        costs.note(MOST as usize + 1, most);
        costs
    }

    #[test]
    fn guessing_stops_where_it_does_not_pay_and_is_tried_again() {
        let dear = costs(100.0, 1600.0);
        let mut tally = Tally::new(0.9);
        assert_eq!(tally.worth(&dear, 0.0).0, 0, "checking two costs as much as saying two");
        let tried = (0..200).filter(|_| tally.trial() > 0).count();
        assert!((1..10).contains(&tried), "{tried}");
    }

    #[test]
    fn cheap_checks_and_good_guesses_pay() {
        let cheap = costs(100.0, 150.0);
        let mut tally = Tally::new(0.5);
        for _ in 0..20 {
            tally.judged(8, 8);
        }
        assert!(tally.worth(&cheap, 0.0).0 > 8, "{tally:?}");
        assert_eq!(tally.worth(&cheap, 200.0).0, 0, "making it up takes longer than saying it");
        for _ in 0..40 {
            tally.judged(4, 0);
        }
        assert_eq!(tally.worth(&cheap, 0.0).0, 0);
    }

    #[test]
    fn what_does_not_pay_in_truth_is_left_however_promising() {
        let cheap = costs(100.0, 150.0);
        let mut tally = Tally::new(0.9);
        for _ in 0..20 {
            tally.settled(0.8);
        }
        assert_eq!(tally.worth(&cheap, 0.0).0, 0);
        for _ in 0..20 {
            tally.settled(1.4);
        }
        assert!(tally.worth(&cheap, 0.0).0 > 0);
    }
}

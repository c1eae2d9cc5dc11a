//! What a step takes, by the number of its tokens, and how well one way of guessing has paid.
//!
//! Measured as it runs; it measures nothing itself.

/// The most tokens proposed at once.
pub(crate) const MOST: u32 = 15;
/// How many are proposed: the graph of a step can be used again by a next one as long as it.
const SIZES: [usize; 5] = [1, 3, 5, 9, MOST as usize];
/// Proposals that might have been made before one is tried again after it did not pay.
const TRY_AGAIN: u32 = 48;
/// The same after it has often not paid.
const TRY_AGAIN_AT_LAST: u32 = 1024;

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
    /// how many times faster that is; 0 if none pays. `hope` is how likely the next token is
    /// right, and the one after it, and so on; `each` is what proposing a token takes.
    pub(super) fn best(&self, hope: impl Fn(usize) -> f32, each: f32) -> (usize, f32) {
        let plain = self.step(1);
        // A little more must come of it than the noise of the clock.
        let mut best = (0, 1.03);
        let (mut expected, mut chance) = (1.0, 1.0);
        for proposed in 1..=MOST as usize {
            chance *= hope(proposed - 1);
            expected += chance;
            if !SIZES.contains(&proposed) {
                continue;
            }
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

/// Whether one way of guessing pays, all costs counted.
#[derive(Debug)]
pub(super) struct Tally {
    /// How many times faster it has made the steps it was part of.
    paid: f32,
    waited: u32,
    patience: u32,
}

impl Tally {
    pub(super) fn new(paid: f32) -> Self {
        Self { paid, waited: 0, patience: TRY_AGAIN }
    }

    /// Says whether it has paid so far.
    pub(super) fn pays(&self) -> bool {
        self.paid > 1.0
    }

    /// Says whether to try what promises to pay and has not: now and then.
    pub(super) fn tries(&mut self) -> bool {
        self.waited += 1;
        if self.waited < self.patience {
            return false;
        }
        self.waited = 0;
        self.patience = (self.patience * 2).min(TRY_AGAIN_AT_LAST);
        true
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
    fn what_costs_as_much_as_it_brings_is_not_proposed() {
        assert_eq!(costs(100.0, 1600.0).best(|_| 0.9, 0.0).0, 0, "checking two costs two");
    }

    #[test]
    fn cheap_checks_and_good_guesses_pay() {
        let cheap = costs(100.0, 150.0);
        assert!(cheap.best(|_| 0.95, 0.0).0 > 8);
        assert_eq!(cheap.best(|_| 0.95, 200.0).0, 0, "making it up takes longer than saying it");
        assert_eq!(cheap.best(|_| 0.02, 0.0).0, 0);
        assert_eq!(cheap.best(|ahead| if ahead < 3 { 0.99 } else { 0.0 }, 0.0).0, 3);
    }

    #[test]
    fn what_does_not_pay_in_truth_is_left_and_tried_again() {
        let mut tally = Tally::new(1.5);
        for _ in 0..20 {
            tally.settled(0.8);
        }
        assert!(!tally.pays());
        let tried = (0..200).filter(|_| tally.tries()).count();
        assert!((1..10).contains(&tried), "{tried}");
        for _ in 0..20 {
            tally.settled(1.4);
        }
        assert!(tally.pays());
    }
}

//! Guesses the next tokens from what was said before, so that several are checked at once.
//!
//! Looks up the last tokens earlier in the conversation and proposes what followed there. What
//! is proposed never changes the answer: every token is still chosen from the model's own
//! chances, and the first that differs ends the proposal. `Costs` says when proposing pays.

use std::collections::HashMap;

use crate::llama::Token;

/// The most tokens proposed at once.
pub(crate) const MOST: u32 = 15;
/// Tokens that must agree before what followed is proposed.
const AGREE: usize = 3;
/// After this many tokens without a proposal, one is tried again.
const TRY_AGAIN: u32 = 48;

/// What one conversation said, by its last tokens, and how well guessing went.
pub(super) struct Guess {
    /// Where each run of tokens was last followed by something.
    seen: HashMap<[Token; AGREE], u32>,
    learnt: usize,
    /// How likely a proposed token is right, as far as this answer has shown.
    hope: f32,
    waited: u32,
}

impl Guess {
    pub(super) fn new(hope: f32) -> Self {
        Self { seen: HashMap::new(), learnt: 0, hope, waited: 0 }
    }

    /// Returns how likely a proposed token was right.
    pub(super) fn hope(&self) -> f32 {
        self.hope
    }

    /// Returns what may follow `said`, at most `most` tokens.
    pub(super) fn next<'a>(&mut self, said: &'a [Token], most: usize) -> &'a [Token] {
        self.learn(said);
        let Some(last) = said.last_chunk::<AGREE>() else { return &[] };
        let Some(&at) = self.seen.get(last) else { return &[] };
        let from = at as usize;
        &said[from..said.len().min(from + most)]
    }

    fn learn(&mut self, said: &[Token]) {
        // The last run has nothing after it yet.
        let until = said.len().saturating_sub(1);
        let from = self.learnt.max(AGREE);
        for end in from..=until {
            if let Some(run) = said[..end].last_chunk::<AGREE>() {
                self.seen.insert(*run, u32::try_from(end).unwrap_or(u32::MAX));
            }
        }
        self.learnt = self.learnt.max(until + 1);
    }

    /// Returns how many tokens are worth proposing, given what checking them costs.
    pub(super) fn worth(&mut self, costs: &Costs) -> usize {
        let best = costs.best(self.hope);
        if best > 0 {
            self.waited = 0;
            return best;
        }
        self.waited += 1;
        if self.waited < TRY_AGAIN {
            return 0;
        }
        self.waited = 0;
        2
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
}

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
            // A pause of the machine is no cost of ours: one slow step counts for little.
            let seen = if *known == 0.0 { micros } else { micros.min(*known * 2.0) };
            *known = if *known == 0.0 { seen } else { *known + (seen - *known) * 0.2 };
        }
    }

    /// Returns how long a step with so many tokens takes, as far as is known.
    fn step(&self, tokens: usize) -> f32 {
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

    /// Returns the number of proposed tokens with which most tokens a second are expected; 0 if
    /// none pays.
    fn best(&self, hope: f32) -> usize {
        let mut best = (0, 1.0 / self.step(1));
        let (mut expected, mut chance) = (1.0, 1.0);
        for proposed in 1..=MOST as usize {
            chance *= hope;
            expected += chance;
            let rate = expected / self.step(proposed + 1);
            // A little more must come of it than the noise of the clock.
            if rate > best.1 * 1.03 {
                best = (proposed, rate);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_the_same_words_is_proposed() {
        let mut guess = Guess::new(0.5);
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3];
        assert_eq!(guess.next(&said, 4), [4, 5, 9, 1]);
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7];
        assert_eq!(guess.next(&said, 4), [] as [Token; 0]);
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7, 1, 2, 3];
        assert_eq!(guess.next(&said, 1), [7], "the latest counts");
    }

    #[test]
    fn guessing_stops_where_it_does_not_pay_and_is_tried_again() {
        let mut costs = Costs::default();
        for tokens in 1..=MOST as usize + 1 {
            costs.note(tokens, 100.0 * tokens as f32);
        }
        let mut guess = Guess::new(0.9);
        assert_eq!(guess.worth(&costs), 0, "checking two costs as much as saying two");
        let tried = (0..200).filter(|_| guess.worth(&costs) > 0).count();
        assert!((1..10).contains(&tried), "{tried}");
    }

    #[test]
    fn cheap_checks_and_good_guesses_pay() {
        let mut costs = Costs::default();
        costs.note(1, 100.0);
        costs.note(MOST as usize + 1, 150.0);
        let mut guess = Guess::new(0.5);
        for _ in 0..20 {
            guess.judged(8, 8);
        }
        assert!(guess.worth(&costs) > 8, "{}", guess.worth(&costs));
        for _ in 0..40 {
            guess.judged(4, 0);
        }
        assert_eq!(guess.worth(&costs), 0);
    }
}

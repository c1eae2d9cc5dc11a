//! How likely guessed tokens are right, learnt from those that were.
//!
//! What was said before is judged at every step for nothing; a drafter's word only when it is
//! asked for.

/// Tokens that agree where a passage is being repeated, not only a phrase.
pub(super) const LONG: usize = 8;
/// What is expected of what followed so many tokens before, until it is known.
const AT_FIRST: [f32; LONG + 1] = [0.0, 0.2, 0.3, 0.45, 0.55, 0.65, 0.7, 0.75, 0.85];
/// Judged tokens of an answer that count as much as all that was judged in others.
const ENOUGH: f32 = 3.0;

/// How often what followed the same tokens before came again, by how many were the same.
#[derive(Debug)]
pub(super) struct Chances([f32; LONG + 1]);

impl Default for Chances {
    fn default() -> Self {
        Self(AT_FIRST)
    }
}

impl Chances {
    /// Notes whether what followed `alike` tokens before came again.
    pub(super) fn note(&mut self, alike: usize, right: bool) {
        let known = &mut self.0[alike.min(LONG)];
        *known += (f32::from(u8::from(right)) - *known) * 0.03;
    }

    /// Returns how likely it comes again in an answer that did so `lately`.
    pub(super) fn of(&self, alike: usize, lately: &Lately) -> f32 {
        let known = self.0[alike.min(LONG)];
        let most = (known * ENOUGH + lately.right) / (ENOUGH + lately.right + lately.wrong);
        most.min(0.99)
    }
}

/// How often guesses were right in one answer of late.
#[derive(Debug, Default)]
pub(super) struct Lately {
    right: f32,
    wrong: f32,
}

impl Lately {
    pub(super) fn note(&mut self, right: bool) {
        self.right = self.right * 0.9 + f32::from(u8::from(right));
        self.wrong = self.wrong * 0.9 + f32::from(u8::from(!right));
    }
}

/// How likely a drafter's next token is right.
#[derive(Debug)]
pub(super) struct Hope(f32);

impl Hope {
    pub(super) fn new(hope: f32) -> Self {
        Self(hope)
    }

    pub(super) fn get(&self) -> f32 {
        self.0
    }

    /// Begins an answer: what failed in the last may do well in this one.
    pub(super) fn refresh(&mut self, least: f32) {
        self.0 = self.0.max(least);
    }

    /// Notes how many of the proposed tokens were right.
    pub(super) fn judged(&mut self, proposed: usize, right: usize) {
        // A run of right guesses that ended in a wrong one says two things.
        let tries = right + usize::from(right < proposed);
        for at in 0..tries {
            let truth = if at < right { 1.0 } else { 0.0 };
            self.0 += (truth - self.0) * 0.15;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_repeats_is_trusted_soon_and_one_that_does_not_is_not() {
        let (chances, mut copies, mut talks) =
            (Chances::default(), Lately::default(), Lately::default());
        for _ in 0..4 {
            copies.note(true);
            talks.note(false);
        }
        assert!(chances.of(3, &copies) > 0.7, "{}", chances.of(3, &copies));
        assert!(chances.of(LONG, &talks) < 0.5, "{}", chances.of(LONG, &talks));
    }

    #[test]
    fn what_holds_for_all_answers_is_learnt() {
        let mut chances = Chances::default();
        for _ in 0..200 {
            chances.note(3, false);
            chances.note(20, true);
        }
        assert!(chances.of(3, &Lately::default()) < 0.05);
        assert!(chances.of(LONG, &Lately::default()) > 0.95);
    }
}

//! Guesses the next tokens from what was said before.
//!
//! Looks up the last tokens earlier in the conversation and takes what followed there. Every guess
//! is judged by what comes, also one that nobody proposed. It knows no costs; `foresight` says when
//! proposing pays.

use std::collections::HashMap;

use super::hopes::{LONG, Lately};
use crate::llama::Token;

/// Tokens that must agree before what followed is proposed.
const AGREE: usize = 3;

/// What one conversation said, by its last tokens.
#[derive(Default)]
pub(super) struct Guess {
    /// Where each run of tokens was last followed by something.
    seen: HashMap<[Token; AGREE], u32>,
    learnt: usize,
    /// What was guessed last, whether it was proposed or not.
    last: Option<Guessed>,
    pub(super) lately: Lately,
}

/// What may come next: what stands at `from` on, as `alike` tokens before it are what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guessed {
    at: usize,
    from: usize,
    pub(super) alike: usize,
}

impl Guessed {
    /// Returns at most `most` of the tokens.
    pub(super) fn tokens(self, said: &[Token], most: usize) -> &[Token] {
        &said[self.from..said.len().min(self.from + most)]
    }
}

impl Guess {
    /// Returns what may follow `said`.
    pub(super) fn next(&mut self, said: &[Token]) -> Option<Guessed> {
        self.learn(said);
        let last = said.last_chunk::<AGREE>()?;
        let from = *self.seen.get(last)? as usize;
        let alike = alike(&said[..from], said);
        self.last = Some(Guessed { at: said.len(), from, alike });
        self.last
    }

    /// Compares what was guessed last with what came: for each token, how many agreed before it
    /// and whether it was right.
    pub(super) fn judge(&mut self, said: &[Token], mut judge: impl FnMut(usize, bool)) {
        let Some(Guessed { at, from, alike }) = self.last.take() else { return };
        for (ahead, (came, guessed)) in said[at..].iter().zip(&said[from..at]).enumerate() {
            let right = came == guessed;
            judge(alike + ahead, right);
            self.lately.note(right);
            if !right {
                break;
            }
        }
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
}

/// Returns how many tokens two lists end with alike, as far as that matters.
fn alike(a: &[Token], b: &[Token]) -> usize {
    let pairs = a.iter().rev().zip(b.iter().rev());
    pairs.take(LONG).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_the_same_words_is_guessed() {
        let mut guess = Guess::default();
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3];
        let guessed = guess.next(&said).unwrap();
        assert_eq!((guessed.tokens(&said, 2), guessed.alike), (&[4, 5][..], 3));
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7];
        assert_eq!(guess.next(&said), None);
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7, 1, 2, 3];
        let guessed = guess.next(&said).unwrap();
        assert_eq!(guessed.tokens(&said, 1), [7], "the latest counts");
    }

    #[test]
    fn a_passage_that_is_repeated_is_told_from_a_phrase() {
        let mut guess = Guess::default();
        let passage: Vec<Token> = (10..30).collect();
        let said = [&passage[..], &[1], &passage[..12]].concat();
        assert_eq!(guess.next(&said).unwrap().alike, LONG);
    }

    #[test]
    fn what_was_guessed_is_judged_by_what_came() {
        let mut guess = Guess::default();
        let mut said = vec![1, 2, 3, 4, 5, 6, 1, 2, 3];
        guess.next(&said).unwrap();
        said.extend([4, 5, 9]);
        let mut judged = Vec::new();
        guess.judge(&said, |alike, right| judged.push((alike, right)));
        assert_eq!(judged, [(3, true), (4, true), (5, false)]);
        guess.judge(&said, |_, _| panic!("once is enough"));
    }
}

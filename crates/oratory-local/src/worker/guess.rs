//! Guesses the next tokens from what was said before.
//!
//! Looks up the last tokens earlier in the conversation and proposes what followed there. It
//! knows no costs; `foresight` says when proposing pays.

use std::collections::HashMap;

use crate::llama::Token;

/// Tokens that must agree before what followed is proposed.
const AGREE: usize = 3;
/// Tokens that agree where a passage is being repeated, not only a phrase.
const LONG: usize = 8;

/// What one conversation said, by its last tokens.
#[derive(Default)]
pub(super) struct Guess {
    /// Where each run of tokens was last followed by something.
    seen: HashMap<[Token; AGREE], u32>,
    learnt: usize,
}

/// How much agrees with what was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    Phrase,
    Passage,
}

impl Guess {
    /// Returns what may follow `said`, at most `most` tokens, and how much speaks for it.
    pub(super) fn next<'a>(
        &mut self,
        said: &'a [Token],
        most: usize,
    ) -> Option<(&'a [Token], Likeness)> {
        self.learn(said);
        let last = said.last_chunk::<AGREE>()?;
        let from = *self.seen.get(last)? as usize;
        let likeness = match alike(&said[..from], said) {
            LONG.. => Likeness::Passage,
            _ => Likeness::Phrase,
        };
        Some((&said[from..said.len().min(from + most)], likeness))
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
    fn what_followed_the_same_words_is_proposed() {
        let mut guess = Guess::default();
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3];
        assert_eq!(guess.next(&said, 4), Some((&[4, 5, 9, 1][..], Likeness::Phrase)));
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7];
        assert_eq!(guess.next(&said, 4), None);
        let said = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7, 1, 2, 3];
        let (next, _) = guess.next(&said, 1).unwrap();
        assert_eq!(next, [7], "the latest counts");
    }

    #[test]
    fn a_passage_that_is_repeated_is_told_from_a_phrase() {
        let mut guess = Guess::default();
        let passage: Vec<Token> = (10..30).collect();
        let said = [&passage[..], &[1], &passage[..12]].concat();
        assert_eq!(guess.next(&said, 2), Some((&passage[12..14], Likeness::Passage)));
    }
}

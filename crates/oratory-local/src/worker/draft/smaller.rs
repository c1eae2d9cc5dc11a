//! A smaller model with the same vocabulary that says what it would say.
//!
//! It follows one conversation at a time, and reads a long one in pieces, so that nobody waits
//! for it longer than for a step.

use std::time::Instant;

use crate::llama::{Batch, Context, Rate, Token};
use crate::protocol::Partition;
use crate::worker::costs::smooth;
use crate::worker::lanes::common;

/// The only sequence of its context.
const SEQUENCE: usize = 0;
/// Tokens it reads in one go. A helper is small, so this takes about as long as one step.
pub(crate) const PIECE: u32 = 64;

/// A smaller model at work.
pub(in crate::worker) struct Helper<'a> {
    context: Context<'a>,
    batch: Batch,
    /// The tokens in its memory, and whose they are.
    held: Vec<Token>,
    partition: Option<Partition>,
    /// Microseconds to make one token up; 0 is unknown.
    each: f32,
}

impl<'a> Helper<'a> {
    pub(in crate::worker) fn new(context: Context<'a>) -> Self {
        let (batch, held) = (Batch::default(), Vec::new());
        Self { context, batch, held, partition: None, each: 0.0 }
    }

    pub(super) fn each(&self) -> f32 {
        self.each
    }

    pub(super) fn draft(
        &mut self,
        partition: Partition,
        said: &[Token],
        most: usize,
        least: f32,
    ) -> Option<Vec<Token>> {
        self.turn_to(partition, said);
        if !self.catch_up(said) {
            return None;
        }
        let began = Instant::now();
        let tokens = self.say(said, most, least)?;
        if !tokens.is_empty() {
            let each = began.elapsed().as_micros() as f32 / tokens.len() as f32;
            self.each = smooth(self.each, each);
        }
        Some(tokens)
    }

    /// Keeps what it has read of this conversation, and nothing of anybody else's.
    fn turn_to(&mut self, partition: Partition, said: &[Token]) {
        let same = match self.partition {
            Some(other) if other == partition => common(&self.held, said),
            _ => 0,
        };
        self.partition = Some(partition);
        self.cut(same.min(said.len().saturating_sub(1)));
    }

    fn cut(&mut self, length: usize) {
        if length == self.held.len() {
            return;
        }
        if length == 0 || !self.context.cut(SEQUENCE, length) {
            self.context.clear(SEQUENCE);
            self.held.clear();
        }
        self.held.truncate(length);
    }

    /// Reads all but the last token, a piece at a time; says whether it is done.
    fn catch_up(&mut self, said: &[Token]) -> bool {
        let until = said.len() - 1;
        if said.len() + crate::worker::GUESSED as usize >= self.context.size() {
            return false;
        }
        if until > self.held.len() + 1 {
            let to = until.min(self.held.len() + PIECE as usize);
            let piece = said[self.held.len()..to].to_vec();
            if self.read(&piece, Rate::No).is_none() {
                return false;
            }
        }
        until <= self.held.len() + 1
    }

    /// Reads tokens; returns the row of the last.
    fn read(&mut self, tokens: &[Token], last: Rate) -> Option<usize> {
        self.batch.clear();
        let from = self.held.len();
        for (at, token) in tokens.iter().enumerate() {
            let rate = if at + 1 == tokens.len() { last } else { Rate::No };
            self.batch.add(SEQUENCE, from + at, *token, rate);
        }
        if self.context.decode(&mut self.batch).is_err() {
            self.cut(0);
            return None;
        }
        self.held.extend_from_slice(tokens);
        Some(tokens.len() - 1)
    }

    fn say(&mut self, said: &[Token], most: usize, least: f32) -> Option<Vec<Token>> {
        let rest = said[self.held.len()..].to_vec();
        let mut row = self.read(&rest, Rate::Yes)?;
        let (mut tokens, mut chance) = (Vec::new(), 1.0);
        while tokens.len() < most {
            let (token, likely) = likeliest(self.context.logits(row).ok()?);
            chance *= likely;
            if chance < least {
                break;
            }
            tokens.push(token);
            if tokens.len() < most {
                row = self.read(&[token], Rate::Yes)?;
            }
        }
        Some(tokens)
    }
}

/// Returns the likeliest token and how likely it is.
pub(super) fn likeliest(logits: &[f32]) -> (Token, f32) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let at = logits.iter().position(|logit| *logit == most).unwrap_or(0);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    (Token::try_from(at).unwrap_or_default(), 1.0 / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_token_is_as_likely_as_a_softmax_says() {
        let (token, likely) = likeliest(&[0.0, 3.0_f32.ln(), 0.0]);
        assert_eq!(token, 1);
        assert!((likely - 0.6).abs() < 1e-6, "{likely}");
        assert_eq!(likeliest(&[f32::NEG_INFINITY, -1.0]), (1, 1.0));
    }
}

//! The model's own layers that predict further ahead, as they say what comes next.
//!
//! They follow one answer at a time, from the end of its prompt on: reading whole prompts would
//! hold up every first token. What they have not heard they do without.

use std::time::Instant;

use super::smaller::likeliest;
use crate::llama::{Ahead, Step, Token};
use crate::worker::costs::smooth;

/// Tokens they remember.
pub(crate) const SPAN: u32 = 2048;
/// Tokens they read in one go.
pub(crate) const PIECE: u32 = 64;
/// Tokens heard that may wait to be read; with more, guessing has not paid for long.
const UNREAD: usize = 256;

/// What a model knows after a token, and where that is.
struct Last {
    position: usize,
    hidden: Vec<f32>,
}

/// Layers that look ahead, at work.
pub(in crate::worker) struct Heads<'a> {
    ahead: Ahead<'a>,
    /// The request they follow.
    job: u64,
    unread: Vec<Step>,
    last: Option<Last>,
    /// Everything before this position that they remember is as the model said it.
    read: usize,
    /// Where what they remember begins.
    start: usize,
    each: f32,
}

impl<'a> Heads<'a> {
    pub(in crate::worker) fn new(ahead: Ahead<'a>) -> Self {
        Self { ahead, job: 0, unread: Vec::new(), last: None, read: 0, start: 0, each: 0.0 }
    }

    pub(super) fn each(&self) -> f32 {
        self.each
    }

    /// Hears that the model has read `token` at `position`, and what it knew then.
    pub(super) fn hear(&mut self, job: u64, position: usize, token: Token, hidden: Vec<f32>) {
        let before = self.last.take().filter(|last| {
            self.job == job && last.position + 1 == position && self.unread.len() < UNREAD
        });
        match before {
            Some(last) if position >= self.read => {
                self.unread.push(Step { token, position, hidden: last.hidden });
            }
            Some(_) => {}
            None => self.forget(position + 1),
        }
        self.job = job;
        self.last = Some(Last { position, hidden });
    }

    fn forget(&mut self, start: usize) {
        self.ahead.clear();
        self.unread.clear();
        (self.read, self.start) = (start, start);
    }

    pub(super) fn draft(
        &mut self,
        job: u64,
        said: &[Token],
        most: usize,
        least: f32,
    ) -> Option<Vec<Token>> {
        let next = said.len().checked_sub(1)?;
        let last =
            self.last.as_ref().filter(|last| self.job == job && last.position + 1 == next)?;
        if next + most - self.start >= self.ahead.size() {
            let (position, hidden) = (last.position, last.hidden.clone());
            self.forget(next);
            self.last = Some(Last { position, hidden });
        }
        let began = Instant::now();
        let tokens = self.say(next, said[next], most, least);
        if tokens.is_none() {
            self.forget(next);
        }
        let tokens = tokens?;
        let each = began.elapsed().as_micros() as f32 / tokens.len().max(1) as f32;
        self.each = smooth(self.each, each);
        Some(tokens)
    }

    fn say(&mut self, next: usize, token: Token, most: usize, least: f32) -> Option<Vec<Token>> {
        let mut steps = std::mem::take(&mut self.unread);
        let hidden = self.last.as_ref()?.hidden.clone();
        steps.push(Step { token, position: next, hidden });
        // Beyond what is certain they remember their own guesses.
        self.ahead.cut(self.read.min(steps[0].position));
        for piece in steps.chunks(PIECE as usize) {
            self.ahead.read(piece).ok()?;
        }
        self.read = next + 1;
        let (mut tokens, mut chance) = (Vec::new(), 1.0);
        let mut read = (steps.len() - 1) % PIECE as usize + 1;
        while tokens.len() < most {
            let (token, likely) = likeliest(self.ahead.logits(read).ok()?);
            chance *= likely;
            if chance < least {
                break;
            }
            tokens.push(token);
            if tokens.len() < most {
                let hidden = self.ahead.hidden(read)?;
                let position = next + tokens.len();
                self.ahead.read(&[Step { token, position, hidden }]).ok()?;
                read = 1;
            }
        }
        Some(tokens)
    }
}

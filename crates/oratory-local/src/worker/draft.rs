//! Lets something smaller than the model make up what the model may say next.
//!
//! It only proposes; nothing it holds is ever said without the model's own choice.

mod heads;
mod smaller;

pub(super) use heads::Heads;
pub(crate) use heads::{PIECE as HEADS_READ, SPAN};
pub(super) use smaller::Helper;
pub(crate) use smaller::PIECE;

use super::run::Run;
use crate::llama::{Context, Token};

/// What makes proposals up.
pub(super) enum Drafter<'a> {
    /// A smaller model with the same vocabulary.
    Helper(Helper<'a>),
    /// The model's own layers that predict further ahead.
    Heads(Heads<'a>),
}

impl Drafter<'_> {
    /// Returns how many microseconds making one token up takes.
    pub(super) fn each(&self) -> f32 {
        match self {
            Self::Helper(helper) => helper.each(),
            Self::Heads(heads) => heads.each(),
        }
    }

    /// Returns up to `most` tokens that a request may say next, as long as they are together at
    /// least as likely as `least`; `None` while not everything was read yet.
    pub(super) fn draft(&mut self, run: &Run, most: usize, least: f32) -> Option<Vec<Token>> {
        match self {
            Self::Helper(helper) => helper.draft(run.job.partition, &run.tokens, most, least),
            Self::Heads(heads) => heads.draft(run.job.number, &run.tokens, most, least),
        }
    }

    /// Tells what the model has read: `count` tokens from `position` on, rated from `row` of the
    /// last batch on.
    pub(super) fn hear(
        &mut self,
        context: &mut Context<'_>,
        run: &Run,
        position: usize,
        row: usize,
        count: usize,
    ) {
        let Self::Heads(heads) = self else { return };
        for at in 0..count {
            if let Some(hidden) = context.hidden(row + at) {
                let token = run.tokens[position + at];
                heads.hear(run.job.number, position + at, token, hidden);
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! One model served by several places: which of them a conversation is asked of.
//!
//! A conversation stays where its beginning has been computed, as long as that place has room.
//! Data in, data out: the same conversation finds the same place after a restart, and on every machine.

use std::cmp::Reverse;

use oratory_contract::Asked;
use sha2::{Digest, Sha256};

use crate::route::Choice;

/// The most replicas of one model in a plan.
const MOST: usize = 16;

/// What a conversation is known by: what stays the same from turn to turn.
pub(crate) struct Key([u8; 32]);

/// How a place is doing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Requests under way there.
    pub(crate) under_way: usize,
    /// How many may be at once.
    pub(crate) room: usize,
    /// Whether it is left alone just now.
    pub(crate) rests: bool,
}

impl Key {
    /// Returns the key of a request's conversation: its caller, its tools, and how it began.
    pub(crate) fn of(asked: &Asked) -> Self {
        let whose = oratory_privacy::opening(asked);
        let mut digest = Sha256::new();
        digest.update(whose.opening);
        for part in std::iter::once(whose.caller.as_str()).chain(asked.tools.texts()) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// Returns how much a place is this conversation's: the place with the highest weight has it, and
    /// when that place goes, only its own conversations move.
    fn weight(&self, place: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(place).finalize().into()
    }
}

/// Says whether two choices are the same to whoever asks.
fn alike(one: &Choice, other: &Choice) -> bool {
    let tier = |choice: &Choice| choice.site.card().tier;
    tier(one) == tier(other)
        && one.model == other.model
        && one.grant.receives == other.grant.receives
}

/// Says whether any model of a plan is served by more than one place.
pub(crate) fn any(choices: &[Choice]) -> bool {
    choices.windows(2).any(|pair| alike(&pair[0], &pair[1]))
}

/// Returns the first `most` models, with the replicas of each behind it.
pub(crate) fn together(choices: impl Iterator<Item = Choice>, most: usize) -> Vec<Choice> {
    let mut models: Vec<Vec<Choice>> = Vec::new();
    for choice in choices {
        match models.iter().position(|model| alike(&model[0], &choice)) {
            Some(at) if models[at].len() < MOST => models[at].push(choice),
            None if models.len() < most => models.push(vec![choice]),
            _ => {}
        }
    }
    models.into_iter().flatten().collect()
}

/// Puts replicas that follow each other into the order in which this conversation asks them; what is
/// not alike stays in its place.
pub(crate) fn order(choices: &mut [Choice], key: &Key, state: &dyn Fn(&Choice) -> State) {
    for run in choices.chunk_by_mut(alike).filter(|run| run.len() > 1) {
        let all: usize = run.iter().map(|choice| state(choice).under_way).sum();
        let mean = all as f64 / run.len() as f64;
        run.sort_by_cached_key(|choice| {
            let state = state(choice);
            let weight = key.weight(choice.grant.place.as_str());
            (state.rests, is_busy(state, mean), Reverse(weight))
        });
    }
}

/// Says whether a place has no room, or far more to do than the others.
fn is_busy(state: State, mean: f64) -> bool {
    state.under_way >= state.room || state.under_way as f64 > 1.25 * mean + 1.0
}

#[cfg(test)]
mod tests;
